// openssl genrsa, genpkey, rsa, pkey, rand, dgst: keys, random bytes and digests.

import { base64 } from '../../../core/base64.ts';
import { encode } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import type { Main } from '../../libc/stdio.ts';
import { readFile } from '../../libc/whole-file.ts';
import { toPem } from '../../tls/certificate.ts';
import { NotDone, readArguments } from './arguments.ts';
import { digests } from './digests.ts';
import { newKey, privateKeyPem, randomHex, readKey, Refusal, writeText } from './files.ts';
import { modulusOf } from './text.ts';

export function* genrsa(main: Main, words: readonly string[]): ProgramRun {
  const given = readArguments('genrsa', words, {
    flags: ['traditional', 'verbose', 'quiet', 'F4', '3'],
    values: ['out'],
    missing: ['aes128', 'aes192', 'aes256', 'des3', 'passout', 'primes'],
  });
  const bits = Number(given.operands[0] ?? 2048);
  if (!Number.isInteger(bits))
    throw new Refusal(`genrsa: Can't parse "${given.operands[0]}" as a number`);
  const key = yield* newKey(main, `rsa:${bits}`);
  const pem = given.flags.has('traditional')
    ? toPem('RSA PRIVATE KEY', { key })
    : privateKeyPem(key);
  yield* writeText(main, given.value('out'), pem, 0o600);
  return 0;
}

export function* genpkey(main: Main, words: readonly string[]): ProgramRun {
  const given = readArguments('genpkey', words, {
    flags: ['quiet'],
    values: ['out', 'algorithm', 'pkeyopt'],
    missing: ['paramfile', 'pass', 'genparam'],
  });
  const algorithm = given.value('algorithm');
  if (algorithm === undefined) throw new Refusal('genpkey: Error initializing context');
  const key = yield* newKey(main, algorithm.toLowerCase());
  yield* writeText(main, given.value('out'), privateKeyPem(key), 0o600);
  return 0;
}

/** rsa and pkey: a key as it is, or its public half. */
export function* convertKey(main: Main, command: string, words: readonly string[]): ProgramRun {
  const given = readArguments(command, words, {
    flags: ['pubin', 'pubout', 'noout', 'check', 'modulus'],
    values: ['in', 'out', 'inform', 'outform'],
    missing: ['text', 'passin', 'passout', 'aes256', 'traditional', 'text_pub'],
  });
  const key = yield* readKey(main, given.value('in'), given.flags.has('pubin'));
  if (given.flags.has('check'))
    yield* main.out.print(command === 'rsa' ? 'RSA key ok\n' : 'Key is valid\n');
  if (given.flags.has('modulus'))
    yield* main.out.print(`Modulus=${modulusOf(key).toUpperCase()}\n`);
  if (given.flags.has('noout')) return 0;
  const isPublic = given.flags.has('pubin') || given.flags.has('pubout');
  if (command === 'rsa') {
    yield* main.err.print('writing RSA key\n');
    yield* main.err.flush();
  }
  const form = (given.value('outform') ?? 'PEM').toUpperCase();
  if (form !== 'PEM' && form !== 'DER') throw new NotDone(`outform ${form}`);
  const pem = isPublic ? toPem('PUBLIC KEY', { key }) : privateKeyPem(key);
  const text = form === 'PEM' ? pem : encode(JSON.stringify({ key }));
  yield* writeText(main, given.value('out'), text, isPublic ? 0o666 : 0o600);
  return 0;
}

export function* rand(main: Main, words: readonly string[]): ProgramRun {
  const given = readArguments('rand', words, { flags: ['hex', 'base64'], values: ['out'] });
  const count = Number(given.operands[0]);
  if (!Number.isInteger(count) || count <= 0) throw new Refusal('Usage: rand [options] num');
  const hex = yield* randomHex(main, count);
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const lines = `${
    base64(bytes)
      .match(/.{1,64}/g)
      ?.join('\n') ?? ''
  }\n`;
  const text = given.flags.has('hex') ? `${hex}\n` : given.flags.has('base64') ? lines : bytes;
  yield* writeText(main, given.value('out'), text);
  return 0;
}

const TITLES: Readonly<Record<string, string>> = {
  md5: 'MD5',
  sha1: 'SHA1',
  sha224: 'SHA2-224',
  sha256: 'SHA2-256',
  sha384: 'SHA2-384',
  sha512: 'SHA2-512',
};

/** dgst, and the digests under their own names (`openssl sha256 FILE`). */
export function* dgst(main: Main, words: readonly string[], named?: string): ProgramRun {
  const given = readArguments(named ?? 'dgst', words, {
    flags: ['hex', 'binary', 'r', 'c', ...Object.keys(digests)],
    values: ['out'],
    missing: ['sign', 'verify', 'hmac', 'signature', 'mac', 'keyform'],
  });
  const name = named ?? Object.keys(digests).find((one) => given.flags.has(one)) ?? 'sha256';
  const digest = digests[name];
  if (!digest) throw new NotDone(name);
  const files = given.operands.length > 0 ? given.operands : [undefined];
  let status = 0;
  for (const file of files) {
    const bytes =
      file === undefined ? yield* main.input.rest() : yield* readFile(main.process, file);
    if (isErrno(bytes)) {
      yield* main.err.print(`Can't open "${file}" for reading, ${bytes.message}\n`);
      yield* main.err.flush();
      status = 1;
      continue;
    }
    const hash = digest(bytes);
    if (given.flags.has('binary')) {
      yield* writeText(
        main,
        given.value('out'),
        Uint8Array.from(hash.match(/../g) ?? [], (p) => Number.parseInt(p, 16)),
      );
      continue;
    }
    const line = given.flags.has('r')
      ? `${hash} *${file ?? 'stdin'}\n`
      : `${TITLES[name] ?? name}(${file ?? 'stdin'})= ${hash}\n`;
    yield* writeText(main, given.value('out'), line);
  }
  return status;
}
