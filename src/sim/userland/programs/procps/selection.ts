// How pgrep and its companions choose processes: a pattern for the name or the command line, lists of ids and names,
// namespaces, control groups. A pidfile's lock (-L) is not looked at.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { compileRegex, isRegexError, type Regex } from '../../regex/index.ts';
import type { Tool } from '../util-linux/tool.ts';
import {
  commandLine,
  type ProcessRow,
  readProcesses,
  readText,
  readUptime,
  terminalName,
} from './processes.ts';

/** Options that choose processes without a pattern. */
const CRITERIA = [
  'pgroup',
  'group',
  'older',
  'parent',
  'session',
  'terminal',
  'euid',
  'uid',
  'pidfile',
  'runstates',
  'cgroup',
  'ns',
];

const NAMESPACES = ['ipc', 'mnt', 'net', 'pid', 'user', 'uts'];

/** Why there is nothing to choose by; `hint` where help is named below it. */
export interface Refusal {
  readonly text: string;
  readonly status: number;
  readonly hint?: string;
}

/** True where nothing could be chosen. */
export const isRefusal = (value: object): value is Refusal => 'text' in value && 'status' in value;

/** Every criterion's words read into numbers. */
interface Criteria {
  readonly pattern: Regex | undefined;
  readonly lists: ReadonlyMap<string, readonly number[]>;
  readonly pids: ReadonlySet<number> | undefined;
  readonly namespaces: ReadonlyMap<string, string>;
}

/** What each list option's word is called where it cannot be read. */
const LISTS: Readonly<Record<string, string>> = {
  pgroup: 'invalid process group',
  session: 'invalid session id',
  parent: 'not a number',
  group: 'invalid group name',
  euid: 'invalid user name',
  uid: 'invalid user name',
};

function numberOf(main: Tool, key: string, text: string, accounts: Accounts): number | undefined {
  if (/^\d+$/.test(text)) {
    const own = key === 'pgroup' ? main.process.getpgid() : main.process.getsid();
    return text === '0' && (key === 'pgroup' || key === 'session') ? Number(own) : Number(text);
  }
  if (key === 'group') return accounts.groupByName(text)?.gid;
  return key === 'euid' || key === 'uid' ? accounts.userByName(text)?.uid : undefined;
}

function* readCriteria(main: Tool, accounts: Accounts): Routine<Criteria | Refusal> {
  const { options } = main;
  const lists = new Map<string, number[]>();
  for (const [key, complaint] of Object.entries(LISTS)) {
    const words = options.value(key)?.split(',');
    if (!words) continue;
    const numbers: number[] = [];
    for (const word of words) {
      const number = numberOf(main, key, word, accounts);
      if (number === undefined) return { text: `${complaint}: ${word}`, status: 2 };
      numbers.push(number);
    }
    lists.set(key, numbers);
  }
  const older = options.value('older');
  if (older !== undefined && !/^\d+$/.test(older)) return { text: '', status: 2, hint: 'usage' };
  const pattern = compilePattern(main);
  if (pattern && isRefusal(pattern)) return pattern;
  const file = options.value('pidfile');
  const pid = file === undefined ? undefined : yield* pidIn(main, file);
  if (file !== undefined && pid === undefined) {
    return { text: 'pidfile not valid', status: 1, hint: 'help' };
  }
  const namespaces = new Map<string, string>();
  const like = options.value('ns');
  for (const kind of like ? (options.value('nslist')?.split(',') ?? NAMESPACES) : []) {
    const target = main.process.readlink(`/proc/${like}/ns/${kind}`);
    if (isErrno(target)) {
      return { text: 'Error reading reference namespace information', status: 3 };
    }
    namespaces.set(kind, target);
  }
  return { pattern, lists, pids: pid === undefined ? undefined : new Set([pid]), namespaces };
}

function* pidIn(main: Tool, file: string): Routine<number | undefined> {
  const text = yield* readText(main.process, file);
  const number = /^\s*(\d+)/.exec(text ?? '')?.[1];
  return number === undefined ? undefined : Number(number);
}

