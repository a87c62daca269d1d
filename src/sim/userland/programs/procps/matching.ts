// pgrep, pkill and pidof, killall, kill: finding processes and sending them signals.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { signalInfo, signalNumber, signals } from '../../../kernel/signals.ts';
import type { ProgramFile, ProgramRun } from '../../../kernel/program.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { type Main, program } from '../../libc/stdio.ts';
import { tool, type Tool } from '../util-linux/tool.ts';
import {
  commandLine,
  type ProcessRow,
  readProcesses,
  readUptime,
  terminalName,
} from './processes.ts';
import { VERSION } from './version.ts';

/** `-9`, `-KILL`, `-SIGTERM` out of the words before they are parsed. */
function takeSignal(words: readonly string[]): { signal: number | undefined; rest: string[] } {
  const rest: string[] = [];
  let signal: number | undefined;
  for (const word of words) {
    const number =
      /^-([A-Z0-9+-]+)$/i.test(word) && !/^-[a-z]/.test(word)
        ? signalNumber(word.slice(1))
        : undefined;
    if (signal === undefined && number !== undefined && (/^-\d+$/.test(word) || word.length > 3))
      signal = number;
    else rest.push(word);
  }
  return { signal, rest };
}

function userId(accounts: Accounts, text: string): number {
  return /^\d+$/.test(text) ? Number(text) : (accounts.userByName(text)?.uid ?? -1);
}

/** True where a process is what the options ask for. */
function matches(
  main: Tool,
  row: ProcessRow,
  pattern: RegExp | undefined,
  accounts: Accounts,
  uptime: number,
): boolean {
  const { options } = main;
  const list = (key: string): string[] | undefined => options.value(key)?.split(',');
  const has = (key: string, test: (text: string) => boolean): boolean =>
    list(key)?.some(test) ?? true;
  const self = (text: string, own: number): number => (text === '0' ? own : Number(text));
  const me = main.process;
  const name = options.has('full') ? commandLine(row) : row.name;
  const found =
    (pattern ? pattern.test(name) : true) &&
    has('parent', (text) => row.ppid === Number(text)) &&
    has('pgroup', (text) => row.group === self(text, me.getpgid() as number)) &&
    has('session', (text) => row.session === self(text, me.getsid() as number)) &&
    has('euid', (text) => row.uids[1] === userId(accounts, text)) &&
    has('uid', (text) => row.uids[0] === userId(accounts, text)) &&
    has(
      'group',
      (text) =>
        row.gids[0] === (/^\d+$/.test(text) ? Number(text) : accounts.groupByName(text)?.gid),
    ) &&
    has('terminal', (text) => terminalName(row.terminal) === text) &&
    has('runstates', (text) => text.includes(row.state)) &&
    has('older', (text) => uptime - row.started / 100 >= Number(text));
  return found !== options.has('inverse');
}

function patternOf(main: Tool): RegExp | undefined | string {
  const [text] = main.operands;
  if (text === undefined) return undefined;
  try {
    const source = main.options.has('exact') ? `^(?:${text})$` : text;
    return new RegExp(source, main.options.has('ignorecase') ? 'i' : '');
  } catch {
    return `Unmatched [, [^, [:, [., or [=`;
  }
}

function* select(main: Tool): Routine<ProcessRow[] | string> {
  const { options } = main;
  const filters = [
    'parent',
    'pgroup',
    'session',
    'euid',
    'uid',
    'group',
    'terminal',
    'runstates',
    'older',
    'ns',
  ];
  if (main.operands.length > 1) return 'only one pattern can be provided';
  if (main.operands.length === 0 && !filters.some((key) => options.has(key)))
    return 'no matching criteria specified';
  const pattern = patternOf(main);
  if (typeof pattern === 'string') return pattern;
  const accounts = yield* readAccounts(main.process);
  const uptime = yield* readUptime(main.process);
  const rows = (yield* readProcesses(main.process)).filter((row) => row.pid !== main.process.pid);
  let found = rows.filter((row) => matches(main, row, pattern, accounts, uptime));
  const byStart = [...found].sort((a, b) => a.started - b.started || a.pid - b.pid);
  if (options.has('newest')) found = byStart.slice(-1);
  if (options.has('oldest')) found = byStart.slice(0, 1);
  return found;
}

