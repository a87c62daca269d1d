// ipcs(1), ipcmk(1), ipcrm(1): System V message queues, shared memory and semaphores of an IPC namespace.

import { EACCES, EINVAL, EPERM, type Errno, isErrno } from '../../../kernel/errno.ts';
import type { IpcKind, IpcObject } from '../../../kernel/namespaces/ipc.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { parseSize } from '../../../kernel/files/mount-data.ts';
import { tool, type Tool } from './tool.ts';

/** What ipcs calls each kind, and its columns after the common ones. */
const TABLES: readonly {
  readonly kind: IpcKind;
  readonly title: string;
  readonly id: string;
  readonly columns: readonly string[];
  cells(object: IpcObject): readonly (string | number)[];
}[] = [
  {
    kind: 'messageQueues',
    title: '------ Message Queues --------',
    id: 'msqid',
    columns: ['used-bytes', 'messages'],
    cells: () => [0, 0],
  },
  {
    kind: 'sharedMemory',
    title: '------ Shared Memory Segments --------',
    id: 'shmid',
    columns: ['bytes', 'nattch', 'status'],
    cells: (object) => [object.size, 0, ''],
  },
  {
    kind: 'semaphores',
    title: '------ Semaphore Arrays --------',
    id: 'semid',
    columns: ['nsems'],
    cells: (object) => [object.size],
  },
];

const WIDTHS: Readonly<Record<string, number>> = {
  'used-bytes': 12,
  messages: 12,
  bytes: 10,
  nattch: 10,
  status: 12,
  nsems: 10,
};

function row(cells: readonly (string | number)[], columns: readonly string[]): string {
  const [key = '', id = '', owner = '', perms = '', ...rest] = cells.map(String);
  const tail = rest.map((cell, i) => cell.padEnd(WIDTHS[columns[i] ?? ''] ?? 10)).join(' ');
  return `${key.padEnd(10)} ${id.padEnd(10)} ${owner.padEnd(10)} ${perms.padEnd(10)} ${tail}\n`;
}

function tableText(main: Tool, kind: IpcKind, accounts: Accounts): string {
  const table = TABLES.find((each) => each.kind === kind);
  if (!table) return '';
  const head = row(['key', table.id, 'owner', 'perms', ...table.columns], table.columns);
  const rows = main.process.ipcList(kind).map((object) => {
    const owner = accounts.userById(object.ownerUid)?.name ?? String(object.ownerUid);
    const key = `0x${(object.key >>> 0).toString(16).padStart(8, '0')}`;
    return row(
      [key, object.id, owner, object.mode.toString(8), ...table.cells(object)],
      table.columns,
    );
  });
  return `\n${table.title}\n${head}${rows.join('')}\n`;
}

function summary(main: Tool): string {
  const count = (kind: IpcKind): number => main.process.ipcList(kind).length;
  const total = (kind: IpcKind): number =>
    main.process.ipcList(kind).reduce((sum, object) => sum + object.size, 0);
  const pages = Math.ceil(total('sharedMemory') / 4096);
  return [
    '',
    '------ Messages Status --------',
    `allocated queues = ${count('messageQueues')}`,
    'used headers = 0',
    'used space = 0 bytes',
    '',
    '------ Shared Memory Status --------',
    `segments allocated ${count('sharedMemory')}`,
    `pages allocated ${pages}`,
    'pages resident  0',
    'pages swapped   0',
    'Swap performance: 0 attempts\t 0 successes',
    '',
    '------ Semaphore Status --------',
    `used arrays = ${count('semaphores')}`,
    `allocated semaphores = ${total('semaphores')}`,
    '',
    '',
  ].join('\n');
}

export const ipcs = tool(
  {
    name: 'ipcs',
    usage: ['[resource-option...] [output-option]', '-m|-q|-s -i <id>'],
    about: 'Show information on IPC facilities.',
    options: [
      { key: 'sharedMemory', short: 'm', long: 'shmems' },
      { key: 'messageQueues', short: 'q', long: 'queues' },
      { key: 'semaphores', short: 's', long: 'semaphores' },
      { key: 'all', short: 'a', long: 'all' },
      { key: 'summary', short: 'u', long: 'summary' },
    ],
    missing: [
      { key: 'time', short: 't', long: 'time' },
      { key: 'pid', short: 'p', long: 'pid' },
      { key: 'creator', short: 'c', long: 'creator' },
      { key: 'limits', short: 'l', long: 'limits' },
      { key: 'id', short: 'i', long: 'id', argument: 'required' },
    ],
  },
  function* (main) {
    const { options } = main;
    if (options.has('summary')) {
      yield* main.out.print(summary(main));
      return 0;
    }
    const accounts = yield* readAccounts(main.process);
    const kinds = TABLES.map(({ kind }) => kind).filter((kind) => options.has(kind));
    const shown = kinds.length > 0 ? kinds : TABLES.map(({ kind }) => kind);
    const texts = shown.map((kind) => tableText(main, kind, accounts));
    yield* main.out.print(
      texts.map((text, i) => (i < texts.length - 1 ? text.replace(/\n$/, '') : text)).join(''),
    );
    return 0;
  },
);

