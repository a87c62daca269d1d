// base64, base32, od: bytes as text and back.

import { binaryString, concatBytes } from '../../../core/text.ts';
import { general } from '../../libc/format.ts';
import { quoteValue } from '../../libc/quote.ts';
import { extraOperand, filesOf, gnu, parseSize, readOperands } from './gnu.ts';

/** The letters of base64. */
export const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Encodes bytes with `bits` to a letter, padded to whole groups. */
export function toBase(bytes: Uint8Array, alphabet: string, bits: 5 | 6): string {
  const group = bits === 6 ? 4 : 8;
  const out: string[] = [];
  let held = 0;
  let count = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffffff;
    count += 8;
    while (count >= bits) {
      count -= bits;
      out.push(alphabet.charAt((held >> count) & (2 ** bits - 1)));
    }
  }
  if (count > 0) out.push(alphabet.charAt((held << (bits - count)) & (2 ** bits - 1)));
  while (out.length % group) out.push('=');
  return out.join('');
}

/** Decodes; `valid` is false where a letter was wrong or the end is missing (what came before is kept). */
export function fromBase(
  text: string,
  alphabet: string,
  bits: 5 | 6,
): { bytes: Uint8Array; valid: boolean } {
  const out: number[] = [];
  let held = 0;
  let count = 0;
  let letters = 0;
  const group = bits === 6 ? 4 : 8;
  let valid = true;
  for (const char of text) {
    if (char === '=') {
      letters++;
      continue;
    }
    const value = alphabet.indexOf(char);
    if (value < 0) {
      valid = false;
      break;
    }
    letters++;
    held = ((held << bits) | value) & 0xffffff;
    count += bits;
    if (count >= 8) {
      count -= 8;
      out.push((held >> count) & 255);
    }
  }
  return { bytes: Uint8Array.from(out), valid: valid && letters % group === 0 };
}

function baseProgram(name: string, alphabet: string, bits: 5 | 6) {
  return gnu(
    {
      name,
      usage: ['[OPTION]... [FILE]'],
      options: [
        { key: 'decode', short: 'd', long: 'decode' },
        { key: 'ignore', short: 'i', long: 'ignore-garbage' },
        { key: 'wrap', short: 'w', long: 'wrap', argument: 'required' },
      ],
    },
    function* (command) {
      const { options, operands, out } = command;
      if (operands[1] !== undefined) return yield* extraOperand(command, operands[1]);
      const wrapText = options.value('wrap') ?? '76';
      if (!/^\d+$/.test(wrapText)) {
        yield* command.fail(`invalid wrap size: ${quoteValue(wrapText)}`);
        return 1;
      }
      const { parts, status } = yield* readOperands(command, filesOf(command));
      if (status) return status;
      const bytes = concatBytes(parts);
      if (options.has('decode')) {
        const text = binaryString(bytes).replace(/\n/g, '');
        const clean = options.has('ignore')
          ? [...text].filter((c) => c === '=' || alphabet.includes(c)).join('')
          : text;
        const { bytes: decoded, valid } = fromBase(clean, alphabet, bits);
        out.put(decoded);
        if (valid) return 0;
        yield* command.fail('invalid input');
        return 1;
      }
      const text = toBase(bytes, alphabet, bits);
      const width = Number(wrapText);
      if (width === 0 || text === '') out.put(text);
      else
        for (let at = 0; at < text.length; at += width) out.put(`${text.slice(at, at + width)}\n`);
      return 0;
    },
  );
}

export const base64 = baseProgram('base64', BASE64, 6);
export const base32 = baseProgram('base32', BASE32, 5);

const NAMES = [
  'nul',
  'soh',
  'stx',
  'etx',
  'eot',
  'enq',
  'ack',
  'bel',
  'bs',
  'ht',
  'nl',
  'vt',
  'ff',
  'cr',
  'so',
  'si',
  'dle',
  'dc1',
  'dc2',
  'dc3',
  'dc4',
  'nak',
  'syn',
  'etb',
  'can',
  'em',
  'sub',
  'esc',
  'fs',
  'gs',
  'rs',
  'us',
  'sp',
];
const ESCAPES: Readonly<Record<number, string>> = {
  0: '\\0',
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
};

/** One output format of od: bytes an item takes, its width, and how it is written. */
interface OdFormat {
  readonly size: number;
  readonly width: number;
  readonly show: (view: DataView, at: number) => string;
  readonly tail: boolean;
}

const WIDTHS: Readonly<Record<string, readonly number[]>> = {
  o: [3, 6, 11, 22],
  d: [4, 6, 11, 20],
  u: [3, 5, 10, 20],
  x: [2, 4, 8, 16],
};