function* listMatches(main: Tool, found: readonly ProcessRow[]): ProgramRun {
  const { options } = main;
  if (options.has('count')) {
    yield* main.out.print(`${found.length}\n`);
    return found.length > 0 ? 0 : 1;
  }
  if (options.has('quiet')) return found.length > 0 ? 0 : 1;
  const text = (row: ProcessRow): string => {
    if (options.has('listfull')) return `${row.pid} ${commandLine(row)}`;
    return options.has('listname') ? `${row.pid} ${row.name}` : String(row.pid);
  };
  const between = options.value('delimiter') ?? '\n';
  if (found.length > 0) yield* main.out.print(`${found.map(text).join(between)}\n`);
  return found.length > 0 ? 0 : 1;
}

const COMMON = [
  { key: 'full', short: 'f', long: 'full' },
  { key: 'pgroup', short: 'g', long: 'pgroup', argument: 'required' },
  { key: 'group', short: 'G', long: 'group', argument: 'required' },
  { key: 'ignorecase', short: 'i', long: 'ignore-case' },
  { key: 'newest', short: 'n', long: 'newest' },
  { key: 'oldest', short: 'o', long: 'oldest' },
  { key: 'older', short: 'O', long: 'older', argument: 'required' },
  { key: 'parent', short: 'P', long: 'parent', argument: 'required' },
  { key: 'session', short: 's', long: 'session', argument: 'required' },
  { key: 'terminal', short: 't', long: 'terminal', argument: 'required' },
  { key: 'euid', short: 'u', long: 'euid', argument: 'required' },
  { key: 'uid', short: 'U', long: 'uid', argument: 'required' },
  { key: 'exact', short: 'x', long: 'exact' },
  { key: 'runstates', short: 'r', long: 'runstates', argument: 'required' },
  { key: 'count', short: 'c', long: 'count' },
] as const;

const SPEC = {
  usage: ['[options] <pattern>'],
  version: VERSION,
  usageStatus: 2,
  usageOnError: true,
} as const;

function* criteria(main: Tool, text: string): ProgramRun {
  main.err.put(`${main.name}: ${text}\nTry \`${main.name} --help' for more information.\n`);
  yield* main.err.flush();
  return 2;
}

export const pgrep = tool(
  {
    ...SPEC,
    name: 'pgrep',
    options: [
      ...COMMON,
      { key: 'delimiter', short: 'd', long: 'delimiter', argument: 'required' },
      { key: 'listname', short: 'l', long: 'list-name' },
      { key: 'listfull', short: 'a', long: 'list-full' },
      { key: 'inverse', short: 'v', long: 'inverse' },
      { key: 'lightweight', short: 'w', long: 'lightweight' },
      { key: 'quiet', short: 'q', long: 'quiet' },
    ],
  },
  function* (main) {
    const found = yield* select(main);
    return typeof found === 'string'
      ? yield* criteria(main, found)
      : yield* listMatches(main, found);
  },
);

const pkillTool = (signal: number): ProgramFile =>
  tool(
    {
      ...SPEC,
      name: 'pkill',
      options: [
        ...COMMON,
        { key: 'signal', long: 'signal', argument: 'required' },
        { key: 'echo', short: 'e', long: 'echo' },
        { key: 'queue', short: 'q', long: 'queue', argument: 'required' },
      ],
    },
    function* (main) {
      const found = yield* select(main);
      if (typeof found === 'string') return yield* criteria(main, found);
      const chosen = signalNumber(main.options.value('signal') ?? '') ?? signal;
      let done = 0;
      for (const row of found) {
        const failure = main.process.kill(row.pid, chosen);
        if (failure) {
          if (failure.name !== 'ESRCH')
            yield* main.fail(`killing pid ${row.pid} failed: ${failure.message}`);
          continue;
        }
        done++;
        if (main.options.has('echo'))
          yield* main.out.print(`${row.name} killed (pid ${row.pid})\n`);
      }
      if (main.options.has('count')) yield* main.out.print(`${found.length}\n`);
      return done > 0 ? 0 : 1;
    },
  );

export const pkill: ProgramFile = {
  name: 'pkill',
  *run(process) {
    const [name = 'pkill', ...words] = process.argv;
    const { signal, rest } = takeSignal(words);
    process.task.leader.process.argv = [name, ...rest];
    return yield* pkillTool(signal ?? 15).run(process);
  },
};

