// Hashes in names: FNV-1a over an object's canonical JSON, written in the alphabet that makes no words
// (k8s.io/apimachinery/pkg/util/rand.SafeEncodeString).

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** 32-bit FNV-1a of a text. */
export function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
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

/** The hash of an object for names and labels; `collisions` gives another one after a clash. */
export function objectHash(object: unknown, collisions = 0): string {
  const text = canonicalJson(object) + (collisions > 0 ? `#${collisions}` : '');
  return safeEncode(String(fnv32a(text)));
}
