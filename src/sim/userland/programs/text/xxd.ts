// xxd 2022-01-14: bytes in hexadecimal and back. Left out: EBCDIC (-E), little-endian groups (-e), patching a file (-r
// with -s).

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { baseName, readFile, writeFile } from '../../libc/whole-file.ts';

interface Dump {
  style: 'hex' | 'plain' | 'bits' | 'include';
  columns: number | undefined;
  group: number | undefined;
  length: number;
  seek: number;
  offset: number;
  upper: boolean;
  decimal: boolean;
  reverse: boolean;
  skipZeroes: boolean;
  name: string | undefined;
  capitals: boolean;
}

const WITH_NUMBER: Readonly<Record<string, 'columns' | 'group' | 'length' | 'seek' | 'offset'>> = {
  c: 'columns',
  g: 'group',
  l: 'length',
  s: 'seek',
  o: 'offset',
};

export const xxd = program('xxd', function* (main) {
  const dump: Dump = {
    style: 'hex',
    columns: undefined,
    group: undefined,
    length: Number.POSITIVE_INFINITY,
    seek: 0,
    offset: 0,
    upper: false,
    decimal: false,
    reverse: false,
    skipZeroes: false,
    name: undefined,
    capitals: false,
  };
  const files: string[] = [];
  const words = [...main.args];
  while (words.length > 0) {
    const word = words.shift() ?? '';
    if (word === '-' || !word.startsWith('-')) files.push(word);
    else {
      const status = yield* option(main, dump, word, words);
      if (status !== undefined) return status;
    }
  }
  const [path = '-', output] = files;
  const bytes = path === '-' ? yield* main.input.rest() : yield* readFile(main.process, path);
  if (isErrno(bytes)) {
    yield* main.fail(`${path}: ${bytes.message}`);
    return 2;
  }
  const start = dump.seek < 0 ? Math.max(0, bytes.length + dump.seek) : dump.seek;
  const part = bytes.subarray(start, Math.min(bytes.length, start + dump.length));
  const result = dump.reverse ? reversed(bytes, dump) : dumped(part, start, dump, path);
  if (output === undefined || output === '-') main.out.put(result);
  else {
    const content =
      typeof result === 'string' ? new Uint8Array([...result].map((c) => c.charCodeAt(0))) : result;
    const failure = yield* writeFile(main.process, output, content);
    if (failure) {
      yield* main.fail(`${output}: ${failure.message}`);
      return 3;
    }
  }
  return 0;
});

function* option(
  main: Main,
  dump: Dump,
  word: string,
  words: string[],
): Routine<number | undefined> {
  const name = word.replace(/^--?/, '');
  const key = WITH_NUMBER[name.charAt(0)];
  if (key !== undefined) {
    const text = /\d/.test(name) ? name.replace(/^[a-z]+/, '') : (words.shift() ?? '0');
    dump[key] = Number(text.replace('+', ''));
  } else if (/^ps?$|^plain|^postscript/.test(name)) dump.style = 'plain';
  else if (name === 'b' || name === 'bits') dump.style = 'bits';
  else if (name === 'i' || name === 'include') dump.style = 'include';
  else if (name === 'r' || name === 'revert') dump.reverse = true;
  else if (name === 'u') dump.upper = true;
  else if (name === 'd') dump.decimal = true;
  else if (name === 'a' || name === 'autoskip') dump.skipZeroes = true;
  else if (name === 'C' || name === 'capitalize') dump.capitals = true;
  else if (name === 'n' || name === 'name') dump.name = words.shift();
  else if (name === 'v' || name === 'version') {
    main.err.put('xxd 2022-01-14 by Juergen Weigert et al.\n');
    return 0;
  } else if (/^[urpb]{2,}$/.test(name)) {
    for (const letter of name) yield* option(main, dump, `-${letter}`, words);
  } else return yield* notSimulated(main, `xxd ${word}`);
  return undefined;
}

