// openssl x509: looks at a certificate, or makes one of a request (-req).

import { encode } from '../../../core/text.ts';
import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { digests } from './digests.ts';
import type { Main } from '../../libc/stdio.ts';
import { type Certificate, toPem } from '../../tls/certificate.ts';
import { type Arguments, type ArgumentTable, NotDone, readArguments } from './arguments.ts';
import {
  type Extensions,
  NO_EXTENSIONS,
  printExtensions,
  readConfiguration,
  readExtensions,
} from './extensions.ts';
import {
  randomHex,
  readCertificate,
  readKey,
  readRequest,
  readText,
  Refusal,
  writeText,
} from './files.ts';
import { issuerOf, nameFacts, printName, subjectOf } from './names.ts';
import { certificateText, modulusOf, moment, pairs, serialHex } from './text.ts';

const DAY = 86_400_000;

const TABLE: ArgumentTable = {
  flags: [
    'req',
    'noout',
    'text',
    'subject',
    'issuer',
    'dates',
    'startdate',
    'enddate',
    'serial',
    'pubkey',
    'fingerprint',
    'modulus',
    'CAcreateserial',
    'new',
    ...Object.keys(digests),
  ],
  values: [
    'in',
    'out',
    'CA',
    'CAkey',
    'CAserial',
    'days',
    'extfile',
    'extensions',
    'ext',
    'checkend',
    'set_serial',
    'signkey',
    'key',
    'inform',
    'outform',
  ],
  missing: [
    'hash',
    'subject_hash',
    'issuer_hash',
    'email',
    'purpose',
    'trustout',
    'nameopt',
    'certopt',
    'copy_extensions',
    'passin',
    'x509toreq',
    'clrext',
    'force_pubkey',
    'subj',
    'preserve_dates',
  ],
};

/** Runs the command. */
export function* x509(main: Main, words: readonly string[]): ProgramRun {
  const given = readArguments('x509', words, TABLE);
  for (const form of ['inform', 'outform']) {
    const value = given.value(form);
    if (value !== undefined && value.toUpperCase() !== 'PEM') {
      throw new NotDone(`${form} ${value}`);
    }
  }
  const certificate = given.flags.has('req')
    ? yield* sign(main, given)
    : yield* readCertificate(main, given.value('in'));
  const end = given.value('checkend');
  if (end !== undefined) {
    const limit = epochMilliseconds(main.process.now) + Number(end) * 1000;
    const ends = certificate.notAfter < limit;
    main.out.put(`Certificate will ${ends ? '' : 'not '}expire\n`);
    return ends ? 1 : 0;
  }
  yield* writeText(main, undefined, shown(certificate, given));
  if (given.flags.has('noout')) return 0;
  yield* writeText(main, given.value('out'), toPem('CERTIFICATE', certificate));
  return 0;
}

function shown(certificate: Certificate, given: Arguments): string {
  let text = '';
  for (const option of given.order) {
    if (option === 'ext') {
      text += chosenExtensions(certificate, given.value('ext') ?? '');
      continue;
    }
    text += PRINTED[option]?.(certificate, given) ?? '';
  }
  return text;
}

const PRINTED: Readonly<Record<string, (certificate: Certificate, given: Arguments) => string>> = {
  text: certificateText,
  subject: (certificate) => `subject=${printName(subjectOf(certificate))}\n`,
  issuer: (certificate) => `issuer=${printName(issuerOf(certificate))}\n`,
  serial: (certificate) => `serial=${serialHex(certificate)}\n`,
  startdate: (certificate) => `notBefore=${moment(certificate.notBefore)}\n`,
  enddate: (certificate) => `notAfter=${moment(certificate.notAfter)}\n`,
  dates: (certificate) =>
    `notBefore=${moment(certificate.notBefore)}\nnotAfter=${moment(certificate.notAfter)}\n`,
  pubkey: (certificate) => toPem('PUBLIC KEY', { key: certificate.key }),
  modulus: (certificate) => `Modulus=${modulusOf(certificate.key).toUpperCase()}\n`,
  fingerprint: (certificate, given) => {
    const chosen = Object.keys(digests).find((name) => given.flags.has(name)) ?? 'sha1';
    const hash = digests[chosen]?.(encode(JSON.stringify(certificate))) ?? '';
    return `${chosen} Fingerprint=${pairs(hash.toUpperCase())}\n`;
  },
};

