// String, Number, BigInt and Math (ECMA-262, 21 and 22.1).

import type { Routine } from '../../../../core/wait.ts';
import {
  call,
  get,
  iteratorObject,
  nativeClass,
  numberOf,
  primitive,
  textOf,
} from '../operations.ts';
import {
  JsFunction,
  JsHosted,
  JsObject,
  type Native,
  type Natives,
  type Value,
  native,
} from '../values.ts';
import type { Vm } from '../vm.ts';
import { matchObject, regExpOf } from './regexp.ts';

const number = (value: Value, otherwise = 0): number =>
  value === undefined ? otherwise : Number(value as number);

/** A method of strings that takes plain values. */
function plain(make: (text: string, args: readonly Value[]) => Value): Native {
  return function* (vm, args, self) {
    return make(yield* textOf(vm, self), args);
  };
}

function* replace(
  vm: Vm,
  [pattern, to]: readonly Value[],
  self: Value,
  all: boolean,
): Routine<Value> {
  const source = yield* textOf(vm, self);
  const expression = regExpOf(pattern);
  const found: RegExpExecArray[] = [];
  if (expression) {
    expression.lastIndex = 0;
    const once = expression.global ? null : expression.exec(source);
    if (once) found.push(once);
    else if (expression.global) found.push(...source.matchAll(expression));
  } else {
    const text = yield* textOf(vm, pattern);
    for (
      let at = source.indexOf(text);
      at >= 0;
      at = source.indexOf(text, at + (text.length || 1))
    ) {
      const one = Object.assign([text], { index: at, input: source, groups: undefined });
      found.push(one as RegExpExecArray);
      if (!all || at >= source.length) break;
    }
  }
  let out = '';
  let at = 0;
  for (const one of found) {
    out += source.slice(at, one.index);
    at = one.index + one[0].length;
    if (to instanceof JsFunction) {
      const args: Value[] = [...one, one.index, source];
      out += yield* textOf(vm, yield* call(vm, to, undefined, args));
    } else out += expand(yield* textOf(vm, to), one, source);
  }
  return out + source.slice(at);
}

function expand(template: string, found: RegExpExecArray, source: string): string {
  return template.replace(/\$(\$|&|`|'|\d{1,2}|<(\w+)>)/g, (whole, what: string, name?: string) => {
    if (what === '$') return '$';
    if (what === '&') return found[0];
    if (what === '`') return source.slice(0, found.index);
    if (what === "'") return source.slice(found.index + found[0].length);
    if (name !== undefined) return found.groups?.[name] ?? '';
    return found[Number(what)] ?? (Number(what) < found.length ? '' : whole);
  });
}

function splitting(vm: Vm): Native {
  return plain((text, [separator, limit]) => {
    const expression = regExpOf(separator);
    const parts = separator === undefined ? [text] : text.split(expression ?? String(separator));
    return vm.array(limit === undefined ? parts : parts.slice(0, number(limit)));
  });
}

