// math, random, hashlib and base64: what is computed without asking the system.

import { binaryBytes, binaryString } from '../../../../core/text.ts';
import type { Random } from '../../../../core/random.ts';
import type { Routine } from '../../../../core/wait.ts';
import { md5, sha1, sha2 } from '../../../libc/hashes.ts';
import { BASE64, fromBase, toBase } from '../../../programs/coreutils/encode.ts';
import { bytesOf, integer, natives, real } from '../arguments.ts';
import { raise } from '../errors.ts';
import { listOf } from '../operators.ts';
import {
  methods,
  objectClass,
  PyClass,
  PyHosted,
  PyList,
  PyNative,
  type Value,
} from '../values.ts';
import type { Vm } from '../vm.ts';

type RealFunction = (value: number) => number;
const REAL: Readonly<Record<string, RealFunction>> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  exp: Math.exp,
  log2: Math.log2,
  log10: Math.log10,
  fabs: Math.abs,
  degrees: (value) => (value * 180) / Math.PI,
  radians: (value) => (value * Math.PI) / 180,
};

export function mathModule(): Map<string, Value> {
  const simple = Object.entries(REAL).map(([name, call]): [string, Value] => [
    name,
    new PyNative(name, (_vm, [value]) => call(real(value))),
  ]);
  const whole =
    (call: RealFunction) =>
    (_vm: Vm, [value]: readonly Value[]) =>
      typeof value === 'bigint' ? value : BigInt(call(real(value)));
  return new Map<string, Value>([
    ['pi', Math.PI],
    ['e', Math.E],
    ['tau', 2 * Math.PI],
    ['inf', Number.POSITIVE_INFINITY],
    ['nan', Number.NaN],
    ...simple,
    ...natives({
      floor: whole(Math.floor),
      ceil: whole(Math.ceil),
      trunc: whole(Math.trunc),
      sqrt: (_vm, [value]) => {
        if (real(value) < 0) throw raise('ValueError', 'math domain error');
        return Math.sqrt(real(value));
      },
      pow: (_vm, [base, power]) => real(base) ** real(power),
      log: (_vm, [value, base]) => {
        if (real(value) <= 0) throw raise('ValueError', 'math domain error');
        return base === undefined
          ? Math.log(real(value))
          : Math.log(real(value)) / Math.log(real(base));
      },
      hypot: (_vm, list) => Math.hypot(...list.map(real)),
      atan2: (_vm, [y, x]) => Math.atan2(real(y), real(x)),
      isnan: (_vm, [value]) => Number.isNaN(real(value)),
      isinf: (_vm, [value]) => Math.abs(real(value)) === Number.POSITIVE_INFINITY,
      isclose: (_vm, [a, b]) =>
        Math.abs(real(a) - real(b)) <= 1e-9 * Math.max(Math.abs(real(a)), Math.abs(real(b))),
      gcd: (_vm, list) => {
        let out = 0n;
        for (const item of list) {
          let [a, b] = [out, BigInt(integer(item))];
          while (b !== 0n) [a, b] = [b, a % b];
          out = a < 0n ? -a : a;
        }
        return out;
      },
      factorial: (_vm, [value]) => {
        let out = 1n;
        for (let i = 2n; i <= BigInt(integer(value)); i++) out *= i;
        return out;
      },
    }),
  ]);
}

const streams = new WeakMap<Vm, Random>();

/** The process's own chance; `seed` starts it anew. */
function chance(vm: Vm, seed?: string): Random {
  let stream = seed === undefined ? streams.get(vm) : undefined;
  if (!stream) {
    const { pid, now } = vm.process;
    stream = vm.process.simulation.random.fork(seed ?? `python ${pid} ${now}`);
    streams.set(vm, stream);
  }
  return stream;
}

