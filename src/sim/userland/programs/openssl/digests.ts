// Message digests by the names that openssl's options have, as hexadecimal text.

import { md5, sha1, sha2 } from '../../libc/hashes.ts';

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export const digests: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  md5: (bytes) => hex(md5(bytes)),
  sha1: (bytes) => hex(sha1(bytes)),
  sha224: (bytes) => hex(sha2('sha224', bytes)),
  sha256: (bytes) => hex(sha2('sha256', bytes)),
  sha384: (bytes) => hex(sha2('sha384', bytes)),
  sha512: (bytes) => hex(sha2('sha512', bytes)),
};