function odFormat(text: string): OdFormat | undefined {
  const match = /^([acdfoux])([CSILFD]|\d+)?(z?)$/.exec(text);
  if (!match) return undefined;
  const [, letter = '', sizeText] = match;
  const tail = match[3] === 'z';
  if (letter === 'a')
    return {
      size: 1,
      width: 3,
      tail,
      show: (v, at) => {
        const b = v.getUint8(at) & 127;
        return b === 127 ? 'del' : (NAMES[b] ?? String.fromCharCode(b));
      },
    };
  if (letter === 'c')
    return {
      size: 1,
      width: 3,
      tail,
      show: (v, at) => {
        const b = v.getUint8(at);
        return (
          ESCAPES[b] ??
          (b >= 32 && b < 127 ? String.fromCharCode(b) : b.toString(8).padStart(3, '0'))
        );
      },
    };
  if (letter === 'f') {
    const size = sizeText === 'F' || sizeText === '4' ? 4 : 8;
    return {
      size,
      width: size === 4 ? 15 : 24,
      tail,
      show: (v, at) =>
        size === 4 ? general(v.getFloat32(at, true), 8) : general(v.getFloat64(at, true), 17),
    };
  }
  const size =
    sizeText === undefined ? 4 : ({ C: 1, S: 2, I: 4, L: 8 }[sizeText] ?? Number(sizeText));
  const index = [1, 2, 4, 8].indexOf(size);
  if (index < 0) return undefined;
  const width = WIDTHS[letter]?.[index] ?? 3;
  const radix = letter === 'o' ? 8 : letter === 'x' ? 16 : 10;
  const read = (v: DataView, at: number): bigint => {
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(v.getUint8(at + i));
    return letter === 'd' ? BigInt.asIntN(size * 8, value) : value;
  };
  return {
    size,
    width,
    tail,
    show: (v, at) => {
      const t = read(v, at).toString(radix);
      return radix === 10 ? t : t.padStart(width, '0');
    },
  };
}

export const od = gnu(
  {
    name: 'od',
    usage: ['[OPTION]... [FILE]...'],
    options: [
      { key: 'A', short: 'A', long: 'address-radix', argument: 'required' },
      { key: 'j', short: 'j', long: 'skip-bytes', argument: 'required' },
      { key: 'N', short: 'N', long: 'read-bytes', argument: 'required' },
      { key: 't', short: 't', long: 'format', argument: 'required' },
      { key: 'v', short: 'v', long: 'output-duplicates' },
      { key: 'w', short: 'w', long: 'width', argument: 'optional' },
      ...[...'abcdfiloxsDOX'].map((letter) => ({ key: letter, short: letter })),
    ],
    missing: [{ key: 'S', short: 'S', long: 'strings', argument: 'required' }],
  },
  function* (command) {
    const { options, out } = command;
    const old: Readonly<Record<string, string>> = {
      a: 'a',
      b: 'o1',
      c: 'c',
      d: 'u2',
      f: 'fF',
      i: 'dI',
      l: 'dL',
      o: 'o2',
      s: 'd2',
      x: 'x2',
      D: 'u4',
      O: 'o4',
      X: 'x4',
    };
    const wanted = options.list.flatMap(([key, value]) =>
      key === 't' ? (value.match(/[acdfoux](?:[CSILFD]|\d+)?z?/g) ?? [value]) : (old[key] ?? []),
    );
    const formats: OdFormat[] = [];
    for (const text of wanted.length ? wanted : ['o2']) {
      const format = odFormat(text);
      if (!format) {
        yield* command.fail(
          `invalid character '${text.charAt(0)}' in type string ${quoteValue(text)}`,
        );
        return 1;
      }
      formats.push(format);
    }
    const { parts, status } = yield* readOperands(command);
    const from = parseSize(options.value('j') ?? '0') ?? 0;
    const most = parseSize(options.value('N') ?? '') ?? Number.POSITIVE_INFINITY;
    const bytes = concatBytes(parts).subarray(from, from + most);
    const width = Number(options.value('w') || (options.has('w') ? 32 : 16)) || 16;
    const radix = options.value('A') ?? 'o';
    const address = (at: number): string =>
      radix === 'n'
        ? ''
        : at
            .toString(radix === 'x' ? 16 : radix === 'd' ? 10 : 8)
            .padStart(radix === 'x' ? 6 : 7, '0');
    let before = '';
    let starred = false;
    for (let at = 0; at < bytes.length; at += width) {
      const row = bytes.subarray(at, at + width);
      const key = binaryString(row);
      if (key === before && row.length === width && !options.has('v')) {
        if (!starred) out.put('*\n');
        starred = true;
        continue;
      }
      starred = false;
      before = key;
      formats.forEach((format, i) =>
        out.put(
          `${i ? ' '.repeat(address(0).length) : address(at + from)}${odRow(row, format, formats, width)}\n`,
        ),
      );
    }
    if (radix !== 'n') out.put(`${address(bytes.length + from)}\n`);
    return status;
  },
);

function odRow(
  row: Uint8Array,
  format: OdFormat,
  formats: readonly OdFormat[],
  width: number,
): string {
  const full = new Uint8Array(width + 8);
  full.set(row);
  const view = new DataView(full.buffer);
  const perByte = Math.max(...formats.map((f) => (f.width + 1) / f.size));
  const cell = Math.round(perByte * format.size);
  let text = '';
  for (let at = 0; at < row.length; at += format.size) text += format.show(view, at).padStart(cell);
  if (!format.tail) return text;
  const shown = [...row].map((b) => (b >= 32 && b < 127 ? String.fromCharCode(b) : '.')).join('');
  return `${text.padEnd((width / format.size) * cell)}  >${shown}<`;
}