function dumped(bytes: Uint8Array, start: number, dump: Dump, path: string): string {
  if (dump.style === 'plain') return plain(bytes, dump);
  if (dump.style === 'include') return include(bytes, dump, path);
  const bits = dump.style === 'bits';
  const columns = dump.columns || (bits ? 6 : 16);
  const group = dump.group ?? (bits ? 1 : 2);
  const one = (byte: number): string =>
    bits ? byte.toString(2).padStart(8, '0') : hex(byte, dump);
  const size = bits ? 8 : 2;
  const width = columns * size + (group > 0 ? Math.ceil(columns / group) : 1) - 1;
  let out = '';
  let zeroes = 0;
  for (let at = 0; at < bytes.length; at += columns) {
    const line = bytes.subarray(at, at + columns);
    const last = at + columns >= bytes.length;
    zeroes = dump.skipZeroes && line.every((byte) => byte === 0) ? zeroes + 1 : 0;
    if (zeroes > 1 && !last) {
      if (zeroes === 2) out += '*\n';
      continue;
    }
    let text = '';
    for (const [i, byte] of line.entries())
      text += (group > 0 && i > 0 && i % group === 0 ? ' ' : '') + one(byte);
    const shown = [...line]
      .map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'))
      .join('');
    const place = start + dump.offset + at;
    const address = dump.decimal
      ? String(place).padStart(8, '0')
      : place.toString(16).padStart(8, '0');
    out += `${address}: ${text.padEnd(width)}  ${shown}\n`;
  }
  return out;
}

function hex(byte: number, { upper }: Dump): string {
  const text = byte.toString(16).padStart(2, '0');
  return upper ? text.toUpperCase() : text;
}

function plain(bytes: Uint8Array, dump: Dump): string {
  const columns = dump.columns ?? 30;
  let out = '';
  for (const [i, byte] of bytes.entries()) {
    out += (columns > 0 && i > 0 && i % columns === 0 ? '\n' : '') + hex(byte, dump);
  }
  return bytes.length > 0 ? `${out}\n` : '';
}

function include(bytes: Uint8Array, dump: Dump, path: string): string {
  const columns = dump.columns || 12;
  const items = [...bytes].map((byte) => `${dump.upper ? '0X' : '0x'}${hex(byte, dump)}`);
  const lines: string[] = [];
  for (let at = 0; at < items.length; at += columns)
    lines.push(`  ${items.slice(at, at + columns).join(', ')}`);
  const body = lines.length ? `${lines.join(',\n')}\n` : '';
  if (path === '-' && dump.name === undefined) return body;
  const raw = (dump.name ?? (path.includes('/') ? path : baseName(path))).replace(
    /[^A-Za-z0-9]/g,
    '_',
  );
  const prefixed = /^\d/.test(raw) ? `__${raw}` : raw;
  const name = dump.capitals ? prefixed.toUpperCase() : prefixed;
  const length = dump.capitals ? 'LEN' : 'len';
  return `unsigned char ${name}[] = {\n${body}};\nunsigned int ${name}_${length} = ${bytes.length};\n`;
}

/** -r: the bytes that a dump stands for; lines may leave gaps, which are filled with zeroes. */
function reversed(source: Uint8Array, dump: Dump): Uint8Array {
  let text = '';
  for (const byte of source) text += String.fromCharCode(byte);
  const bytes: number[] = [];
  if (dump.style === 'plain') {
    const digits = text.replace(/[^0-9a-fA-F]/g, '');
    for (let i = 0; i + 1 < digits.length; i += 2)
      bytes.push(Number.parseInt(digits.slice(i, i + 2), 16));
    return Uint8Array.from(bytes);
  }
  for (const line of text.split('\n')) {
    const match = /^\s*([0-9a-fA-F]+):? ?(.*)$/.exec(line);
    if (!match) continue;
    const at = Number.parseInt(match[1] ?? '0', 16) + dump.seek;
    while (bytes.length < at) bytes.push(0);
    const data = (match[2] ?? '').split('  ')[0]?.replace(/\s/g, '') ?? '';
    for (let i = 0; i + 1 < data.length && i < (dump.columns ?? 16) * 2; i += 2) {
      const byte = Number.parseInt(data.slice(i, i + 2), 16);
      if (!Number.isNaN(byte)) bytes[at + i / 2] = byte;
    }
  }
  return Uint8Array.from(bytes);
}
