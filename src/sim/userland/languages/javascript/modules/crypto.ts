// The module crypto: random values and digests.

import { md5, sha1, sha2 } from '../../../libc/hashes.ts';
import { concatBytes } from '../../../../core/text.ts';
import { Missing } from '../../interpreter.ts';
import { bufferOf, bufferText, bytesOf } from '../globals/buffer.ts';
import { JsHosted, type Value } from '../values.ts';
import type { Vm } from '../vm.ts';

const DIGESTS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  md5,
  sha1,
  sha256: (bytes) => sha2('sha256', bytes),
  sha512: (bytes) => sha2('sha512', bytes),
};

/** crypto. */
export function cryptoModule(vm: Vm): Value {
  const { process } = vm;
  const random = process.simulation.random.fork(`node crypto ${process.pid} ${process.now}`);
  const made = vm.object();
  const hashing = vm.proto('Hash');
  vm.methods(hashing, {
    update: (_vm, [data], self) => {
      if (self instanceof JsHosted) self.host.parts.push(bytesOf(vm, data));
      return self;
    },
    digest: (_vm, [encoding], self) => {
      const { digest, parts } = (self as JsHosted<{ digest: typeof md5; parts: Uint8Array[] }>)
        .host;
      const bytes = digest(concatBytes(parts));
      return encoding === undefined ? bufferOf(vm, bytes) : bufferText(vm, bytes, String(encoding));
    },
  });
  vm.methods(made, {
    randomUUID: () => random.uuid(),
    randomInt: (_vm, [from, to]) =>
      to === undefined
        ? random.int(Number(from))
        : Number(from) + random.int(Number(to) - Number(from)),
    randomBytes: (_vm, [size]) =>
      bufferOf(
        vm,
        Uint8Array.from({ length: Number(size) }, () => random.int(256)),
      ),
    createHash: (_vm, [name]) => {
      const digest = DIGESTS[String(name)];
      if (!digest) throw new Missing(`node: crypto.createHash('${String(name)}')`);
      return new JsHosted(hashing, 'Hash', { digest, parts: [] as Uint8Array[] });
    },
  });
  return made;
}
