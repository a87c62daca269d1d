// The functions of CEL and of Kubernetes' extensions: text, lists, regular expressions, conversions, optionals, times.
// Sets, encodings and semantic versions are not here.

import { addressOf, cidrOf, quantityOf, urlOf } from './kubernetes.ts';
import { add } from './operators.ts';
import {
  CelError,
  compare,
  type Duration,
  durationOf,
  equal,
  isList,
  isMap,
  kindOf,
  NONE,
  type Opaque,
  type Optional,
  type Timestamp,
  timestampOf,
  type Value,
} from './values.ts';

type Result = Value | CelError;
type CelFunction = (...args: Value[]) => Result;

const OVERLOAD = new CelError('no such overload');

function text(run: (self: string, ...args: string[]) => Value): CelFunction {
  return (...args) => {
    if (!args.every((arg) => typeof arg === 'string')) return OVERLOAD;
    const [self = '', ...rest] = args as string[];
    return run(self, ...rest);
  };
}

function regex(pattern: string, flags = 'u'): RegExp | CelError {
  try {
    return new RegExp(pattern, flags);
  } catch {
    return new CelError(`error parsing regexp: \`${pattern}\``);
  }
}

function withRegex(
  self: Value,
  pattern: Value,
  flags: string,
  run: (self: string, found: RegExp) => Value,
): Result {
  if (typeof self !== 'string' || typeof pattern !== 'string') return OVERLOAD;
  const compiled = regex(pattern, flags);
  return compiled instanceof CelError ? compiled : run(self, compiled);
}

const slice: CelFunction = (self = null, from = null, to) => {
  if (typeof self !== 'string' || typeof from !== 'bigint') return OVERLOAD;
  const letters = [...self];
  const end = typeof to === 'bigint' ? Number(to) : letters.length;
  if (from < 0n || Number(from) > letters.length || end > letters.length || Number(from) > end) {
    return new CelError(
      `index out of range: ${from < 0n || Number(from) > letters.length ? from : end}`,
    );
  }
  return letters.slice(Number(from), end).join('');
};

const indexOf =
  (last: boolean): CelFunction =>
  (self = null, of = null, from) => {
    if (isList(self)) {
      const found = last
        ? self.findLastIndex((item) => equal(item, of))
        : self.findIndex((item) => equal(item, of));
      return BigInt(found);
    }
    if (typeof self !== 'string' || typeof of !== 'string') return OVERLOAD;
    const start = typeof from === 'bigint' ? Number(from) : undefined;
    return BigInt(last ? self.lastIndexOf(of, start) : self.indexOf(of, start));
  };

const sorted = (items: readonly Value[]): boolean =>
  items.every((item, i) => i === 0 || (compare(items[i - 1] ?? null, item) ?? 1) <= 0);

const extreme =
  (sign: number, name: string): CelFunction =>
  (self = null) => {
    if (!isList(self)) return OVERLOAD;
    const [first, ...rest] = self;
    if (first === undefined) return new CelError(`${name} called on empty list`);
    return rest.reduce((best, one) => ((compare(one, best) ?? 0) * sign > 0 ? one : best), first);
  };

const sum: CelFunction = (self = null) => {
  if (!isList(self)) return OVERLOAD;
  let total: Result = self.length === 0 || typeof self[0] === 'bigint' ? 0n : 0;
  if (kindOf(self[0] ?? null) === 'duration') total = { kind: 'duration', nanoseconds: 0n };
  for (const item of self) {
    total = add(total, item);
    if (total instanceof CelError) return total;
  }
  return total;
};

