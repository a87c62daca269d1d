// The GNU form of tar archives: headers with owners by name, long names as `././@LongLink` members; pax records are
// read. Sparse files and multi-volume archives are left out.

import { concatBytes, decode, encode } from '../../../core/text.ts';

/** One member. `flag` is the header's type: 0 file, 1 hard link, 2 symlink, 3 4 devices, 5 directory, 6 FIFO. */
export interface TarMember {
  /** As in the archive; a directory's ends in a slash. */
  readonly name: string;
  readonly flag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly group: string;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly target: string;
  readonly major: number;
  readonly minor: number;
  readonly content: Uint8Array;
}

/** What was read, where the end marker (or the end of the bytes) began, and how the archive failed to be one. */
export interface TarContents {
  readonly members: readonly TarMember[];
  readonly end: number;
  readonly problem: 'not tar' | 'cut off' | undefined;
}

const BLOCK = 512;
/** tar writes records of twenty blocks. */
const RECORD = 20 * BLOCK;
const NOTHING = new Uint8Array(0);

/** The bytes of one member: long names first where the header has no room. */
export function encodeMember(member: TarMember): Uint8Array {
  const parts: Uint8Array[] = [];
  const long = (text: string, flag: string): void => {
    const bytes = encode(`${text}\0`);
    if (bytes.length <= 101) return;
    const fields = {
      ...member,
      name: '././@LongLink',
      target: '',
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
    };
    parts.push(
      header({ ...fields, user: 'root', group: 'root', flag, content: bytes }),
      padded(bytes),
    );
  };
  long(member.target, 'K');
  long(member.name, 'L');
  parts.push(header(member));
  if (member.content.length > 0) parts.push(padded(member.content));
  return concatBytes(parts);
}

/** Members closed by empty blocks, filled to whole records. */
export function closeArchive(parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0) + 2 * BLOCK;
  return concatBytes([
    ...parts,
    new Uint8Array(2 * BLOCK + Math.ceil(size / RECORD) * RECORD - size),
  ]);
}

function padded(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
  out.set(bytes);
  return out;
}

function header(member: TarMember): Uint8Array {
  const out = new Uint8Array(BLOCK);
  const text = (at: number, width: number, value: string): void =>
    out.set(encode(value).subarray(0, width), at);
  const octal = (at: number, width: number, value: number): void =>
    text(
      at,
      width,
      Math.max(0, Math.floor(value))
        .toString(8)
        .padStart(width - 1, '0'),
    );
  text(0, 100, member.name);
  octal(100, 8, member.mode);
  octal(108, 8, member.uid);
  octal(116, 8, member.gid);
  octal(124, 12, member.content.length);
  octal(136, 12, member.mtime);
  text(148, 8, '        ');
  text(156, 1, member.flag);
  text(157, 100, member.target);
  text(257, 8, 'ustar  ');
  text(265, 31, member.user);
  text(297, 31, member.group);
  if (member.flag === '3' || member.flag === '4') {
    octal(329, 8, member.major);
    octal(337, 8, member.minor);
  }
  text(
    148,
    8,
    `${out
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
  );
  return out;
}

/** Reads an archive as far as it is one. */
export function decodeArchive(bytes: Uint8Array): TarContents {
  const members: TarMember[] = [];
  let pax = new Map<string, string>();
  let longName: string | undefined;
  let longTarget: string | undefined;
  let at = 0;
  while (at + BLOCK <= bytes.length) {
    const head = bytes.subarray(at, at + BLOCK);
    if (head.every((byte) => byte === 0)) return { members, end: at, problem: undefined };
    if (!checksumFits(head)) return { members, end: at, problem: 'not tar' };
    const flag = String.fromCharCode(head[156] ?? 0)
      .replace('\0', '0')
      .replace('7', '0');
    const size = '123456'.includes(flag) ? 0 : Number(pax.get('size') ?? numberAt(head, 124, 12));
    const start = at + BLOCK;
    const next = start + Math.ceil(size / BLOCK) * BLOCK;
    const content = size > 0 ? bytes.subarray(start, start + size) : NOTHING;
    if (flag === 'x') pax = paxRecords(content);
    else if (flag === 'L') longName = textOf(content);
    else if (flag === 'K') longTarget = textOf(content);
    else if (flag !== 'g') {
      members.push(memberOf(head, flag, content, pax, longName, longTarget));
      pax = new Map();
      longName = undefined;
      longTarget = undefined;
    }
    if (next > bytes.length) return { members, end: at, problem: 'cut off' };
    at = next;
  }
  return { members, end: at, problem: members.length === 0 ? 'not tar' : undefined };
}

function memberOf(
  head: Uint8Array,
  flag: string,
  content: Uint8Array,
  pax: ReadonlyMap<string, string>,
  longName: string | undefined,
  longTarget: string | undefined,
): TarMember {
  const posix = head[262] === 0 && textOf(head.subarray(257, 262)) === 'ustar';
  const prefix = posix ? textOf(head.subarray(345, 500)) : '';
  const short = textOf(head.subarray(0, 100));
  const name = pax.get('path') ?? longName ?? (prefix === '' ? short : `${prefix}/${short}`);
  const directory = flag === '5' || (flag === '0' && name.endsWith('/'));
  return {
    name: directory && name !== '.' && !name.endsWith('/') ? `${name}/` : name,
    flag: directory ? '5' : flag,
    mode: numberAt(head, 100, 8) & 0o7777,
    uid: Number(pax.get('uid') ?? numberAt(head, 108, 8)),
    gid: Number(pax.get('gid') ?? numberAt(head, 116, 8)),
    user: pax.get('uname') ?? textOf(head.subarray(265, 297)),
    group: pax.get('gname') ?? textOf(head.subarray(297, 329)),
    mtime: Math.floor(Number(pax.get('mtime') ?? numberAt(head, 136, 12))),
    target: pax.get('linkpath') ?? longTarget ?? textOf(head.subarray(157, 257)),
    major: numberAt(head, 329, 8),
    minor: numberAt(head, 337, 8),
    content,
  };
}

/** True where a block's checksum is right: what tells a tar archive from anything else. */
export function checksumFits(head: Uint8Array): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : (head[i] ?? 0);
  return head.length >= BLOCK && sum > 256 && sum === numberAt(head, 148, 8);
}

function numberAt(head: Uint8Array, at: number, width: number): number {
  const first = head[at] ?? 0;
  if (first & 0x80) {
    return head.subarray(at + 1, at + width).reduce((sum, byte) => sum * 256 + byte, first & 0x7f);
  }
  return Number.parseInt(/[0-7]+/.exec(textOf(head.subarray(at, at + width)))?.[0] ?? '0', 8);
}

function textOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  return decode(end < 0 ? field : field.subarray(0, end));
}

function paxRecords(body: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(32, at);
    const length = space < 0 ? 0 : Number(decode(body.subarray(at, space)));
    const equals = body.indexOf(61, space);
    if (!(length > 0) || equals < 0) break;
    records.set(
      decode(body.subarray(space + 1, equals)),
      decode(body.subarray(equals + 1, at + length - 1)),
    );
    at += length;
  }
  return records;
}
