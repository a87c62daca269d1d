// Commands on strings and expiry that need more than a line.

import { NOT_INTEGER, type RedisData, SYNTAX, WRONG_TYPE } from './redis-data.ts';
import { bulk, integer, NIL, OK, type Reply } from './resp.ts';

export function stringOf(data: RedisData, key: string): string | undefined | Reply {
  const value = data.get(key);
  if (!value) return undefined;
  return value.type === 'string' ? value.text : WRONG_TYPE;
}

export function isReply(value: unknown): value is Reply {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

export function add(data: RedisData, key: string, amount: number): Reply {
  const before = stringOf(data, key);
  if (isReply(before)) return before;
  const text = before ?? '0';
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(amount)) return NOT_INTEGER;
  const sum = Number(text) + amount;
  const expires = data.keys.get(key)?.expires;
  data.set(key, { type: 'string', text: String(sum) }, expires);
  return integer(sum);
}

export function setCommand(
  data: RedisData,
  [key = '', text = '', ...options]: readonly string[],
): Reply {
  let expires: number | undefined;
  let condition: string | undefined;
  let returnsOld = false;
  for (let i = 0; i < options.length; i++) {
    const option = options[i]?.toUpperCase();
    if (option === 'EX' || option === 'PX') {
      const amount = Number(options[++i]);
      if (!Number.isInteger(amount)) return NOT_INTEGER;
      expires = data.now + amount * (option === 'EX' ? 1e9 : 1e6);
    } else if (option === 'NX' || option === 'XX') condition = option;
    else if (option === 'GET') returnsOld = true;
    else if (option === 'KEEPTTL') expires = data.keys.get(key)?.expires;
    else return SYNTAX;
  }
  const before = data.get(key);
  const old = before?.type === 'string' ? bulk(before.text) : NIL;
  if ((condition === 'NX' && before) || (condition === 'XX' && !before))
    return returnsOld ? old : NIL;
  data.set(key, { type: 'string', text }, expires);
  return returnsOld ? old : OK;
}

export function ttl(factor: number) {
  return (data: RedisData, [key = '']: readonly string[]): Reply => {
    if (!data.get(key)) return integer(-2);
    const expires = data.keys.get(key)?.expires;
    return integer(expires === undefined ? -1 : Math.ceil((expires - data.now) / factor));
  };
}

export function expire(factor: number) {
  return (data: RedisData, [key = '', amount = '']: readonly string[]): Reply => {
    const entry = data.get(key) && data.keys.get(key);
    if (!/^-?\d+$/.test(amount)) return NOT_INTEGER;
    if (!entry) return integer(0);
    entry.expires = data.now + Number(amount) * factor;
    data.dirty++;
    return integer(1);
  };
}

export function pattern(glob: string): RegExp {
  return new RegExp(
    `^${glob
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
}