/** Functions that are called on a value. */
const METHODS: Readonly<Record<string, CelFunction>> = {
  startsWith: text((self, other = '') => self.startsWith(other)),
  endsWith: text((self, other = '') => self.endsWith(other)),
  contains: text((self, other = '') => self.includes(other)),
  lowerAscii: text((self) => self.replace(/[A-Z]/g, (one) => one.toLowerCase())),
  upperAscii: text((self) => self.replace(/[a-z]/g, (one) => one.toUpperCase())),
  trim: text((self) => self.trim()),
  reverse: (self = null) =>
    typeof self === 'string'
      ? [...self].reverse().join('')
      : isList(self)
        ? [...self].reverse()
        : OVERLOAD,
  charAt: (self = null, at = null) =>
    typeof self === 'string' && typeof at === 'bigint'
      ? (([...self][Number(at)] ?? '') as Value)
      : OVERLOAD,
  matches: (self = null, pattern = null) =>
    withRegex(self, pattern, 'u', (one, found) => found.test(one)),
  find: (self = null, pattern = null) =>
    withRegex(self, pattern, 'u', (one, found) => found.exec(one)?.[0] ?? ''),
  findAll: (self = null, pattern = null, most) =>
    withRegex(self, pattern, 'gu', (one, found) =>
      Array.from(one.matchAll(found), ([whole]) => whole).slice(
        0,
        typeof most === 'bigint' && most >= 0n ? Number(most) : undefined,
      ),
    ),
  replace: (self = null, from = null, to = null, most) => {
    if (typeof self !== 'string' || typeof from !== 'string' || typeof to !== 'string')
      return OVERLOAD;
    const parts = self.split(from);
    const count = typeof most === 'bigint' && most >= 0n ? Number(most) : parts.length;
    return parts.reduce(
      (whole, part, i) => (i === 0 ? part : whole + (i <= count ? to : from) + part),
      '',
    );
  },
  split: (self = null, by = null, most) => {
    if (typeof self !== 'string' || typeof by !== 'string') return OVERLOAD;
    const parts = self.split(by);
    if (typeof most !== 'bigint' || most < 0n || Number(most) >= parts.length) return parts;
    const count = Number(most);
    return count === 0 ? [] : [...parts.slice(0, count - 1), parts.slice(count - 1).join(by)];
  },
  join: (self = null, by = '') =>
    isList(self) && self.every((one) => typeof one === 'string') && typeof by === 'string'
      ? self.join(by)
      : OVERLOAD,
  substring: slice,
  indexOf: indexOf(false),
  lastIndexOf: indexOf(true),
  isSorted: (self = null) => (isList(self) ? sorted(self) : OVERLOAD),
  sum,
  min: extreme(-1, 'min'),
  max: extreme(1, 'max'),
  first: (self = null) => (isList(self) ? optional(self[0]) : OVERLOAD),
  last: (self = null) => (isList(self) ? optional(self.at(-1)) : OVERLOAD),
  slice: (self = null, from = null, to = null) =>
    isList(self) && typeof from === 'bigint' && typeof to === 'bigint'
      ? self.slice(Number(from), Number(to))
      : OVERLOAD,
  flatten: (self = null) => (isList(self) ? (self.flat() as readonly Value[]) : OVERLOAD),
  distinct: (self = null) =>
    isList(self)
      ? self.filter((one, i) => self.findIndex((other) => equal(one, other)) === i)
      : OVERLOAD,
  sort: (self = null) => (isList(self) ? [...self].sort((a, b) => compare(a, b) ?? 0) : OVERLOAD),
  size: (self = null) => size(self),
  format: (self = null, args = null) =>
    typeof self === 'string' && isList(args) ? formatted(self, args) : OVERLOAD,
  hasValue: (self = null) => (isOptional(self) ? self.value !== undefined : OVERLOAD),
  value: (self = null) =>
    isOptional(self) ? (self.value ?? new CelError('optional.none() dereference')) : OVERLOAD,
  orValue: (self = null, other = null) => (isOptional(self) ? (self.value ?? other) : OVERLOAD),
  or: (self = null, other = null) =>
    isOptional(self) ? (self.value === undefined ? other : self) : OVERLOAD,
};

function optional(value: Value | undefined): Optional {
  return value === undefined ? NONE : { kind: 'optional', value };
}

function isOptional(value: Value): value is Optional {
  return kindOf(value) === 'optional';
}

function size(value: Value): Result {
  if (typeof value === 'string') return BigInt([...value].length);
  if (isList(value)) return BigInt(value.length);
  return isMap(value) ? BigInt(value.size) : OVERLOAD;
}

/** `%s` and its like. */
function formatted(pattern: string, args: readonly Value[]): string {
  let next = 0;
  return pattern.replace(/%(?:%|(?:\.(\d+))?([sdfexXbo]))/g, (whole, digits, verb) => {
    if (whole === '%%') return '%';
    const value = args[next++] ?? null;
    if (verb === 'f') return Number(value).toFixed(digits === undefined ? 6 : Number(digits));
    if (verb === 'x') return BigInt(Number(value)).toString(16);
    if (verb === 'X') return BigInt(Number(value)).toString(16).toUpperCase();
    if (verb === 'b') return BigInt(Number(value)).toString(2);
    if (verb === 'o') return BigInt(Number(value)).toString(8);
    return written(value);
  });
}

function written(value: Value): string {
  if (isList(value)) return `[${value.map(written).join(', ')}]`;
  if (isMap(value))
    return `{${[...value].map(([key, one]) => `${written(key)}: ${written(one)}`).join(', ')}}`;
  const found = toText(value);
  return found instanceof CelError ? kindOf(value) : String(found);
}

