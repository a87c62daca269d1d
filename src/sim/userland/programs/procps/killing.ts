// kill of procps 4.0.2, killall and pidof: signals by number and by name.

import type { Routine } from '../../../core/wait.ts';
import { EINVAL, isErrno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { signalInfo, signalNumber, signals } from '../../../kernel/signals.ts';
import { readAccounts } from '../../libc/accounts.ts';
import {
  isOptionError,
  type OptionSpec,
  type ParsedOptions,
  parseOptions,
} from '../../libc/options.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { compileRegex, isRegexError } from '../../regex/index.ts';
import { commandLine, type ProcessRow, readProcesses, readUptime } from './processes.ts';
import { takeSignal } from './signal-words.ts';

const base = (word: string | undefined): string =>
  (word ?? '').slice((word ?? '').lastIndexOf('/') + 1).replace(/^-/, '');

const PIDOF_USAGE = `pidof usage: [options] <program-name>

 -c           Return PIDs with the same root directory
 -d <sep>     Use the provided character as output separator
 -h           Display this help text
 -n           Avoid using stat system function on network shares
 -o <pid>     Omit results with a given PID
 -q           Quiet mode. Do not display output
 -s           Only return one PID
 -x           Return PIDs of shells running scripts with a matching name
 -z           List zombie and I/O waiting processes. May cause pidof to hang.

`;

const PIDOF_OPTIONS: readonly OptionSpec[] = [
  { key: 'root', short: 'c' },
  { key: 'separator', short: 'dS', argument: 'required' },
  { key: 'help', short: 'h' },
  { key: 'nostat', short: 'n' },
  { key: 'omit', short: 'o', argument: 'required' },
  { key: 'quiet', short: 'q' },
  { key: 'single', short: 's' },
  { key: 'scripts', short: 'x' },
  { key: 'zombies', short: 'z' },
];

/** True where a process runs the program, or (-x) a shell the script, of that name. */
function runs(main: Main, row: ProcessRow, name: string, scripts: boolean): boolean {
  if (row.words.length === 0) return false;
  if (name.startsWith('/')) {
    const path = main.process.realpath(name);
    if (!isErrno(path) && main.process.readlink(`/proc/${row.pid}/exe`) === path) return true;
  }
  if (base(row.words[0]) === base(name)) return true;
  return scripts && base(row.words[1]) === base(name);
}

export const pidof = program('pidof', function* (main) {
  const options = parseOptions(main.args, PIDOF_OPTIONS);
  if (isOptionError(options)) {
    yield* main.fail(options.error);
    return 1;
  }
  if (options.has('help')) {
    yield* main.out.print(PIDOF_USAGE);
    return 0;
  }
  const omitted = options
    .values('omit')
    .flatMap((word) => word.split(','))
    .map((word) => (word === '%PPID' ? main.process.ppid : Number(word)));
  const mine = main.process.readlink('/proc/self/root');
  const rows = (yield* readProcesses(main.process)).filter(
    (row) =>
      row.pid !== main.process.pid &&
      !omitted.includes(row.pid) &&
      (options.has('zombies') || row.state !== 'Z') &&
      (!options.has('root') || main.process.readlink(`/proc/${row.pid}/root`) === mine),
  );
  const found = options.operands.flatMap((name) =>
    rows
      .filter((row) => runs(main, row, name, options.has('scripts')))
      .map((row) => row.pid)
      .reverse(),
  );
  if (found.length === 0) return 1;
  if (!options.has('quiet')) {
    const shown = options.has('single') ? found.slice(0, 1) : found;
    yield* main.out.print(`${shown.join(options.value('separator') ?? ' ')}\n`);
  }
  return 0;
});

const KILLALL_USAGE = `Usage: killall [OPTION]... [--] NAME...
       killall -l, --list
       killall -V, --version

  -e,--exact          require exact match for very long names
  -I,--ignore-case    case insensitive process name match
  -g,--process-group  kill process group instead of process
  -y,--younger-than   kill processes younger than TIME
  -o,--older-than     kill processes older than TIME
  -i,--interactive    ask for confirmation before killing
  -l,--list           list all known signal names
  -q,--quiet          don't print complaints
  -r,--regexp         interpret NAME as an extended regular expression
  -s,--signal SIGNAL  send this signal instead of SIGTERM
  -u,--user USER      kill only process(es) running as USER
  -v,--verbose        report if the signal was successfully sent
  -V,--version        display version information
  -w,--wait           wait for processes to die
  -n,--ns PID         match processes that belong to the same namespaces
                      as PID
  -Z,--context REGEXP kill only process(es) having context
                      (must precede other arguments)

`;

const KILLALL_OPTIONS: readonly OptionSpec[] = [
  { key: 'exact', short: 'e', long: 'exact' },
  { key: 'ignorecase', short: 'I', long: 'ignore-case' },
  { key: 'group', short: 'g', long: 'process-group' },
  { key: 'younger', short: 'y', long: 'younger-than', argument: 'required' },
  { key: 'older', short: 'o', long: 'older-than', argument: 'required' },
  { key: '!interactive', short: 'i', long: 'interactive' },
  { key: 'list', short: 'l', long: 'list' },
  { key: 'quiet', short: 'q', long: 'quiet' },
  { key: 'regexp', short: 'r', long: 'regexp' },
  { key: 'signal', short: 's', long: 'signal', argument: 'required' },
  { key: 'user', short: 'u', long: 'user', argument: 'required' },
  { key: 'verbose', short: 'v', long: 'verbose' },
  { key: 'version', short: 'V', long: 'version' },
  { key: 'wait', short: 'w', long: 'wait' },
  { key: '!ns', short: 'n', long: 'ns', argument: 'required' },
  { key: '!context', short: 'Z', long: 'context', argument: 'required' },
];

/** `30s`, `5m`, `2h` … in seconds. */
function ageOf(text: string): number | undefined {
  const match = /^([\d.]+)([smhdwMy]?)$/.exec(text);
  const units: Readonly<Record<string, number>> = {
    m: 60,
    h: 3600,
    d: 86_400,
    w: 604_800,
    M: 2_629_800,
    y: 31_557_600,
  };
  return match ? Number(match[1]) * (units[match[2] ?? ''] ?? 1) : undefined;
}

function* complain(main: Main, text: string): ProgramRun {
  main.err.put(text);
  yield* main.err.flush();
  return 1;
}

/** Whether a process has the name (psmisc: the first 15 characters, and argv's word where it is longer). */
function nameTest(
  name: string,
  options: ParsedOptions,
): ((row: ProcessRow) => boolean) | undefined {
  const ignoreCase = options.has('ignorecase');
  if (options.has('regexp')) {
    const regex = compileRegex(name, { syntax: 'extended', ignoreCase });
    return isRegexError(regex) ? undefined : (row) => regex.test(row.name);
  }
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  return (row) => {
    if (fold(row.name) !== fold(name.slice(0, 15))) return false;
    if (name.length < 15) return true;
    return base(row.words[0]) === name || commandLine(row).includes(name);
  };
}

interface Killing {
  readonly main: Main;
  readonly options: ParsedOptions;
  readonly signal: number;
  /** Those that may be meant, whatever the name. */
  readonly rows: readonly ProcessRow[];
}

/** Signals those of one name; the processes that got it, or undefined where a complaint was made. */
function* killNamed(killing: Killing, name: string): Routine<number[]> {
  const { main, options, signal, rows } = killing;
  const test = nameTest(name, options);
  if (!test) {
    yield* complain(main, `killall: Bad regular expression: ${name}\n`);
    return [];
  }
  const found = rows.filter(test);
  const done: number[] = [];
  for (const row of found) {
    const target = options.has('group') ? -row.group : row.pid;
    const failure = main.process.kill(target, signal);
    if (failure) {
      yield* complain(main, `${row.name}(${row.pid}): ${failure.message}\n`);
      continue;
    }
    done.push(row.pid);
    if (options.has('verbose'))
      yield* complain(main, `Killed ${row.name}(${row.pid}) with signal ${signal}\n`);
  }
  if (found.length === 0 && !options.has('quiet'))
    yield* complain(main, `${name}: no process found\n`);
  return done;
}

/** killall -w looks once a second whether they are gone. */
const LOOK_AGAIN = 1_000_000_000;

export const killall = program('killall', function* (main) {
  const { signal: given, rest } = takeSignal(main.args);
  const options = parseOptions(rest, KILLALL_OPTIONS);
  if (isOptionError(options)) {
    yield* main.fail(options.error);
    return yield* complain(main, KILLALL_USAGE);
  }
  if (options.has('list')) return yield* listNames(main, false);
  if (options.has('version')) return yield* complain(main, 'killall (PSmisc) 23.6\n');
  const absent = options.list.find(([key]) => key.startsWith('!'));
  if (absent) return yield* notSimulated(main, `killall --${absent[0].slice(1)}`);
  const word = options.value('signal');
  const signal = word === undefined ? (given ?? 15) : signalNumber(word);
  if (signal === undefined)
    return yield* complain(main, `${word}: unknown signal; killall -l lists signals.\n`);
  const name = options.value('user');
  const user =
    name === undefined ? undefined : (yield* readAccounts(main.process)).userByName(name);
  if (name !== undefined && !user) return yield* complain(main, `Cannot find user ${name}\n`);
  if (options.operands.length === 0 && !user) return yield* complain(main, KILLALL_USAGE);
  const uptime = yield* readUptime(main.process);
  const [younger, older] = ['younger', 'older'].map((key) => ageOf(options.value(key) ?? ''));
  const rows = (yield* readProcesses(main.process)).filter((row) => {
    const age = uptime - row.started / 100;
    return (
      row.pid !== main.process.pid &&
      (!user || row.uids[0] === user.uid) &&
      age < (younger ?? Number.POSITIVE_INFINITY) &&
      age >= (older ?? 0)
    );
  });
  const killing: Killing = { main, options, signal, rows };
  let status = 0;
  const done: number[] = [];
  if (options.operands.length === 0)
    for (const row of rows) if (!main.process.kill(row.pid, signal)) done.push(row.pid);
  for (const operand of options.operands) {
    const killed = yield* killNamed(killing, operand);
    if (killed.length === 0) status = 1;
    done.push(...killed);
  }
  if (options.has('wait'))
    for (const pid of done)
      while (!main.process.kill(pid, 0) && main.process.exists(`/proc/${pid}/exe`))
        yield* main.process.sleep(LOOK_AGAIN);
  return done.length === 0 ? 1 : status;
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

const KILL_USAGE = `
Usage:
 kill [options] <pid> [...]

Options:
 <pid> [...]            send signal to every <pid> listed
 -<signal>, -s, --signal <signal>
                        specify the <signal> to be sent
 -q, --queue <value>    integer value to be sent with the signal
 -l, --list=[<signal>]  list all signal names, or convert one to a name
 -L, --table            list all signal names in a nice table

 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see kill(1).
`;

/** What a name that is none becomes; kill(2) refuses it. */
const NO_SIGNAL = -1;

export const kill = program('kill', function* (main) {
  const words = [...main.args];
  let signal = 15;
  const [first] = words;
  if (first === '-l' || first === '--list' || first === '-L' || first === '--table') {
    const [, what] = words;
    if (what === undefined) return yield* listNames(main, first === '-L' || first === '--table');
    const number = signalNumber(what);
    const text = /^\d+$/.test(what) ? signalInfo(Number(what))?.name : number;
    if (text === undefined) yield* main.fail(`unknown signal name ${what}`);
    else yield* main.out.print(`${text}\n`);
    return 0;
  }
  if (first === '-s' || first === '--signal') {
    words.shift();
    signal = signalNumber(words.shift() ?? '') ?? NO_SIGNAL;
  } else if (
    first !== undefined &&
    /^-./.test(first) &&
    first !== '--' &&
    signalNumber(first.slice(1)) !== undefined
  ) {
    signal = signalNumber(first.slice(1)) ?? 15;
    words.shift();
  } else if (first !== undefined && /^-[^-]/.test(first)) {
    yield* main.fail(`invalid argument ${first.charAt(1)}`);
    return yield* usage(main);
  }
  if (words[0] === '--') words.shift();
  if (words.length === 0) return yield* usage(main);
  let status = 0;
  for (const word of words) {
    if (!/^-?\d+$/.test(word)) {
      main.err.put(`${main.process.argv[0] ?? 'kill'}: failed to parse argument: '${word}'\n`);
      yield* main.err.flush();
      status = 1;
      continue;
    }
    const failure = signal === NO_SIGNAL ? EINVAL : main.process.kill(Number(word), signal);
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
