// pstree and fuser of psmisc 23.6.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { signalNumber } from '../../../kernel/signals.ts';
import { readAccounts } from '../../libc/accounts.ts';
import { type Main, program } from '../../libc/stdio.ts';
import { type ProcessRow, readProcesses } from './processes.ts';

interface Node {
  readonly label: string;
  readonly children: readonly Node[];
}

/** A process with those below it; equal branches come together as `3*[name]` unless numbers are shown. */
function nodeOf(row: ProcessRow, rows: readonly ProcessRow[], pids: boolean, full: boolean): Node {
  const own = rows.filter((other) => other.ppid === row.pid && other.pid !== row.pid);
  const order = [...own].sort((a, b) =>
    pids ? a.pid - b.pid : a.name < b.name ? -1 : a.name > b.name ? 1 : a.pid - b.pid,
  );
  const children = order.map((child) => nodeOf(child, rows, pids, full));
  const args = full && row.words.length > 1 ? ` ${row.words.slice(1).join(' ')}` : '';
  return {
    label: `${row.name}${pids ? `(${row.pid})` : ''}${args}`,
    children: pids ? children : compact(children),
  };
}

function compact(children: readonly Node[]): Node[] {
  const seen = new Map<string, { node: Node; count: number }>();
  for (const node of children) {
    const key = JSON.stringify(node);
    const entry = seen.get(key);
    if (entry) entry.count++;
    else seen.set(key, { node, count: 1 });
  }
  return [...seen.values()].map(({ node, count }) => (count === 1 ? node : repeated(node, count)));
}

function repeated(node: Node, count: number): Node {
  if (node.children.length === 0) return { label: `${count}*[${node.label}]`, children: [] };
  const [line = ''] = linesOf(node, '---', '-+-', ' |-', ' `-', ' | ');
  return { label: `${count}*[${line}]`, children: [] };
}

function linesOf(
  node: Node,
  only: string,
  first: string,
  middle: string,
  last: string,
  down: string,
): string[] {
  const { label, children } = node;
  if (children.length === 0) return [label];
  const space = ' '.repeat(label.length);
  const lines: string[] = [];
  for (const [i, child] of children.entries()) {
    const isLast = i === children.length - 1;
    const inner = linesOf(child, only, first, middle, last, down);
    const lead = children.length === 1 ? only : i === 0 ? first : isLast ? last : middle;
    const below = isLast || children.length === 1 ? '   ' : down;
    for (const [j, text] of inner.entries()) {
      const before = i === 0 && j === 0 ? label : space;
      lines.push(`${before}${j === 0 ? lead : below}${text}`);
    }
  }
  return lines;
}

export const pstree = program('pstree', function* (main) {
  const flags = main.args.filter((word) => /^-[a-zA-Z]/.test(word)).join('');
  const [target] = main.args.filter((word) => !word.startsWith('-'));
  const rows = (yield* readProcesses(main.process)).filter((row) => row.state !== 'X');
  const full = flags.includes('a');
  let tops: ProcessRow[];
  if (target === undefined) tops = rows.filter((row) => row.pid === 1);
  else if (/^\d+$/.test(target)) tops = rows.filter((row) => row.pid === Number(target));
  else {
    const accounts = yield* readAccounts(main.process);
    const user = accounts.userByName(target);
    if (!user) {
      yield* main.fail(`No such user name: ${target}`);
      return 1;
    }
    const mine = new Set(rows.filter((row) => row.uids[0] === user.uid).map((row) => row.pid));
    tops = rows.filter((row) => mine.has(row.pid) && !mine.has(row.ppid));
  }
  if (tops.length === 0) {
    if (target === undefined) return 1;
    yield* main.out.print('No processes found.\n');
    return 1;
  }
  for (const row of tops) {
    const node = nodeOf(row, rows, flags.includes('p'), full);
    const lines = full
      ? indented(node, '')
      : linesOf(node, '---', '-+-', ' |-', ' `-', ' | ').map((line) =>
          line.replace(/ ([|`])-/g, ' $1-'),
        );
    yield* main.out.print(`${lines.join('\n')}\n`);
  }
  return 0;
});

/** -a: one line each, with arguments. */
function indented(node: Node, prefix: string): string[] {
  const lines = [node.label];
  for (const [i, child] of node.children.entries()) {
    const last = i === node.children.length - 1;
    for (const [j, text] of indented(child, '').entries()) {
      lines.push(`${prefix}  ${j === 0 ? (last ? '`-' : '|-') : last ? '  ' : '| '}${text}`);
    }
  }
  return lines;
}

interface Use {
  readonly pid: number;
  readonly letters: string;
}

/** What a process holds of a file: c directory, e program, f open file, F open for writing, r root. */
function* usesOf(main: Main, path: string, wholeMount: boolean): Routine<Use[]> {
  const { process } = main;
  const target = process.stat(path);
  if (isErrno(target)) return [];
  const same = (place: string): boolean => {
    const stat = process.stat(place);
    if (isErrno(stat)) return false;
    return stat.device === target.device && (wholeMount || stat.inode === target.inode);
  };
  const uses: Use[] = [];
  for (const row of yield* readProcesses(process)) {
    const base = `/proc/${row.pid}`;
    let letters = '';
    const fds = process.readdir(`${base}/fd`);
    for (const { name } of isErrno(fds) ? [] : fds) {
      if (!same(`${base}/fd/${name}`)) continue;
      const link = process.lstat(`${base}/fd/${name}`);
      letters += !isErrno(link) && link.mode & 0o200 ? 'F' : 'f';
      break;
    }
    if (same(`${base}/cwd`)) letters += 'c';
    if (same(`${base}/exe`)) letters += 'e';
    if (!wholeMount && same(`${base}/root`) && path === '/') letters += 'r';
    if (letters !== '') uses.push({ pid: row.pid, letters });
  }
  return uses;
}

export const fuser = program('fuser', function* (main): ProgramRun {
  const flags = main.args.filter((word) => /^-[a-z]+$/.test(word)).join('');
  const files = main.args.filter((word) => !word.startsWith('-'));
  const given = main.args.find((word) => /^-[A-Z0-9]+$/.test(word));
  if (files.length === 0) {
    main.err.put('No process specification given\n');
    yield* main.err.flush();
    return 1;
  }
  let found = false;
  for (const path of files) {
    if (!main.process.exists(path)) {
      main.err.put(`Specified filename ${path} does not exist.\n`);
      yield* main.err.flush();
      continue;
    }
    const uses = yield* usesOf(main, path, flags.includes('m'));
    if (uses.length === 0) continue;
    found = true;
    const real = main.process.realpath(path);
    main.err.put(`${`${isErrno(real) ? path : real}:`.padEnd(21)}`);
    yield* main.err.flush();
    for (const { pid, letters } of uses) {
      yield* main.out.print(` ${String(pid).padStart(5)}`);
      yield* main.out.flush();
      main.err.put(letters.replace(/[fF]/g, ''));
      yield* main.err.flush();
      if (flags.includes('k')) main.process.kill(pid, signalNumber(given?.slice(1) ?? 'KILL') ?? 9);
    }
    main.err.put('\n');
    yield* main.err.flush();
  }
  return found ? 0 : 1;
});
