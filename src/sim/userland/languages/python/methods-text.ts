// Methods of str and bytes.

import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { Missing } from '../interpreter.ts';
import { bytesOf, integer, text } from './arguments.ts';
import { raise } from './errors.ts';
import { formatTemplate } from './format.ts';
import { getItem } from './iterate.ts';
import { listOf } from './operators.ts';
import {
  methods,
  PyDict,
  PyList,
  PyTuple,
  PyWrapper,
  PyNative,
  types,
  typeOf,
  type NativeCall,
  type Value,
} from './values.ts';

const SPACE = ' \t\n\r\f\v';

function strip(value: string, chars: Value | undefined, left: boolean, right: boolean): string {
  const set = typeof chars === 'string' ? chars : SPACE;
  let from = 0;
  let to = value.length;
  if (left) while (from < to && set.includes(value[from] ?? '')) from++;
  if (right) while (to > from && set.includes(value[to - 1] ?? '')) to--;
  return value.slice(from, to);
}

function split(value: string, separator: Value | undefined, limit: number): string[] {
  if (typeof separator !== 'string') {
    const trimmed = strip(value, undefined, true, limit < 0);
    if (trimmed === '') return [];
    if (limit < 0) return trimmed.split(/[ \t\n\r\f\v]+/);
    const out: string[] = [];
    let rest = trimmed;
    for (let found = /[ \t\n\r\f\v]+/.exec(rest); found && out.length < limit; ) {
      out.push(rest.slice(0, found.index));
      rest = rest.slice(found.index + found[0].length);
      found = /[ \t\n\r\f\v]+/.exec(rest);
    }
    return rest === '' ? out : [...out, rest];
  }
  if (separator === '') throw raise('ValueError', 'empty separator');
  const parts = value.split(separator);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  return [...parts.slice(0, limit), parts.slice(limit).join(separator)];
}

function splitRight(value: string, separator: Value | undefined, limit: number): string[] {
  if (limit < 0 || typeof separator !== 'string') return split(value, separator, -1);
  const parts = value.split(separator);
  if (parts.length <= limit + 1) return parts;
  const cut = parts.length - limit;
  return [parts.slice(0, cut).join(separator), ...parts.slice(cut)];
}

function lines(value: string, keep: boolean): string[] {
  const parts = value.match(/[^\n\r]*(?:\r\n|\n|\r)|[^\n\r]+$/g) ?? [];
  return keep ? parts : parts.map((line) => line.replace(/(\r\n|\n|\r)$/, ''));
}

/** A method of str without arguments that matter. */
const plain =
  (make: (value: string) => Value): NativeCall =>
  (_vm, [self]) =>
    make(text(self));

function affix(ends: boolean): NativeCall {
  return (_vm, [self, wanted, from]) => {
    const rest = text(self).slice(integer(from, 0));
    const list = wanted instanceof PyTuple ? wanted.items : [wanted];
    return list.some((one) => (ends ? rest.endsWith(text(one)) : rest.startsWith(text(one))));
  };
}

function finder(last: boolean, raises: boolean): NativeCall {
  return (_vm, [self, wanted, from, to]) => {
    const value = text(self);
    const end = integer(to, value.length);
    const part = value.slice(0, end);
    const start = integer(from, 0);
    const at = last ? part.lastIndexOf(text(wanted)) : part.indexOf(text(wanted), start);
    const found = at >= start ? at : -1;
    if (found < 0 && raises) throw raise('ValueError', 'substring not found');
    return BigInt(found);
  };
}

function padder(place: 'l' | 'r' | 'c'): NativeCall {
  return (_vm, [self, width, fill]) => {
    const value = text(self);
    const missing = Math.max(0, integer(width) - value.length);
    const char = typeof fill === 'string' ? fill : ' ';
    if (place === 'l') return value + char.repeat(missing);
    if (place === 'r') return char.repeat(missing) + value;
    const before = Math.floor(missing / 2) + (missing & integer(width) & 1);
    return char.repeat(before) + value + char.repeat(missing - before);
  };
}

const title = (value: string): string =>
  value.replace(/\p{L}+/gu, (word) => (word[0] ?? '').toUpperCase() + word.slice(1).toLowerCase());
const all = (value: string, pattern: RegExp): boolean => value !== '' && pattern.test(value);

