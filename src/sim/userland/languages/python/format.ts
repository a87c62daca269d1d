// Formatting: the format specification of f-strings and str.format (Format Specification Mini-Language), and the
// conversions of the operator % on strings.

import type { Routine } from '../../../core/wait.ts';
import { Missing } from '../interpreter.ts';
import { findAttribute, specialMethod } from './attributes.ts';
import { callValue } from './call.ts';
import { raise } from './errors.ts';
import { getItem } from './iterate.ts';
import { textOf } from './operators.ts';
import { floatText, reprOf } from './repr.ts';
import { type Keywords, PyDict, PyObject, PyTuple, typeOf, type Value } from './values.ts';
import type { Vm } from './vm.ts';

const SPECIFICATION = /^(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/su;

/** format(value, specification). */
export function* formatValue(vm: Vm, value: Value, specification: string): Routine<string> {
  const own = value instanceof PyObject ? specialMethod(value, '__format__') : undefined;
  if (own !== undefined) return yield* textOf(vm, yield* callValue(vm, own, [specification]));
  if (specification === '') return yield* textOf(vm, value);
  const parts = SPECIFICATION.exec(specification);
  if (!parts)
    throw raise(
      'ValueError',
      `Invalid format specifier '${specification}' for object of type '${typeOf(value).name}'`,
    );
  const [, fill, align, sign = '', alternate, zero, width, group, precision, kind = ''] = parts;
  const number = typeof value === 'boolean' && kind !== '' && kind !== 's' ? BigInt(value) : value;
  let text: string;
  let numeric = true;
  if (typeof number === 'bigint' && 'bcdoxX'.includes(kind))
    text = integerText(number, kind, alternate !== undefined, group);
  else if (typeof number === 'bigint' || typeof number === 'number')
    text = realText(Number(number), kind, precision, group);
  else {
    if (kind !== '' && kind !== 's')
      throw raise(
        'ValueError',
        `Unknown format code '${kind}' for object of type '${typeOf(value).name}'`,
      );
    numeric = false;
    text = yield* textOf(vm, value);
    if (precision !== undefined) text = [...text].slice(0, Number(precision)).join('');
  }
  if (numeric && !text.startsWith('-') && sign !== '-' && sign !== '') text = sign + text;
  const place = align ?? (zero ? '=' : numeric ? '>' : '<');
  return padded(text, Number(width ?? 0), fill ?? (zero ? '0' : ' '), place);
}

function padded(text: string, width: number, fill: string, align: string): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (align === '<') return text + fill.repeat(missing);
  if (align === '>') return fill.repeat(missing) + text;
  if (align === '^') {
    const before = Math.floor(missing / 2);
    return fill.repeat(before) + text + fill.repeat(missing - before);
  }
  const [, sign = '', digits = ''] = /^([-+ ]?(?:0[xob])?)(.*)$/is.exec(text) ?? [];
  return sign + fill.repeat(missing) + digits;
}

function grouped(digits: string, group: string | undefined): string {
  if (group === undefined) return digits;
  const [whole = '', rest] = digits.split('.');
  const marked = whole.replace(/\B(?=(\d{3})+$)/g, group);
  return rest === undefined ? marked : `${marked}.${rest}`;
}

function integerText(
  value: bigint,
  kind: string,
  alternate: boolean,
  group: string | undefined,
): string {
  if (kind === 'c') return String.fromCodePoint(Number(value));
  const base = kind === 'b' ? 2 : kind === 'o' ? 8 : kind.toLowerCase() === 'x' ? 16 : 10;
  const size = (value < 0n ? -value : value).toString(base);
  const digits = kind === 'X' ? size.toUpperCase() : size;
  const prefix = alternate && base !== 10 ? `0${kind}` : '';
  return `${value < 0n ? '-' : ''}${prefix}${grouped(digits, base === 10 ? group : undefined)}`;
}

function exponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function realText(
  value: number,
  kind: string,
  precision: string | undefined,
  group: string | undefined,
): string {
  if (!Number.isFinite(value)) return floatText(value);
  const digits = precision === undefined ? 6 : Number(precision);
  switch (kind.toLowerCase()) {
    case 'f':
      return grouped(value.toFixed(digits), group);
    case 'e':
      return exponent(value.toExponential(digits));
    case '%':
      return `${grouped((value * 100).toFixed(digits), group)}%`;
    case '':
      if (precision === undefined) return grouped(floatText(value), group);
      return general(value, digits, true);
    case 'g':
      return grouped(general(value, digits, false), group);
    case 'd':
      throw raise('ValueError', "Unknown format code 'd' for object of type 'float'");
    default:
      throw new Missing(`python3: format code ${kind}`);
  }
}

/** %g: as many significant digits, without zeros at the end. */
function general(value: number, precision: number, keepsPoint: boolean): string {
  const digits = Math.max(precision, 1);
  const power = value === 0 ? 0 : Number(value.toExponential(digits - 1).split('e')[1]);
  if (power < -4 || power >= digits) {
    const [mantissa = '', rest = ''] = value.toExponential(digits - 1).split('e');
    const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
    return exponent(`${short}e${rest}`);
  }
  const text = value.toFixed(Math.max(0, digits - 1 - power));
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return keepsPoint && !short.includes('.') ? `${short}.0` : short;
}

