// memcached: its text protocol over TCP (protocol.txt). Left out: the meta and binary protocols, UDP, eviction by memory.

import { decode, encode } from '../../core/text.ts';
import { epochSeconds, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { SIGINT, SIGTERM } from '../../kernel/signals.ts';
import { program } from '../../userland/libc/stdio.ts';

interface Item {
  readonly flags: string;
  readonly value: Uint8Array;
  readonly unique: number;
  /** Virtual time; undefined: never. */
  readonly expires: number | undefined;
}

interface Cache {
  readonly items: Map<string, Item>;
  readonly started: number;
  readonly version: string;
  unique: number;
  gets: number;
  hits: number;
  sets: number;
  connections: number;
}

const RELATIVE = 60 * 60 * 24 * 30;

function expiry(p: Process, text: string): number | undefined {
  const seconds = Number(text);
  if (seconds === 0) return undefined;
  const relative = seconds <= RELATIVE ? seconds : seconds - epochSeconds(p.now);
  return p.now + relative * SECOND;
}

function itemOf(cache: Cache, p: Process, key: string): Item | undefined {
  const item = cache.items.get(key);
  if (item?.expires === undefined || item.expires > p.now) return item;
  cache.items.delete(key);
  return undefined;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

/** set, add, replace, append, prepend, cas: the line's words and the data block. */
function store(cache: Cache, p: Process, words: readonly string[], value: Uint8Array): string {
  const [verb = '', key = '', flags = '0', time = '0', , unique] = words;
  const old = itemOf(cache, p, key);
  cache.sets++;
  if (verb === 'add' && old) return 'NOT_STORED';
  if (['replace', 'append', 'prepend'].includes(verb) && !old) return 'NOT_STORED';
  if (verb === 'cas' && !old) return 'NOT_FOUND';
  if (verb === 'cas' && String(old?.unique) !== unique) return 'EXISTS';
  const rest = { unique: ++cache.unique };
  if (old && verb === 'append')
    cache.items.set(key, { ...old, value: joined(old.value, value), ...rest });
  else if (old && verb === 'prepend')
    cache.items.set(key, { ...old, value: joined(value, old.value), ...rest });
  else cache.items.set(key, { flags, value, expires: expiry(p, time), ...rest });
  return 'STORED';
}

function get(cache: Cache, p: Process, verb: string, keys: readonly string[]): Uint8Array {
  let out = new Uint8Array(0) as Uint8Array;
  for (const key of keys) {
    cache.gets++;
    const item = itemOf(cache, p, key);
    if (!item) continue;
    cache.hits++;
    const unique = verb === 'gets' ? ` ${item.unique}` : '';
    const head = encode(`VALUE ${key} ${item.flags} ${item.value.length}${unique}\r\n`);
    out = joined(out, joined(joined(head, item.value), encode('\r\n')));
  }
  return joined(out, encode('END\r\n'));
}

function count(cache: Cache, p: Process, words: readonly string[]): string {
  const [verb, key = '', by = ''] = words;
  const item = itemOf(cache, p, key);
  if (!item) return 'NOT_FOUND';
  if (!/^\d+$/.test(by)) return 'CLIENT_ERROR invalid numeric delta argument';
  const text = decode(item.value);
  if (!/^\d+$/.test(text)) return 'CLIENT_ERROR cannot increment or decrement non-numeric value';
  const sum = verb === 'incr' ? Number(text) + Number(by) : Math.max(0, Number(text) - Number(by));
  cache.items.set(key, { ...item, value: encode(String(sum)), unique: ++cache.unique });
  return String(sum);
}

function stats(cache: Cache, p: Process): string {
  const bytes = [...cache.items.values()].reduce((sum, item) => sum + item.value.length, 0);
  const rows: readonly (readonly [string, string | number])[] = [
    ['pid', p.pid],
    ['uptime', Math.floor((p.now - cache.started) / SECOND)],
    ['time', epochSeconds(p.now)],
    ['version', cache.version],
    ['pointer_size', 64],
    ['curr_connections', cache.connections],
    ['cmd_get', cache.gets],
    ['cmd_set', cache.sets],
    ['get_hits', cache.hits],
    ['get_misses', cache.gets - cache.hits],
    ['bytes', bytes],
    ['curr_items', cache.items.size],
    ['limit_maxbytes', 67_108_864],
  ];
  return `${rows.map(([name, value]) => `STAT ${name} ${value}\r\n`).join('')}END`;
}

const STORAGE = new Set(['set', 'add', 'replace', 'append', 'prepend', 'cas']);

/** Answers a command without a data block; undefined closes the connection. */
function simple(cache: Cache, p: Process, words: readonly string[]): Uint8Array | undefined {
  const [verb = '', ...rest] = words;
  const line = (text: string): Uint8Array => encode(`${text}\r\n`);
  switch (verb) {
    case 'get':
    case 'gets':
      return rest.length === 0 ? line('ERROR') : get(cache, p, verb, rest);
    case 'delete':
      return line(cache.items.delete(rest[0] ?? '') ? 'DELETED' : 'NOT_FOUND');
    case 'incr':
    case 'decr':
      return line(count(cache, p, words));
    case 'touch': {
      const item = itemOf(cache, p, rest[0] ?? '');
      if (!item) return line('NOT_FOUND');
      cache.items.set(rest[0] ?? '', { ...item, expires: expiry(p, rest[1] ?? '0') });
      return line('TOUCHED');
    }
    case 'flush_all':
      cache.items.clear();
      return line('OK');
    case 'version':
      return line(`VERSION ${cache.version}`);
    case 'verbosity':
      return line('OK');
    case 'stats':
      return line(rest.length === 0 ? stats(cache, p) : 'END');
    case 'quit':
      return undefined;
    default:
      return line('ERROR');
  }
}

function* serve(cache: Cache, p: Process, fd: number): Routine<number> {
  let held = new Uint8Array(0) as Uint8Array;
  let pending: readonly string[] | undefined;
  cache.connections++;
  for (let open = true; open; ) {
    const end = held.indexOf(10);
    if (pending) {
      const size = Number(pending[4]);
      if (held.length >= size + 2) {
        const complete = held[size] === 13 && held[size + 1] === 10;
        const answer = complete
          ? store(cache, p, pending, held.slice(0, size))
          : 'CLIENT_ERROR bad data chunk';
        held = held.subarray(size + 2);
        if (pending.at(-1) !== 'noreply') yield* p.write(fd, encode(`${answer}\r\n`));
        pending = undefined;
        continue;
      }
    } else if (end >= 0) {
      const words = decode(held.subarray(0, end)).trim().split(/\s+/);
      held = held.subarray(end + 1);
      if (STORAGE.has(words[0] ?? '')) {
        if (words.length >= 5 && /^\d+$/.test(words[4] ?? '')) pending = words;
        else yield* p.write(fd, encode('ERROR\r\n'));
        continue;
      }
      const answer = simple(cache, p, words);
      if (!answer) break;
      if (words.at(-1) !== 'noreply') yield* p.write(fd, answer);
      continue;
    }
    const bytes = yield* p.read(fd, 16_384);
    if (isErrno(bytes) || bytes.length === 0) open = false;
    else held = joined(held, bytes);
  }
  cache.connections--;
  p.close(fd);
  return 0;
}

export const memcached = program('memcached', function* (main) {
  const { process: p, args } = main;
  const version = p.environment.get('MEMCACHED_VERSION') ?? '1.6.40';
  if (args.includes('-V') || args.includes('--version')) {
    main.out.put(`memcached ${version}\n`);
    return 0;
  }
  if (p.uid === 0 && !args.includes('-u')) {
    main.err.put("can't run as root without the -u switch\n");
    return 71;
  }
  const at = args.indexOf('-p');
  const port = at >= 0 ? Number(args[at + 1]) : 11_211;
  const fd = p.socket('inet', 'stream');
  if (isErrno(fd)) return 71;
  p.setsockopt(fd, 'SO_REUSEADDR', 1);
  const refused = p.bind(fd, { address: '0.0.0.0', port }) ?? p.listen(fd, 1024);
  if (refused) {
    main.err.put(
      `bind(): ${refused.message}\nfailed to listen on TCP port ${port}: ${refused.message}\n`,
    );
    return 71;
  }
  const counters = { unique: 0, gets: 0, hits: 0, sets: 0, connections: 0 };
  const cache: Cache = { items: new Map(), started: p.now, version, ...counters };
  let ending = 0;
  for (const signal of [SIGTERM, SIGINT]) {
    p.sigaction(signal, () => {
      ending = signal;
    });
  }
  while (ending === 0) {
    const client = yield* p.accept(fd);
    if (!isErrno(client)) p.thread((thread) => serve(cache, thread, client));
  }
  main.out.put(`Signal handled: ${ending === SIGTERM ? 'Terminated' : 'Interrupt'}.\n`);
  yield* main.out.flush();
  return p.exit(0);
});
