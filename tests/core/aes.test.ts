// AES-CBC against the vectors of NIST SP 800-38A, and back.

import { expect, test } from 'vitest';
import { aesCbcDecrypt, aesCbcEncrypt } from '../../src/sim/core/aes.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const PLAIN = hex('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51');
const VECTOR = hex('000102030405060708090a0b0c0d0e0f');

test.each([
  [
    '2b7e151628aed2a6abf7158809cf4f3c',
    '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2',
  ],
  [
    '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b',
    '4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a',
  ],
  [
    '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
    'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d',
  ],
])('a key of %s', (key, sealed) => {
  const result = aesCbcEncrypt(hex(key), VECTOR, PLAIN);
  expect(Buffer.from(result.subarray(16, 48)).toString('hex')).toBe(sealed);
  expect(aesCbcDecrypt(hex(key), result)).toEqual(PLAIN);
});

test('another key does not open it', () => {
  const result = aesCbcEncrypt(new Uint8Array(32).fill(1), VECTOR, PLAIN);
  expect(aesCbcDecrypt(new Uint8Array(32).fill(2), result)).not.toEqual(PLAIN);
  expect(aesCbcDecrypt(new Uint8Array(32), result.subarray(0, 20))).toBeUndefined();
});
