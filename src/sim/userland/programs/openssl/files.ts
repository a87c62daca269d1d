// Keys, requests and certificates in files, as every command of openssl reads and writes them.

import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Main } from '../../libc/stdio.ts';
import { readFile, writeFile } from '../../libc/whole-file.ts';
import { type Certificate, certificatesOf, fromPem, toPem } from '../../tls/certificate.ts';
import { type CertificateRequest, requestsOf } from '../../tls/request.ts';

/** A message for standard error that ends the command with status 1. */
export class Refusal {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A file's text, standard input where no path is given; throws Refusal. */
export function* readText(main: Main, path: string | undefined, what: string): Routine<string> {
  if (path === undefined) return decode(yield* main.input.rest());
  const bytes = yield* readFile(main.process, path);
  if (!isErrno(bytes)) return decode(bytes);
  throw new Refusal(`Could not open file or uri for loading ${what} from ${path}`);
}

/** The first certificate of a file; throws Refusal. */
export function* readCertificate(main: Main, path: string | undefined): Routine<Certificate> {
  const [found] = certificatesOf(yield* readText(main, path, 'certificate'));
  if (found) return found;
  throw new Refusal(`Could not read certificate from ${path ?? '<stdin>'}`);
}

export function* readRequest(main: Main, path: string | undefined): Routine<CertificateRequest> {
  const what = 'certificate request';
  const [found] = requestsOf(yield* readText(main, path, what));
  if (found) return found;
  throw new Refusal(`Could not read ${what} from ${path ?? '<stdin>'}`);
}

const PRIVATE_LABELS = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY'];

/** The name of the key in a file; throws Refusal. */
export function* readKey(main: Main, path: string | undefined, isPublic = false): Routine<string> {
  const text = yield* readText(main, path, isPublic ? 'public key' : 'private key');
  for (const label of isPublic ? ['PUBLIC KEY'] : PRIVATE_LABELS) {
    const [found] = fromPem(text, label);
    if (typeof found === 'object' && found !== null && 'key' in found) return String(found.key);
  }
  const where = path ?? '<stdin>';
  throw new Refusal(`Could not read ${isPublic ? 'public' : 'private'} key from ${where}`);
}

/** Random bytes of the machine as hexadecimal digits. */
export function* randomHex(main: Main, bytes: number): Routine<string> {
  const fd = main.process.open('/dev/urandom');
  if (isErrno(fd)) throw new Refusal('Cannot open /dev/urandom');
  const read = yield* main.process.read(fd, bytes);
  main.process.close(fd);
  if (isErrno(read)) throw new Refusal('Cannot read /dev/urandom');
  return [...read].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A new private key: its name is its randomness. */
export function* newKey(main: Main, kind: string): Routine<string> {
  return `${kind}/${yield* randomHex(main, 16)}`;
}

export function privateKeyPem(key: string): string {
  return toPem('PRIVATE KEY', { key });
}

/** Writes to a file or standard output; throws Refusal. Private keys are for their owner only. */
export function* writeText(
  main: Main,
  path: string | undefined,
  text: string | Uint8Array,
  mode = 0o666,
): Routine<void> {
  if (path === undefined) {
    yield* main.out.print(text);
    return;
  }
  const bytes = typeof text === 'string' ? encode(text) : text;
  const failure = yield* writeFile(main.process, path, bytes, mode);
  if (failure) throw new Refusal(`Can't open "${path}" for writing, ${failure.message}`);
}
