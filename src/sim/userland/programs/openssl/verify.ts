// openssl verify: whether certificates chain up to authorities that are trusted.

import { epochMilliseconds } from '../../../core/time.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import type { Main } from '../../libc/stdio.ts';
import {
  type Certificate,
  type CertificateFault,
  certificatesOf,
  verify,
} from '../../tls/certificate.ts';
import { certificatesIn, SYSTEM_TRUST } from '../../http/trust.ts';
import { readArguments } from './arguments.ts';
import { readCertificate, readText } from './files.ts';
import { printName, subjectOf } from './names.ts';

/** Runs the command; 2 where one certificate is not accepted. */
export function* verifyCommand(main: Main, words: readonly string[]): ProgramRun {
  const given = readArguments('verify', words, {
    flags: ['verbose', 'no-CAfile'],
    values: ['CAfile', 'untrusted', 'trusted'],
    missing: [
      'CApath',
      'crl_check',
      'purpose',
      'verify_hostname',
      'verify_ip',
      'show_chain',
      'partial_chain',
    ],
  });
  const trusted: Certificate[] = [];
  for (const path of [given.value('CAfile'), given.value('trusted')]) {
    if (path !== undefined)
      trusted.push(...certificatesOf(yield* readText(main, path, 'certificate')));
  }
  if (!given.flags.has('no-CAfile')) {
    trusted.push(...((yield* certificatesIn(main.process, SYSTEM_TRUST)) ?? []));
  }
  const between = given.value('untrusted');
  const others =
    between === undefined ? [] : certificatesOf(yield* readText(main, between, 'certificate'));
  const now = epochMilliseconds(main.process.now);
  let status = 0;
  for (const path of given.operands.length > 0 ? given.operands : [undefined]) {
    const certificate = yield* readCertificate(main, path);
    const name = path ?? 'stdin';
    const fault = chainFault(certificate, trusted, others, now);
    if (!fault) {
      yield* main.out.print(`${name}: OK\n`);
      continue;
    }
    status = 2;
    yield* main.out.flush();
    yield* main.err.print(`${printName(subjectOf(fault.certificate))}\n${fault.text}\n`);
    yield* main.err.print(`error ${name}: verification failed\n`);
    yield* main.err.flush();
  }
  return status;
}

interface ChainFault {
  readonly certificate: Certificate;
  readonly text: string;
}

/** What is wrong with a certificate or one above it. */
function chainFault(
  certificate: Certificate,
  trusted: readonly Certificate[],
  others: readonly Certificate[],
  now: number,
): ChainFault | undefined {
  let at = certificate;
  for (let depth = 0; depth < 10; depth++) {
    const fault = verify(at, trusted, now, undefined);
    if (!fault) return undefined;
    const above = others.find((other) => other.key === at.signedBy && other !== at);
    if (fault.kind !== 'unknown authority' || !above) {
      return { certificate: at, text: `error ${reason(fault, depth)}` };
    }
    at = above;
  }
  return { certificate: at, text: 'error 22 at 10 depth lookup: certificate chain too long' };
}

function reason(fault: CertificateFault, depth: number): string {
  const at = (code: number, text: string): string => `${code} at ${depth} depth lookup: ${text}`;
  switch (fault.kind) {
    case 'expired':
      return at(10, 'certificate has expired');
    case 'not yet valid':
      return at(9, 'certificate is not yet valid');
    case 'wrong name':
      return at(62, 'hostname mismatch');
    case 'unknown authority':
      return fault.certificate.signedBy === fault.certificate.key
        ? at(18, 'self-signed certificate')
        : at(20, 'unable to get local issuer certificate');
  }
}