function stringMethods(vm: Vm): Natives {
  return {
    charAt: plain((text, [at]) => text.charAt(number(at))),
    charCodeAt: plain((text, [at]) => text.charCodeAt(number(at))),
    codePointAt: plain((text, [at]) => text.codePointAt(number(at))),
    at: plain((text, [at]) => text.at(number(at))),
    includes: plain((text, [part, from]) => text.includes(String(part), number(from))),
    indexOf: plain((text, [part, from]) => text.indexOf(String(part), number(from))),
    lastIndexOf: plain((text, [part]) => text.lastIndexOf(String(part))),
    startsWith: plain((text, [part, from]) => text.startsWith(String(part), number(from))),
    endsWith: plain((text, [part]) => text.endsWith(String(part))),
    slice: plain((text, [from, to]) =>
      text.slice(number(from), to === undefined ? undefined : number(to)),
    ),
    substring: plain((text, [from, to]) => text.substring(number(from), number(to, text.length))),
    substr: plain((text, [from, size]) =>
      text.substr(number(from), size === undefined ? undefined : number(size)),
    ),
    toUpperCase: plain((text) => text.toUpperCase()),
    toLowerCase: plain((text) => text.toLowerCase()),
    trim: plain((text) => text.trim()),
    trimStart: plain((text) => text.trimStart()),
    trimEnd: plain((text) => text.trimEnd()),
    padStart: plain((text, [size, fill]) =>
      text.padStart(number(size), fill === undefined ? ' ' : String(fill)),
    ),
    padEnd: plain((text, [size, fill]) =>
      text.padEnd(number(size), fill === undefined ? ' ' : String(fill)),
    ),
    repeat: plain((text, [count]) => text.repeat(Math.max(0, number(count)))),
    concat: plain((text, args) => text + args.map(String).join('')),
    split: splitting(vm),
    localeCompare: plain((text, [other]) => {
      const right = String(other);
      return text === right ? 0 : text.toLowerCase() < right.toLowerCase() ? -1 : 1;
    }),
    normalize: plain((text) => text.normalize()),
    toString: plain((text) => text),
    valueOf: plain((text) => text),
    replace: (_vm, args, self) => replace(vm, args, self, false),
    replaceAll: (_vm, args, self) => replace(vm, args, self, true),
    match: plain((text, [pattern]) => {
      const expression = regExpOf(pattern) ?? new RegExp(String(pattern));
      if (expression.global) {
        const all = text.match(expression);
        return all ? vm.array([...all]) : null;
      }
      return matchObject(vm, expression.exec(text));
    }),
    matchAll: plain((text, [pattern]) => {
      const expression = regExpOf(pattern) ?? new RegExp(String(pattern), 'g');
      const found = [...text.matchAll(expression)].map((one) => matchObject(vm, one));
      return iteratorObject(vm, found.values(), 'RegExp String Iterator');
    }),
    search: plain((text, [pattern]) => text.search(regExpOf(pattern) ?? String(pattern))),
  };
}

function installString(vm: Vm): void {
  const type = nativeClass(
    vm,
    'String',
    function* (_vm, [value], prototype) {
      return new JsHosted(prototype, 'String', yield* textOf(vm, value));
    },
    function* (_vm, args) {
      if (args.length === 0) return '';
      return typeof args[0] === 'symbol' ? String(args[0]) : yield* textOf(vm, args[0]);
    },
  );
  vm.methods(type, {
    fromCharCode: (_vm, codes) => String.fromCharCode(...codes.map(Number)),
    fromCodePoint: (_vm, codes) => String.fromCodePoint(...codes.map(Number)),
    *raw(_vm, [strings, ...values]) {
      const raw = yield* get(vm, strings, 'raw');
      let out = '';
      const size = number(yield* get(vm, raw, 'length'));
      for (let i = 0; i < size; i++)
        out +=
          (yield* textOf(vm, yield* get(vm, raw, String(i)))) +
          (i < size - 1 ? yield* textOf(vm, values[i]) : '');
      return out;
    },
  });
  const prototype = vm.proto('String');
  vm.methods(prototype, stringMethods(vm));
  prototype.hide(
    Symbol.iterator,
    vm.fn('[Symbol.iterator]', (_vm, _args, self) =>
      iteratorObject(vm, String(self)[Symbol.iterator](), 'String Iterator'),
    ),
  );
  vm.global.hide('String', type);
}

function grouped(value: number, least: number | undefined, most: number | undefined): string {
  const text =
    least === undefined && most === undefined
      ? String(Math.round(value * 1000) / 1000)
      : value.toFixed(most ?? least ?? 0);
  const [whole = '', rest] = text.split('.');
  const marked = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return rest === undefined ? marked : `${marked}.${rest}`;
}