function compilePattern(main: Tool): Regex | Refusal | undefined {
  const [text] = main.operands;
  if (text === undefined) return undefined;
  const source = main.options.has('exact') ? `^(${text})$` : text;
  const regex = compileRegex(source, {
    syntax: 'extended',
    ignoreCase: main.options.has('ignorecase'),
  });
  if (!isRegexError(regex)) return regex;
  // regcomp(3) has another word for a bracket with nothing after it
  const error = /\[\^?$/.test(text) ? 'Invalid regular expression' : regex.error;
  return { text: `regex error: ${error}`, status: 2 };
}

/** True where a process is what the options ask for. */
function matches(main: Tool, row: ProcessRow, criteria: Criteria, uptime: number): boolean {
  const { options, process } = main;
  const { pattern, lists, pids, namespaces } = criteria;
  const within = (key: string, value: number | undefined): boolean =>
    lists.get(key)?.includes(value ?? -1) ?? true;
  const terminals = options.value('terminal')?.split(',');
  const states = options.value('runstates');
  const name = options.has('full') ? commandLine(row) : row.name;
  const found =
    (pattern ? pattern.test(name) : true) &&
    within('parent', row.ppid) &&
    within('pgroup', row.group) &&
    within('session', row.session) &&
    within('euid', row.uids[1]) &&
    within('uid', row.uids[0]) &&
    within('group', row.gids[0]) &&
    (pids?.has(row.pid) ?? true) &&
    (terminals?.includes(terminalName(row.terminal)) ?? true) &&
    (states?.includes(row.state) ?? true) &&
    uptime - row.started / 100 >= Number(options.value('older') ?? 0) &&
    [...namespaces].every(
      ([kind, target]) => process.readlink(`/proc/${row.pid}/ns/${kind}`) === target,
    );
  return found !== options.has('inverse');
}

/** Those whose group in version 2 of control groups is one of the given. */
function* inGroups(main: Tool, rows: readonly ProcessRow[]): Routine<ProcessRow[]> {
  const wanted = main.options.value('cgroup')?.split(',');
  if (!wanted) return [...rows];
  const inside: ProcessRow[] = [];
  for (const row of rows) {
    const text = (yield* readText(main.process, `/proc/${row.pid}/cgroup`)) ?? '';
    const path = /^0::(.*)$/m.exec(text)?.[1] ?? '';
    if (wanted.includes(path) !== main.options.has('inverse')) inside.push(row);
  }
  return inside;
}

function ancestorsOf(rows: readonly ProcessRow[], pid: number): Set<number> {
  const above = new Set<number>();
  let at = rows.find((row) => row.pid === pid)?.ppid;
  while (at !== undefined && at !== 0 && !above.has(at)) {
    above.add(at);
    const pidAbove: number = at;
    at = rows.find((row) => row.pid === pidAbove)?.ppid;
  }
  return above;
}

/** The processes that the options and the pattern choose, in order of number. */
export function* select(main: Tool): Routine<ProcessRow[] | Refusal> {
  const { options } = main;
  if (main.operands.length > 1) {
    return { text: 'only one pattern can be provided', status: 2, hint: 'help' };
  }
  const [text] = main.operands;
  if (text === undefined && !CRITERIA.some((key) => options.has(key))) {
    return { text: 'no matching criteria specified', status: 2, hint: 'help' };
  }
  const accounts = yield* readAccounts(main.process);
  const criteria = yield* readCriteria(main, accounts);
  if (isRefusal(criteria)) return criteria;
  const uptime = yield* readUptime(main.process);
  const rows = yield* readProcesses(main.process, options.has('lightweight'));
  const above = options.has('ignoreancestors')
    ? ancestorsOf(rows, main.process.pid)
    : new Set<number>();
  const others = rows.filter((row) => row.tgid !== main.process.pid && !above.has(row.pid));
  const found = yield* inGroups(
    main,
    others.filter((row) => matches(main, row, criteria, uptime)),
  );
  if (found.length === 0 && !options.has('full') && text !== undefined && text.length > 15) {
    main.err.put(
      `${main.name}: pattern that searches for process name longer than 15 characters will ` +
        `result in zero matches\nTry \`${main.name} -f' option to match against the complete ` +
        'command line.\n',
    );
    yield* main.err.flush();
  }
  const byStart = [...found].sort((a, b) => a.started - b.started || a.pid - b.pid);
  if (options.has('newest')) return byStart.slice(-1);
  return options.has('oldest') ? byStart.slice(0, 1) : found;
}
