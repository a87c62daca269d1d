// How ls lays names out: columns, rows, commas; long lines; colours; sizes for people. The choice of files is in ls.ts.

import { epochMilliseconds } from '../../../core/time.ts';
import type { Stat } from '../../../kernel/calls/stat.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../kernel/files/inode.ts';
import type { Accounts } from '../../libc/accounts.ts';
import { modeLetters } from '../../libc/modes.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';

/** A size with a unit letter as ls -h, du -h and df -h round it: up, one digit below ten. */
export function humanSize(bytes: number, base: 1024 | 1000 = 1024): string {
  if (bytes < base) return String(bytes);
  const letters = base === 1024 ? 'KMGTPE' : 'kMGTPE';
  let value = bytes;
  let unit = -1;
  while (value >= base && unit < letters.length - 1) {
    value /= base;
    unit++;
  }
  const tenths = Math.ceil(value * 10 - 1e-9) / 10;
  if (tenths < 10) return `${tenths.toFixed(1)}${letters.charAt(unit)}`;
  const whole = Math.ceil(value - 1e-9);
  if (whole >= base && unit < letters.length - 1) return `1.0${letters.charAt(unit + 1)}`;
  return `${whole}${letters.charAt(unit)}`;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]/u;

/** Columns that a text takes on a terminal (wcswidth). */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) width += WIDE.test(char) ? 2 : /\p{M}/u.test(char) ? 0 : 1;
  return width;
}

/** One name to show: its text, its width without colour codes, its inode and blocks columns. */
export interface Cell {
  readonly text: string;
  readonly width: number;
}

/** Names in as many columns as fit, down (`-C`) or across (`-x`), with tabs where GNU ls uses them. */
export function columns(
  cells: readonly Cell[],
  lineWidth: number,
  across: boolean,
  tab: number,
): string {
  if (cells.length === 0) return '';
  const most = Math.min(cells.length, Math.max(1, Math.floor(lineWidth / 3)));
  let widths: number[] = [];
  for (let count = most; count >= 1; count--) {
    widths = columnWidths(cells, count, across);
    if (sum(widths) < lineWidth) break;
  }
  const rows = Math.ceil(cells.length / widths.length);
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    let line = '';
    let position = 0;
    for (let column = 0; column < widths.length; column++) {
      const at = across ? row * widths.length + column : column * rows + row;
      const cell = cells[at];
      if (!cell) break;
      line += cell.text;
      const next = across ? at + 1 : at + rows;
      const more = column + 1 < widths.length && next < cells.length;
      const end = position + (widths[column] ?? 0);
      if (more) line += indent(position + cell.width, end, tab);
      position = end;
    }
    lines.push(`${line}\n`);
  }
  return lines.join('');
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function columnWidths(cells: readonly Cell[], count: number, across: boolean): number[] {
  const rows = Math.ceil(cells.length / count);
  const widths: number[] = new Array<number>(count).fill(3);
  cells.forEach((cell, i) => {
    const column = across ? i % count : Math.floor(i / rows);
    const width = cell.width + (column === count - 1 ? 0 : 2);
    widths[column] = Math.max(widths[column] ?? 0, width);
  });
  return widths;
}

function indent(from: number, to: number, tab: number): string {
  let out = '';
  let at = from;
  while (at < to) {
    if (tab !== 0 && Math.floor(to / tab) > Math.floor((at + 1) / tab)) {
      out += '\t';
      at += tab - (at % tab);
    } else {
      out += ' ';
      at++;
    }
  }
  return out;
}

/** Names with commas between them (`-m`). */
export function commas(cells: readonly Cell[], lineWidth: number): string {
  let out = '';
  let position = 0;
  cells.forEach((cell, i) => {
    if (i > 0) {
      if (position + cell.width + 2 < lineWidth) {
        out += ', ';
        position += 2;
      } else {
        out += ',\n';
        position = 0;
      }
    }
    out += cell.text;
    position += cell.width;
  });
  return `${out}\n`;
}