export const pidof = program('pidof', function* (main) {
  const names = main.args.filter((word) => !word.startsWith('-'));
  const once = main.args.some((word) => /^-[a-z]*s/.test(word));
  if (names.length === 0) return 1;
  const rows = yield* readProcesses(main.process);
  const base = (word: string | undefined): string =>
    (word ?? '').slice((word ?? '').lastIndexOf('/') + 1).replace(/^-/, '');
  const found = names.flatMap((name) =>
    rows
      .filter(
        (row) =>
          row.words.length > 0 &&
          (row.name === base(name).slice(0, 15) || base(row.words[0]) === base(name)),
      )
      .map((row) => row.pid)
      .reverse(),
  );
  if (found.length === 0) return 1;
  if (!main.args.includes('-q'))
    yield* main.out.print(`${(once ? found.slice(0, 1) : found).join(' ')}\n`);
  return 0;
});

export const killall = program('killall', function* (main) {
  const { signal, rest } = takeSignal(main.args);
  if (main.args.includes('-l')) return yield* listNames(main, false);
  const quiet = rest.some((word) => /^-[a-z]*q/.test(word));
  const names = rest.filter((word) => !word.startsWith('-'));
  if (names.length === 0) {
    main.err.put(
      'Usage: killall [OPTION]... [--] NAME...\n       killall -l, --list\n       killall -V, --version\n',
    );
    yield* main.err.flush();
    return 1;
  }
  let status = 0;
  for (const name of names) {
    const rows = (yield* readProcesses(main.process)).filter(
      (row) => row.name === name && row.pid !== main.process.pid,
    );
    if (rows.length === 0) {
      if (!quiet) {
        main.err.put(`${name}: no process found\n`);
        yield* main.err.flush();
      }
      status = 1;
    }
    for (const row of rows) {
      const failure = main.process.kill(row.pid, signal ?? 15);
      if (!failure) continue;
      main.err.put(`${name}(${row.pid}): ${failure.message}\n`);
      yield* main.err.flush();
      status = 1;
    }
  }
  return status;
});

function* listNames(main: Main, table: boolean): ProgramRun {
  const names = signals.map((signal) => (signal.name === 'IO' ? 'POLL' : signal.name));
  if (!table) {
    yield* main.out.print(`${names.slice(0, 16).join(' ')}\n${names.slice(16).join(' ')}\n`);
    return 0;
  }
  const cells = names.map((name, i) => `${String(i + 1).padStart(2)} ${name}`);
  for (let i = 0; i < cells.length; i += 7) {
    yield* main.out.print(
      `${cells
        .slice(i, i + 7)
        .map((cell) => cell.padEnd(11))
        .join('')
        .trimEnd()}\n`,
    );
  }
  return 0;
}

const KILL_USAGE = '\nUsage:\n kill [options] <pid> [...]\n\nFor more details see kill(1).\n';

export const kill = program('kill', function* (main) {
  const words = [...main.args];
  let signal = 15;
  const [first] = words;
  if (first === '-l' || first === '--list' || first === '-L' || first === '--table') {
    const [, what] = words;
    if (what === undefined) return yield* listNames(main, first === '-L' || first === '--table');
    const number = signalNumber(what);
    const text = /^\d+$/.test(what)
      ? (signalInfo(Number(what) & 0x7f)?.name ?? what)
      : String(number ?? '');
    yield* main.out.print(`${text}\n`);
    return 0;
  }
  if (first === '-s' || first === '--signal') {
    words.shift();
    const number = signalNumber(words.shift() ?? '');
    if (number === undefined) return yield* usage(main);
    signal = number;
  } else if (
    first !== undefined &&
    /^-./.test(first) &&
    first !== '--' &&
    signalNumber(first.slice(1)) !== undefined
  ) {
    signal = signalNumber(first.slice(1)) ?? 15;
    words.shift();
  }
  if (words[0] === '--') words.shift();
  if (words.length === 0) return yield* usage(main);
  let status = 0;
  for (const word of words) {
    if (!/^-?\d+$/.test(word)) {
      yield* main.fail(`failed to parse argument: '${word}'`);
      status = 1;
      continue;
    }
    const failure = main.process.kill(Number(word), signal);
    if (!isErrno(failure)) continue;
    main.err.put(`${main.process.argv[0] ?? 'kill'}: (${word}): ${failure.message}\n`);
    yield* main.err.flush();
    status = 1;
  }
  return status;
});

function* usage(main: Main): ProgramRun {
  main.err.put(KILL_USAGE);
  yield* main.err.flush();
  return 1;
}
