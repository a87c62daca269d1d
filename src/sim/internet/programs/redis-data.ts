// The keys of a redis server and the commands on them: strings, lists, sets, hashes, sorted sets, expiry. Streams,
// scripts, clusters and pub/sub are left out.

import {
  hashOf,
  listOf,
  onHash,
  onSet,
  pop,
  push,
  setOf,
  slice,
  zadd,
  zrange,
} from './redis-collections.ts';
import { add, expire, isReply, pattern, setCommand, stringOf, ttl } from './redis-strings.ts';
import { array, bulk, error, integer, NIL, OK, type Reply } from './resp.ts';

type Value =
  | { readonly type: 'string'; text: string }
  | { readonly type: 'list'; readonly items: string[] }
  | { readonly type: 'set'; readonly members: Set<string> }
  | { readonly type: 'hash'; readonly fields: Map<string, string> }
  | { readonly type: 'zset'; readonly scores: Map<string, number> };

interface Entry {
  readonly value: Value;
  /** Virtual nanoseconds. */
  expires?: number;
}

export const WRONG_TYPE = error(
  'WRONGTYPE Operation against a key holding the wrong kind of value',
);
export const NOT_INTEGER = error('ERR value is not an integer or out of range');
export const SYNTAX = error('ERR syntax error');

export class RedisData {
  readonly keys = new Map<string, Entry>();
  /** Writes since the last save. */
  dirty = 0;
  now = 0;

  /** The value of a key that has not expired. */
  get(key: string): Value | undefined {
    const entry = this.keys.get(key);
    if (entry?.expires !== undefined && entry.expires <= this.now) {
      this.keys.delete(key);
      return undefined;
    }
    return entry?.value;
  }

  set(key: string, value: Value, expires?: number): void {
    this.keys.set(key, { value, ...(expires === undefined ? {} : { expires }) });
    this.dirty++;
  }

  /** What a snapshot holds. */
  snapshot(): string {
    const plain = [...this.keys].map(([key, { value, expires }]) => {
      const content =
        value.type === 'string'
          ? value.text
          : value.type === 'list'
            ? value.items
            : value.type === 'set'
              ? [...value.members]
              : value.type === 'hash'
                ? [...value.fields]
                : [...value.scores];
      return [key, value.type, content, expires ?? null];
    });
    return JSON.stringify(plain);
  }

  /** Takes a snapshot's keys. */
  restore(text: string): void {
    for (const [key, type, content, expires] of JSON.parse(text) as [
      string,
      Value['type'],
      never,
      number | null,
    ][]) {
      const value: Value =
        type === 'string'
          ? { type, text: content }
          : type === 'list'
            ? { type, items: content }
            : type === 'set'
              ? { type, members: new Set(content as string[]) }
              : type === 'hash'
                ? { type, fields: new Map(content as [string, string][]) }
                : { type, scores: new Map(content as [string, number][]) };
      this.keys.set(key, { value, ...(expires === null ? {} : { expires }) });
    }
  }
}

/** A command: how many words it takes at least (with its name; negative: at least), and what it does. */
interface Command {
  readonly arity: number;
  run(data: RedisData, args: readonly string[]): Reply;
}

