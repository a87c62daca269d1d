// What file(1) makes of a file's bytes: the magic numbers, scripts and kinds of text that turn up in these labs, with
// their MIME types. The rest of the magic database is left out: such files are `data` or plain text.

import { decode } from '../../../core/text.ts';
import { gzipHeader } from '../../libc/gzip.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';
import { checksumFits } from './tar-format.ts';

/** What a file is, in words and as a MIME type with its character set. */
export interface FileType {
  readonly text: string;
  readonly mime: string;
  readonly charset: string;
}

/** Formats known by how they begin. */
const MAGIC: readonly (readonly [start: string, text: string, mime: string])[] = [
  ['BZh', 'bzip2 compressed data', 'application/x-bzip2'],
  ['\xfd7zXZ\0', 'XZ compressed data', 'application/x-xz'],
  ['\x28\xb5\x2f\xfd', 'Zstandard compressed data (v0.8+)', 'application/zstd'],
  ['%PDF-1.', 'PDF document', 'application/pdf'],
  ['SQLite format 3\0', 'SQLite 3.x database', 'application/vnd.sqlite3'],
  ['\x89PNG\r\n\x1a\n', 'PNG image data', 'image/png'],
  ['GIF8', 'GIF image data', 'image/gif'],
  ['\xff\xd8\xff', 'JPEG image data', 'image/jpeg'],
];

/** PEM blocks by their label. */
const PEM: Readonly<Record<string, string>> = {
  CERTIFICATE: 'PEM certificate',
  'CERTIFICATE REQUEST': 'PEM certificate request',
  'RSA PRIVATE KEY': 'PEM RSA private key',
  'EC PRIVATE KEY': 'PEM EC private key',
  'DSA PRIVATE KEY': 'PEM DSA private key',
  'OPENSSH PRIVATE KEY': 'OpenSSH private key',
};

/** Interpreters by name: what is said of their scripts, and the MIME type. */
const INTERPRETERS: readonly (readonly [name: RegExp, text: string, mime: string])[] = [
  [/^(sh|dash)$/, 'POSIX shell script', 'text/x-shellscript'],
  [/^bash$/, 'Bourne-Again shell script', 'text/x-shellscript'],
  [/^python[\d.]*$/, 'Python script', 'text/x-script.python'],
  [/^awk$/, 'awk script', 'text/x-awk'],
  [/^ruby$/, 'Ruby script', 'text/x-ruby'],
];

/** Sorts bytes into a type. */
export function fileType(bytes: Uint8Array): FileType {
  if (bytes.length === 0) return { text: 'empty', mime: 'inode/x-empty', charset: 'binary' };
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  if (head.startsWith('\x7fELF')) return elf(bytes);
  const gzip = gzipHeader(bytes);
  if (gzip) return binary(gzipText(gzip), 'application/gzip');
  if (bytes.length >= 512 && checksumFits(bytes.subarray(0, 512))) {
    const gnu = String.fromCharCode(...bytes.subarray(257, 265)) === 'ustar  \0';
    return binary(`POSIX tar archive${gnu ? ' (GNU)' : ''}`, 'application/x-tar');
  }
  const known = MAGIC.find(([start]) => head.startsWith(start));
  if (known) return binary(known[1], known[2]);
  if (bytes.length === 1) return binary('very short file (no magic)', 'application/octet-stream');
  return textType(bytes) ?? binary('data', 'application/octet-stream');
}

const binary = (text: string, mime: string): FileType => ({ text, mime, charset: 'binary' });

/** What an ELF header tells; ours carry neither an interpreter nor sections. */
function elf(bytes: Uint8Array): FileType {
  const wide = bytes[4] === 2;
  const kinds = ['no file type', 'relocatable', 'executable', 'shared object', 'core file'];
  const machine = bytes[18] === 62 ? 'x86-64' : bytes[18] === 183 ? 'ARM aarch64' : 'unknown arch';
  const text = `ELF ${wide ? 64 : 32}-bit LSB ${kinds[bytes[16] ?? 0] ?? 'no file type'}, ${machine}, version 1 (SYSV), statically linked, stripped`;
  return binary(text, bytes[16] === 3 ? 'application/x-sharedlib' : 'application/x-executable');
}

function gzipText(header: NonNullable<ReturnType<typeof gzipHeader>>): string {
  const parts = ['gzip compressed data'];
  if (header.name !== undefined) parts.push(`was "${header.name}"`);
  if (header.mtime !== 0) {
    parts.push(`last modified: ${strftime('%a %b %e %H:%M:%S %Y', momentOf(header.mtime * 1000))}`);
  }
  if (header.extra === 2) parts.push('max compression');
  if (header.extra === 4) parts.push('max speed');
  if (header.system === 3) parts.push('from Unix');
  parts.push(`original size modulo 2^32 ${header.length}`);
  return parts.join(', ');
}

interface Encoding {
  readonly name: string;
  readonly charset: string;
}