function toText(value: Value): Result {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') return String(value);
  const kind = kindOf(value);
  if (kind === 'timestamp') {
    const moment = Number((value as Timestamp).nanoseconds / 1_000_000n);
    return new Date(moment).toISOString().replace(/\.000Z$/, 'Z');
  }
  if (kind === 'duration') return `${Number((value as Duration).nanoseconds) / 1e9}s`;
  return kind === 'list' || kind === 'map' || kind === 'optional'
    ? OVERLOAD
    : (value as Opaque).text;
}

function toInteger(value: Value): Result {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return BigInt(Math.trunc(value));
  if (typeof value === 'string') {
    return /^[+-]?\d+$/.test(value)
      ? BigInt(value)
      : new CelError(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  return kindOf(value) === 'timestamp'
    ? (value as Timestamp).nanoseconds / 1_000_000_000n
    : OVERLOAD;
}

/** Functions that stand alone. */
const FUNCTIONS: Readonly<Record<string, CelFunction>> = {
  size: (value = null) => size(value),
  matches: (self = null, pattern = null) => METHODS.matches?.(self, pattern) ?? OVERLOAD,
  int: (value = null) => toInteger(value),
  uint: (value = null) => toInteger(value),
  double: (value = null) =>
    typeof value === 'string' || typeof value === 'bigint' ? Number(value) : value,
  string: (value = null) => toText(value),
  bool: (value = null) =>
    value === 'true' || value === true
      ? true
      : value === 'false' || value === false
        ? false
        : OVERLOAD,
  dyn: (value = null) => value,
  type: (value = null) => ({ kind: 'opaque', type: 'type', text: kindOf(value), methods: {} }),
  timestamp: (value = null) =>
    typeof value === 'string' ? (timestampOf(value) ?? new CelError('invalid timestamp')) : value,
  duration: (value = null) =>
    typeof value === 'string' ? (durationOf(value) ?? new CelError('invalid duration')) : value,
  'optional.of': (value = null) => ({ kind: 'optional', value }),
  'optional.none': () => NONE,
  'optional.ofNonZeroValue': (value = null) =>
    value === null ||
    value === '' ||
    value === 0n ||
    value === 0 ||
    value === false ||
    size(value) === 0n
      ? NONE
      : { kind: 'optional', value },
  quantity: (value = null) => quantityOf(value),
  isQuantity: (value = null) => !(quantityOf(value) instanceof CelError),
  ip: (value = null) => addressOf(value),
  isIP: (value = null) => !(addressOf(value) instanceof CelError),
  cidr: (value = null) => cidrOf(value),
  isCIDR: (value = null) => !(cidrOf(value) instanceof CelError),
  url: (value = null) => urlOf(value),
  isURL: (value = null) => !(urlOf(value) instanceof CelError),
  'math.greatest': (...args) => FOLDED(args, METHODS.max),
  'math.least': (...args) => FOLDED(args, METHODS.min),
};

function FOLDED(args: readonly Value[], run: CelFunction | undefined): Result {
  const [first] = args;
  return (
    run?.(args.length === 1 && first !== undefined && isList(first) ? first : [...args]) ?? OVERLOAD
  );
}

/** Parts of times, with how they are read off a date in UTC. */
const TIME_PARTS: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDate: (date) => date.getUTCDate(),
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDayOfWeek: (date) => date.getUTCDay(),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
};

const DURATION_PARTS: Readonly<Record<string, bigint>> = {
  getHours: 3_600_000_000_000n,
  getMinutes: 60_000_000_000n,
  getSeconds: 1_000_000_000n,
  getMilliseconds: 1_000_000n,
};

/** True for a name that some function has. */
export function isFunction(name: string): boolean {
  return name in METHODS || name in FUNCTIONS || name in TIME_PARTS;
}

/** Calls a function by name; a method's first argument is the value that it is called on. */
export function callFunction(name: string, args: readonly Value[], method: boolean): Result {
  if (!method) return FUNCTIONS[name]?.(...args) ?? OVERLOAD;
  const [self = null, ...rest] = args;
  const kind = kindOf(self);
  if (kind === 'timestamp' && TIME_PARTS[name]) {
    const moment = Number((self as Timestamp).nanoseconds / 1_000_000n);
    return BigInt(TIME_PARTS[name](new Date(moment)));
  }
  const part = DURATION_PARTS[name];
  if (kind === 'duration' && part !== undefined) return (self as Duration).nanoseconds / part;
  const own =
    self !== null &&
    typeof self === 'object' &&
    !isList(self) &&
    !isMap(self) &&
    self.kind === 'opaque'
      ? self.methods[name]
      : undefined;
  if (own) return own(...rest);
  return METHODS[name]?.(...args) ?? OVERLOAD;
}
