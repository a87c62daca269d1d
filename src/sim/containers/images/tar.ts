// tar archives (POSIX ustar with pax records for what does not fit, and GNU long names when reading): the form of
// layers, of `docker save`, `docker cp` and image archives. Sparse files and multi-volume archives are left out.

import { concatBytes, decode, encode } from '../../core/text.ts';

export type TarKind =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'hardlink'
  | 'character'
  | 'block'
  | 'fifo';

const TYPE_FLAGS: Readonly<Record<TarKind, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

export interface TarEntry {
  /** Without a leading slash; directories may end in one (the writer adds it). */
  readonly name: string;
  readonly kind: TarKind;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Target of a link. */
  readonly target?: string;
  readonly content?: Uint8Array;
  /** Devices: major * 256 + minor. */
  readonly rdev?: number;
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

const BLOCK = 512;
const EMPTY = new Uint8Array(0);
const XATTR = 'SCHILY.xattr.';

/** An archive of the entries in their order, ended by two empty blocks. */
export function writeTar(entries: Iterable<TarEntry>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const entry of entries) writeEntry(parts, entry);
  parts.push(new Uint8Array(2 * BLOCK));
  return concatBytes(parts);
}

function writeEntry(parts: Uint8Array[], entry: TarEntry): void {
  const name =
    entry.kind === 'directory' && entry.name !== '.' && !entry.name.endsWith('/')
      ? `${entry.name}/`
      : entry.name;
  const records: [string, Uint8Array][] = [];
  const split = splitName(name);
  if (!split) records.push(['path', encode(name)]);
  const target = entry.target ?? '';
  if (byteLength(target) > 100) records.push(['linkpath', encode(target)]);
  for (const [key, value] of entry.xattrs ?? []) records.push([XATTR + key, value]);
  if (records.length > 0) {
    const body = paxRecords(records);
    const short = name.slice(-60).replace(/\/$/, '').replace(/^.*\//, '');
    parts.push(header({ name: `PaxHeaders.0/${short}`, prefix: '', flag: 'x', size: body.length }));
    parts.push(body, padding(body.length));
  }
  const content = entry.kind === 'file' ? (entry.content ?? EMPTY) : EMPTY;
  parts.push(
    header({
      name: split?.name ?? decode(encode(name).subarray(0, 100)),
      prefix: split?.prefix ?? '',
      flag: TYPE_FLAGS[entry.kind],
      size: content.length,
      target: byteLength(target) > 100 ? target.slice(0, 100) : target,
      entry,
    }),
  );
  if (content.length > 0) parts.push(content, padding(content.length));
}

function byteLength(text: string): number {
  return text.length > 33
    ? encode(text).length
    : text.length * 3 > 100
      ? encode(text).length
      : text.length;
}

/** ustar's two fields, split at a slash; undefined where the name fits neither way. */
function splitName(name: string): { name: string; prefix: string } | undefined {
  if (byteLength(name) <= 100) return { name, prefix: '' };
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    const rest = name.slice(at + 1);
    if (rest !== '' && byteLength(rest) <= 100 && byteLength(name.slice(0, at)) <= 155) {
      return { name: rest, prefix: name.slice(0, at) };
    }
  }
  return undefined;
}

interface HeaderFields {
  readonly name: string;
  readonly prefix: string;
  readonly flag: string;
  readonly size: number;
  readonly target?: string;
  readonly entry?: TarEntry;
}

function header(fields: HeaderFields): Uint8Array {
  const out = new Uint8Array(BLOCK);
  const { entry } = fields;
  const text = (at: number, value: string): void => {
    if (value !== '') out.set(encode(value), at);
  };
  const octal = (at: number, width: number, value: number): void =>
    text(
      at,
      Math.max(0, Math.floor(value))
        .toString(8)
        .padStart(width - 1, '0'),
    );
  text(0, fields.name);
  octal(100, 8, entry?.mode ?? 0o644);
  octal(108, 8, entry?.uid ?? 0);
  octal(116, 8, entry?.gid ?? 0);
  octal(124, 12, fields.size);
  octal(136, 12, entry?.mtime ?? 0);
  text(148, '        ');
  text(156, fields.flag);
  text(157, fields.target ?? '');
  text(257, 'ustar\u000000');
  octal(329, 8, (entry?.rdev ?? 0) >> 8);
  octal(337, 8, (entry?.rdev ?? 0) & 255);
  text(345, fields.prefix);
  let sum = 0;
  for (const byte of out) sum += byte;
  text(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return out;
}

function padding(size: number): Uint8Array {
  const rest = size % BLOCK;
  return rest === 0 ? EMPTY : new Uint8Array(BLOCK - rest);
}

function paxRecords(records: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [key, value] of records) {
    const base = byteLength(key) + value.length + 3;
    let length = base + String(base).length;
    length = base + String(length).length;
    parts.push(encode(`${length} ${key}=`), value, encode('\n'));
  }
  return concatBytes(parts);
}

