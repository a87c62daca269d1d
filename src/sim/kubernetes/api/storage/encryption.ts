// Encryption at rest: an EncryptionConfiguration (apiserver.config.k8s.io/v1) read into what seals and opens the values
// in etcd. Of the providers aescbc and identity are modelled; aesgcm, secretbox and kms are left out, and said so.

import { AES_KEY_SIZES, aesCbcDecrypt, aesCbcEncrypt } from '../../../core/aes.ts';
import { Content } from '../../../core/content.ts';
import type { Random } from '../../../core/random.ts';
import { encode } from '../../../core/text.ts';
import { fromBase64 } from '../../../core/base64.ts';

/** What was read of a value: its content in clear, and whether a write would seal it otherwise. */
export interface Opened {
  readonly content: Content;
  readonly stale: boolean;
}

/** How the values of some kinds are kept (value.Transformer). */
export interface Transformer {
  seal(content: Content): Content;
  /** The text of the error where no provider can read the value. */
  open(content: Content): Opened | string;
}

/** The transformer of each kind by the name that a configuration uses: `secrets`, `deployments.apps`. */
export type Encryption = (resource: string) => Transformer | undefined;

interface Key {
  readonly name: string;
  readonly secret: string;
}
interface Provider {
  readonly aescbc?: { readonly keys?: readonly Key[] };
  readonly identity?: object;
}
interface Configuration {
  readonly kind?: string;
  readonly resources?: readonly {
    readonly resources?: readonly string[];
    readonly providers?: readonly Provider[];
  }[];
}

/** One way to keep a value, in the order of the configuration. */
interface Way {
  readonly prefix: string;
  readonly key: Uint8Array;
}

const SEALED = 'k8s:enc:';
const IDENTITY: Way = { prefix: '', key: new Uint8Array() };
const NOT_IDENTITY = 'identity transformer tried to read encrypted data';
const NO_PROVIDER = 'no matching prefix found';

/** Reads a configuration; a text says what is wrong with it. */
export function encryptionOf(given: unknown, random: Random): Encryption | string {
  const { kind, resources = [] } = (given ?? {}) as Configuration;
  if (kind !== 'EncryptionConfiguration') return `no kind "${kind ?? ''}" is registered`;
  if (resources.length === 0)
    return 'resources: Required value: at least one resources is required';
  const rules: { readonly names: readonly string[]; readonly transformer: Transformer }[] = [];
  for (const [i, { resources: names = [], providers = [] }] of resources.entries()) {
    const ways: Way[] = [];
    for (const [j, provider] of providers.entries()) {
      const found = waysOf(provider, `resources[${i}].providers[${j}]`);
      if (typeof found === 'string') return found;
      ways.push(...found);
    }
    if (ways.length === 0) {
      return `resources[${i}].providers: Required value: at least one resources[${i}].providers is required`;
    }
    rules.push({ names, transformer: transformerOf(ways, random) });
  }
  return (resource) =>
    rules.find(({ names }) => names.some((name) => covers(name, resource)))?.transformer;
}

/** `*.*` is everything, `*.apps` a group, `*.` the core group. */
function covers(name: string, resource: string): boolean {
  if (name === '*.*' || name === resource) return true;
  if (!name.startsWith('*.')) return false;
  const dot = resource.indexOf('.');
  return name.slice(2) === (dot < 0 ? '' : resource.slice(dot + 1));
}

function waysOf(provider: Provider, path: string): readonly Way[] | string {
  const [name = ''] = Object.keys(provider);
  if (name === 'identity') return [IDENTITY];
  if (name !== 'aescbc') return `drydock: the encryption provider ${name} is not simulated`;
  const ways: Way[] = [];
  for (const [i, { name: keyName = '', secret = '' }] of (provider.aescbc?.keys ?? []).entries()) {
    const at = `${path}.aescbc.keys[${i}]`;
    if (keyName === '') return `${at}.name: Required value: name is a mandatory field for a key`;
    if (secret === '') return `${at}.secret: Required value: secret is a mandatory field for a key`;
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(secret) || secret.length % 4 !== 0)
      return `${at}.secret: Invalid value: "REDACTED": secrets must be base64 encoded`;
    const key = fromBase64(secret);
    if (!AES_KEY_SIZES.includes(key.length)) {
      const sizes = AES_KEY_SIZES.join(' ');
      return `${at}.secret: Invalid value: "REDACTED": secret is not of the expected length, got ${key.length}, expected one of [${sizes}]`;
    }
    ways.push({ prefix: `${SEALED}aescbc:v1:${keyName}:`, key });
  }
  if (ways.length > 0) return ways;
  return `${path}.aescbc.keys: Required value: at least one ${path}.aescbc.keys is required`;
}

function transformerOf(ways: readonly Way[], random: Random): Transformer {
  const [first = IDENTITY] = ways;
  return {
    seal(content) {
      if (first === IDENTITY) return content;
      const vector = Uint8Array.from({ length: 16 }, () => random.int(256));
      const sealed = aesCbcEncrypt(first.key, vector, content.bytes());
      return Content.ofBytes(Uint8Array.from([...encode(first.prefix), ...sealed]));
    },
    open(content) {
      if (!isSealed(content)) {
        if (ways.includes(IDENTITY)) return { content, stale: first !== IDENTITY };
        return NO_PROVIDER;
      }
      const bytes = content.bytes();
      const way = ways.find(({ prefix }) => prefix !== '' && startsWith(bytes, prefix));
      const plain = way && aesCbcDecrypt(way.key, bytes.subarray(way.prefix.length));
      if (plain) return { content: Content.ofBytes(plain), stale: way !== first };
      return ways.includes(IDENTITY) ? NOT_IDENTITY : NO_PROVIDER;
    },
  };
}

/** What a server without a configuration can read: everything that is in clear. */
export const IN_CLEAR: Transformer = {
  seal: (content) => content,
  open: (content) => (isSealed(content) ? NOT_IDENTITY : { content, stale: false }),
};

function isSealed(content: Content): boolean {
  return !content.isObject && startsWith(content.bytes(), SEALED);
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
}