/** `template % values`. */
export function* formatPercent(vm: Vm, template: string, values: Value): Routine<string> {
  const list = values instanceof PyTuple ? values.items : [values];
  let used = 0;
  let out = '';
  let last = 0;
  for (const found of template.matchAll(
    /%(?:\((\w+)\))?([-+ 0#]*)(\*|\d+)?(?:\.(\d+))?([a-zA-Z%])/g,
  )) {
    const [whole, name, flags = '', width, precision, kind = ''] = found;
    out += template.slice(last, found.index);
    last = found.index + whole.length;
    if (kind === '%') {
      out += '%';
      continue;
    }
    let value: Value | undefined;
    if (name !== undefined && values instanceof PyDict) value = yield* getItem(vm, values, name);
    else value = list[used++];
    if (value === undefined) throw raise('TypeError', 'not enough arguments for format string');
    const size = Number(width ?? 0);
    const zero = flags.includes('0') && !flags.includes('-') && kind !== 's';
    let text: string;
    if (kind === 's') text = yield* textOf(vm, value);
    else if (kind === 'r') text = yield* reprOf(vm, value);
    else text = yield* percentNumber(vm, value, kind, precision);
    if (kind === 's' && precision !== undefined) text = text.slice(0, Number(precision));
    if (flags.includes('+') && !text.startsWith('-')) text = `+${text}`;
    const align = flags.includes('-') ? '<' : zero ? '=' : '>';
    out += padded(text, size, zero ? '0' : ' ', align);
  }
  if (values instanceof PyTuple && used < list.length)
    throw raise('TypeError', 'not all arguments converted during string formatting');
  if (used === 0 && !(values instanceof PyTuple) && !(values instanceof PyDict))
    throw raise('TypeError', 'not all arguments converted during string formatting');
  return out + template.slice(last);
}

function* percentNumber(
  vm: Vm,
  value: Value,
  kind: string,
  precision: string | undefined,
): Routine<string> {
  if (typeof value !== 'bigint' && typeof value !== 'number' && typeof value !== 'boolean') {
    const given = typeOf(value).name;
    throw raise(
      'TypeError',
      kind === 'd' || kind === 'i'
        ? `%${kind} format: a real number is required, not ${given}`
        : `must be real number, not ${given}`,
    );
  }
  if ('di'.includes(kind))
    return String(typeof value === 'number' ? BigInt(Math.trunc(value)) : BigInt(value));
  const digits = precision === undefined ? '' : `.${precision}`;
  const number = 'xXoc'.includes(kind) ? BigInt(value) : Number(value);
  return yield* formatValue(vm, number, `${digits}${kind}`);
}

/** str.format. */
export function* formatTemplate(
  vm: Vm,
  template: string,
  args: readonly Value[],
  keywords: Keywords,
): Routine<string> {
  let automatic = 0;
  let out = '';
  for (let i = 0; i < template.length; i++) {
    const char = template[i] ?? '';
    if ((char === '{' || char === '}') && template[i + 1] === char) {
      out += char;
      i++;
      continue;
    }
    if (char === '}') throw raise('ValueError', "Single '}' encountered in format string");
    if (char !== '{') {
      out += char;
      continue;
    }
    let depth = 1;
    let end = i + 1;
    for (; end < template.length && depth > 0; end++) {
      if (template[end] === '{') depth++;
      if (template[end] === '}') depth--;
    }
    if (depth > 0) throw raise('ValueError', "Single '{' encountered in format string");
    const field = template.slice(i + 1, end - 1);
    i = end - 1;
    const [, name = '', path = '', conversion, specification = ''] =
      /^([^.[!:]*)((?:\.\w+|\[[^\]]*\])*)(?:!([rsa]))?(?::(.*))?$/s.exec(field) ?? [];
    const key = name === '' ? String(automatic++) : name;
    let value = /^\d+$/.test(key) ? args[Number(key)] : keywords.get(key);
    if (value === undefined) {
      if (!/^\d+$/.test(key)) throw raise('KeyError', key);
      throw raise('IndexError', `Replacement index ${key} out of range for positional args tuple`);
    }
    for (const [, attribute, index = ''] of path.matchAll(/\.(\w+)|\[([^\]]*)\]/g)) {
      if (attribute !== undefined) value = (yield* findAttribute(vm, value, attribute)) ?? null;
      else value = yield* getItem(vm, value, /^\d+$/.test(index) ? BigInt(index) : index);
    }
    if (conversion === 'r') value = yield* reprOf(vm, value);
    const nested = specification.includes('{')
      ? yield* formatTemplate(vm, specification, args.slice(automatic), keywords)
      : specification;
    out += yield* formatValue(vm, value, nested);
  }
  return out;
}
