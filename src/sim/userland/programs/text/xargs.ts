// xargs (GNU findutils 4.9), which.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { ENOENT, isErrno } from '../../../kernel/errno.ts';
import type { OptionSpec } from '../../libc/options.ts';
import { quoteValue } from '../../libc/quote.ts';
import { findProgram, spawn, waitFor } from '../../libc/spawn.ts';
import { program } from '../../libc/stdio.ts';
import { readFile } from '../../libc/whole-file.ts';
import { type Command, gnu } from '../coreutils/gnu.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'null', short: '0', long: 'null' },
  { key: 'file', short: 'a', long: 'arg-file', argument: 'required' },
  { key: 'delimiter', short: 'd', long: 'delimiter', argument: 'required' },
  { key: 'eof', short: 'E', argument: 'required' },
  { key: 'replace', short: 'I', argument: 'required' },
  { key: 'replaces', short: 'i', long: 'replace', argument: 'optional' },
  { key: 'lines', short: 'L', long: 'max-lines', argument: 'required' },
  { key: 'args', short: 'n', long: 'max-args', argument: 'required' },
  { key: 'procs', short: 'P', long: 'max-procs', argument: 'required' },
  { key: 'noempty', short: 'r', long: 'no-run-if-empty' },
  { key: 'chars', short: 's', long: 'max-chars', argument: 'required' },
  { key: 'verbose', short: 't', long: 'verbose' },
  { key: 'exit', short: 'x', long: 'exit' },
  { key: 'tty', short: 'o', long: 'open-tty' },
];

/** Where runs stand: processes at work, and the status so far. */
interface Running {
  readonly command: Command;
  active: number;
  readonly most: number;
  status: number;
  stop: boolean;
}

export const xargs = gnu(
  {
    name: 'xargs',
    usage: ['[OPTION]... COMMAND [INITIAL-ARGS]...'],
    options: OPTIONS,
    posixly: true,
    version: '(GNU findutils) 4.9.0',
    missing: [{ key: 'prompt', short: 'p', long: 'interactive' }],
  },
  function* (command) {
    const { options, operands } = command;
    for (const [key, letter] of [
      ['args', 'n'],
      ['lines', 'L'],
      ['procs', 'P'],
    ] as const) {
      const text = options.value(key);
      if (text === undefined) continue;
      if (!/^\d+$/.test(text)) {
        yield* command.fail(`invalid number "${text}" for -${letter} option`);
        return yield* command.usage();
      }
      if (Number(text) < 1 && key !== 'procs') {
        yield* command.fail(`value ${text} for -${letter} option should be >= 1`);
        return yield* command.usage();
      }
    }
    const input = yield* readInput(command);
    if (typeof input === 'number') return input;
    const replace =
      options.value('replace') ??
      (options.has('replaces') ? options.value('replaces') || '{}' : undefined);
    const groups = groupsOf(command, input, replace !== undefined);
    if (typeof groups === 'string') {
      yield* command.fail(groups);
      return 1;
    }
    const base = operands.length ? operands : ['echo'];
    const procs = Number(options.value('procs') ?? 1);
    const run: Running = {
      command,
      active: 0,
      most: procs === 0 ? Number.POSITIVE_INFINITY : procs,
      status: 0,
      stop: false,
    };
    for (const group of groups) {
      const argv =
        replace === undefined
          ? [...base, ...group]
          : base.map((word, i) => (i === 0 ? word : word.replaceAll(replace, group[0] ?? '')));
      yield* start(run, argv);
      if (run.stop) break;
    }
    while (run.active > 0) yield* collect(run);
    return run.status;
  },
);

function* readInput(command: Command): Routine<string | number> {
  const path = command.options.value('file');
  if (path === undefined) return decode(yield* command.input.rest());
  const bytes = yield* readFile(command.process, path);
  if (!isErrno(bytes)) return decode(bytes);
  yield* command.fail(`Cannot open input file ${quoteValue(path)}: ${bytes.message}`);
  return 1;
}

/** The words of each run, or what is wrong with the input. */
function groupsOf({ options }: Command, text: string, replacing: boolean): string[][] | string {
  const delimiter = options.has('null') ? '\0' : delimiterOf(options.value('delimiter'));
  let lines: string[][] | string;
  if (delimiter !== undefined) {
    const items = text.split(delimiter);
    if (items.at(-1) === '') items.pop();
    lines = items.map((item) => [item]);
  } else if (replacing) {
    lines = text
      .split('\n')
      .map((line) => line.trimStart())
      .filter((line) => line !== '')
      .map((line) => [unquoteLine(line)]);
  } else lines = quotedWords(text);
  if (typeof lines === 'string') return lines;
  const eof = options.value('eof');
  if (eof !== undefined) {
    const at = lines.findIndex((line) => line.includes(eof));
    if (at >= 0)
      lines = [...lines.slice(0, at), (lines[at] ?? []).slice(0, (lines[at] ?? []).indexOf(eof))];
  }
  if (replacing) return lines;
  const perRun =
    options.last('lines', 'args') === 'lines' ? Number(options.value('lines')) : undefined;
  if (perRun !== undefined) {
    const groups: string[][] = [];
    for (let i = 0; i < lines.length; i += perRun) groups.push(lines.slice(i, i + perRun).flat());
    return groups;
  }
  const words = lines.flat();
  if (words.length === 0) return options.has('noempty') ? [] : [[]];
  const most = Number(options.value('args') ?? Number.POSITIVE_INFINITY);
  const room = Number(options.value('chars') ?? 131_072);
  const groups: string[][] = [];
  let size = 0;
  for (const word of words) {
    const last = groups.at(-1);
    if (!last || last.length >= most || size + word.length + 1 > room) {
      groups.push([word]);
      size = 0;
    } else last.push(word);
    size += word.length + 1;
  }
  return groups;
}

function delimiterOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return { '\\n': '\n', '\\t': '\t', '\\0': '\0' }[text] ?? text.charAt(0);
}

function unquoteLine(line: string): string {
  return line.replace(
    /"([^"]*)"|'([^']*)'|\\(.)/g,
    (_, a?: string, b?: string, c?: string) => a ?? b ?? c ?? '',
  );
}

/** Words of lines, with quotes and backslashes as xargs reads them; empty lines are left out. */
function quotedWords(text: string): string[][] | string {
  const lines: string[][] = [];
  for (const line of text.split('\n')) {
    const words: string[] = [];
    let word: string | undefined;
    for (let i = 0; i < line.length; i++) {
      const char = line.charAt(i);
      if (char === ' ' || char === '\t') {
        if (word !== undefined) words.push(word);
        word = undefined;
      } else if (char === '"' || char === "'") {
        const end = line.indexOf(char, i + 1);
        if (end < 0) {
          const kind = char === '"' ? 'double' : 'single';
          return `unmatched ${kind} quote; by default quotes are special to xargs unless you use the -0 option`;
        }
        word = (word ?? '') + line.slice(i + 1, end);
        i = end;
      } else word = (word ?? '') + (char === '\\' ? line.charAt(++i) : char);
    }
    if (word !== undefined) words.push(word);
    if (words.length) lines.push(words);
  }
  return lines;
}

function* start(run: Running, argv: readonly string[]): Routine<void> {
  const { command } = run;
  const { process, options } = command;
  yield* command.out.flush();
  if (options.has('verbose')) {
    command.err.put(`${argv.join(' ')}\n`);
    yield* command.err.flush();
  }
  while (run.active >= run.most) yield* collect(run);
  const pid = spawn(process, argv, {
    prepare: (child) => {
      if (options.has('file')) return;
      const fd = child.open('/dev/null');
      if (!isErrno(fd)) child.dup2(fd, 0);
    },
    *failed(_child, error) {
      yield* command.fail(`${argv[0] ?? ''}: ${error.message}`);
      return error === ENOENT ? 127 : 126;
    },
  });
  if (isErrno(pid)) {
    yield* command.fail(`cannot fork: ${pid.message}`);
    run.stop = true;
    run.status = 1;
    return;
  }
  run.active++;
  if (run.most === 1) yield* collect(run, pid, argv[0]);
}

function* collect(run: Running, which = -1, name = ''): Routine<void> {
  const { process } = run.command;
  let ended: { code: number; signal: number };
  if (which > 0) ended = yield* waitFor(process, which);
  else {
    const result = yield* process.wait(-1);
    if (!result || isErrno(result)) return;
    ended = { code: (result.status >> 8) & 255, signal: result.status & 127 };
  }
  run.active--;
  if (ended.signal) {
    yield* run.command.fail(`${name}: terminated by signal ${ended.signal}`);
    run.status = 125;
    run.stop = true;
  } else if (ended.code === 126 || ended.code === 127) {
    run.status = ended.code;
    run.stop = true;
  } else if (ended.code === 255) {
    yield* run.command.fail(`${name}: exited with status 255; aborting`);
    run.status = 124;
    run.stop = true;
  } else if (ended.code !== 0) run.status = 123;
}

/** which (debianutils): where a program is found along PATH. */
export const which = program('which', function* (main) {
  const all = main.args.some((word) => /^-\w*a/.test(word));
  const silent = main.args.some((word) => /^-\w*s/.test(word));
  const names = main.args.filter((word) => !word.startsWith('-'));
  const wrong = main.args.find((word) => /^-./.test(word) && !/^-[as]+$/.test(word));
  if (wrong !== undefined) {
    yield* main.fail(`Illegal option ${wrong}`);
    main.err.put(`Usage: /usr/bin/which [-as] args\n`);
    return 2;
  }
  let status = names.length ? 0 : 1;
  for (const name of names) {
    const directories = name.includes('/')
      ? ['']
      : (main.process.environment.get('PATH') ?? '').split(':');
    const found = directories
      .map((d) => findProgram(main.process, name, d || '.'))
      .filter((path) => path !== undefined);
    if (found.length === 0) status = 1;
    if (!silent)
      for (const path of all ? found : found.slice(0, 1)) yield* main.out.print(`${path}\n`);
  }
  return status;
});
