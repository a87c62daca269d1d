// Buffer: bytes with Node's conversions.

import { concatBytes, decode, encode } from '../../../../core/text.ts';
import { BASE64, fromBase, toBase } from '../../../programs/coreutils/encode.ts';
import { itemsOf, iteratorObject } from '../operations.ts';
import { JsFunction, JsHosted, JsObject, type Value, native } from '../values.ts';
import type { Vm } from '../vm.ts';

/** A Buffer of bytes. */
export function bufferOf(vm: Vm, bytes: Uint8Array): JsHosted<Uint8Array> {
  return new JsHosted(vm.proto('Buffer'), 'Uint8Array', bytes);
}

/** The bytes of a text or Buffer. Throws TypeError. */
export function bytesOf(vm: Vm, value: Value): Uint8Array {
  if (value instanceof JsHosted && value.host instanceof Uint8Array) return value.host;
  if (typeof value === 'string') return encode(value);
  throw vm.error(
    'TypeError',
    `The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received ${value instanceof JsObject ? 'an instance of Object' : `type ${typeof value} (${String(value)})`}`,
    { code: 'ERR_INVALID_ARG_TYPE' },
  );
}

/** Bytes as a text in an encoding. */
export function bufferText(vm: Vm, bytes: Uint8Array, encoding: string): string {
  switch (encoding.toLowerCase()) {
    case 'utf8':
    case 'utf-8':
      return decode(bytes);
    case 'hex':
      return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    case 'base64':
      return toBase(bytes, BASE64, 6);
    case 'base64url':
      return toBase(bytes, BASE64, 6).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
    case 'latin1':
    case 'binary':
    case 'ascii':
      return String.fromCharCode(...bytes);
    default:
      throw vm.error('TypeError', `Unknown encoding: ${encoding}`, {
        code: 'ERR_UNKNOWN_ENCODING',
      });
  }
}

function fromText(value: string, encoding: string): Uint8Array {
  switch (encoding.toLowerCase()) {
    case 'hex':
      return Uint8Array.from(value.match(/[\da-f]{2}/gi) ?? [], (pair) =>
        Number.parseInt(pair, 16),
      );
    case 'base64':
    case 'base64url':
      return fromBase(value.replaceAll('-', '+').replaceAll('_', '/'), BASE64, 6).bytes;
    case 'latin1':
    case 'binary':
    case 'ascii':
      return Uint8Array.from(value, (char) => char.charCodeAt(0));
    default:
      return encode(value);
  }
}

/** Buffer. */
export function installBuffer(vm: Vm): void {
  const type = new JsFunction(vm.functionPrototype, 'Buffer', () => undefined);
  const prototype = vm.proto('Buffer');
  type.hide('prototype', prototype);
  prototype.hide('constructor', type);
  vm.global.hide('Buffer', type);
  const of = (value: Value): Uint8Array => bytesOf(vm, value);
  vm.methods(type, {
    *from(_vm, [value, encoding]) {
      if (typeof value === 'string')
        return bufferOf(vm, fromText(value, String(encoding ?? 'utf8')));
      if (value instanceof JsHosted && value.host instanceof Uint8Array)
        return bufferOf(vm, value.host.slice());
      return bufferOf(vm, Uint8Array.from((yield* itemsOf(vm, value)).map(Number)));
    },
    alloc: (_vm, [size, fill]) =>
      bufferOf(vm, new Uint8Array(Number(size)).fill(typeof fill === 'number' ? fill : 0)),
    *concat(_vm, [list]) {
      return bufferOf(vm, concatBytes((yield* itemsOf(vm, list)).map(of)));
    },
    isBuffer: (_vm, [value]) => value instanceof JsHosted && value.prototype === prototype,
    byteLength: (_vm, [value]) => of(value).length,
  });
  vm.methods(prototype, {
    toString: native((_vm, [encoding], self) =>
      bufferText(vm, of(self), String(encoding ?? 'utf8')),
    ),
    toJSON: (_vm, _args, self) =>
      vm.object([
        ['type', 'Buffer'],
        ['data', vm.array([...of(self)])],
      ]),
    slice: (_vm, [from, to], self) =>
      bufferOf(vm, of(self).subarray(Number(from ?? 0), to === undefined ? undefined : Number(to))),
    subarray: (_vm, [from, to], self) =>
      bufferOf(vm, of(self).subarray(Number(from ?? 0), to === undefined ? undefined : Number(to))),
    equals: (_vm, [other], self) => {
      const [a, b] = [of(self), of(other)];
      return a.length === b.length && a.every((byte, i) => byte === b[i]);
    },
  });
  prototype.hide(
    Symbol.iterator,
    vm.fn('values', (_vm, _args, self) => iteratorObject(vm, of(self).values(), 'Array Iterator')),
  );
}
