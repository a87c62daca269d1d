// `openssl x509 -text`: a certificate spelled out. The numbers of its key and signature are made from their names,
// since the cryptography is left out.

import { sha256 } from '../../../core/sha256.ts';
import { encode } from '../../../core/text.ts';
import type { Certificate } from '../../tls/certificate.ts';
import { printExtensions } from './extensions.ts';
import { issuerOf, printName, subjectOf } from './names.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const SIGNATURE = 'sha256WithRSAEncryption';

/** `Nov 20 23:33:06 2026 GMT`. */
export function moment(milliseconds: number): string {
  const date = new Date(milliseconds);
  const day = String(date.getUTCDate()).padStart(2);
  const clock = date.toISOString().slice(11, 19);
  return `${MONTHS[date.getUTCMonth()] ?? ''} ${day} ${clock} ${date.getUTCFullYear()} GMT`;
}

/** A serial number's hexadecimal digits, an even number of them. */
export function serialHex(certificate: Certificate): string {
  const digits = BigInt(certificate.serial).toString(16).toUpperCase();
  return digits.length % 2 ? `0${digits}` : digits;
}

/** The digits of a fingerprint in pairs. */
export function pairs(hex: string): string {
  return (hex.match(/../g) ?? []).join(':');
}

function numberOf(seed: string, bytes: number): string {
  let hex = '';
  for (let i = 0; hex.length < bytes * 2; i++) hex += sha256(encode(`${seed}/${i}`));
  return hex.slice(0, bytes * 2);
}

function block(hex: string, perLine: number, indent: number): string {
  const all = hex.match(/../g) ?? [];
  const lines: string[] = [];
  for (let i = 0; i < all.length; i += perLine) {
    lines.push(`${' '.repeat(indent)}${all.slice(i, i + perLine).join(':')}`);
  }
  return `${lines.join(':\n')}\n`;
}

function serialLines(certificate: Certificate): string {
  const value = BigInt(certificate.serial);
  if (value < 1n << 63n) return `        Serial Number: ${value} (0x${value.toString(16)})\n`;
  return `        Serial Number:\n            ${pairs(serialHex(certificate)).toLowerCase()}\n`;
}

/** The number of a public key, as -text and -modulus print it. */
export function modulusOf(key: string): string {
  return `c${numberOf(`modulus ${key}`, 256).slice(1)}`;
}

/** The whole text of a certificate. */
export function certificateText(certificate: Certificate): string {
  const extensions = printExtensions(certificate)
    .map(({ title, value }) => `            ${title}\n                ${value}\n`)
    .join('');
  return `Certificate:
    Data:
        Version: 3 (0x2)
${serialLines(certificate)}        Signature Algorithm: ${SIGNATURE}
        Issuer: ${printName(issuerOf(certificate))}
        Validity
            Not Before: ${moment(certificate.notBefore)}
            Not After : ${moment(certificate.notAfter)}
        Subject: ${printName(subjectOf(certificate))}
        Subject Public Key Info:
            Public Key Algorithm: rsaEncryption
                Public-Key: (2048 bit)
                Modulus:
${block(`00${modulusOf(certificate.key)}`, 15, 20)}                Exponent: 65537 (0x10001)
        X509v3 extensions:
${extensions}    Signature Algorithm: ${SIGNATURE}
    Signature Value:
${block(numberOf(`signature ${certificate.signedBy} ${certificate.serial}`, 256), 18, 8)}`;
}
