// The state of one shell: variables, functions, options, positional parameters, what it is in the
// middle of. Subshells are copies in forked processes. What works on it lives in expand/, run/,
// builtins/ and readline/.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../kernel/errno.ts';
import { toBytes } from './bytes.ts';
import { type Dialect, wording } from './dialect.ts';
import type { ExpansionFailure } from './expand/failure.ts';
import { assignScalar, defineDynamic } from './assign.ts';
import type { History } from './readline/history.ts';
import { Jobs } from './run/jobs.ts';
import { Traps } from './run/traps.ts';
import { initialSettings, type SetOption, type Settings, type ShoptOption } from './settings.ts';
import type { FunctionDefinition } from './syntax/tree.ts';
import { scalar, Variables } from './variables.ts';

/** Why the commands that follow are not run. `levels`: loops still to be left. */
export type Jump =
  | { readonly kind: 'break' | 'continue'; levels: number }
  | { readonly kind: 'return' }
  | { readonly kind: 'exit' }
  /** An error that ends the line (or the text of -c) that is being run. */
  | { readonly kind: 'discard' };

/** One function or sourced file that is running. */
export interface Call {
  readonly name: string;
  /** The line of the call. */
  readonly line: number;
  readonly source: string;
}

/** A completion registered with `complete`: what programmable completion is asked for. */
export interface Completion {
  readonly words: readonly string[];
  readonly function: string | undefined;
  readonly actions: string;
  readonly options: readonly string[];
  /** As `complete -p` prints it. */
  readonly text: string;
}

export class Shell {
  process: Process;
  readonly dialect: Dialect;
  readonly settings: Settings;
  readonly variables: Variables;
  readonly functions: Map<string, FunctionDefinition>;
  readonly readonlyFunctions: Set<string>;
  /** Names of functions that programs get in their environment (export -f). */
  readonly exportedFunctions: Set<string>;
  readonly aliases: Map<string, string>;
  readonly completions: Map<string, Completion>;
  /** Where commands were found. */
  readonly hash: Map<string, { path: string; hits: number }>;
  readonly disabled: Set<string>;
  positional: readonly string[] = [];
  /** `$0`. */
  name: string;
  /** What messages begin with, and whether they say the line. */
  caller: string;
  numbered = false;
  /** Commands come from a script's file. */
  isScript = false;
  interactive = false;
  /** Descriptor of the terminal under job control. */
  terminal = 255;
  /** Keys that were typed before they were asked for. */
  typedAhead = '';
  login = false;
  /** What `$-` shows of how the shell reads: c, s. */
  readFlags = '';
  lastStatus = 0;
  pipeStatus: readonly number[] = [0];
  lastBackground: number | undefined;
  lastArgument = '';
  line = 1;
  /** Lines of its input that the shell has read, where they come one by one. */
  linesRead = 0;
  /** `$$`: the process that the shell began as. */
  readonly pid: number;
  /** Subshells that this one is inside of. */
  level = 0;
  jump: Jump | undefined;
  loops = 0;
  depth = 0;
  /** Levels of substitution, which set -x shows. */
  traceDepth = 0;
  /** Conditions (if, while, &&, !) being run: set -e and the ERR trap look away. */
  guarded = 0;
  readonly calls: Call[] = [];
  /** Files being sourced: `return` is allowed in them. */
  sourcing = 0;
  jobs: Jobs;
  traps: Traps;
  /** Status of the last command substitution of the command at hand. */
  substitutionStatus: number | undefined;
  /** Ends of process substitutions that the command at hand keeps open, and what runs them. */
  processSubstitutions: number[] = [];
  readonly directories: string[] = [];
  history: History | undefined;
  /** Set by Ctrl-C: what runs is abandoned. */
  interrupted = false;
  /** PATH at the time the hash was filled. */
  hashedPath: string | undefined;
  optionPlace = 1;
  /** Bytes that long values took (or gave back) since the kernel was last asked. */
  memoryOwed = 0;
  startedAt: number;
  /** Commands typed so far (\\# in prompts). */
  commandNumber = 1;
  /** Nanoseconds of processor time of children at the start, for `times`. */
  random = 1;

  constructor(process: Process, dialect: Dialect, name: string) {
    this.process = process;
    this.dialect = dialect;
    this.name = name;
    this.caller = name;
    this.pid = process.pid;
    this.settings = initialSettings();
    this.variables = new Variables();
    this.functions = new Map();
    this.readonlyFunctions = new Set();
    this.exportedFunctions = new Set();
    this.aliases = new Map();
    this.completions = new Map();
    this.hash = new Map();
    this.disabled = new Set();
    this.jobs = new Jobs();
    this.traps = new Traps();
    this.startedAt = process.now;
    defineDynamic(this);
  }

