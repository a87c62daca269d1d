// docker stats: usage of containers, once a second, in a table that is drawn anew over itself (container/stats.go).

import { MILLISECOND } from '../../core/time.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import { goMap } from '../../userland/template/values.ts';
import { bytesSize, humanSize3 } from '../units.ts';
import { Api, filterQuery, isCallError } from './api.ts';
import type { Action, Call } from './command.ts';
import { fail, type ListView, printRendered, renderList } from './output.ts';

/** How often the table is drawn. */
const TICK = 500 * MILLISECOND;

const STATS: ListView = {
  type: '*container.statsContext',
  headers: goMap({
    BlockIO: 'BLOCK I/O',
    CPUPerc: 'CPU %',
    Container: 'CONTAINER',
    ID: 'CONTAINER ID',
    MemPerc: 'MEM %',
    MemUsage: 'MEM USAGE / LIMIT',
    Name: 'NAME',
    NetIO: 'NET I/O',
    PIDs: 'PIDS',
  }),
  columns: ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'],
};

interface Cpu {
  readonly cpu_usage: { readonly total_usage: number };
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
}

/** container.StatsResponse as far as it is shown. */
interface Stats {
  readonly name: string;
  readonly id: string;
  readonly cpu_stats: Cpu;
  readonly precpu_stats: Cpu;
  readonly memory_stats: {
    readonly usage?: number;
    readonly limit?: number;
    readonly stats?: Readonly<Record<string, number>>;
  };
  readonly pids_stats: { readonly current?: number };
  readonly networks?: Readonly<Record<string, { rx_bytes: number; tx_bytes: number }>>;
  readonly blkio_stats: {
    readonly io_service_bytes_recursive: readonly { op: string; value: number }[] | null;
  };
}

/** One container that is watched. */
interface Watched {
  readonly container: string;
  stats: Stats | undefined;
  answered: boolean;
  error: string | undefined;
}

function cpuPercent({ cpu_stats: now, precpu_stats: before }: Stats): number {
  const own = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const system = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  return own > 0 && system > 0 ? (own / system) * (now.online_cpus ?? 0) * 100 : 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

const percent = (n: number): string => `${n.toFixed(2)}%`;

function rowOf(watched: Watched, whole: boolean): Record<string, unknown> {
  const { container, stats, error } = watched;
  if (!stats || error !== undefined) {
    return {
      BlockIO: '--',
      CPUPerc: '--',
      Container: container,
      ID: (stats?.id ?? '').slice(0, whole ? undefined : 12),
      MemPerc: '--',
      MemUsage: '-- / --',
      Name: stats?.name.slice(1) ?? '--',
      NetIO: '--',
      PIDs: '--',
    };
  }
  const { usage = 0, limit = 0, stats: details } = stats.memory_stats;
  const cache = details?.inactive_file ?? 0;
  const memory = cache < usage ? usage - cache : usage;
  const networks = Object.values(stats.networks ?? {});
  const block = (op: string): number =>
    sum(
      (stats.blkio_stats.io_service_bytes_recursive ?? [])
        .filter((e) => e.op === op)
        .map((e) => e.value),
    );
  const pair = (a: number, b: number): string => `${humanSize3(a)} / ${humanSize3(b)}`;
  return {
    BlockIO: pair(block('read'), block('write')),
    CPUPerc: percent(cpuPercent(stats)),
    Container: container,
    ID: whole ? stats.id : stats.id.slice(0, 12),
    MemPerc: percent(limit === 0 ? 0 : (memory / limit) * 100),
    MemUsage: `${bytesSize(memory)} / ${bytesSize(limit)}`,
    Name: stats.name.slice(1),
    NetIO: pair(sum(networks.map((n) => n.rx_bytes)), sum(networks.map((n) => n.tx_bytes))),
    PIDs: String(stats.pids_stats.current ?? 0),
  };
}

/** The containers that are watched, each by a thread. */
class Board {
  readonly list: Watched[] = [];
  readonly changed = new WaitQueue();
  private readonly call: Call;

  constructor(call: Call) {
    this.call = call;
  }

  add(container: string): void {
    if (this.list.some((known) => known.container === container)) return;
    const watched: Watched = { container, stats: undefined, answered: false, error: undefined };
    this.list.push(watched);
    const { main, host, flags } = this.call;
    const stream = !flags.on('no-stream');
    const { changed } = this;
    main.process.thread(function* (thread) {
      const path = `/containers/${encodeURIComponent(container)}/stats`;
      const failed = yield* new Api(thread, host).lines(
        'GET',
        path,
        { stream: stream ? '1' : '0' },
        // biome-ignore lint/correctness/useYield: readings are noted as they come
        function* (line) {
          watched.stats = line as unknown as Stats;
          watched.answered = true;
          changed.wake();
        },
      );
      watched.error = failed ? failed.text : stream ? 'EOF' : undefined;
      watched.answered = true;
      changed.wake();
      return 0;
    });
  }

  remove(container: string): void {
    const at = this.list.findIndex((known) => known.container === container);
    if (at >= 0) this.list.splice(at, 1);
  }

  /** Blocks until every container has been heard of. */
  *wait(): Routine<void> {
    while (this.list.some(({ answered }) => !answered)) yield { on: [this.changed] };
  }
}

/** Hears of containers that start and end. */
function follow(call: Call, board: Board): void {
  const { main, host, flags } = call;
  main.process.thread(function* (thread) {
    const filters = filterQuery(['type=container']);
    // biome-ignore lint/correctness/useYield: the board is changed at once
    yield* new Api(thread, host).lines('GET', '/events', { filters }, function* (event) {
      const id = (event.Actor as { ID: string }).ID.slice(0, 12);
      if (event.Action === 'start' || (event.Action === 'create' && flags.on('all'))) board.add(id);
      if (event.Action === 'die' && !flags.on('all')) board.remove(id);
    });
    return 0;
  });
}

function* firstContainers(call: Call, board: Board): Routine<string | undefined> {
  const { main, host, flags, args } = call;
  for (const container of args) board.add(container);
  if (args.length === 0) {
    if (!flags.on('no-stream')) follow(call, board);
    const found = yield* new Api(main.process, host).get<{ Id: string }[]>('/containers/json', {
      all: flags.on('all'),
    });
    if (isCallError(found)) return found.text;
    for (const { Id } of found) board.add(Id.slice(0, 12));
  }
  yield* board.wait();
  const errors = board.list.flatMap(({ error }) => (error === undefined ? [] : [error]));
  return args.length > 0 && errors.length > 0 ? errors.join('\n') : undefined;
}

export const statsAction: Action = function* (call) {
  const { main, flags, args } = call;
  const board = new Board(call);
  const wrong = yield* firstContainers(call, board);
  if (wrong !== undefined) return yield* fail(call, wrong);
  const stream = !flags.on('no-stream');
  for (;;) {
    yield* main.process.sleep(TICK);
    const rows = board.list.map((watched) => rowOf(watched, flags.on('no-trunc')));
    const shown = renderList(STATS, rows, { format: flags.text('format') });
    if (typeof shown !== 'string') return yield* printRendered(call, shown);
    if (!stream) return yield* printRendered(call, shown);
    // Over what was drawn before, line by line, and nothing of it below.
    const drawn = `\x1b[H${shown}`;
    const lines = drawn.split('\n').map((line) => `${line} \x1b[K\n`);
    main.out.put(`${drawn}${lines.join('')}\x1b[J`);
    yield* main.out.flush();
    if (board.list.length === 0 && args.length > 0) return 0;
  }
};
