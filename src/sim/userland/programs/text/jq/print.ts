// Writing JSON as jq 1.6 does: seventeen digits, exponents as C writes them, objects in the order of their keys' arrival.

import { type Json, isArray, isObject, sortedKeys } from './values.ts';

/** How a text is laid out. `indent` undefined: on one line. */
export interface Layout {
  readonly indent?: string;
  readonly sort?: boolean;
  /** Only ASCII: other characters as \u escapes. */
  readonly ascii?: boolean;
}

/** The JSON text of a value. */
export function printJson(value: Json, layout: Layout = {}): string {
  return print(value, layout, '\n');
}

function print(value: Json, layout: Layout, line: string): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return printNumber(value);
  if (typeof value === 'string') return printString(value, layout.ascii ?? false);
  const inner = line + (layout.indent ?? '');
  const pretty = layout.indent !== undefined;
  const items = isArray(value)
    ? value.map((item) => print(item, layout, inner))
    : (layout.sort ? sortedKeys(value) : [...value.keys()]).map(
        (key) =>
          `${printString(key, layout.ascii ?? false)}${pretty ? ': ' : ':'}${print(value.get(key) ?? null, layout, inner)}`,
      );
  const [open, close] = isObject(value) ? '{}' : '[]';
  if (items.length === 0) return `${open}${close}`;
  return pretty
    ? `${open}${inner}${items.join(`,${inner}`)}${line}${close}`
    : `${open}${items.join(',')}${close}`;
}

/** A number; nan is null and the infinities are the largest double. */
export function printNumber(value: number): string {
  if (Number.isNaN(value)) return 'null';
  if (!Number.isFinite(value)) return printNumber(value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const point = Number(exponent) + 1;
  const sign = value < 0 ? '-' : '';
  if (point <= -4 || point > digits.length + 15) {
    const power = Math.abs(point - 1);
    const tail = `e${point < 1 ? '-' : '+'}${power < 10 ? '0' : ''}${power}`;
    return `${sign}${digits.charAt(0)}${digits.length > 1 ? `.${digits.slice(1)}` : ''}${tail}`;
  }
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, '0');
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\b': '\\b',
  '\f': '\\f',
};

/** A string in quotes. */
export function printString(text: string, ascii: boolean): string {
  const special = ascii ? /[^ !#-[\]-~]/g : /["\\\u0000-\u001f\u007f]/g;
  return `"${text.replace(special, (char) => ESCAPES[char] ?? unicodeEscape(char))}"`;
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