function* make(main: Tool, kind: IpcKind, size: number, title: string): ProgramRun {
  const mode = Number.parseInt(main.options.value('mode') ?? '644', 8);
  const key = main.process.entropyKey();
  const id = main.process.ipcGet(kind, key, size, mode);
  if (isErrno(id)) return yield* main.stop(`create ${title.toLowerCase()} failed: ${id.message}`);
  yield* main.out.print(`${title} id: ${id}\n`);
  return 0;
}

export const ipcmk = tool(
  {
    name: 'ipcmk',
    usage: ['[options]'],
    about: 'Create various IPC resources.',
    options: [
      { key: 'sharedMemory', short: 'M', long: 'shmem', argument: 'required' },
      { key: 'semaphores', short: 'S', long: 'semaphore', argument: 'required' },
      { key: 'queue', short: 'Q', long: 'queue' },
      { key: 'mode', short: 'p', long: 'mode', argument: 'required' },
    ],
  },
  function* (main) {
    const { options } = main;
    if (!['sharedMemory', 'semaphores', 'queue'].some((key) => options.has(key))) {
      return yield* main.badUsage('bad usage');
    }
    let status = 0;
    const size = options.value('sharedMemory');
    if (size !== undefined) {
      const bytes = parseSize(size, 0);
      if (isErrno(bytes))
        return yield* main.stop(`failed to parse size: '${size}': Invalid argument`);
      status ||= yield* make(main, 'sharedMemory', bytes, 'Shared memory');
    }
    if (options.has('queue')) status ||= yield* make(main, 'messageQueues', 0, 'Message queue');
    const count = options.value('semaphores');
    if (count !== undefined) status ||= yield* make(main, 'semaphores', Number(count), 'Semaphore');
    return status;
  },
);

function wording(failure: Errno, by: 'id' | 'key', value: string): string {
  if (failure === EPERM || failure === EACCES) return `permission denied for ${by} (${value})`;
  if (failure === EINVAL) return `invalid ${by} (${value})`;
  return `${by === 'id' ? 'already removed id' : 'invalid key'} (${value})`;
}

const REMOVALS: Readonly<Record<string, IpcKind>> = {
  m: 'sharedMemory',
  M: 'sharedMemory',
  q: 'messageQueues',
  Q: 'messageQueues',
  s: 'semaphores',
  S: 'semaphores',
};

export const ipcrm = tool(
  {
    name: 'ipcrm',
    usage: ['[options]', 'shm|msg|sem <id>...'],
    about: 'Remove certain IPC resources.',
    options: [
      { key: 'm', short: 'm', long: 'shmem-id', argument: 'required' },
      { key: 'M', short: 'M', long: 'shmem-key', argument: 'required' },
      { key: 'q', short: 'q', long: 'queue-id', argument: 'required' },
      { key: 'Q', short: 'Q', long: 'queue-key', argument: 'required' },
      { key: 's', short: 's', long: 'semaphore-id', argument: 'required' },
      { key: 'S', short: 'S', long: 'semaphore-key', argument: 'required' },
      { key: 'all', short: 'a', long: 'all', argument: 'optional' },
    ],
  },
  function* (main) {
    const { options, process } = main;
    let status = 0;
    for (const [letter, value] of options.list) {
      if (letter === 'all') {
        for (const { kind } of TABLES)
          for (const { id } of process.ipcList(kind)) process.ipcRemove(kind, id);
        continue;
      }
      const kind = REMOVALS[letter] ?? 'messageQueues';
      const by = letter === letter.toUpperCase() ? 'key' : 'id';
      if (!/^\s*[-+]?(0[xX][\da-fA-F]+|\d+)$/.test(value))
        return yield* main.stop(`failed to parse argument: '${value}'`);
      const id = by === 'id' ? Number(value) : process.ipcByKey(kind, Number(value));
      const failure = isErrno(id) ? id : process.ipcRemove(kind, id);
      if (!failure) continue;
      yield* main.fail(wording(failure, by, value));
      status = 1;
    }
    return status;
  },
);