function installNumber(vm: Vm): void {
  const convert = function* (args: readonly Value[]): Routine<Value> {
    if (args.length === 0) return 0;
    const value = yield* primitive(vm, args[0], 'number');
    return typeof value === 'bigint' ? Number(value) : yield* numberOf(vm, value);
  };
  const type = nativeClass(
    vm,
    'Number',
    function* (_vm, args, prototype) {
      return new JsHosted(prototype, 'Number', yield* convert(args));
    },
    (_vm, args) => convert(args),
  );
  const self = (value: Value): number =>
    value instanceof JsHosted ? Number(value.host) : Number(value as number);
  vm.methods(vm.proto('Number'), {
    toFixed: (_vm, [digits], value) => self(value).toFixed(number(digits)),
    toPrecision: (_vm, [digits], value) => self(value).toPrecision(number(digits, 6)),
    toExponential: (_vm, [digits], value) =>
      self(value).toExponential(digits === undefined ? undefined : number(digits)),
    toString: native((_vm, [base], value) => self(value).toString(number(base, 10))),
    toLocaleString: native(function* (_vm, [, options], value) {
      const read = function* (name: string): Routine<number | undefined> {
        const given = options instanceof JsObject ? yield* get(vm, options, name) : undefined;
        return given === undefined ? undefined : Number(given);
      };
      return grouped(
        self(value),
        yield* read('minimumFractionDigits'),
        yield* read('maximumFractionDigits'),
      );
    }),
    valueOf: native((_vm, _args, value) => self(value)),
  });
  const isNumber = (value: Value): value is number => typeof value === 'number';
  const parse: Natives = {
    *parseInt(_vm, [text, base]) {
      return Number.parseInt(yield* textOf(vm, text), number(base, 0) || undefined);
    },
    *parseFloat(_vm, [text]) {
      return Number.parseFloat(yield* textOf(vm, text));
    },
  };
  vm.methods(type, {
    ...parse,
    isInteger: (_vm, [value]) => Number.isInteger(value),
    isSafeInteger: (_vm, [value]) => Number.isSafeInteger(value),
    isFinite: (_vm, [value]) => isNumber(value) && Number.isFinite(value),
    isNaN: (_vm, [value]) => isNumber(value) && Number.isNaN(value),
  });
  for (const name of [
    'MAX_SAFE_INTEGER',
    'MIN_SAFE_INTEGER',
    'MAX_VALUE',
    'MIN_VALUE',
    'EPSILON',
    'POSITIVE_INFINITY',
    'NEGATIVE_INFINITY',
    'NaN',
  ] as const)
    type.hide(name, Number[name]);
  vm.global.hide('Number', type);
  vm.methods(vm.global, {
    ...parse,
    *isNaN(_vm, [value]) {
      return Number.isNaN(yield* numberOf(vm, value));
    },
    *isFinite(_vm, [value]) {
      return Number.isFinite(yield* numberOf(vm, value));
    },
    BigInt: (_vm, [value]) => {
      try {
        return BigInt(value as bigint | string);
      } catch {
        throw vm.error('SyntaxError', `Cannot convert ${String(value)} to a BigInt`);
      }
    },
  });
  vm.methods(vm.proto('BigInt'), { toString: native((_vm, _args, value) => String(value)) });
  vm.global.hide('NaN', Number.NaN);
  vm.global.hide('Infinity', Number.POSITIVE_INFINITY);
}

const MATH = [
  'abs',
  'acos',
  'asin',
  'atan',
  'cbrt',
  'ceil',
  'cos',
  'exp',
  'floor',
  'fround',
  'log',
  'log10',
  'log2',
  'round',
  'sign',
  'sin',
  'sqrt',
  'tan',
  'trunc',
  'tanh',
  'sinh',
  'cosh',
] as const;

function installMath(vm: Vm): void {
  const math = vm.object();
  const random = vm.process.simulation.random.fork(`node ${vm.process.pid} ${vm.process.now}`);
  for (const name of MATH)
    math.hide(
      name,
      vm.fn(name, function* (_vm, [value]) {
        return Math[name](yield* numberOf(vm, value));
      }),
    );
  const many = (call_: (...list: number[]) => number): Native =>
    function* (_vm, args) {
      const list: number[] = [];
      for (const one of args) list.push(yield* numberOf(vm, one));
      return call_(...list);
    };
  vm.methods(math, {
    max: many(Math.max),
    min: many(Math.min),
    hypot: many(Math.hypot),
    pow: many(Math.pow),
    atan2: many(Math.atan2),
    random: () => random.fraction(),
  });
  for (const name of ['PI', 'E', 'LN2', 'LN10', 'SQRT2'] as const) math.hide(name, Math[name]);
  math.hide(Symbol.toStringTag, 'Math');
  vm.global.hide('Math', math);
}

/** All of this file. */
export function installTexts(vm: Vm): void {
  installString(vm);
  installNumber(vm);
  installMath(vm);
}