methods(types.str, {
  upper: plain((value) => value.toUpperCase()),
  lower: plain((value) => value.toLowerCase()),
  casefold: plain((value) => value.toLowerCase()),
  title: plain(title),
  capitalize: plain((value) => (value[0] ?? '').toUpperCase() + value.slice(1).toLowerCase()),
  swapcase: plain((value) =>
    Array.from(value, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join(''),
  ),
  isdigit: plain((value) => all(value, /^\p{Nd}+$/u)),
  isdecimal: plain((value) => all(value, /^\p{Nd}+$/u)),
  isnumeric: plain((value) => all(value, /^\p{N}+$/u)),
  isalpha: plain((value) => all(value, /^\p{L}+$/u)),
  isalnum: plain((value) => all(value, /^[\p{L}\p{N}]+$/u)),
  isspace: plain((value) => all(value, /^\s+$/)),
  isupper: plain((value) => value !== value.toLowerCase() && value === value.toUpperCase()),
  islower: plain((value) => value !== value.toUpperCase() && value === value.toLowerCase()),
  isidentifier: plain((value) => all(value, /^[\p{L}_][\p{L}\p{N}_]*$/u)),
  istitle: plain((value) => value !== '' && value === title(value)),
  strip: (_vm, [self, chars]) => strip(text(self), chars, true, true),
  lstrip: (_vm, [self, chars]) => strip(text(self), chars, true, false),
  rstrip: (_vm, [self, chars]) => strip(text(self), chars, false, true),
  split: (_vm, [self, separator, limit], keywords) =>
    new PyList(
      split(
        text(self),
        separator ?? keywords.get('sep'),
        integer(limit ?? keywords.get('maxsplit'), -1),
      ),
    ),
  rsplit: (_vm, [self, separator, limit], keywords) =>
    new PyList(
      splitRight(
        text(self),
        separator ?? keywords.get('sep'),
        integer(limit ?? keywords.get('maxsplit'), -1),
      ),
    ),
  splitlines: (_vm, [self, keep]) => new PyList(lines(text(self), keep === true)),
  *join(vm, [self, items]): Routine<Value> {
    const list = yield* listOf(vm, items ?? null);
    for (const [i, item] of list.entries())
      if (typeof item !== 'string')
        throw raise(
          'TypeError',
          `sequence item ${i}: expected str instance, ${typeOf(item).name} found`,
        );
    return list.join(text(self));
  },
  replace: (_vm, [self, from, to, count]) => {
    const value = text(self);
    const limit = integer(count, -1);
    if (limit < 0) return value.replaceAll(text(from), () => text(to));
    return split(value, from ?? null, limit).join(text(to));
  },
  startswith: affix(false),
  endswith: affix(true),
  find: finder(false, false),
  rfind: finder(true, false),
  index: finder(false, true),
  rindex: finder(true, true),
  count: (_vm, [self, wanted]) => BigInt(text(self).split(text(wanted)).length - 1),
  partition: (_vm, [self, separator]) => {
    const value = text(self);
    const at = value.indexOf(text(separator));
    return at < 0
      ? new PyTuple([value, '', ''])
      : new PyTuple([
          value.slice(0, at),
          text(separator),
          value.slice(at + text(separator).length),
        ]);
  },
  rpartition: (_vm, [self, separator]) => {
    const value = text(self);
    const at = value.lastIndexOf(text(separator));
    return at < 0
      ? new PyTuple(['', '', value])
      : new PyTuple([
          value.slice(0, at),
          text(separator),
          value.slice(at + text(separator).length),
        ]);
  },
  removeprefix: (_vm, [self, part]) =>
    text(self).startsWith(text(part)) ? text(self).slice(text(part).length) : text(self),
  removesuffix: (_vm, [self, part]) =>
    text(part) !== '' && text(self).endsWith(text(part))
      ? text(self).slice(0, -text(part).length)
      : text(self),
  ljust: padder('l'),
  rjust: padder('r'),
  center: padder('c'),
  zfill: (_vm, [self, width]) => {
    const [, sign = '', digits = ''] = /^([-+]?)(.*)$/s.exec(text(self)) ?? [];
    return sign + digits.padStart(integer(width) - sign.length, '0');
  },
  format: (vm, [self, ...args], keywords) => formatTemplate(vm, text(self), args, keywords),
  encode: (_vm, [self, encoding], keywords) =>
    encodeText(text(self), encoding ?? keywords.get('encoding')),
  expandtabs: (_vm, [self, size]) =>
    text(self).replace(/\t/g, ' '.repeat(Math.max(0, integer(size, 8)))),
  *translate(vm, [self, table]): Routine<Value> {
    let out = '';
    for (const char of text(self)) {
      const key = BigInt(char.codePointAt(0) ?? 0);
      const known = table instanceof PyDict && table.entries.has(key);
      const to = known ? yield* getItem(vm, table, key) : char;
      if (typeof to === 'bigint') out += String.fromCodePoint(Number(to));
      else if (typeof to === 'string') out += to;
    }
    return out;
  },
});

types.str.attributes.set(
  'maketrans',
  new PyWrapper(
    types.staticmethod,
    new PyNative('maketrans', (_vm, [from, to, gone]) => {
      const table = new PyDict();
      const targets = [...text(to)];
      for (const [i, char] of [...text(from)].entries()) {
        const key = BigInt(char.codePointAt(0) ?? 0);
        table.entries.set(key, [key, targets[i] ?? '']);
      }
      for (const char of typeof gone === 'string' ? gone : '') {
        const key = BigInt(char.codePointAt(0) ?? 0);
        table.entries.set(key, [key, null]);
      }
      return table;
    }),
  ),
);

/** str.encode. */
export function encodeText(value: string, encoding: Value | undefined): Uint8Array {
  const name = normal(encoding);
  if (name === 'utf8') return encode(value);
  const highest = name === 'ascii' ? 128 : 256;
  for (const [i, char] of [...value].entries())
    if ((char.codePointAt(0) ?? 0) >= highest)
      throw raise(
        'UnicodeEncodeError',
        `'${name === 'ascii' ? 'ascii' : 'latin-1'}' codec can't encode character '\\x${(char.codePointAt(0) ?? 0).toString(16)}' in position ${i}: ordinal not in range(${highest})`,
      );
  return Uint8Array.from(value, (char) => char.charCodeAt(0));
}

/** bytes.decode. */
export function decodeBytes(bytes: Uint8Array, encoding: Value | undefined): string {
  const name = normal(encoding);
  return name === 'utf8' ? decode(bytes) : String.fromCharCode(...bytes);
}

function normal(encoding: Value | undefined): 'utf8' | 'ascii' | 'latin1' {
  const name = typeof encoding === 'string' ? encoding.toLowerCase().replace(/[-_]/g, '') : 'utf8';
  if (name === 'utf8' || name === 'ascii') return name;
  if (name === 'latin1' || name === 'iso88591') return 'latin1';
  throw new Missing(`python3: the encoding ${String(encoding)}`);
}

const binary = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const fromBinary = (value: string): Uint8Array => Uint8Array.from(value, (c) => c.charCodeAt(0));

/** Methods that bytes share with str, by way of one character per byte. */
const SHARED =
  'strip lstrip rstrip split rsplit splitlines replace startswith endswith find rfind index count partition upper lower ljust rjust zfill isdigit'.split(
    ' ',
  );

function viaText(value: Value): Value {
  if (value instanceof Uint8Array) return binary(value);
  return value instanceof PyTuple ? new PyTuple(value.items.map(viaText)) : value;
}

function viaBytes(value: Value): Value {
  if (typeof value === 'string') return fromBinary(value);
  if (value instanceof PyList) return new PyList(value.items.map(viaBytes));
  return value instanceof PyTuple ? new PyTuple(value.items.map(viaBytes)) : value;
}

for (const name of SHARED) {
  const shared = types.str.attributes.get(name);
  if (!(shared instanceof PyNative)) continue;
  types.bytes.attributes.set(
    name,
    new PyNative(name, (vm, args, keywords) => {
      const result = shared.call(vm, args.map(viaText), keywords);
      return typeof result === 'object' && result !== null && 'next' in result && 'throw' in result
        ? result
        : viaBytes(result);
    }),
  );
}

methods(types.bytes, {
  decode: (_vm, [self, encoding], keywords) =>
    decodeBytes(bytesOf(self), encoding ?? keywords.get('encoding')),
  hex: (_vm, [self]) =>
    Array.from(bytesOf(self), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  *join(vm, [self, items]): Routine<Value> {
    const list = yield* listOf(vm, items ?? null);
    return fromBinary(list.map((item) => binary(bytesOf(item))).join(binary(bytesOf(self))));
  },
});
types.bytes.attributes.set(
  'fromhex',
  new PyWrapper(
    types.staticmethod,
    new PyNative('fromhex', (_vm, [digits]) =>
      Uint8Array.from(text(digits).match(/[\da-f]{2}/gi) ?? [], (pair) =>
        Number.parseInt(pair, 16),
      ),
    ),
  ),
);