/** The mark of -F, -p and --file-type. */
export function indicator(
  mode: number,
  style: 'none' | 'slash' | 'file-type' | 'classify',
): string {
  if (style === 'none') return '';
  const kind = mode & S_IFMT;
  if (kind === S_IFDIR) return '/';
  if (style === 'slash') return '';
  if (kind === S_IFREG) return style === 'classify' && mode & 0o111 ? '*' : '';
  return { [S_IFLNK]: '@', 0o010000: '|', 0o140000: '=' }[kind] ?? '';
}

/** Colours by type, as dircolors' defaults have them. */
const COLOURS: Readonly<Record<string, string>> = {
  di: '01;34',
  ln: '01;36',
  pi: '40;33',
  so: '01;35',
  bd: '40;33;01',
  cd: '40;33;01',
  or: '40;31;01',
  su: '37;41',
  sg: '30;43',
  tw: '30;42',
  ow: '34;42',
  st: '37;44',
  ex: '01;32',
};
const ARCHIVES = /\.(tar|tgz|gz|zip|xz|bz2|zst|deb|rpm|jar|7z|Z|lz4|war)$/;
const IMAGES = /\.(jpe?g|gif|png|svg|bmp|tiff?|webp|mp4|mkv|avi|mov|webm)$/;
const SOUNDS = /\.(mp3|ogg|flac|wav|m4a|opus)$/;

/** The escape sequence's numbers for a file; undefined where it has no colour. */
export function colourOf(
  name: string,
  mode: number,
  nlink: number,
  broken: boolean,
): string | undefined {
  const kind = mode & S_IFMT;
  if (broken) return COLOURS['or'];
  if (kind === S_IFDIR) {
    const [sticky, writable] = [(mode & 0o1000) !== 0, (mode & 0o002) !== 0];
    return COLOURS[sticky && writable ? 'tw' : writable ? 'ow' : sticky ? 'st' : 'di'];
  }
  if (kind === S_IFREG) {
    if (mode & 0o4000) return COLOURS['su'];
    if (mode & 0o2000) return COLOURS['sg'];
    if (mode & 0o111) return COLOURS['ex'];
    if (nlink < 1) return undefined;
    if (ARCHIVES.test(name)) return '01;31';
    if (IMAGES.test(name)) return '01;35';
    return SOUNDS.test(name) ? '00;36' : undefined;
  }
  const key = { [S_IFLNK]: 'ln', 0o010000: 'pi', 0o140000: 'so', 0o060000: 'bd', 0o020000: 'cd' }[
    kind
  ];
  return key ? COLOURS[key] : undefined;
}

export interface LongRow {
  readonly stat: Stat | undefined;
  readonly kind: number;
  readonly name: string;
  readonly prefix: string;
}

export interface LongOptions {
  readonly human: 0 | 1024 | 1000;
  readonly numeric: boolean;
  readonly owner: boolean;
  readonly group: boolean;
  readonly author: boolean;
  readonly time: 'mtime' | 'atime' | 'ctime';
  /** `locale`, `long-iso`, `full-iso`, `iso`, or `+FORMAT`. */
  readonly timeStyle: string;
  readonly blockSize: number;
}

const HALF_YEAR = 31_556_952 / 2;

/** A file's time as ls -l writes it: with the year where it is more than half a year away. */
export function listTime(at: number, now: number, style: string): string {
  const moment = momentOf(epochMilliseconds(at));
  const here = epochMilliseconds(now) / 1000;
  const recent = moment.seconds <= here && moment.seconds > here - HALF_YEAR;
  if (style.startsWith('+')) {
    const [old = '', fresh] = style.slice(1).split('\n');
    return strftime(recent && fresh !== undefined ? fresh : old, moment);
  }
  if (style === 'full-iso') return strftime('%Y-%m-%d %H:%M:%S.%N %z', moment);
  if (style === 'long-iso') return strftime('%Y-%m-%d %H:%M', moment);
  if (style === 'iso') return strftime(recent ? '%m-%d %H:%M' : '%Y-%m-%d ', moment);
  return strftime(recent ? '%b %e %H:%M' : '%b %e  %Y', moment);
}

