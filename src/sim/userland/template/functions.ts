// The functions of Go's text/template and those that docker adds: json, split, join, title, lower, upper, pad, truncate.

import { encode } from '../../core/text.ts';
import { goJson, goPrint, isTrue } from './values.ts';

/** Why a function refused its arguments. */
export interface CallFailure {
  readonly failure: string;
}

/** A function of templates: its arguments, and the names of the fields that they were reached by. */
export type Body = (args: readonly unknown[], fields: readonly (string | undefined)[]) => unknown;

export const isFailure = (value: unknown): value is CallFailure =>
  typeof value === 'object' && value !== null && 'failure' in value;

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  return Number(a) - Number(b);
}

/** What Go calls the type of a value that came as JSON or out of a template. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return 'invalid';
  if (Array.isArray(value)) return '[]interface {}';
  switch (typeof value) {
    case 'bigint':
      return 'int';
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    case 'number':
      return 'float64';
    default:
      return 'map[string]interface {}';
  }
}

/** What template.HTMLEscapeString writes. */
const HTML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

/** url.QueryEscape */
function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function incompatible(a: unknown, b: unknown): CallFailure | undefined {
  if (typeof a === typeof b) return undefined;
  if (a === null || a === undefined || b === null || b === undefined) return undefined;
  const types =
    typeof a === 'bigint' || typeof b === 'bigint' ? `: ${goType(a)} and ${goType(b)}` : '';
  return { failure: `incompatible types for comparison${types}` };
}

function ordering(holds: (order: number) => boolean): Body {
  return ([a, b]) => incompatible(a, b) ?? holds(compare(a, b));
}

function index([container, ...keys]: readonly unknown[]): unknown {
  let at = container;
  for (const key of keys) {
    if (at === null || at === undefined) return { failure: 'index of untyped nil' };
    if (Array.isArray(at) || typeof at === 'string') {
      if (typeof key !== 'number' && typeof key !== 'bigint')
        return { failure: `cannot index slice/array with type ${typeof key}` };
      const place = Number(key);
      if (place < 0 || place >= at.length) {
        const why = `index out of range: ${place}`;
        return { failure: typeof key === 'bigint' ? why : 'reflect: slice index out of range' };
      }
      at = typeof at === 'string' ? at.charCodeAt(place) : at[place];
    } else if (typeof at === 'object') {
      const value = (at as Record<string, unknown>)[String(key)];
      at = value === undefined ? '' : value;
    } else return { failure: `can't index item of type ${typeof at}` };
  }
  return at;
}

function size([value]: readonly unknown[]): unknown {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (value === null || value === undefined) return { failure: 'len of nil pointer' };
  if (typeof value === 'object') return Object.keys(value).length;
  return { failure: `len of type ${typeof value === 'boolean' ? 'bool' : 'float64'}` };
}

/** fmt.Sprint: spaces between operands that are both no strings. */
function sprint(args: readonly unknown[]): string {
  let out = '';
  for (const [i, arg] of args.entries()) {
    if (i > 0 && typeof arg !== 'string' && typeof args[i - 1] !== 'string') out += ' ';
    out += arg === null ? '<nil>' : goPrint(arg);
  }
  return out;
}

function padded(text: string, width: string | undefined, flags: string): string {
  const wanted = Number(width ?? 0);
  if (flags.includes('-')) return text.padEnd(wanted);
  return text.padStart(wanted, flags.includes('0') && /^[+-]?\d/.test(text) ? '0' : ' ');
}

function sprintf([format, ...args]: readonly unknown[]): string {
  let next = 0;
  const done = String(format).replace(
    /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      if (next >= args.length) return `%!${verb}(MISSING)`;
      const arg = args[next++];
      return padded(formatted(arg, verb, precision), width, flags);
    },
  );
  return next < args.length
    ? `${done}%!(EXTRA ${args
        .slice(next)
        .map((a) => `${typeof a}=${goPrint(a)}`)
        .join(', ')})`
    : done;
}

function formatted(arg: unknown, verb: string, precision: string | undefined): string {
  if (verb === 'q') return JSON.stringify(typeof arg === 'string' ? arg : goPrint(arg));
  if (verb === 'x' && (typeof arg === 'number' || typeof arg === 'bigint')) return arg.toString(16);
  if (verb === 'x')
    return [...encode(String(arg))].map((b) => b.toString(16).padStart(2, '0')).join('');
  if (verb === 'd' && typeof arg === 'number' && !Number.isInteger(arg))
    return `%!d(float64=${arg})`;
  if (verb === 'f' && typeof arg === 'number')
    return arg.toFixed(precision === undefined ? 6 : Number(precision));
  if (verb === 'T') return typeof arg === 'string' ? 'string' : 'interface {}';
  if (verb === 'd' && typeof arg === 'string') return `%!d(string=${arg})`;
  const text = arg === null ? '<nil>' : goPrint(arg);
  return verb === 's' && precision !== undefined ? text.slice(0, Number(precision)) : text;
}

export const FUNCTIONS: Readonly<Record<string, Body>> = {
  and: (args) => args.find((arg) => !isTrue(arg)) ?? args.at(-1),
  or: (args) => args.find(isTrue) ?? args.at(-1),
  not: ([value]) => !isTrue(value),
  eq: ([first, ...others]) => {
    const wrong = others.map((other) => incompatible(first, other)).find(isFailure);
    return wrong ?? others.some((other) => other === first);
  },
  ne: ([a, b]) => incompatible(a, b) ?? a !== b,
  lt: ordering((order) => order < 0),
  le: ordering((order) => order <= 0),
  gt: ordering((order) => order > 0),
  ge: ordering((order) => order >= 0),
  len: size,
  index,
  slice: ([value, from, to]) =>
    (value as string | unknown[]).slice(
      Number(from ?? 0),
      to === undefined ? undefined : Number(to),
    ),
  print: sprint,
  println: (args) => `${args.map((arg) => (arg === null ? '<nil>' : goPrint(arg))).join(' ')}\n`,
  printf: sprintf,
  html: (args) => sprint(args).replace(/[&<>"']/g, (c) => HTML_ENTITIES[c] ?? c),
  js: (args) => JSON.stringify(sprint(args)).slice(1, -1),
  urlquery: (args) => queryEscape(sprint(args)),
  json: ([value], [field]) => goJson(value, field),
  split: ([text, separator]) => String(text).split(String(separator)),
  join: ([list, separator]) =>
    ((list ?? []) as unknown[]).map((item) => goPrint(item)).join(String(separator)),
  title: ([text]) =>
    String(text).replace(/(^|\s)(\S)/g, (_, space: string, c: string) => space + c.toUpperCase()),
  lower: ([text]) => String(text).toLowerCase(),
  upper: ([text]) => String(text).toUpperCase(),
  pad: ([text, left, right]) =>
    text === '' ? '' : ' '.repeat(Number(left)) + String(text) + ' '.repeat(Number(right)),
  truncate: ([text, length]) => String(text).slice(0, Number(length)),
};

/** True for the names that every template knows. */
export function isCoreFunction(name: string): boolean {
  return name === 'call' || Object.hasOwn(FUNCTIONS, name);
}
