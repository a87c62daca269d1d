// Hashes in names: FNV-1 over a pod template as Go prints it, or over a revision's JSON, written in the alphabet that makes no
// words (k8s.io/apimachinery/pkg/util/rand.SafeEncodeString).

import { encode } from '../../../core/text.ts';
import { dumpTemplate } from './go-dump.ts';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** 32-bit FNV-1a: each byte is mixed in before the multiplication. */
export function fnv32a(bytes: Uint8Array, start = OFFSET): number {
  let hash = start;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}

/** 32-bit FNV-1: after it. */
function fnv32(bytes: Uint8Array): number {
  let hash = OFFSET;
  for (const byte of bytes) hash = Math.imul(hash, PRIME) ^ byte;
  return hash >>> 0;
}

/** A number as it stands in a name. */
export function safeEncode(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++)
    out += ALPHABET.charAt(text.charCodeAt(i) % ALPHABET.length);
  return out;
}

/** JSON with the keys of every object in order, so that equal objects give equal texts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  const texts = fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`);
  return `{${texts.join(',')}}`;
}

/** controller.ComputeHash of a pod template; `collisions` gives another one after a clash. */
export function templateHash(template: unknown, collisions: number | undefined): string {
  const hash = fnv32a(encode(dumpTemplate(template)));
  if (collisions === undefined) return safeEncode(String(hash));
  const count = new Uint8Array(8);
  new DataView(count.buffer).setUint32(0, collisions, true);
  return safeEncode(String(fnv32a(count, hash)));
}

/** history.HashControllerRevision of a revision's data. */
export function revisionHash(data: unknown, collisions: number): string {
  const escaped = canonicalJson(data).replace(/[<>&\u2028\u2029]/g, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return safeEncode(String(fnv32(encode(`${escaped}${collisions}`))));
}
