// git's objects: blobs, trees and commits, named by the SHA-1 of their type, size and contents, and kept deflated under
// .git/objects (gitformat-loose). Packs, tags and alternates are left out.

import { concatBytes, decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { gzip } from '../../libc/gzip.ts';
import { sha1 } from '../../libc/hashes.ts';
import { readFile, writeFile } from '../../libc/whole-file.ts';

export type ObjectType = 'blob' | 'tree' | 'commit';

export interface GitObject {
  readonly type: ObjectType;
  readonly bytes: Uint8Array;
}

/** One entry of a tree. `mode` in octal without leading zeroes: 100644, 100755, 120000, 40000. */
export interface TreeEntry {
  readonly mode: string;
  readonly name: string;
  readonly id: string;
}

export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  /** `Name <mail> seconds +0000`. */
  readonly author: string;
  readonly committer: string;
  readonly message: string;
}

/** The forty digits of an object's name. */
export function objectId({ type, bytes }: GitObject): string {
  return hex(sha1(framed(type, bytes)));
}

function framed(type: ObjectType, bytes: Uint8Array): Uint8Array {
  return concatBytes([encode(`${type} ${bytes.length}\0`), bytes]);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function unhex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(i * 2, i * 2 + 2), 16),
  );
}

/** A zlib stream (RFC 1950) around the deflate blocks of a gzip member. */
function zlib(bytes: Uint8Array): Uint8Array {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  const sum = Uint8Array.of(b >> 8, b & 255, a >> 8, a & 255);
  return concatBytes([Uint8Array.of(0x78, 0x01), gzip(bytes).slice(10, -8), sum]);
}

/** The contents of such a stream; the checksum of a gzip member, which it lacks, is not asked for. */
function unzlib(bytes: Uint8Array): Uint8Array {
  const blocks = bytes.slice(2, -4);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < blocks.length; ) {
    const last = blocks[at] ?? 1;
    const size = (blocks[at + 1] ?? 0) + (blocks[at + 2] ?? 0) * 256;
    parts.push(blocks.slice(at + 5, at + 5 + size));
    at += 5 + size;
    if (last) break;
  }
  return concatBytes(parts);
}

function pathOf(directory: string, id: string): string {
  return `${directory}/objects/${id.slice(0, 2)}/${id.slice(2)}`;
}

/** Writes an object where it is not there yet; its name. `directory` is the repository's .git. */
export function* writeObject(
  process: Process,
  directory: string,
  object: GitObject,
): Routine<string> {
  const id = objectId(object);
  const path = pathOf(directory, id);
  if (process.exists(path)) return id;
  process.mkdir(`${directory}/objects/${id.slice(0, 2)}`);
  yield* writeFile(process, path, zlib(framed(object.type, object.bytes)), 0o444);
  return id;
}

/** Reads an object; undefined where there is none of that name. */
export function* readObject(
  process: Process,
  directory: string,
  id: string,
): Routine<GitObject | undefined> {
  const stored = yield* readFile(process, pathOf(directory, id));
  if (isErrno(stored)) return undefined;
  const whole = unzlib(stored);
  const end = whole.indexOf(0);
  const [type = 'blob'] = decode(whole.slice(0, end)).split(' ');
  return { type: type as ObjectType, bytes: whole.slice(end + 1) };
}

/** A tree's bytes from its entries, in git's order: directories sort as if their names ended in a slash. */
export function treeObject(entries: readonly TreeEntry[]): GitObject {
  const key = ({ mode, name }: TreeEntry): string => (mode === '40000' ? `${name}/` : name);
  const sorted = [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const parts = sorted.flatMap(({ mode, name, id }) => [encode(`${mode} ${name}\0`), unhex(id)]);
  return { type: 'tree', bytes: concatBytes(parts) };
}

/** The entries of a tree's bytes. */
export function treeEntries(bytes: Uint8Array): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    const [mode = '', ...name] = decode(bytes.slice(at, end)).split(' ');
    entries.push({ mode, name: name.join(' '), id: hex(bytes.slice(end + 1, end + 21)) });
    at = end + 21;
  }
  return entries;
}

export function commitObject({ tree, parents, author, committer, message }: Commit): GitObject {
  const head = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${author}`,
    `committer ${committer}`,
  ];
  return { type: 'commit', bytes: encode(`${head.join('\n')}\n\n${message}`) };
}

export function parseCommit(bytes: Uint8Array): Commit {
  const text = decode(bytes);
  const end = text.indexOf('\n\n');
  const lines = text.slice(0, end).split('\n');
  const all = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  return {
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    author: all('author')[0] ?? '',
    committer: all('committer')[0] ?? '',
    message: text.slice(end + 2),
  };
}
