// re: Python's regular expressions by way of the host's, which have the same operators under other names.

import type { Routine } from '../../../../core/wait.ts';
import { Missing } from '../../interpreter.ts';
import { integer, natives, text } from '../arguments.ts';
import { callValue } from '../call.ts';
import { raise } from '../errors.ts';
import {
  classValue,
  methods,
  type NativeCall,
  objectClass,
  PyClass,
  PyDict,
  PyFunction,
  PyHosted,
  PyIterator,
  PyList,
  PyMethod,
  PyNative,
  PyTuple,
  STOP,
  type Value,
} from '../values.ts';
import type { Vm } from '../vm.ts';

const IGNORECASE = 2;
const MULTILINE = 8;
const DOTALL = 16;
const VERBOSE = 64;

interface Pattern {
  readonly source: string;
  readonly flags: number;
}
const patternClass = new PyClass('Pattern', [objectClass], { module: 're' });
const matchClass = new PyClass('Match', [objectClass], { module: 're' });

/** The host's expression for a pattern; `how` says where it must lie. */
function compiled({ source, flags }: Pattern, how: 'search' | 'match' | 'fullmatch'): RegExp {
  let body = source
    .replace(/\(\?P<(\w+)>/g, '(?<$1>')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replace(/\\Z/g, '(?![\\s\\S])')
    .replace(/\\A/g, '(?<![\\s\\S])');
  let letters = 'dgu';
  const inline = /^\(\?([ims]+)\)/.exec(body);
  if (inline) body = body.slice(inline[0].length);
  const has = (flag: number, letter: string): boolean =>
    (flags & flag) !== 0 || (inline?.[1]?.includes(letter) ?? false);
  if (has(IGNORECASE, 'i')) letters += 'i';
  if (has(MULTILINE, 'm')) letters += 'm';
  if (has(DOTALL, 's')) letters += 's';
  if (flags & VERBOSE) throw new Missing('python3: re.VERBOSE');
  if (how !== 'search') letters = letters.replace('g', 'y');
  if (how === 'fullmatch') body = `(?:${body})(?![\\s\\S])`;
  try {
    return new RegExp(body, letters);
  } catch {
    try {
      return new RegExp(body, letters.replace('u', ''));
    } catch {
      throw raise('ValueError', `invalid pattern: ${source}`);
    }
  }
}

function patternOf(value: Value | undefined, flags?: Value): Pattern {
  if (value instanceof PyHosted && value.type === patternClass) return value.host as Pattern;
  return { source: text(value), flags: integer(flags, 0) };
}

const matched = (found: RegExpExecArray | null): Value =>
  found ? new PyHosted(matchClass, found) : null;

function matchOf(value: Value | undefined): RegExpExecArray {
  if (value instanceof PyHosted && value.type === matchClass) return value.host as RegExpExecArray;
  throw raise('TypeError', 'a match is required');
}

const finding =
  (how: 'search' | 'match' | 'fullmatch'): NativeCall =>
  (_vm, [pattern, value, flags], keywords) => {
    const given = pattern instanceof PyHosted ? undefined : (flags ?? keywords.get('flags'));
    return matched(compiled(patternOf(pattern, given), how).exec(text(value)));
  };

function all(args: readonly Value[], flags: Value | undefined): RegExpExecArray[] {
  return [...text(args[1]).matchAll(compiled(patternOf(args[0], flags), 'search'))];
}

const FUNCTIONS: Readonly<Record<string, NativeCall>> = {
  search: finding('search'),
  match: finding('match'),
  fullmatch: finding('fullmatch'),
  findall: (_vm, args, keywords) =>
    new PyList(
      all(args, args[2] ?? keywords.get('flags')).map((found) =>
        found.length > 2
          ? new PyTuple(found.slice(1).map((part) => part ?? ''))
          : (found[1] ?? found[0]),
      ),
    ),
  finditer: (_vm, args, keywords) => {
    const rest = all(args, args[2] ?? keywords.get('flags'));
    return new PyIterator(() => {
      const found = rest.shift();
      return found ? matched(found) : STOP;
    });
  },
  sub: substitute,
  split: (_vm, [pattern, value]) =>
    new PyList(
      text(value)
        .split(compiled(patternOf(pattern), 'search'))
        .map((part) => part ?? null),
    ),
};

function* substitute(
  vm: Vm,
  [pattern, to = null, value, count]: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): Routine<Value> {
  const source = text(value);
  const limit = integer(count ?? keywords.get('count'), 0);
  let out = '';
  let at = 0;
  let done = 0;
  for (const found of all([pattern ?? null, source], keywords.get('flags'))) {
    if (limit > 0 && done++ >= limit) break;
    out += source.slice(at, found.index);
    at = found.index + found[0].length;
    if (to instanceof PyFunction || to instanceof PyNative || to instanceof PyMethod)
      out += text(yield* callValue(vm, to, [matched(found)]));
    else
      out += text(to).replace(/\\(\d+)|\\g<(\w+)>|\\n/g, (whole, number, name) => {
        if (whole === '\\n') return '\n';
        const key = number ?? name;
        return (/^\d+$/.test(key) ? found[Number(key)] : found.groups?.[key]) ?? '';
      });
  }
  return out + source.slice(at);
}

methods(patternClass, FUNCTIONS);

function group(found: RegExpExecArray, key: Value | undefined): Value {
  const value = typeof key === 'string' ? found.groups?.[key] : found[integer(key, 0)];
  const known =
    typeof key === 'string' ? key in (found.groups ?? {}) : integer(key, 0) < found.length;
  if (!known) throw raise('IndexError', 'no such group');
  return value ?? null;
}

function place(found: RegExpExecArray, key: Value | undefined): readonly [number, number] {
  const span = (found.indices as readonly (readonly [number, number])[] | undefined)?.[
    integer(key, 0)
  ];
  return span ?? [-1, -1];
}

methods(matchClass, {
  group: (_vm, [self, ...keys]) => {
    const found = matchOf(self);
    if (keys.length > 1) return new PyTuple(keys.map((key) => group(found, key)));
    return group(found, keys[0]);
  },
  groups: (_vm, [self]) =>
    new PyTuple(
      matchOf(self)
        .slice(1)
        .map((part) => part ?? null),
    ),
  groupdict: (_vm, [self]) => PyDict.of(Object.entries(matchOf(self).groups ?? {})),
  start: (_vm, [self, key]) => BigInt(place(matchOf(self), key)[0]),
  end: (_vm, [self, key]) => BigInt(place(matchOf(self), key)[1]),
  span: (_vm, [self, key]) => new PyTuple(place(matchOf(self), key).map((at) => BigInt(at))),
  __getitem__: (_vm, [self, key]) => group(matchOf(self), key),
  __repr__: (_vm, [self]) => {
    const found = matchOf(self);
    const [from, to] = [found.index, found.index + found[0].length];
    return `<re.Match object; span=(${from}, ${to}), match='${found[0]}'>`;
  },
});

export function reModule(): Map<string, Value> {
  return new Map<string, Value>([
    ['I', BigInt(IGNORECASE)],
    ['IGNORECASE', BigInt(IGNORECASE)],
    ['M', BigInt(MULTILINE)],
    ['MULTILINE', BigInt(MULTILINE)],
    ['S', BigInt(DOTALL)],
    ['DOTALL', BigInt(DOTALL)],
    ['VERBOSE', BigInt(VERBOSE)],
    ['Pattern', classValue(patternClass)],
    ['Match', classValue(matchClass)],
    ...natives({
      ...FUNCTIONS,
      compile: (_vm, [source, flags], keywords) => {
        const pattern = patternOf(source, flags ?? keywords.get('flags') ?? 0n);
        compiled(pattern, 'search');
        const made = new PyHosted(patternClass, pattern);
        made.attributes?.set('pattern', pattern.source);
        return made;
      },
      escape: (_vm, [value]) => text(value).replace(/[-\\^$*+?.()|[\]{}\s#&~]/g, '\\$&'),
    }),
  ]);
}