/** The lines of ls -l, columns aligned. */
export function longLines(
  rows: readonly LongRow[],
  options: LongOptions,
  accounts: Accounts,
  now: number,
): string {
  const table = rows.map((row) => longCells(row, options, accounts, now));
  const width = (i: number): number => Math.max(0, ...table.map((cells) => cells[i]?.length ?? 0));
  const [links, user, group, author, major, minor, size] = [1, 2, 3, 4, 5, 6, 7].map(width);
  const device = Math.max((major ?? 0) + ((major ?? 0) > 0 ? 2 : 0) + (minor ?? 0), size ?? 0);
  return table
    .map((cells, i) => {
      const [
        mode = '',
        nlink = '',
        u = '',
        g = '',
        a = '',
        maj = '',
        min = '',
        bytes = '',
        time = '',
      ] = cells;
      let line = `${mode} ${nlink.padStart(links ?? 0)} `;
      if (options.owner) line += `${ownerCell(u, user ?? 0)} `;
      if (options.group) line += `${ownerCell(g, group ?? 0)} `;
      if (options.author) line += `${ownerCell(a, author ?? 0)} `;
      const number =
        maj === ''
          ? bytes
          : `${maj.padStart(device - (minor ?? 0) - 2)}, ${min.padStart(minor ?? 0)}`;
      return `${rows[i]?.prefix ?? ''}${line}${number.padStart(device)} ${time} ${rows[i]?.name ?? ''}\n`;
    })
    .join('');
}

/** ls -l as busybox lays it out: columns of fixed width. */
export function busyboxLongLines(
  rows: readonly LongRow[],
  options: LongOptions,
  accounts: Accounts,
  now: number,
): string {
  return rows
    .map((row) => {
      const [
        mode = '',
        links = '',
        user = '',
        group = '',
        ,
        major = '',
        minor = '',
        size = '',
        time = '',
      ] = longCells(row, options, accounts, now);
      const number = major === '' ? size.padStart(9) : `${major.padStart(4)}, ${minor.padStart(3)}`;
      const who = `${options.owner ? `${user.slice(0, 8).padEnd(8)} ` : ''}${options.group ? `${group.slice(0, 8).padEnd(8)} ` : ''}`;
      return `${row.prefix}${mode} ${links.padStart(4)} ${who}${number} ${time} ${row.name}\n`;
    })
    .join('');
}

function ownerCell(text: string, width: number): string {
  return /^\d+$/.test(text) ? text.padStart(width) : text.padEnd(width);
}

function longCells(row: LongRow, options: LongOptions, accounts: Accounts, now: number): string[] {
  const { stat } = row;
  if (!stat) {
    const letter = modeLetters(row.kind).charAt(0);
    return [`${letter}?????????`, '?', '?', '?', '?', '', '', '?', '           ?'];
  }
  const user = options.numeric ? undefined : accounts.userById(stat.uid)?.name;
  const group = options.numeric ? undefined : accounts.groupById(stat.gid)?.name;
  const device = [0o020000, 0o060000].includes(stat.mode & S_IFMT);
  const size = options.human
    ? humanSize(stat.size, options.human)
    : String(options.blockSize === 1 ? stat.size : Math.ceil(stat.size / options.blockSize));
  return [
    modeLetters(stat.mode),
    String(stat.nlink),
    user ?? String(stat.uid),
    group ?? String(stat.gid),
    options.author ? (user ?? String(stat.uid)) : '',
    device ? String(stat.rdev >> 8) : '',
    device ? String(stat.rdev & 255) : '',
    device ? '' : size,
    listTime(stat[options.time], now, options.timeStyle),
  ];
}
