// A detached JSON Web Signature (RFC 7515, appendix F) by HMAC-SHA256 (RFC 2104), as the bootstrap signer writes it.

import { sha256 } from '../../../core/sha256.ts';
import { encode } from '../../../core/text.ts';
import { base64Url } from '../../../core/base64.ts';

const BLOCK = 64;

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block.set(key.length > BLOCK ? bytesOfHex(sha256(key)) : key);
  const inner = sha256(
    joined(
      block.map((byte) => byte ^ 0x36),
      message,
    ),
  );
  return bytesOfHex(
    sha256(
      joined(
        block.map((byte) => byte ^ 0x5c),
        bytesOfHex(inner),
      ),
    ),
  );
}

/** Signs a content with a token: header and signature, the content between them left out. */
export function detachedSignature(content: string, tokenId: string, secret: string): string {
  const header = base64Url(encode(JSON.stringify({ alg: 'HS256', kid: tokenId })));
  const signed = encode(`${header}.${base64Url(encode(content))}`);
  return `${header}..${base64Url(hmac(encode(secret), signed))}`;
}
