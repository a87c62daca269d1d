// What every object of ip(8) shares: the options before it, the namespace it works on, and how its errors read.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import type { Errno } from '../../../kernel/errno.ts';
import type { Link } from '../../../kernel/network/link.ts';
import type { Netlink } from '../../../kernel/network/netlink.ts';
import type { NetworkNamespace } from '../../../kernel/network/namespace.ts';
import type { Main } from '../../libc/stdio.ts';

/** Options before the object. */
export interface IpOptions {
  family: 'any' | '4' | '6' | 'link';
  oneLine: boolean;
  brief: boolean;
  json: boolean;
  pretty: boolean;
  details: boolean;
  statistics: number;
  /** Numeric output of table and scope names. */
  numeric: boolean;
  /** Run as busybox's applet, whose routes leave out the protocol. */
  busybox: boolean;
  /** -all: netns exec and delete speak of every name. */
  all: boolean;
}

export interface IpContext {
  readonly main: Main;
  readonly process: Process;
  readonly namespace: NetworkNamespace;
  readonly netlink: Netlink;
  readonly options: IpOptions;
  /** Adds to standard output; inner line ends become `\` with -oneline. */
  print(text: string): void;
  /** Prints a line on standard error; its value is the exit status to return. */
  error(text: string, status: number): Routine<number>;
  /** The kernel said no: `RTNETLINK answers: …`, status 2; busybox names itself, and the ioctl where it was one. */
  refused(errno: Errno, ioctl?: string): Routine<number>;
}

/** Thrown while words are read: ends the command with a message and a status. */
export class Misuse {
  readonly text: string;
  readonly status: number;
  constructor(text: string, status = 255) {
    this.text = text;
    this.status = status;
  }
}

/** Words of a command line, taken one by one. */
export class Words {
  private at = 0;
  private readonly list: readonly string[];
  constructor(list: readonly string[]) {
    this.list = list;
  }
  get done(): boolean {
    return this.at >= this.list.length;
  }
  peek(): string | undefined {
    return this.list[this.at];
  }
  next(): string | undefined {
    return this.list[this.at++];
  }
  /** The value of a keyword; without one the command is incomplete. */
  value(): string {
    const word = this.next();
    if (word === undefined) throw new Misuse('Command line is not complete. Try option "help"');
    return word;
  }
  rest(): string[] {
    const rest = this.list.slice(this.at);
    this.at = this.list.length;
    return rest;
  }
}

/** True where `word` is `full` or an abbreviation of it (ip's matches()). */
export function abbreviates(word: string, full: string): boolean {
  return word !== '' && full.startsWith(word);
}

/** The first of `names` that a word is, or abbreviates. */
export function commandOf(word: string, names: readonly string[]): string | undefined {
  return names.find((name) => name === word) ?? names.find((name) => abbreviates(word, name));
}

/** What ends a command that names a device that is not there; busybox has words of its own for `text`. */
export function noDevice({ main, options }: IpContext, name: string, text: string): Misuse {
  if (!options.busybox) return new Misuse(text, 1);
  const object = main.args.find((word) => !word.startsWith('-')) ?? '';
  return new Misuse(`ip: can't find device '${name}'`, 'link'.startsWith(object) ? 2 : 1);
}

/** The link of a name; ends the command where there is none. */
export function linkNamed(context: IpContext, name: string): Link {
  const link = context.namespace.link(name);
  if (!link) throw noDevice(context, name, `Cannot find device "${name}"`);
  return link;
}

/** JSON as iproute2 writes it: one line, or with -pretty its own indentation. */
export function jsonText(value: readonly unknown[], pretty: boolean): string {
  if (!pretty) return `${JSON.stringify(value)}\n`;
  return `${prettyValue(value, 0)}\n`;
}

function prettyValue(value: unknown, depth: number): string {
  const pad = '    '.repeat(depth * 2 + 2);
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object')) {
      return value.length === 0
        ? '[ ]'
        : `[ ${value.map((item) => JSON.stringify(item)).join(',')} ]`;
    }
    return `[ ${value.map((item) => prettyValue(item, depth)).join(',')} ]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const lines = Object.entries(value).map(
    ([key, item]) => `${pad}"${key}": ${prettyValue(item, depth + 1)}`,
  );
  return `{\n${lines.join(',\n')}\n${'    '.repeat(depth * 2 + 1)}}`;
}

/** A hardware address; ends the command where it is none. */
export function macOf(text: string): string {
  const parts = text.split(':');
  if (parts.some((part) => !/^[0-9a-fA-F]{1,2}$/.test(part)))
    throw new Misuse(`"${text}" is invalid lladdr.`, 255);
  if (parts.length !== 6)
    throw new Misuse(`Invalid address length ${parts.length} - must be 6 bytes`, 2);
  return parts.map((part) => part.toLowerCase().padStart(2, '0')).join(':');
}
