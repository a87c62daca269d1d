// busybox's ps: PID, USER, TIME, COMMAND of every process that /proc shows; -o picks columns.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { type Main, program } from '../../libc/stdio.ts';
import { readFile } from '../../libc/whole-file.ts';
import { BANNER } from './dialect.ts';

/** A process as /proc tells of it. */
interface Row {
  readonly pid: number;
  readonly ppid: string;
  readonly uid: number;
  readonly state: string;
  /** Hundredths of a second. */
  readonly ticks: number;
  readonly kilobytes: string;
  readonly name: string;
  readonly words: string;
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly right?: boolean;
  readonly show: (row: Row, accounts: Accounts) => string;
}

const time = ({ ticks }: Row): string => {
  const seconds = Math.floor(ticks / 100);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

const COLUMNS: Readonly<Record<string, Column>> = {
  pid: { title: 'PID', width: 5, show: (row) => String(row.pid) },
  ppid: { title: 'PPID', width: 5, show: (row) => row.ppid },
  user: {
    title: 'USER',
    width: 8,
    show: (row, accounts) => accounts.userById(row.uid)?.name ?? String(row.uid),
  },
  vsz: { title: 'VSZ', width: 4, show: (row) => row.kilobytes },
  stat: { title: 'STAT', width: 4, show: (row) => row.state },
  time: { title: 'TIME', width: 5, show: time },
  comm: { title: 'COMMAND', width: 16, show: (row) => row.name },
  args: { title: 'COMMAND', width: 256, show: (row) => row.words },
};

export const ps = program('busybox-ps', function* (main) {
  const named = main.args.flatMap((word, i) =>
    word === '-o'
      ? (main.args[i + 1] ?? '').split(',')
      : word.startsWith('-o')
        ? word.slice(2).split(',')
        : [],
  );
  const unknown = named.find((name) => !COLUMNS[name]);
  if (unknown !== undefined) {
    yield* main.fail(
      `bad -o argument '${unknown}', supported arguments: ${Object.keys(COLUMNS).join(',')}`,
    );
    return 1;
  }
  const wrong = main.args.find((word) => /^-[^oTel]/.test(word));
  if (wrong !== undefined) {
    main.err.put(
      `${main.name}: invalid option -- '${wrong.charAt(1)}'\n${BANNER}\n\nUsage: ps [-o COL1,COL2=HEADER] [-T]\n`,
    );
    return 1;
  }
  const columns = (named.length ? named : ['pid', 'user', 'time', 'args']).flatMap(
    (name) => COLUMNS[name] ?? [],
  );
  const accounts = yield* readAccounts(main.process);
  const line = (texts: readonly string[]): string =>
    `${texts.map((text, i) => (i === texts.length - 1 ? text : text.padEnd(columns[i]?.width ?? 0))).join(' ')}\n`;
  yield* main.out.print(line(columns.map((column) => column.title)));
  for (const row of yield* rows(main)) {
    yield* main.out.print(
      line(
        columns.map((column) => {
          const text = column.show(row, accounts);
          return column.title.endsWith('PID') || column.title === 'TIME'
            ? text.padStart(column.width)
            : text.slice(0, column.width);
        }),
      ),
    );
  }
  return 0;
});

function* rows({ process }: Main): Routine<Row[]> {
  const items = process.readdir('/proc');
  if (isErrno(items)) return [];
  const pids = items
    .map((item) => Number(item.name))
    .filter((pid) => pid > 0)
    .sort((a, b) => a - b);
  const found: Row[] = [];
  for (const pid of pids) {
    const stat = yield* readFile(process, `/proc/${pid}/stat`);
    const words = yield* readFile(process, `/proc/${pid}/cmdline`);
    const inode = process.stat(`/proc/${pid}`);
    if (isErrno(stat) || isErrno(words) || isErrno(inode)) continue;
    const text = decode(stat);
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const line = decode(words).replace(/\0+$/, '').replaceAll('\0', ' ');
    found.push({
      pid,
      name,
      ppid: fields[1] ?? '',
      uid: inode.uid,
      state: fields[0] ?? '',
      ticks: Number(fields[11] ?? 0) + Number(fields[12] ?? 0),
      kilobytes: String(Math.round(Number(fields[20] ?? 0) / 1024)),
      words: line === '' ? `[${name}]` : shownWords(line, name),
    });
  }
  return found;
}

/** A command line whose first word is not the program's name is shown with the name before it. */
function shownWords(line: string, name: string): string {
  const first = line.split(' ')[0] ?? '';
  const base = first.slice(first.lastIndexOf('/') + 1).replace(/^-/, '');
  return base.startsWith(name) || name.startsWith(base) ? line : `{${name}} ${line}`;
}
