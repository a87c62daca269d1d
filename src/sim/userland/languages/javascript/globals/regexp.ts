// RegExp, by the host's, and Date in UTC (ECMA-262, 22.2 and 21.4).

import { epochMilliseconds } from '../../../../core/time.ts';
import type { Routine } from '../../../../core/wait.ts';
import { nativeClass, numberOf, primitive, textOf } from '../operations.ts';
import { defineMember } from '../functions.ts';
import { JsHosted, type Native, type Value, native } from '../values.ts';
import type { Vm } from '../vm.ts';

/** The host's expression behind a value. */
export function regExpOf(value: Value): RegExp | undefined {
  return value instanceof JsHosted && value.kind === 'RegExp' ? (value.host as RegExp) : undefined;
}

/** A regular expression. Throws SyntaxError. */
export function makeRegExp(vm: Vm, pattern: string, flags: string): JsHosted<RegExp> {
  let host: RegExp;
  try {
    host = new RegExp(pattern, flags);
  } catch (error) {
    throw vm.error(
      'SyntaxError',
      error instanceof Error ? error.message : 'Invalid regular expression',
    );
  }
  return new JsHosted(vm.proto('RegExp'), 'RegExp', host);
}

/** What exec and match give. */
export function matchObject(vm: Vm, found: RegExpExecArray | null): Value {
  if (!found) return null;
  const made = vm.array([...found]);
  made.put('index', found.index);
  made.put('input', found.input);
  made.put('groups', found.groups ? vm.object(Object.entries(found.groups)) : undefined);
  return made;
}

function installRegExp(vm: Vm): void {
  const make = function* (args: readonly Value[]): Routine<Value> {
    const [pattern, flags] = args;
    const known = regExpOf(pattern);
    const letters = flags === undefined ? (known?.flags ?? '') : yield* textOf(vm, flags);
    return makeRegExp(vm, known?.source ?? (yield* textOf(vm, pattern)), letters);
  };
  const type = nativeClass(
    vm,
    'RegExp',
    (_vm, args) => make(args),
    (_vm, args) => make(args),
  );
  const self = (value: Value): RegExp => {
    const found = regExpOf(value);
    if (!found) throw vm.error('TypeError', 'Receiver is not a RegExp');
    return found;
  };
  const prototype = vm.proto('RegExp');
  vm.methods(prototype, {
    *test(_vm, [text], value) {
      return self(value).test(yield* textOf(vm, text));
    },
    *exec(_vm, [text], value) {
      return matchObject(vm, self(value).exec(yield* textOf(vm, text)));
    },
    toString: native((_vm, _args, value) => String(self(value))),
  });
  for (const name of ['source', 'flags', 'global', 'lastIndex'] as const)
    defineMember(
      prototype,
      name,
      'get',
      vm.fn(name, (_vm, _args, value) => self(value)[name]),
      false,
    );
  vm.global.hide('RegExp', type);
}

type DateReader = (date: Date) => number | string;
/** Readers by the part of the name behind `get`; local time is UTC here. */
const READERS: Readonly<Record<string, DateReader>> = {
  FullYear: (d) => d.getUTCFullYear(),
  Month: (d) => d.getUTCMonth(),
  Date: (d) => d.getUTCDate(),
  Day: (d) => d.getUTCDay(),
  Hours: (d) => d.getUTCHours(),
  Minutes: (d) => d.getUTCMinutes(),
  Seconds: (d) => d.getUTCSeconds(),
  Milliseconds: (d) => d.getUTCMilliseconds(),
};

const two = (n: number): string => String(n).padStart(2, '0');
const clock = (d: Date): string => {
  const hours = d.getUTCHours();
  return `${hours % 12 || 12}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} ${hours < 12 ? 'AM' : 'PM'}`;
};
const day = (d: Date): string => `${d.getUTCMonth() + 1}/${d.getUTCDate()}/${d.getUTCFullYear()}`;

/** Date.prototype.toString where the zone is UTC. */
function longText(date: Date): string {
  const parts = /^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(date.toUTCString());
  if (!parts) return 'Invalid Date';
  const [, week, number, month, year, time] = parts;
  return `${week} ${month} ${number} ${year} ${time} GMT+0000 (Coordinated Universal Time)`;
}

