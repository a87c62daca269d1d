// Commands on lists, hashes, sets and sorted sets.

import { type RedisData, WRONG_TYPE } from './redis-data.ts';
import { isReply } from './redis-strings.ts';
import { array, bulk, error, integer, NIL, type Reply } from './resp.ts';

export function listOf(data: RedisData, key: string, make = false): string[] | undefined | Reply {
  const value = data.get(key);
  if (value) return value.type === 'list' ? value.items : WRONG_TYPE;
  if (!make) return undefined;
  const items: string[] = [];
  data.set(key, { type: 'list', items });
  return items;
}

export function push(left: boolean) {
  return (data: RedisData, [key = '', ...words]: readonly string[]): Reply => {
    const items = listOf(data, key, true);
    if (!Array.isArray(items)) return items as Reply;
    for (const word of words) {
      if (left) items.unshift(word);
      else items.push(word);
    }
    data.dirty++;
    return integer(items.length);
  };
}

export function pop(left: boolean) {
  return (data: RedisData, [key = '']: readonly string[]): Reply => {
    const items = listOf(data, key);
    if (!Array.isArray(items)) return items ?? NIL;
    const item = left ? items.shift() : items.pop();
    if (items.length === 0) data.keys.delete(key);
    data.dirty++;
    return bulk(item);
  };
}

/** The part of a list between two indexes, negative ones from the end. */
export function slice(items: readonly string[], from: string, to: string): string[] {
  const start = Number(from) < 0 ? Math.max(0, items.length + Number(from)) : Number(from);
  const end = Number(to) < 0 ? items.length + Number(to) : Number(to);
  return items.slice(start, end + 1);
}

export function hashOf(
  data: RedisData,
  key: string,
  make = false,
): Map<string, string> | undefined | Reply {
  const value = data.get(key);
  if (value) return value.type === 'hash' ? value.fields : WRONG_TYPE;
  if (!make) return undefined;
  const fields = new Map<string, string>();
  data.set(key, { type: 'hash', fields });
  return fields;
}

export function setOf(data: RedisData, key: string, make = false): Set<string> | undefined | Reply {
  const value = data.get(key);
  if (value) return value.type === 'set' ? value.members : WRONG_TYPE;
  if (!make) return undefined;
  const members = new Set<string>();
  data.set(key, { type: 'set', members });
  return members;
}

/** Reads a hash; `read` gets an empty one where the key is missing. */
export function onHash(read: (fields: Map<string, string>, args: readonly string[]) => Reply) {
  return (data: RedisData, [key = '', ...args]: readonly string[]): Reply => {
    const fields = hashOf(data, key);
    return isReply(fields) ? fields : read(fields ?? new Map(), args);
  };
}

export function onSet(read: (members: Set<string>, args: readonly string[]) => Reply) {
  return (data: RedisData, [key = '', ...args]: readonly string[]): Reply => {
    const members = setOf(data, key);
    return isReply(members) ? members : read(members ?? new Set(), args);
  };
}

export function zadd(data: RedisData, [key = '', ...pairs]: readonly string[]): Reply {
  const value = data.get(key);
  if (value && value.type !== 'zset') return WRONG_TYPE;
  const scores = value?.scores ?? new Map<string, number>();
  let added = 0;
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const score = Number(pairs[i]);
    if (Number.isNaN(score)) return error('ERR value is not a valid float');
    if (!scores.has(pairs[i + 1] ?? '')) added++;
    scores.set(pairs[i + 1] ?? '', score);
  }
  data.set(key, { type: 'zset', scores });
  return integer(added);
}

export function zrange(
  data: RedisData,
  [key = '', from = '0', to = '-1', ...options]: readonly string[],
): Reply {
  const value = data.get(key);
  if (value && value.type !== 'zset') return WRONG_TYPE;
  const sorted = [...(value?.scores ?? [])].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  const names = slice(
    sorted.map(([name]) => name),
    from,
    to,
  );
  const withScores = options.some((option) => option.toUpperCase() === 'WITHSCORES');
  return array(
    names.flatMap((name) =>
      withScores ? [bulk(name), bulk(String(value?.scores.get(name)))] : [bulk(name)],
    ),
  );
}