function chosenExtensions(certificate: Certificate, names: string): string {
  const wanted = names.split(',');
  const list = printExtensions(certificate).filter(({ name }) => wanted.includes(name));
  if (list.length === 0) return 'No extensions matching given names\n';
  return list.map(({ title, value }) => `${title}\n    ${value}\n`).join('');
}

/** Signs a request with an authority's key, or with its own. */
function* sign(main: Main, given: Arguments): Routine<Certificate> {
  const request = yield* readRequest(main, given.value('in'));
  yield* main.err.print('Certificate request self-signature ok\n');
  yield* main.err.print(`subject=${printName(request.subject)}\n`);
  yield* main.err.flush();
  const authorityPath = given.value('CA');
  const own = given.value('signkey') ?? given.value('key');
  const authority =
    authorityPath === undefined ? undefined : yield* readCertificate(main, authorityPath);
  const keyPath = authority ? (given.value('CAkey') ?? authorityPath) : own;
  if (keyPath === undefined) {
    throw new Refusal(
      'We need a private key to sign with, use -signkey or -CAkey or -CA with private key',
    );
  }
  const signedBy = yield* readKey(main, keyPath);
  if (authority && authority.key !== signedBy) {
    throw new Refusal('CA certificate and CA private key do not match');
  }
  const now = epochMilliseconds(main.process.now);
  const facts = nameFacts(request.subject);
  return {
    ...facts,
    ...(yield* wantedExtensions(main, given)),
    serial: yield* serialFor(main, given),
    issuer: authority?.commonName ?? facts.commonName,
    issuerName: authority ? subjectOf(authority) : request.subject,
    signedBy,
    key: request.key,
    notBefore: now,
    notAfter: now + Number(given.value('days') ?? 30) * DAY,
  };
}

function* wantedExtensions(main: Main, given: Arguments): Routine<Extensions> {
  const path = given.value('extfile');
  if (path === undefined) return NO_EXTENSIONS;
  const sections = readConfiguration(yield* readText(main, path, 'extensions'));
  const name =
    given.value('extensions') ?? sections.get('')?.find(([k]) => k === 'extensions')?.[1];
  const entries = sections.get(name ?? '');
  if (!entries) throw new Refusal(`Error checking extension section ${name ?? 'default'}`);
  return readExtensions(entries, sections);
}

/** The serial number: given, counted on in a file, or random. */
function* serialFor(main: Main, given: Arguments): Routine<string> {
  const set = given.value('set_serial');
  if (set !== undefined) {
    if (!/^(?:0x[0-9a-f]+|-?\d+)$/i.test(set)) throw new Refusal('x509: Use -help for summary.');
    return BigInt(set).toString();
  }
  const named = given.value('CAserial');
  const beside = given.value('CA')?.replace(/\.[^./]*$/, '');
  const path = named ?? (given.flags.has('CAcreateserial') && beside ? `${beside}.srl` : undefined);
  const fresh = (yield* randomHex(main, 20)).replace(
    /^./,
    (digit) => '01234567'[parseInt(digit, 16) & 7] ?? '0',
  );
  if (path === undefined) return BigInt(`0x${fresh}`).toString();
  const exists = !isErrno(main.process.stat(path));
  const hex = exists ? (yield* readText(main, path, 'serial')).trim() : fresh;
  if (!/^(?:[0-9a-f]{2})+$/i.test(hex)) throw new Refusal(`Unable to load number from ${path}`);
  const next = exists ? BigInt(`0x${hex}`) + 1n : BigInt(`0x${hex}`);
  yield* writeText(main, path, `${next.toString(16).toUpperCase().padStart(hex.length, '0')}\n`);
  return next.toString();
}
