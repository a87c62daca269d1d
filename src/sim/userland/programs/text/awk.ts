// awk (mawk 1.3.4): the program itself: statements, rules, functions, input. Expressions are in awk-compile.ts.

import { binaryString, decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { spawn, waitFor } from '../../libc/spawn.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { readFile } from '../../libc/whole-file.ts';
import {
  type Compiled,
  compileExpression,
  evaluate,
  type Scope,
  type Store,
} from './awk-compile.ts';
import { RecordReader, Streams } from './awk-io.ts';
import { AwkSyntaxError } from './awk-lex.ts';
import {
  type AwkFunction,
  type AwkProgram,
  type Expression,
  parseAwk,
  type Rule,
  type Statement,
} from './awk-parse.ts';
import { AwkError, AwkState, type Cell, newCell } from './awk-state.ts';
import {
  Input,
  sprintf,
  toBoolean,
  TooFewArguments,
  toNumber,
  toText,
  type Value,
} from './awk-values.ts';

/** What a statement leads to. */
type Flow = 'on' | 'next' | 'nextfile' | 'break' | 'continue' | 'exit' | 'return';
type Run = () => Routine<Flow>;

const binary = (text: string): string => binaryString(encode(text));
const DEPTH = 800;

/** A program being run. */
class Awk {
  readonly main: Main;
  readonly state: AwkState;
  private readonly source: AwkProgram;
  private readonly bodies = new Map<string, { readonly made: AwkFunction; run: Run | undefined }>();
  /** Cells of the parameters of the functions that are running, innermost last. */
  private readonly frames: Cell[][] = [];
  private readonly operands: string[];
  private operand = 0;
  private usedFile = false;
  private input: RecordReader | undefined;
  private returned: Value;
  exitStatus = 0;

  constructor(main: Main, source: AwkProgram, operands: readonly string[]) {
    this.main = main;
    this.source = source;
    this.state = new AwkState(new Streams(main.process, main.out, main.err));
    this.operands = [...operands];
    for (const [name, made] of source.functions) this.bodies.set(name, { made, run: undefined });
    const argv = new Map<string, Value>([
      ['0', main.name],
      ...operands.map((word, i) => [String(i + 1), new Input(binary(word))] as const),
    ]);
    this.state.cell('ARGV').array = argv;
    this.state.cell('ARGC').value = operands.length + 1;
    this.state.cell('ENVIRON').array = new Map(
      [...main.process.environment].map(([name, value]) => [
        binary(name),
        new Input(binary(value)),
      ]),
    );
  }

  private scope(parameters: readonly string[]): Scope {
    return {
      state: this.state,
      cell: (name) => {
        const at = parameters.indexOf(name);
        if (at < 0) {
          const cell = this.state.cell(name);
          return () => cell;
        }
        return () => this.frames.at(-1)?.[at] ?? newCell();
      },
      call: (name, args, line) => this.compileCall(name, args, line, parameters),
      waiting: (name, args) => this.compileWaiting(name, args),
      getline: (from, source, store) => this.compileGetline(from, source, store),
    };
  }

  *run(): Routine<number> {
    const { rules } = this.source;
    const scope = this.scope([]);
    const begins = rules
      .filter((rule) => rule.kind === 'begin')
      .map((rule) => this.body(rule, scope));
    const ends = rules.filter((rule) => rule.kind === 'end').map((rule) => this.body(rule, scope));
    const patterns = rules
      .filter((rule) => rule.kind === 'pattern')
      .map((rule) => this.pattern(rule, scope));
    let flow: Flow = 'on';
    for (const run of begins) if (flow !== 'exit') flow = yield* run();
    if (flow !== 'exit' && (patterns.length > 0 || ends.length > 0))
      flow = yield* this.records(patterns);
    let end: Flow = 'on';
    for (const run of ends) if (end !== 'exit') end = yield* run();
    yield* this.state.streams.closeAll();
    return this.exitStatus;
  }

  private *records(patterns: readonly Run[]): Routine<Flow> {
    const { main, state } = this;
    for (;;) {
      const record = yield* this.nextRecord();
      if (record === undefined) return 'on';
      state.setRecord(record);
      yield* main.process.work(500);
      for (const run of patterns) {
        const flow = yield* run();
        if (flow === 'exit') return flow;
        if (flow === 'nextfile') this.closeInput();
        if (flow === 'next' || flow === 'nextfile') break;
      }
      if (main.out.failure) return 'exit';
      yield* this.relieve();
    }
  }

  /** Lets output out where enough is held; the terminal gets it at once. */
  private *relieve(): Routine<void> {
    yield* this.main.out.print('');
  }

  private closeInput(): void {
    if (this.input && this.input.fd !== 0) this.main.process.close(this.input.fd);
    this.input = undefined;
  }

  /** The next record of the main input, counted; undefined at the end of all files. */
  private *nextRecord(): Routine<string | undefined> {
    for (;;) {
      if (!this.input && !(yield* this.openNext())) return undefined;
      const reader = this.input as RecordReader;
      const record = yield* reader.record(this.state.variable('RS'));
      if (record !== undefined) {
        this.state.addToNumber('NR', 1);
        this.state.addToNumber('FNR', 1);
        return record;
      }
      if (reader.failure) {
        yield* this.main.fail(`read error (${reader.failure.message})`);
        this.exitStatus = 2;
      }
      this.closeInput();
    }
  }

  private *openNext(): Routine<boolean> {
    const { main, state } = this;
    const { process } = main;
    for (;;) {
      const count = toNumber(state.cell('ARGC').value);
      if (++this.operand >= count) {
        if (this.usedFile) return false;
        this.usedFile = true;
        this.input = new RecordReader(process, 0);
        state.cell('FNR').value = 0;
        return true;
      }
      const value = state.cell('ARGV').array?.get(String(this.operand));
      const word = state.text(value);
      if (word === '') continue;
      const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(word);
      if (assignment) {
        this.assign(assignment[1] ?? '', assignment[2] ?? '');
        continue;
      }
      this.usedFile = true;
      const path = this.operands[this.operand - 1] ?? word;
      const fd = word === '-' || word === '/dev/stdin' ? 0 : process.open(path);
      if (isErrno(fd)) {
        yield* main.out.flush();
        yield* main.fail(`cannot open ${path} (${fd.message})`);
        this.exitStatus = 2;
        continue;
      }
      this.input = new RecordReader(process, fd);
      state.cell('FILENAME').value = word;
      state.cell('FNR').value = 0;
      return true;
    }
  }

  /** `name=value` from the command line: escapes are read, and it compares as input. */
  assign(name: string, text: string): void {
    const plain = text.replace(/\\(n|t|r|\\|"|\/|[0-7]{1,3})/g, (_, c: string) =>
      /[0-7]/.test(c)
        ? String.fromCharCode(Number.parseInt(c, 8))
        : ({ n: '\n', t: '\t', r: '\r' }[c] ?? c),
    );
    this.state.cell(name).value = new Input(plain);
  }

  private body(rule: Rule, scope: Scope): Run {
    return this.statement(rule.body ?? { kind: 'block', body: [] }, scope);
  }

  private pattern(rule: Rule, scope: Scope): Run {
    const print: Statement = {
      kind: 'print',
      formatted: false,
      args: [],
      to: undefined,
      target: undefined,
    };
    const run = this.statement(rule.body ?? print, scope);
    if (!rule.from) return run;
    const from = compileExpression(rule.from, scope);
    if (!rule.to) {
      return function* () {
        return toBoolean(yield* evaluate(from)) ? yield* run() : 'on';
      };
    }
    const to = compileExpression(rule.to, scope);
    let active = false;
    return function* () {
      if (!active && !toBoolean(yield* evaluate(from))) return 'on';
      active = !toBoolean(yield* evaluate(to));
      return yield* run();
    };
  }

  private statement(node: Statement, scope: Scope): Run {
    const { main } = this;
    switch (node.kind) {
      case 'expression': {
        const value = compileExpression(node.value, scope);
        return function* () {
          if (value.waits) yield* value.run();
          else value.get();
          return 'on';
        };
      }
      case 'print':
        return this.printing(node, scope);
      case 'if': {
        const test = compileExpression(node.test, scope);
        const yes = this.statement(node.yes, scope);
        const no = node.no && this.statement(node.no, scope);
        return function* () {
          if (toBoolean(yield* evaluate(test))) return yield* yes();
          return no ? yield* no() : 'on';
        };
      }
      case 'block': {
        const runs = node.body.map((statement) => this.statement(statement, scope));
        return function* () {
          for (const run of runs) {
            const flow = yield* run();
            if (flow !== 'on') return flow;
          }
          return 'on';
        };
      }
      case 'while':
        return this.loop(undefined, node.test, undefined, node.body, scope, node.first);
      case 'for':
        return this.loop(node.start, node.test, node.step, node.body, scope, true);
      case 'each':
        return this.each(node, scope);
      case 'jump': {
        const { what } = node;
        return function* () {
          return what;
        };
      }
      case 'exit':
      case 'return':
        return this.leaving(node, scope);
      case 'delete': {
        const cell = scope.cell(node.array);
        const index = node.index && compileExpression(joined(node.index), scope);
        const { state } = this;
        return function* () {
          const { array } = cell();
          if (!index) array?.clear();
          else array?.delete(state.text(yield* evaluate(index)));
          yield* main.process.work(50);
          return 'on';
        };
      }
    }
  }

  private leaving(node: Extract<Statement, { kind: 'exit' | 'return' }>, scope: Scope): Run {
    const value = node.value && compileExpression(node.value, scope);
    const self = this;
    return function* () {
      const result = value ? yield* evaluate(value) : undefined;
      if (node.kind === 'return') {
        self.returned = result;
        return 'return';
      }
      if (value) self.exitStatus = toNumber(result) & 255;
      return 'exit';
    };
  }

  private loop(
    start: Statement | undefined,
    test: Expression | undefined,
    step: Statement | undefined,
    body: Statement,
    scope: Scope,
    testFirst: boolean,
  ): Run {
    const self = this;
    const begin = start && this.statement(start, scope);
    const holds = test && compileExpression(test, scope);
    const after = step && this.statement(step, scope);
    const run = this.statement(body, scope);
    return function* () {
      if (begin) yield* begin();
      for (let first = true; ; first = false) {
        if (holds && (testFirst || !first) && !toBoolean(yield* evaluate(holds))) return 'on';
        const flow = yield* run();
        if (flow === 'break') return 'on';
        if (flow !== 'on' && flow !== 'continue') return flow;
        if (after) yield* after();
        yield* self.main.process.work(200);
        yield* self.relieve();
        if (self.main.out.failure) return 'exit';
      }
    };
  }

  private each(node: Extract<Statement, { kind: 'each' }>, scope: Scope): Run {
    const self = this;
    const array = scope.cell(node.array);
    const variable = scope.cell(node.name);
    const run = this.statement(node.body, scope);
    return function* () {
      for (const key of [...(array().array?.keys() ?? [])]) {
        variable().value = new Input(key);
        const flow = yield* run();
        if (flow === 'break') return 'on';
        if (flow !== 'on' && flow !== 'continue') return flow;
        yield* self.main.process.work(200);
        yield* self.relieve();
      }
      return 'on';
    };
  }

  private printing(node: Extract<Statement, { kind: 'print' }>, scope: Scope): Run {
    const { state, main } = this;
    const parts = node.args.map((arg) => compileExpression(arg, scope));
    const target = node.target && compileExpression(node.target, scope);
    const self = this;
    return function* () {
      const values: Value[] = [];
      for (const part of parts) values.push(part.waits ? yield* part.run() : part.get());
      let text: string;
      if (node.formatted) text = sprintf(values, state.convfmt);
      else {
        const ofmt = String(state.cell('OFMT').value);
        const shown = values.length
          ? values
              .map((value) => (typeof value === 'number' ? toText(value, ofmt) : state.text(value)))
              .join(state.variable('OFS'))
          : state.text(state.field(0));
        text = shown + state.variable('ORS');
      }
      const name = target ? state.text(yield* evaluate(target)) : undefined;
      if (name === undefined || !node.to) {
        main.out.put(state.encode(text));
        return 'on';
      }
      yield* self.printTo(name, node.to, text);
      return 'on';
    };
  }

  private *printTo(name: string, to: '>' | '>>' | '|', text: string): Routine<void> {
    if (to === '|') yield* this.state.streams.out.flush();
    const writer = this.state.streams.output(name, to);
    if (isErrno(writer)) throw new AwkError(`cannot open "${name}" for output`);
    yield* writer.print(this.state.encode(text));
    if (name === '/dev/stderr') yield* writer.flush();
  }

  private compileCall(
    name: string,
    args: readonly Expression[],
    line: number,
    parameters: readonly string[],
  ): Compiled {
    const body = this.bodies.get(name);
    if (!body) throw new AwkSyntaxError(`line ${line}: function ${name} never defined`);
    const { made } = body;
    if (args.length > made.parameters.length) {
      throw new AwkSyntaxError(`line ${line}: too many arguments in call to ${name}`);
    }
    const scope = this.scope(parameters);
    const givers = args.map((arg) => this.argument(arg, scope));
    const self = this;
    return {
      waits: true,
      *run() {
        body.run ??= self.statement(made.body, self.scope(made.parameters));
        if (self.frames.length > DEPTH) throw new AwkError('function call nesting too deep');
        const frame: Cell[] = [];
        for (const giver of givers) frame.push(yield* giver());
        while (frame.length < made.parameters.length) frame.push(newCell());
        self.frames.push(frame);
        self.returned = undefined;
        const flow = yield* body.run();
        self.frames.pop();
        if (flow === 'exit') throw new ExitInFunction();
        const result = self.returned;
        self.returned = undefined;
        return result;
      },
    };
  }

  /** Arrays (and names that may become arrays) go by reference, values by copy. */
  private argument(arg: Expression, scope: Scope): () => Routine<Cell> {
    if (arg.kind === 'variable' && arg.name !== 'NF') {
      const cell = scope.cell(arg.name);
      return function* () {
        const found = cell();
        if (found.array || found.value === undefined)
          return found.array ? found : sharedCell(found);
        return newCell(found.value);
      };
    }
    const value = compileExpression(arg, scope);
    return function* () {
      return newCell(yield* evaluate(value));
    };
  }

  private compileWaiting(name: string, args: readonly Compiled[]): Compiled {
    const { state, main } = this;
    const [first] = args;
    return {
      waits: true,
      *run() {
        const text = first ? state.text(yield* evaluate(first)) : '';
        if (name === 'close') return yield* state.streams.close(text);
        yield* state.streams.flush();
        if (name === 'fflush') return 0;
        const pid = spawn(main.process, ['/bin/sh', '-c', text]);
        if (isErrno(pid)) return -1;
        const ended = yield* waitFor(main.process, pid);
        return ended.signal ? 256 + ended.signal : ended.code;
      },
    };
  }

  private compileGetline(
    from: 'main' | 'file' | 'command',
    source: Compiled | undefined,
    store: Store | undefined,
  ): Compiled {
    const self = this;
    const { state } = this;
    return {
      waits: true,
      *run() {
        let record: string | undefined;
        if (from === 'main' || !source) record = yield* self.nextRecord();
        else {
          const name = state.text(yield* evaluate(source));
          if (from === 'command') yield* state.streams.flush();
          const reader = state.streams.input(name, from === 'command');
          if (isErrno(reader)) return -1;
          record = yield* reader.record(state.variable('RS'));
          if (record === undefined && reader.failure) return -1;
          if (record !== undefined && from === 'command') state.addToNumber('NR', 1);
        }
        if (record === undefined) return 0;
        if (store) store(new Input(record));
        else state.setRecord(record);
        return 1;
      },
    };
  }
}

/** exit inside a function: unwinds to the rules. */
class ExitInFunction extends Error {}

function joined(index: readonly Expression[]): Expression {
  const separator: Expression = { kind: 'variable', name: 'SUBSEP' };
  return index.reduce((left, right) => ({
    kind: 'binary',
    operator: ' ',
    left: { kind: 'binary', operator: ' ', left, right: separator },
    right,
  }));
}

/** A name that nobody has used: if the function makes it an array, the caller sees that. */
function sharedCell(outer: Cell): Cell {
  return {
    value: undefined,
    get array() {
      return outer.array;
    },
    set array(made) {
      outer.array = made;
    },
  };
}

const VERSION =
  'mawk 1.3.4 20200120\nCopyright 2008-2019,2020, Thomas E. Dickey\nCopyright 1991-1996,2014, Michael D. Brennan\n';

function makeAwk(name: string) {
  return program(name, function* (main) {
    const settings = yield* readArguments(main);
    if (typeof settings === 'number') return settings;
    const { text, separator, assignments, operands } = settings;
    let awk: Awk | undefined;
    try {
      awk = new Awk(main, parseAwk(binary(text)), operands);
      if (separator !== undefined) awk.assign('FS', separator === 't' ? '\\t' : separator);
      for (const [key, value] of assignments) awk.assign(key, value);
      return yield* awk.run();
    } catch (error) {
      if (error instanceof ExitInFunction && awk) {
        yield* awk.state.streams.closeAll();
        return awk.exitStatus;
      }
      const shown = errorText(error, awk);
      if (shown === undefined) throw error;
      yield* main.out.flush();
      yield* main.fail(shown);
      return 2;
    }
  });
}

/** What mawk prints of an error, after its name; undefined for a mistake of ours. */
function errorText(error: unknown, awk: Awk | undefined): string | undefined {
  if (error instanceof AwkSyntaxError) return error.message;
  const why =
    error instanceof TooFewArguments
      ? `not enough arguments passed to printf("${error.message}")`
      : undefined;
  if (!why && !(error instanceof AwkError)) return undefined;
  const where = ['FILENAME', 'FNR', 'NR'].map((name) => {
    const text = awk?.state.variable(name) || (name === 'FILENAME' ? '' : '0');
    return name === 'FILENAME' ? `${name}="${text}"` : `${name}=${text}`;
  });
  return `run time error: ${why ?? (error as AwkError).message}\n\t${where.join(' ')}`;
}

interface Arguments {
  readonly text: string;
  readonly separator: string | undefined;
  readonly assignments: readonly (readonly [string, string])[];
  readonly operands: readonly string[];
}

function* readArguments(main: Main): Routine<Arguments | number> {
  const { args, process } = main;
  const assignments: [string, string][] = [];
  const files: string[] = [];
  let separator: string | undefined;
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word === '--') {
      at++;
      break;
    }
    if (word === '-' || !word.startsWith('-')) break;
    if (
      word === '--version' ||
      /^-W\s*v/.test(word) ||
      (word === '-W' && args[at + 1]?.startsWith('v'))
    ) {
      yield* main.out.print(VERSION);
      return 0;
    }
    const letter = word.charAt(1);
    if (!'Fvf'.includes(letter)) {
      if (letter === 'W') continue;
      if (word.startsWith('--')) return yield* notSimulated(main, `awk ${word}`);
      yield* main.fail(`not an option: ${word}`);
      return 2;
    }
    const value = word.length > 2 ? word.slice(2) : args[++at];
    if (value === undefined) {
      yield* main.fail(`option lacks argument: -${letter}`);
      return 2;
    }
    if (letter === 'F') separator = value;
    else if (letter === 'f') files.push(value);
    else {
      const equals = value.indexOf('=');
      if (equals < 1) {
        yield* main.fail(`improper assignment: -v ${value}`);
        return 2;
      }
      assignments.push([value.slice(0, equals), binary(value.slice(equals + 1))]);
    }
  }
  const operands = args.slice(at);
  if (files.length === 0) {
    const [text, ...rest] = operands;
    if (text !== undefined) return { text, separator, assignments, operands: rest };
    main.err.put(`Usage: ${main.name} [Options] [Program] [file ...]\n`);
    return 2;
  }
  let text = '';
  for (const path of files) {
    const bytes = path === '-' ? yield* main.input.rest() : yield* readFile(process, path);
    if (isErrno(bytes)) {
      yield* main.fail(`cannot open ${path} (${bytes.message})`);
      return 2;
    }
    text += `${decode(bytes)}\n`;
  }
  return { text, separator, assignments, operands };
}

export const awk = makeAwk('awk');
export const mawk = makeAwk('mawk');