  /** A copy for a subshell; `adopt` gives it its process. */
  copy(): Shell {
    const copy: Shell = Object.create(Shell.prototype);
    Object.assign(copy, this, {
      settings: { set: new Set(this.settings.set), shopt: new Set(this.settings.shopt) },
      variables: this.variables.copy(),
      functions: new Map(this.functions),
      readonlyFunctions: new Set(this.readonlyFunctions),
      exportedFunctions: new Set(this.exportedFunctions),
      aliases: new Map(this.aliases),
      completions: new Map(this.completions),
      hash: new Map(this.hash),
      disabled: new Set(this.disabled),
      calls: [...this.calls],
      directories: [...this.directories],
      processSubstitutions: [],
      jobs: this.jobs.copyForSubshell(),
      traps: this.traps.copyForSubshell(),
      level: this.level + 1,
    });
    defineDynamic(copy);
    return copy;
  }

  option(name: SetOption): boolean {
    return this.settings.set.has(name);
  }
  shopt(name: ShoptOption): boolean {
    return this.settings.shopt.has(name);
  }

  /** The value of a parameter: variable, positional or special; undefined where it is unset. */
  parameter(name: string): string | undefined {
    const code = name.charCodeAt(0);
    if (code >= 48 && code <= 57) {
      return name === '0' ? this.name : this.positional[Number(name) - 1];
    }
    if (name.length > 1 || (code >= 65 && code !== 95)) return scalar(this.variables.find(name));
    switch (name) {
      case '?':
        return String(this.lastStatus);
      case '#':
        return String(this.positional.length);
      case '$':
        return String(this.pid);
      case '!':
        return this.lastBackground === undefined ? undefined : String(this.lastBackground);
      case '-':
        return this.flags();
      case '_':
        return this.lastArgument;
      case '@':
      case '*':
        return this.positional.length === 0 ? undefined : this.positional.join(' ');
      default:
        return scalar(this.variables.find(name));
    }
  }

  /** The value of a variable, '' where it is unset. */
  value(name: string): string {
    return scalar(this.variables.find(name)) ?? '';
  }
  /** Sets a plain variable (element 0 of an array); throws where it is read-only. */
  assign(name: string, value: string): void {
    assignScalar(this, name, value);
  }
  /** IFS; the default where it is unset. */
  get separators(): string {
    return scalar(this.variables.find('IFS')) ?? ' \t\n';
  }

  private flags(): string {
    const letters: string[] = [];
    const { set } = this.settings;
    const table: readonly (readonly [SetOption, string])[] = [
      ['allexport', 'a'],
      ['errexit', 'e'],
      ['noglob', 'f'],
      ['hashall', 'h'],
      ['monitor', 'm'],
      ['noexec', 'n'],
      ['privileged', 'p'],
      ['nounset', 'u'],
      ['verbose', 'v'],
      ['xtrace', 'x'],
      ['braceexpand', 'B'],
      ['noclobber', 'C'],
      ['errtrace', 'E'],
      ['histexpand', 'H'],
      ['physical', 'P'],
      ['functrace', 'T'],
    ];
    const bash = this.dialect.extended;
    for (const [name, letter] of table) {
      if (name === 'monitor' && this.interactive) letters.push('i');
      if (set.has(name) && (bash || !'hBH'.includes(letter))) letters.push(letter);
    }
    return letters.join('') + this.readFlags;
  }

  /** What a message of this shell begins with. */
  get prefix(): string {
    if (this.dialect.name === 'ash') {
      return this.numbered ? `${this.caller}: line ${this.line}: ` : `${this.caller}: `;
    }
    if (this.dialect.name === 'dash') return `${this.caller}: ${this.line}: `;
    const where = this.interactive ? this.caller : (this.calls.at(-1)?.source ?? this.caller);
    return this.numbered ? `${where}: line ${this.line}: ` : `${where}: `;
  }

  /** Writes to a descriptor; the failure where there is one. */
  *print(fd: number, text: string): Routine<Errno | undefined> {
    if (text === '') return undefined;
    const bytes = toBytes(text);
    let done = 0;
    while (done < bytes.length) {
      const count = yield* this.process.write(fd, done ? bytes.subarray(done) : bytes);
      if (isErrno(count)) return count;
      done += count;
    }
    return undefined;
  }

  /** Says `shell: text` on stderr and gives back `status`. */
  *complain(text: string, status = 1): Routine<number> {
    yield* this.print(2, `${this.prefix}${text}\n`);
    return status;
  }

  /** Reports a failure of an expansion and makes what it ends end. */
  *fail(failure: ExpansionFailure): Routine<number> {
    if (failure.reach === 'process') {
      yield* this.print(2, `${this.caller}: ${failure.message}\n`);
      this.lastStatus = failure.status;
      this.jump = { kind: 'exit' };
      return failure.status;
    }
    if (failure.message) yield* this.complain(wording(this.dialect, failure.message));
    if (!this.dialect.extended && !this.interactive) {
      this.lastStatus = 2;
      this.jump = { kind: 'exit' };
      return 2;
    }
    this.lastStatus = failure.status;
    if (failure.reach === 'shell' && !this.interactive) this.jump = { kind: 'exit' };
    else if (failure.reach !== 'command') this.jump = { kind: 'discard' };
    return failure.status;
  }
}
