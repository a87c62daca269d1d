// `@text`, `@json`, `@csv` and the other string formats.

import { binaryString, decode, encode } from '../../../../core/text.ts';
import { printJson, printNumber } from './print.ts';
import { described, isArray, isObject, type Json, JqError } from './values.ts';

/** What `tostring` gives. */
export function textOf(value: Json): string {
  return typeof value === 'string' ? value : printJson(value);
}

const HTML: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  "'": '&apos;',
  '"': '&quot;',
};
const TSV: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\\': '\\\\',
};

/** A value in the format `@name`. */
export function formatText(name: string, value: Json): string {
  switch (name) {
    case 'text':
      return textOf(value);
    case 'json':
      return printJson(value);
    case 'csv':
      return row(value, 'csv', ',', (text) => `"${text.replaceAll('"', '""')}"`);
    case 'tsv':
      return row(value, 'tsv', '\t', (text) =>
        text.replace(/[\t\n\r\\]/g, (char) => TSV[char] ?? char),
      );
    case 'html':
      return textOf(value).replace(/[<>&'"]/g, (char) => HTML[char] ?? char);
    case 'uri':
      return textOf(value).replace(/[^A-Za-z0-9\-_.!~*'()]/gu, percent);
    case 'sh':
      return shellWords(value);
    case 'base64':
      return toBase64(encode(textOf(value)));
    case 'base64d':
      return fromBase64(value);
    default:
      throw new JqError(`${name} is not a valid format`);
  }
}

function percent(char: string): string {
  return [...encode(char)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

function row(
  value: Json,
  name: string,
  separator: string,
  quote: (text: string) => string,
): string {
  if (value === null || !isArray(value))
    throw new JqError(`${described(value)} cannot be ${name}-formatted, only array`);
  const cells = value.map((cell) => {
    if (cell === null) return '';
    if (typeof cell === 'string') return quote(cell);
    if (typeof cell === 'number') return Number.isNaN(cell) ? '' : printNumber(cell);
    if (typeof cell === 'boolean') return String(cell);
    throw new JqError(`${described(cell)} is not valid in a csv row`);
  });
  return cells.join(separator);
}

function shellWords(value: Json): string {
  const words = value !== null && isArray(value) ? value : [value];
  const quoted = words.map((word) => {
    if (typeof word === 'string') return `'${word.replaceAll("'", "'\\''")}'`;
    if (word !== null && (isArray(word) || isObject(word))) {
      throw new JqError(`${described(word)} can not be escaped for shell`);
    }
    return printJson(word);
  });
  return quoted.join(' ');
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function toBase64(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const count = Math.min(3, bytes.length - i);
    for (let j = 0; j < 4; j++)
      out += j <= count ? DIGITS.charAt((group >> (18 - 6 * j)) & 63) : '=';
  }
  return out;
}

/** Decodes base64; what is left of an incomplete last group is decoded as far as it goes. */
function fromBase64(value: Json): string {
  const text = binaryString(encode(textOf(value)));
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const char of text.replace(/=+$/, '')) {
    const digit = DIGITS.indexOf(char);
    if (digit < 0) throw new JqError(`${described(textOf(value))} is not valid base64 data`);
    held = ((held << 6) | digit) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 255);
  }
  if (bytes.length === 0 && text.length > 0 && text !== '=') {
    throw new JqError(`${described(textOf(value))} is not valid base64 data`);
  }
  return decode(Uint8Array.from(bytes));
}