/** The character set of text; undefined where bytes occur that no text has. */
function encodingOf(bytes: Uint8Array): Encoding | undefined {
  const odd = bytes.some((byte) => byte < 32 && !(byte >= 7 && byte <= 13) && byte !== 27);
  if (odd || bytes.includes(127)) return undefined;
  if (!bytes.some((byte) => byte >= 128)) return { name: 'ASCII text', charset: 'us-ascii' };
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  if (!decode(bytes).includes('\ufffd')) {
    return { name: `Unicode text, UTF-8${marked ? ' (with BOM)' : ''} text`, charset: 'utf-8' };
  }
  const extended = bytes.some((byte) => byte >= 128 && byte < 160);
  return extended
    ? { name: 'Non-ISO extended-ASCII text', charset: 'unknown-8bit' }
    : { name: 'ISO-8859 text', charset: 'iso-8859-1' };
}

function textType(bytes: Uint8Array): FileType | undefined {
  const encoding = encodingOf(bytes);
  if (!encoding) return undefined;
  const text = decode(bytes);
  const { charset } = encoding;
  const tail = `${encoding.name}${lineNotes(text, bytes)}`;
  if (isJson(text)) return { text: 'JSON text data', mime: 'application/json', charset };
  const script = scriptType(text, encoding.name, tail.slice(encoding.name.length));
  if (script) return { ...script, charset };
  const pem = /^-----BEGIN ([A-Z ]+)-----/.exec(text);
  const pemText = pem && PEM[pem[1] ?? ''];
  if (pemText) return { text: pemText, mime: 'text/plain', charset };
  const key = /^ssh-(rsa|dss|ed25519) /.exec(text);
  if (key)
    return {
      text: `OpenSSH ${(key[1] ?? '').toUpperCase()} public key`,
      mime: 'text/plain',
      charset,
    };
  for (const [pattern, name, mime] of LANGUAGES) {
    if (pattern.test(text)) return { text: `${name}, ${tail}`, mime, charset };
  }
  if (isCsv(text))
    return {
      text: encoding.charset === 'us-ascii' ? 'CSV text' : `CSV ${encoding.name}`,
      mime: 'text/csv',
      charset,
    };
  if (bytes.length < 2)
    return { text: 'very short file (no magic)', mime: 'application/octet-stream', charset };
  return { text: tail, mime: 'text/plain', charset };
}

const LANGUAGES: readonly (readonly [pattern: RegExp, name: string, mime: string])[] = [
  [/^(diff -|--- \S.*\n\+\+\+ )/, 'unified diff output', 'text/x-diff'],
  [/^<\?xml version="1\.0"/, 'XML 1.0 document', 'text/xml'],
  [/^\s*<(!doctype html|html|head|title)/i, 'HTML document', 'text/html'],
  [/^\s*#include\s*[<"]|\n#include\s*[<"]/, 'C source', 'text/x-c'],
];

/** How long lines are and how they end, where that is not as usual. */
function lineNotes(text: string, bytes: Uint8Array): string {
  const longest = text.split('\n').reduce((most, line) => Math.max(most, line.length), 0);
  const long = longest > 300 ? `, with very long lines (${longest})` : '';
  const crlf = text.includes('\r\n');
  const lf = /(^|[^\r])\n/.test(text);
  const cr = /\r(?!\n)/.test(text);
  const ends = [crlf ? 'CRLF' : '', cr ? 'CR' : '', lf ? 'LF' : ''].filter((end) => end !== '');
  let out = long;
  if (ends.length === 0) out += ', with no line terminators';
  else if (ends.join() !== 'LF') out += `, with ${ends.join(', ')} line terminators`;
  if (bytes.includes(27)) out += ', with escape sequences';
  if (bytes.includes(8)) out += ', with overstriking';
  return out;
}

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isCsv(text: string): boolean {
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .slice(0, 10);
  const commas = lines.map((line) => line.replace(/"(?:[^"]|"")*"/g, '').split(',').length - 1);
  return lines.length >= 2 && (commas[0] ?? 0) > 0 && commas.every((count) => count === commas[0]);
}

/** A `#!` line: whose script it is. */
function scriptType(
  text: string,
  encoding: string,
  notes: string,
): { text: string; mime: string } | undefined {
  const line = /^#![ \t]*([^\n]*)/.exec(text)?.[1]?.trim();
  if (line === undefined || line === '') return undefined;
  const words = line.split(/\s+/);
  const viaEnv = /(^|\/)env$/.test(words[0] ?? '');
  const name = ((viaEnv ? words[1] : words[0]) ?? '').replace(/^.*\//, '');
  if (name === 'node')
    return {
      text: `Node.js script executable, ${encoding}${notes}`,
      mime: 'application/javascript',
    };
  if (name === 'perl') return { text: 'Perl script text executable', mime: 'text/x-perl' };
  const known = INTERPRETERS.find(([pattern]) => pattern.test(name));
  const subject = known?.[1] ?? `a ${line} script`;
  return { text: `${subject}, ${encoding} executable${notes}`, mime: known?.[2] ?? 'text/plain' };
}