/** Commands on keys, by lower-case name. */
export const DATA_COMMANDS: Readonly<Record<string, Command>> = {
  set: { arity: -3, run: setCommand },
  get: {
    arity: 2,
    run: (d, [key = '']) => {
      const v = stringOf(d, key);
      return isReply(v) ? v : bulk(v);
    },
  },
  setnx: {
    arity: 3,
    run: (d, [key = '', text = '']) =>
      d.get(key) ? integer(0) : (d.set(key, { type: 'string', text }), integer(1)),
  },
  setex: {
    arity: 4,
    run: (d, [key = '', s = '', text = '']) => setCommand(d, [key, text, 'EX', s]),
  },
  getset: { arity: 3, run: (d, [key = '', text = '']) => setCommand(d, [key, text, 'GET']) },
  getdel: {
    arity: 2,
    run: (d, [key = '']) => {
      const v = stringOf(d, key);
      d.keys.delete(key);
      return isReply(v) ? v : bulk(v);
    },
  },
  mset: {
    arity: -3,
    run: (d, args) => {
      for (let i = 0; i + 1 < args.length; i += 2)
        d.set(args[i] ?? '', { type: 'string', text: args[i + 1] ?? '' });
      return OK;
    },
  },
  mget: {
    arity: -2,
    run: (d, args) =>
      array(
        args.map((key) => {
          const v = stringOf(d, key);
          return isReply(v) ? NIL : bulk(v);
        }),
      ),
  },
  append: {
    arity: 3,
    run: (d, [key = '', more = '']) => {
      const v = stringOf(d, key);
      if (isReply(v)) return v;
      const text = (v ?? '') + more;
      d.set(key, { type: 'string', text });
      return integer(text.length);
    },
  },
  strlen: {
    arity: 2,
    run: (d, [key = '']) => {
      const v = stringOf(d, key);
      return isReply(v) ? v : integer(v?.length ?? 0);
    },
  },
  incr: { arity: 2, run: (d, [key = '']) => add(d, key, 1) },
  decr: { arity: 2, run: (d, [key = '']) => add(d, key, -1) },
  incrby: {
    arity: 3,
    run: (d, [key = '', n = '']) => (/^-?\d+$/.test(n) ? add(d, key, Number(n)) : NOT_INTEGER),
  },
  decrby: {
    arity: 3,
    run: (d, [key = '', n = '']) => (/^-?\d+$/.test(n) ? add(d, key, -Number(n)) : NOT_INTEGER),
  },
  del: {
    arity: -2,
    run: (d, args) => {
      const n = args.filter((key) => d.get(key) && d.keys.delete(key)).length;
      d.dirty += n;
      return integer(n);
    },
  },
  unlink: {
    arity: -2,
    run: (d, args) => integer(args.filter((key) => d.get(key) && d.keys.delete(key)).length),
  },
  exists: { arity: -2, run: (d, args) => integer(args.filter((key) => d.get(key)).length) },
  type: {
    arity: 2,
    run: (d, [key = '']) => ({ kind: 'status', text: d.get(key)?.type ?? 'none' }),
  },
  keys: {
    arity: 2,
    run: (d, [glob = '*']) =>
      array(
        [...d.keys.keys()]
          .filter((key) => d.get(key) && pattern(glob).test(key))
          .map((key) => bulk(key)),
      ),
  },
  rename: {
    arity: 3,
    run: (d, [from = '', to = '']) => {
      const e = d.keys.get(from);
      if (!e) return error('ERR no such key');
      d.keys.delete(from);
      d.keys.set(to, e);
      d.dirty++;
      return OK;
    },
  },
  ttl: { arity: 2, run: ttl(1e9) },
  pttl: { arity: 2, run: ttl(1e6) },
  expire: { arity: -3, run: expire(1e9) },
  pexpire: { arity: -3, run: expire(1e6) },
  persist: {
    arity: 2,
    run: (d, [key = '']) => {
      const e = d.keys.get(key);
      if (e?.expires === undefined) return integer(0);
      delete e.expires;
      return integer(1);
    },
  },
  dbsize: { arity: 1, run: (d) => integer([...d.keys.keys()].filter((key) => d.get(key)).length) },
  flushall: {
    arity: -1,
    run: (d) => {
      d.keys.clear();
      d.dirty++;
      return OK;
    },
  },
  flushdb: {
    arity: -1,
    run: (d) => {
      d.keys.clear();
      d.dirty++;
      return OK;
    },
  },
  lpush: { arity: -3, run: push(true) },
  rpush: { arity: -3, run: push(false) },
  lpop: { arity: -2, run: pop(true) },
  rpop: { arity: -2, run: pop(false) },
  llen: {
    arity: 2,
    run: (d, [key = '']) => {
      const l = listOf(d, key);
      return isReply(l) ? l : integer(l?.length ?? 0);
    },
  },
  lrange: {
    arity: 4,
    run: (d, [key = '', from = '', to = '']) => {
      const l = listOf(d, key);
      return isReply(l) ? l : array(slice(l ?? [], from, to).map((x) => bulk(x)));
    },
  },
  lindex: {
    arity: 3,
    run: (d, [key = '', i = '0']) => {
      const l = listOf(d, key);
      return isReply(l) ? l : bulk(l?.at(Number(i)));
    },
  },
  hset: {
    arity: -4,
    run: (d, [key = '', ...pairs]) => {
      const h = hashOf(d, key, true);
      if (!(h instanceof Map)) return h as Reply;
      let n = 0;
      for (let i = 0; i + 1 < pairs.length; i += 2) {
        if (!h.has(pairs[i] ?? '')) n++;
        h.set(pairs[i] ?? '', pairs[i + 1] ?? '');
      }
      d.dirty++;
      return integer(n);
    },
  },
  hget: { arity: 3, run: onHash((h, [field = '']) => bulk(h.get(field))) },
  hgetall: {
    arity: 2,
    run: onHash((h) => array([...h].flatMap(([field, value]) => [bulk(field), bulk(value)]))),
  },
  hmget: {
    arity: -3,
    run: onHash((h, fields) => array(fields.map((field) => bulk(h.get(field))))),
  },
  hdel: {
    arity: -3,
    run: onHash((h, fields) => integer(fields.filter((field) => h.delete(field)).length)),
  },
  hexists: { arity: 3, run: onHash((h, [field = '']) => integer(h.has(field) ? 1 : 0)) },
  hlen: { arity: 2, run: onHash((h) => integer(h.size)) },
  hkeys: { arity: 2, run: onHash((h) => array([...h.keys()].map((field) => bulk(field)))) },
  hvals: { arity: 2, run: onHash((h) => array([...h.values()].map((value) => bulk(value)))) },
  sadd: {
    arity: -3,
    run: (d, [key = '', ...words]) => {
      const s = setOf(d, key, true);
      if (!(s instanceof Set)) return s as Reply;
      const n = s.size;
      for (const word of words) s.add(word);
      d.dirty++;
      return integer(s.size - n);
    },
  },
  srem: {
    arity: -3,
    run: onSet((s, words) => integer(words.filter((word) => s.delete(word)).length)),
  },
  smembers: { arity: 2, run: onSet((s) => array([...s].map((member) => bulk(member)))) },
  sismember: { arity: 3, run: onSet((s, [word = '']) => integer(s.has(word) ? 1 : 0)) },
  scard: { arity: 2, run: onSet((s) => integer(s.size)) },
  zadd: { arity: -4, run: zadd },
  zrange: { arity: -4, run: zrange },
  zscore: {
    arity: 3,
    run: (d, [key = '', name = '']) => {
      const v = d.get(key);
      return v?.type === 'zset' && v.scores.has(name) ? bulk(String(v.scores.get(name))) : NIL;
    },
  },
  zcard: {
    arity: 2,
    run: (d, [key = '']) => {
      const v = d.get(key);
      return integer(v?.type === 'zset' ? v.scores.size : 0);
    },
  },
};
