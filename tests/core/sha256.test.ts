import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sha256, sha256 } from '../../src/sim/core/sha256.ts';

test('agrees with a known implementation for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
    }),
  );
});

test('does not depend on how the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 150 })), (parts) => {
      const hash = new Sha256();
      for (const part of parts) hash.update(part);
      const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
      expect(hash.hex()).toBe(sha256(whole));
    }),
  );
});