/** What reading an archive may end in beside the entries. */
export type TarFailure = 'unexpected EOF' | 'archive/tar: invalid tar header';

/** The entries of an archive, or why it is none. */
export function readTar(bytes: Uint8Array): TarEntry[] | TarFailure {
  const entries: TarEntry[] = [];
  let pax = new Map<string, Uint8Array>();
  let longName: string | undefined;
  let longTarget: string | undefined;
  let at = 0;
  while (at + BLOCK <= bytes.length) {
    const head = bytes.subarray(at, at + BLOCK);
    if (head.every((byte) => byte === 0)) return entries;
    if (!checksumFits(head)) return 'archive/tar: invalid tar header';
    const flag = String.fromCharCode(head[156] ?? 0);
    const size = octalAt(head, 124, 12);
    at += BLOCK;
    if (at + size > bytes.length) return 'unexpected EOF';
    const body = bytes.subarray(at, at + size);
    at += Math.ceil(size / BLOCK) * BLOCK;
    if (flag === 'x') pax = parsePax(body);
    else if (flag === 'L') longName = textOf(body);
    else if (flag === 'K') longTarget = textOf(body);
    else if (flag !== 'g') {
      entries.push(entryOf(head, flag, body, pax, longName, longTarget));
      pax = new Map();
      longName = undefined;
      longTarget = undefined;
    }
  }
  return at === 0 && bytes.length > 0 ? 'unexpected EOF' : entries;
}

function entryOf(
  head: Uint8Array,
  flag: string,
  body: Uint8Array,
  pax: ReadonlyMap<string, Uint8Array>,
  longName: string | undefined,
  longTarget: string | undefined,
): TarEntry {
  const prefix = textOf(head.subarray(345, 500));
  const short = textOf(head.subarray(0, 100));
  const ustar = textOf(head.subarray(257, 262)) === 'ustar';
  const paxText = (key: string): string | undefined => {
    const value = pax.get(key);
    return value && decode(value);
  };
  const name =
    paxText('path') ?? longName ?? (prefix !== '' && ustar ? `${prefix}/${short}` : short);
  const target = paxText('linkpath') ?? longTarget ?? textOf(head.subarray(157, 257));
  const kind = kindOf(flag, name);
  const xattrs = new Map<string, Uint8Array>();
  for (const [key, value] of pax) {
    if (key.startsWith(XATTR)) xattrs.set(key.slice(XATTR.length), value);
  }
  return {
    name,
    kind,
    mode: octalAt(head, 100, 8) & 0o7777,
    uid: Number(paxText('uid') ?? octalAt(head, 108, 8)),
    gid: Number(paxText('gid') ?? octalAt(head, 116, 8)),
    mtime: Math.floor(Number(paxText('mtime') ?? octalAt(head, 136, 12))),
    ...(target === '' ? {} : { target }),
    ...(kind === 'file' ? { content: body } : {}),
    rdev: octalAt(head, 329, 8) * 256 + octalAt(head, 337, 8),
    ...(xattrs.size > 0 ? { xattrs } : {}),
  };
}

function kindOf(flag: string, name: string): TarKind {
  for (const [kind, known] of Object.entries(TYPE_FLAGS)) {
    if (known === flag) return kind as TarKind;
  }
  return name.endsWith('/') ? 'directory' : 'file';
}

function checksumFits(head: Uint8Array): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : (head[i] ?? 0);
  return sum === octalAt(head, 148, 8);
}

function octalAt(head: Uint8Array, at: number, width: number): number {
  const first = head[at] ?? 0;
  if (first & 0x80) {
    let value = first & 0x7f;
    for (let i = 1; i < width; i++) value = value * 256 + (head[at + i] ?? 0);
    return value;
  }
  let value = 0;
  for (let i = at; i < at + width; i++) {
    const digit = (head[i] ?? 0) - 48;
    if (digit >= 0 && digit < 8) value = value * 8 + digit;
    else if (value !== 0 || head[i] === 0) break;
  }
  return value;
}

function textOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  return decode(end < 0 ? field : field.subarray(0, end));
}

function parsePax(body: Uint8Array): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>();
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(32, at);
    const length = space < 0 ? 0 : Number(decode(body.subarray(at, space)));
    const equals = body.indexOf(61, space);
    if (!(length > 0) || equals < 0) break;
    records.set(decode(body.subarray(space + 1, equals)), body.slice(equals + 1, at + length - 1));
    at += length;
  }
  return records;
}
