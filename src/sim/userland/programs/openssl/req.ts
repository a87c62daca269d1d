// openssl req: a signing request, or with -x509 a certificate that signs itself.

import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import type { Main } from '../../libc/stdio.ts';
import { type Certificate, toPem } from '../../tls/certificate.ts';
import type { CertificateRequest } from '../../tls/request.ts';
import { type Arguments, type ArgumentTable, NotDone, readArguments } from './arguments.ts';
import { type Extensions, NO_EXTENSIONS, readConfiguration, readExtensions } from './extensions.ts';
import {
  newKey,
  privateKeyPem,
  randomHex,
  readKey,
  readRequest,
  readText,
  Refusal,
  writeText,
} from './files.ts';
import { nameFacts, printName, readSubject } from './names.ts';
import type { DistinguishedName } from '../../tls/certificate.ts';

const DAY = 86_400_000;

const TABLE: ArgumentTable = {
  flags: [
    'new',
    'x509',
    'nodes',
    'noenc',
    'noout',
    'subject',
    'verify',
    'batch',
    'sha256',
    'sha384',
    'sha512',
  ],
  values: [
    'in',
    'out',
    'key',
    'keyout',
    'newkey',
    'subj',
    'days',
    'addext',
    'config',
    'extensions',
    'reqexts',
  ],
  missing: [
    'text',
    'pubkey',
    'modulus',
    'passin',
    'passout',
    'set_serial',
    'utf8',
    'pkeyopt',
    'section',
  ],
};

/** Runs the command. */
export function* req(main: Main, words: readonly string[]): ProgramRun {
  const given = readArguments('req', words, TABLE);
  const makes =
    given.flags.has('new') || given.flags.has('x509') || given.value('newkey') !== undefined;
  if (!makes) return yield* look(main, given);
  const key = yield* keyFor(main, given);
  const sections = yield* configuration(main, given);
  const subject = subjectFor(given, sections);
  const added = (given.values.get('addext') ?? []).map((text): [string, string] => {
    const equals = text.indexOf('=');
    return [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
  });
  const settings = new Map(sections.get('req') ?? []);
  const wanted = given.flags.has('x509')
    ? (given.value('extensions') ?? settings.get('x509_extensions'))
    : (given.value('reqexts') ?? given.value('extensions') ?? settings.get('req_extensions'));
  const standard: Extensions = { ...NO_EXTENSIONS, isAuthority: given.flags.has('x509') };
  const entries = [...(sections.get(wanted ?? ' ') ?? []), ...added];
  const extensions = readExtensions(entries, sections, standard);
  const text = given.flags.has('x509')
    ? toPem('CERTIFICATE', yield* selfSigned(main, given, { subject, key, extensions }))
    : toPem('CERTIFICATE REQUEST', requestOf(subject, key, extensions));
  if (!given.flags.has('noout')) yield* writeText(main, given.value('out'), text);
  return 0;
}

/** -in without -new: what a request says. */
function* look(main: Main, given: Arguments): ProgramRun {
  const request = yield* readRequest(main, given.value('in'));
  if (given.flags.has('verify')) {
    yield* main.err.print('Certificate request self-signature verify OK\n');
    yield* main.err.flush();
  }
  if (given.flags.has('subject')) main.out.put(`subject=${printName(request.subject)}\n`);
  if (given.flags.has('noout')) return 0;
  yield* writeText(main, given.value('out'), toPem('CERTIFICATE REQUEST', request));
  return 0;
}

function* keyFor(main: Main, given: Arguments): Routine<string> {
  const path = given.value('key');
  if (path !== undefined) return yield* readKey(main, path);
  const kind = given.value('newkey') ?? 'rsa:2048';
  if (!/^(rsa(:\d+)?|ec)$/.test(kind)) throw new NotDone(`newkey ${kind}`);
  if (!given.flags.has('nodes') && !given.flags.has('noenc')) {
    throw new NotDone('newkey without -nodes (a pass phrase)');
  }
  const key = yield* newKey(main, kind);
  if (kind.startsWith('rsa')) yield* main.err.print(`${'.'.repeat(12)}+${'.'.repeat(7)}+\n-----\n`);
  else yield* main.err.print('-----\n');
  yield* main.err.flush();
  yield* writeText(main, given.value('keyout') ?? 'privkey.pem', privateKeyPem(key), 0o600);
  return key;
}

type Sections = ReadonlyMap<string, readonly (readonly [string, string])[]>;

function* configuration(main: Main, given: Arguments): Routine<Sections> {
  const path = given.value('config');
  return path === undefined
    ? new Map()
    : readConfiguration(yield* readText(main, path, 'configuration'));
}

const LONG_NAMES: Readonly<Record<string, string>> = {
  commonName: 'CN',
  organizationName: 'O',
  organizationalUnitName: 'OU',
  countryName: 'C',
  stateOrProvinceName: 'ST',
  localityName: 'L',
  emailAddress: 'emailAddress',
};

/** -subj, or the section of the configuration where prompt = no; throws where it would be asked for. */
function subjectFor(given: Arguments, sections: Sections): DistinguishedName {
  const text = given.value('subj');
  if (text !== undefined) {
    const name = readSubject(text);
    if (typeof name === 'string') throw new Refusal(name);
    return name;
  }
  const settings = new Map(sections.get('req') ?? []);
  const entries = sections.get(settings.get('distinguished_name') ?? ' ');
  if (settings.get('prompt') !== 'no' || !entries) throw new NotDone('new without -subj');
  return entries.map(([key, value]) => [LONG_NAMES[key] ?? key, value] as const);
}

function requestOf(
  subject: DistinguishedName,
  key: string,
  extensions: Extensions,
): CertificateRequest {
  const { dnsNames, ipAddresses } = extensions;
  return { ...nameFacts(subject), key, dnsNames, ipAddresses };
}

interface Draft {
  readonly subject: DistinguishedName;
  readonly key: string;
  readonly extensions: Extensions;
}

function* selfSigned(main: Main, given: Arguments, draft: Draft): Routine<Certificate> {
  const now = epochMilliseconds(main.process.now);
  const facts = nameFacts(draft.subject);
  return {
    ...facts,
    ...draft.extensions,
    serial: BigInt(`0x${yield* randomHex(main, 19)}`).toString(),
    issuer: facts.commonName,
    issuerName: draft.subject,
    signedBy: draft.key,
    key: draft.key,
    notBefore: now,
    notAfter: now + Number(given.value('days') ?? 30) * DAY,
  };
}
