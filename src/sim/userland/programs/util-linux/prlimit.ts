// prlimit(1): shows and changes the resource limits of a process, or of a program that it starts.

import { isErrno } from '../../../kernel/errno.ts';
import { RESOURCE_LIMITS } from '../../../kernel/proc/process-text.ts';
import { formatTable, type TableColumn } from './table.ts';
import { runCommand, tool } from './tool.ts';

/** prlimit's words for each resource, in its order. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  as: 'address space limit',
  core: 'max core file size',
  cpu: 'CPU time',
  data: 'max data size',
  fsize: 'max file size',
  locks: 'max number of file locks held',
  memlock: 'max locked-in-memory address space',
  msgqueue: 'max bytes in POSIX mqueues',
  nice: 'max nice prio allowed to raise',
  nofile: 'max number of open files',
  nproc: 'max number of processes',
  rss: 'max resident set size',
  rtprio: 'max real-time priority',
  rttime: 'timeout for real-time tasks',
  sigpending: 'max number of pending signals',
  stack: 'max stack size',
};
const LETTERS: Readonly<Record<string, string>> = {
  as: 'v',
  core: 'c',
  cpu: 't',
  data: 'd',
  fsize: 'f',
  locks: 'x',
  memlock: 'l',
  msgqueue: 'q',
  nice: 'e',
  nofile: 'n',
  nproc: 'u',
  rss: 'm',
  rtprio: 'r',
  rttime: 'y',
  sigpending: 'i',
  stack: 's',
};

function unitOf(name: string): string {
  const unit = RESOURCE_LIMITS.find(([short]) => short === name)?.[2] ?? '';
  return unit === 'us' ? 'microsecs' : unit === 'processes' ? 'processes' : unit;
}

function parseBound(text: string, old: number): number {
  if (text === '') return old;
  return text === 'unlimited' || text === '-1' ? Number.POSITIVE_INFINITY : Number(text);
}

export const prlimit = tool(
  {
    name: 'prlimit',
    usage: [
      '[options] [--<resource>=<limit>] [-p PID]',
      '[options] [--<resource>=<limit>] COMMAND',
    ],
    about: 'Show or change the resource limits of a process.',
    posixly: true,
    options: [
      { key: 'pid', short: 'p', long: 'pid', argument: 'required' },
      { key: 'output', short: 'o', long: 'output', argument: 'required' },
      { key: 'noheadings', long: 'noheadings' },
      { key: 'raw', long: 'raw' },
      { key: 'verbose', long: 'verbose' },
      ...Object.keys(DESCRIPTIONS).map((name) => ({
        key: name,
        short: LETTERS[name] ?? '',
        long: name,
        argument: 'optional' as const,
      })),
    ],
  },
  function* (main) {
    const { options, operands, process } = main;
    const pid = Number(options.value('pid') ?? 0);
    const chosen = options.list.filter(([key]) => key in DESCRIPTIONS);
    const shown: string[] = [];
    for (const [name, value] of chosen) {
      if (value === '') {
        shown.push(name);
        continue;
      }
      const old = process.getLimitOf(pid, name);
      if (isErrno(old))
        return yield* main.stop(
          `failed to get the ${name.toUpperCase()} resource limit: ${old.message}`,
        );
      const [soft = '', hard] = value.replace(/^=/, '').split(':');
      const failure = process.setLimitOf(
        pid,
        name,
        parseBound(soft, old.soft),
        parseBound(hard ?? soft, old.hard),
      );
      if (failure)
        return yield* main.stop(
          `failed to set the ${name.toUpperCase()} resource limit: ${failure.message}`,
        );
    }
    if (operands.length > 0) return yield* runCommand(main, operands);
    if (chosen.length > 0 && shown.length === 0) return 0;
    const columns: TableColumn[] = [
      { name: 'RESOURCE' },
      { name: 'DESCRIPTION' },
      { name: 'SOFT', align: 'right' },
      { name: 'HARD', align: 'right' },
      { name: 'UNITS' },
    ];
    const text = (limit: number): string => (Number.isFinite(limit) ? String(limit) : 'unlimited');
    const rows: { cells: string[] }[] = [];
    for (const name of shown.length > 0 ? shown : Object.keys(DESCRIPTIONS)) {
      const limit = process.getLimitOf(pid, name);
      if (isErrno(limit))
        return yield* main.stop(
          `failed to get the ${name.toUpperCase()} resource limit: ${limit.message}`,
        );
      rows.push({
        cells: [
          name.toUpperCase(),
          DESCRIPTIONS[name] ?? '',
          text(limit.soft),
          text(limit.hard),
          unitOf(name),
        ],
      });
    }
    const style = {
      headings: !options.has('noheadings'),
      form: options.has('raw') ? 'raw' : 'table',
      name: 'limits',
    } as const;
    yield* main.out.print(formatTable(columns, rows, style));
    return 0;
  },
);