export function randomModule(): Map<string, Value> {
  const between = (vm: Vm, from: number, to: number): bigint => {
    if (to < from) throw raise('ValueError', 'empty range in randrange');
    return BigInt(from + chance(vm).int(to - from + 1));
  };
  return new Map<string, Value>(
    natives({
      random: (vm) => chance(vm).fraction(),
      randint: (vm, [from, to]) => between(vm, integer(from), integer(to)),
      randrange: (vm, [from, to]) =>
        to === undefined
          ? between(vm, 0, integer(from) - 1)
          : between(vm, integer(from), integer(to) - 1),
      uniform: (vm, [from, to]) => real(from) + (real(to) - real(from)) * chance(vm).fraction(),
      *choice(vm, [items = null]): Routine<Value> {
        const list = yield* listOf(vm, items);
        if (list.length === 0) throw raise('IndexError', 'Cannot choose from an empty sequence');
        return chance(vm).pick(list);
      },
      *choices(vm, [items = null], keywords): Routine<Value> {
        const list = yield* listOf(vm, items);
        const count = integer(keywords.get('k'), 1);
        return new PyList(Array.from({ length: count }, () => chance(vm).pick(list)));
      },
      *sample(vm, [items = null, count]): Routine<Value> {
        const list = yield* listOf(vm, items);
        const out: Value[] = [];
        for (let i = integer(count); i > 0; i--)
          out.push(list.splice(chance(vm).int(list.length), 1)[0] ?? null);
        return new PyList(out);
      },
      shuffle: (vm, [items]) => {
        if (!(items instanceof PyList)) throw raise('TypeError', 'object is not a list');
        for (let i = items.items.length - 1; i > 0; i--) {
          const j = chance(vm).int(i + 1);
          const [a = null, b = null] = [items.items[i], items.items[j]];
          items.items[i] = b;
          items.items[j] = a;
        }
        return null;
      },
      seed: (vm, [value = null]) => {
        chance(vm, `seed ${String(value)}`);
        return null;
      },
    }),
  );
}

type Digest = (bytes: Uint8Array) => Uint8Array;
const DIGESTS: Readonly<Record<string, Digest>> = {
  md5,
  sha1,
  sha224: (bytes) => sha2('sha224', bytes),
  sha256: (bytes) => sha2('sha256', bytes),
  sha384: (bytes) => sha2('sha384', bytes),
  sha512: (bytes) => sha2('sha512', bytes),
};

interface Hashing {
  readonly digest: Digest;
  bytes: Uint8Array;
}
const hashClass = new PyClass('HASH', [objectClass], { module: '_hashlib' });

function hashing(value: Value | undefined): Hashing {
  if (value instanceof PyHosted && value.type === hashClass) return value.host as Hashing;
  throw raise('TypeError', 'a hash object is required');
}

methods(hashClass, {
  update: (_vm, [self, bytes]) => {
    const host = hashing(self);
    host.bytes = Uint8Array.from([...host.bytes, ...bytesOf(bytes)]);
    return null;
  },
  digest: (_vm, [self]) => hashing(self).digest(hashing(self).bytes),
  hexdigest: (_vm, [self]) => {
    const { digest, bytes } = hashing(self);
    return Array.from(digest(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  },
});

export function hashlibModule(): Map<string, Value> {
  return new Map(
    Object.entries(DIGESTS).map(([name, digest]): [string, Value] => [
      name,
      new PyNative(name, (_vm, [bytes]) => {
        const start = bytes === undefined ? new Uint8Array(0) : bytesOf(bytes);
        return new PyHosted(hashClass, { digest, bytes: start });
      }),
    ]),
  );
}

export function base64Module(): Map<string, Value> {
  const plain = (value: Value | undefined): string =>
    typeof value === 'string' ? value : binaryString(bytesOf(value));
  const code = (bytes: Uint8Array): Uint8Array => binaryBytes(toBase(bytes, BASE64, 6));
  const back = (value: string): Uint8Array => {
    const { bytes, valid } = fromBase(value, BASE64, 6);
    if (!valid) throw raise('ValueError', 'Incorrect padding');
    return bytes;
  };
  return new Map<string, Value>(
    natives({
      b64encode: (_vm, [bytes]) => code(bytesOf(bytes)),
      b64decode: (_vm, [value]) => back(plain(value)),
      urlsafe_b64encode: (_vm, [bytes]) =>
        binaryBytes(
          binaryString(code(bytesOf(bytes)))
            .replaceAll('+', '-')
            .replaceAll('/', '_'),
        ),
      urlsafe_b64decode: (_vm, [value]) =>
        back(plain(value).replaceAll('-', '+').replaceAll('_', '/')),
    }),
  );
}
