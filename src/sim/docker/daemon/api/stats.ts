// GET /containers/ID/stats: usage of a container from the files of its control group and its network's counters, once a
// second (daemon/stats.go, stats collector).

import { Content } from '../../../core/content.ts';
import { decode } from '../../../core/text.ts';
import { rfc3339Fraction, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { ApiError, type Container, findContainer, isAlive } from '../model.ts';
import { type Handler, isOn, query, refuse, streaming } from './answer.ts';

function* readText(p: Process, path: string): Routine<string> {
  const fd = p.open(path);
  if (isErrno(fd)) return '';
  const bytes = yield* p.readAll(fd);
  p.close(fd);
  return isErrno(bytes) ? '' : decode(bytes);
}

/** `name value` lines. */
function counters(text: string): Record<string, number> {
  const pairs = text
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  return Object.fromEntries(pairs.map(([name = '', value]) => [name, Number(value)]));
}

const limitOf = (text: string): number | undefined =>
  /^\d+/.test(text) ? Number(text.trim()) : undefined;

/** The host's processor time in nanoseconds, of /proc/stat, and its processors. */
function* systemUsage(p: Process): Routine<{ usage: number; online: number }> {
  const lines = (yield* readText(p, '/proc/stat')).split('\n');
  const ticks = (lines[0] ?? '').split(/\s+/).slice(1, 8).map(Number);
  const online = lines.filter((line) => /^cpu\d/.test(line)).length;
  return { usage: ticks.reduce((sum, n) => sum + n, 0) * 10_000_000, online };
}

function* cpuStats(p: Process, directory: string): Routine<object> {
  const own = counters(yield* readText(p, `${directory}/cpu.stat`));
  const { usage, online } = yield* systemUsage(p);
  const nanoseconds = (name: string): number => (own[name] ?? 0) * 1000;
  return {
    cpu_usage: {
      total_usage: nanoseconds('usage_usec'),
      usage_in_kernelmode: nanoseconds('system_usec'),
      usage_in_usermode: nanoseconds('user_usec'),
    },
    system_cpu_usage: usage,
    online_cpus: online,
    throttling_data: {
      periods: own.nr_periods ?? 0,
      throttled_periods: own.nr_throttled ?? 0,
      throttled_time: nanoseconds('throttled_usec'),
    },
  };
}

function* memoryStats(p: Process, directory: string): Routine<object> {
  const usage = Number(yield* readText(p, `${directory}/memory.current`));
  const limit = limitOf(yield* readText(p, `${directory}/memory.max`));
  const total = /^MemTotal:\s+(\d+)/m.exec(yield* readText(p, '/proc/meminfo'))?.[1] ?? 0;
  const stats = counters(yield* readText(p, `${directory}/memory.stat`));
  return { usage, stats, limit: limit ?? Number(total) * 1024 };
}

/** Bytes and requests of block devices, of io.stat. */
function* blkioStats(p: Process, directory: string): Routine<object> {
  const entries: object[] = [];
  for (const line of (yield* readText(p, `${directory}/io.stat`)).split('\n')) {
    const [, major, minor, rbytes, wbytes] =
      /^(\d+):(\d+) rbytes=(\d+) wbytes=(\d+)/.exec(line) ?? [];
    if (major === undefined) continue;
    const place = { major: Number(major), minor: Number(minor) };
    entries.push({ ...place, op: 'read', value: Number(rbytes) });
    entries.push({ ...place, op: 'write', value: Number(wbytes) });
  }
  return {
    io_service_bytes_recursive: entries.length > 0 ? entries : null,
    io_serviced_recursive: null,
    io_queue_recursive: null,
    io_service_time_recursive: null,
    io_wait_time_recursive: null,
    io_merged_recursive: null,
    io_time_recursive: null,
    sectors_recursive: null,
  };
}

function* networkStats(p: Process, container: Container): Routine<object> {
  if (/^(host|none|container:)/.test(container.hostConfig.NetworkMode)) return {};
  const networks: Record<string, object> = {};
  const text = yield* readText(p, `/proc/${container.state.pid}/net/dev`);
  for (const line of text.split('\n').slice(2)) {
    const [, name = '', rest = ''] = /^\s*([^:]+):\s*(.*)$/.exec(line) ?? [];
    const [rxBytes, rxPackets, rxErrors, rxDropped, , , , , ...sent] = rest
      .split(/\s+/)
      .map(Number);
    if (name === '' || name === 'lo') continue;
    networks[name] = {
      rx_bytes: rxBytes,
      rx_packets: rxPackets,
      rx_errors: rxErrors,
      rx_dropped: rxDropped,
      tx_bytes: sent[0],
      tx_packets: sent[1],
      tx_errors: sent[2],
      tx_dropped: sent[3],
    };
  }
  return Object.keys(networks).length > 0 ? { networks } : {};
}

const NO_LIMIT = 2 ** 64;
const NEVER = '0001-01-01T00:00:00Z';

/** One reading, with the one before; a container that does not run has none. */
function* sample(
  p: Process,
  container: Container,
  before: Readonly<Record<string, unknown>> | undefined,
): Routine<Record<string, unknown>> {
  const head = { name: `/${container.name}`, id: container.id };
  const alive = isAlive(container);
  const group = yield* readText(p, `/proc/${container.state.pid}/cgroup`);
  const path = /^0::(.*)$/m.exec(group)?.[1] ?? '';
  const directory = alive ? `/sys/fs/cgroup${path}` : '/nonexistent';
  const limit = limitOf(yield* readText(p, `${directory}/pids.max`));
  const current = limitOf(yield* readText(p, `${directory}/pids.current`));
  return {
    ...head,
    read: alive ? rfc3339Fraction(p.now, 9) : NEVER,
    preread: before?.read ?? NEVER,
    pids_stats: {
      ...(current ? { current } : {}),
      ...(alive ? { limit: limit ?? NO_LIMIT } : {}),
    },
    blkio_stats: yield* blkioStats(p, directory),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: alive ? yield* cpuStats(p, directory) : NO_CPU,
    precpu_stats: before?.cpu_stats ?? NO_CPU,
    memory_stats: alive ? yield* memoryStats(p, directory) : {},
    ...(alive ? yield* networkStats(p, container) : {}),
  };
}

const NO_CPU = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
};

/** A limit that is none is the largest uint64, which no double is. */
function statsText(value: unknown): string {
  return `${JSON.stringify(value).replace(`"limit":${NO_LIMIT}`, '"limit":18446744073709551615')}\n`;
}

const stats: Handler = function* (context) {
  const { daemon, process } = context;
  const container = findContainer(daemon, decodeURIComponent(context.parts[0] ?? ''));
  if (container instanceof ApiError) return refuse(container);
  const stream = query(context, 'stream') === '' || isOn(context, 'stream');
  const oneShot = isOn(context, 'one-shot');
  if (stream && oneShot)
    return refuse(new ApiError(400, 'cannot have stream=true and one-shot=true'));
  let before: Record<string, unknown> | undefined;
  let told = false;
  return streaming('application/json', function* () {
    if ((told && !stream) || !daemon.containers.has(container.id)) return undefined;
    const primes = !stream && !oneShot && isAlive(container);
    if (primes) before = yield* sample(process, container, undefined);
    if (primes || told) yield* process.sleep(SECOND);
    before = yield* sample(process, container, before);
    told = true;
    return Content.ofJson(before, statsText);
  });
};

/** Method, path, handler. */
export const statsRoutes: readonly (readonly [string, string, Handler])[] = [
  ['GET', '/containers/*/stats', stats],
];