function installDate(vm: Vm): void {
  const now = (): number => Math.floor(epochMilliseconds(vm.process.now));
  const type = nativeClass(
    vm,
    'Date',
    function* (_vm, args, prototype) {
      if (args.length === 0) return new JsHosted(prototype, 'Date', new Date(now()));
      const [first] = args;
      if (args.length === 1) {
        const value =
          first instanceof JsHosted && first.kind === 'Date'
            ? (first.host as Date).getTime()
            : yield* primitive(vm, first);
        const time =
          typeof value === 'string' ? Date.parse(zoned(value)) : yield* numberOf(vm, value);
        return new JsHosted(prototype, 'Date', new Date(time));
      }
      const [y = 0, mo = 0, d = 1, h = 0, mi = 0, s = 0, ms = 0] = args.map(Number);
      return new JsHosted(prototype, 'Date', new Date(Date.UTC(y, mo, d, h, mi, s, ms)));
    },
    () => longText(new Date(now())),
  );
  vm.methods(type, {
    now,
    parse: (_vm, [text]) => Date.parse(zoned(String(text))),
    UTC: (_vm, args) => {
      const [y = 0, mo = 0, d = 1, h = 0, mi = 0, s = 0, ms = 0] = args.map(Number);
      return Date.UTC(y, mo, d, h, mi, s, ms);
    },
  });
  const self = (value: Value): Date => {
    if (value instanceof JsHosted && value.kind === 'Date') return value.host as Date;
    throw vm.error('TypeError', 'this is not a Date object.');
  };
  const table: Record<string, Native> = {
    getTime: (_vm, _args, value) => self(value).getTime(),
    valueOf: native((_vm, _args, value) => self(value).getTime()),
    getTimezoneOffset: () => 0,
    toISOString: (_vm, _args, value) => {
      if (Number.isNaN(self(value).getTime())) throw vm.error('RangeError', 'Invalid time value');
      return self(value).toISOString();
    },
    toJSON: (_vm, _args, value) => self(value).toJSON(),
    toUTCString: (_vm, _args, value) => self(value).toUTCString(),
    toString: native((_vm, _args, value) => longText(self(value))),
    toLocaleTimeString: (_vm, _args, value) => clock(self(value)),
    toLocaleDateString: (_vm, _args, value) => day(self(value)),
    toLocaleString: native((_vm, _args, value) => `${day(self(value))}, ${clock(self(value))}`),
    toDateString: (_vm, _args, value) => longText(self(value)).slice(0, 15),
    setTime: (_vm, [time], value) => self(value).setTime(Number(time)),
  };
  for (const [name, read] of Object.entries(READERS)) {
    table[`get${name}`] = table[`getUTC${name}`] = (_vm, _args, value) => read(self(value));
    if (name !== 'Day')
      table[`set${name}`] = table[`setUTC${name}`] = (_vm, args, value) =>
        setPart(self(value), name, args.map(Number));
  }
  vm.methods(vm.proto('Date'), table);
  vm.global.hide('Date', type);
}

/** A text without a zone is local time, which is UTC. */
function zoned(text: string): string {
  return /\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text) && text.includes('T') ? `${text}Z` : text;
}

function setPart(date: Date, name: string, args: readonly number[]): number {
  const [value = Number.NaN] = args;
  switch (name) {
    case 'FullYear':
      return date.setUTCFullYear(
        value,
        args[1] ?? date.getUTCMonth(),
        args[2] ?? date.getUTCDate(),
      );
    case 'Month':
      return date.setUTCMonth(value, args[1] ?? date.getUTCDate());
    case 'Date':
      return date.setUTCDate(value);
    case 'Hours':
      return date.setUTCHours(
        value,
        args[1] ?? date.getUTCMinutes(),
        args[2] ?? date.getUTCSeconds(),
        args[3] ?? date.getUTCMilliseconds(),
      );
    case 'Minutes':
      return date.setUTCMinutes(value, args[1] ?? date.getUTCSeconds());
    case 'Seconds':
      return date.setUTCSeconds(value);
    default:
      return date.setUTCMilliseconds(value);
  }
}

/** RegExp and Date. */
export function installRegExpAndDate(vm: Vm): void {
  installRegExp(vm);
  installDate(vm);
}
