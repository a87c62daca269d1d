// cat, tac, tee, nl, rev: files to standard output, whole.

import { concatBytes, decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/files/open-file.ts';
import { quoteAlways, quoteName } from '../../libc/quote.ts';
import { compileRegex, isRegexError } from '../../regex/index.ts';
import { type Command, filesOf, gnu, openOperand, readOperands } from './gnu.ts';

const BLOCK = 131_072;

export const cat = gnu(
  {
    name: 'cat',
    usage: ['[OPTION]... [FILE]...'],
    options: [
      { key: 'A', short: 'A', long: 'show-all' },
      { key: 'b', short: 'b', long: 'number-nonblank' },
      { key: 'e', short: 'e' },
      { key: 'E', short: 'E', long: 'show-ends' },
      { key: 'n', short: 'n', long: 'number' },
      { key: 's', short: 's', long: 'squeeze-blank' },
      { key: 't', short: 't' },
      { key: 'T', short: 'T', long: 'show-tabs' },
      { key: 'u', short: 'u' },
      { key: 'v', short: 'v', long: 'show-nonprinting' },
    ],
  },
  function* (command) {
    const { process, options, out } = command;
    const show = catFilter(options.list.map(([key]) => key));
    let status = 0;
    for (const path of filesOf(command)) {
      const fd = path === '-' ? 0 : process.open(path);
      if (isErrno(fd)) {
        yield* command.fileError(path, fd);
        status = 1;
        continue;
      }
      for (;;) {
        const bytes = yield* process.read(fd, BLOCK);
        if (isErrno(bytes)) {
          yield* command.fileError(path, bytes);
          status = 1;
        }
        if (isErrno(bytes) || bytes.length === 0) break;
        yield* process.work(bytes.length / 10);
        out.put(show ? show(bytes) : bytes);
        yield* out.flush();
        if (out.failure) return 1;
      }
      if (fd !== 0) process.close(fd);
    }
    return status;
  },
);

/** What the display options make of a block; undefined where nothing is asked. State runs on from block to block. */
function catFilter(keys: readonly string[]): ((bytes: Uint8Array) => Uint8Array) | undefined {
  const has = (...wanted: string[]): boolean => keys.some((key) => wanted.includes(key));
  const [ends, tabs, nonprinting] = [
    has('A', 'e', 'E'),
    has('A', 't', 'T'),
    has('A', 'e', 't', 'v'),
  ];
  const [nonBlank, number, squeeze] = [has('b'), has('n') && !has('b'), has('s')];
  if (!ends && !tabs && !nonprinting && !nonBlank && !number && !squeeze) return undefined;
  let line = 0;
  let atStart = true;
  let blanks = 0;
  return (bytes) => {
    const outBytes: number[] = [];
    const add = (text: string): void => {
      for (let i = 0; i < text.length; i++) outBytes.push(text.charCodeAt(i));
    };
    for (const byte of bytes) {
      if (atStart) {
        blanks = byte === 10 ? blanks + 1 : 0;
        if (squeeze && blanks > 1) continue;
        if (number || (nonBlank && byte !== 10)) add(`${String(++line).padStart(6)}\t`);
      }
      atStart = byte === 10;
      if (byte === 10) add(ends ? '$\n' : '\n');
      else if (byte === 9) add(tabs ? '^I' : '\t');
      else if (nonprinting) add(visible(byte));
      else outBytes.push(byte);
    }
    return Uint8Array.from(outBytes);
  };
}

/** A byte in ^X and M-x notation. */
export function visible(byte: number): string {
  if (byte >= 128) return `M-${visible(byte - 128)}`;
  if (byte === 127) return '^?';
  return byte < 32 ? `^${String.fromCharCode(byte + 64)}` : String.fromCharCode(byte);
}

export const tac = gnu(
  {
    name: 'tac',
    usage: ['[OPTION]... [FILE]...'],
    options: [{ key: 'separator', short: 's', long: 'separator', argument: 'required' }],
    missing: [
      { key: 'before', short: 'b', long: 'before' },
      { key: 'regex', short: 'r', long: 'regex' },
    ],
  },
  function* (command) {
    const separator = command.options.value('separator') ?? '\n';
    let status = 0;
    for (const path of filesOf(command)) {
      const reader = openOperand(command, path);
      if (isErrno(reader)) {
        yield* command.fail(`failed to open ${quoteAlways(path)} for reading: ${reader.message}`);
        status = 1;
        continue;
      }
      const text = decode(yield* reader.rest());
      if (reader.failure) {
        yield* command.fail(`${quoteName(path)}: read error: ${reader.failure.message}`);
        status = 1;
        continue;
      }
      const pieces = text.split(separator);
      const last = pieces.pop() ?? '';
      const records = pieces.map((piece) => piece + separator);
      if (last !== '') records.push(last);
      command.out.put(records.reverse().join(''));
    }
    return status;
  },
);

export const tee = gnu(
  {
    name: 'tee',
    usage: ['[OPTION]... [FILE]...'],
    options: [
      { key: 'append', short: 'a', long: 'append' },
      { key: 'ignore', short: 'i', long: 'ignore-interrupts' },
      { key: 'p', short: 'p', long: 'output-error', argument: 'optional' },
    ],
  },
  function* (command) {
    const { process, options, operands } = command;
    if (options.has('ignore')) process.sigaction(2, 'ignore');
    const flags = O_WRONLY | O_CREAT | (options.has('append') ? O_APPEND : O_TRUNC);
    const targets: { fd: number; path: string }[] = [{ fd: 1, path: 'standard output' }];
    let status = 0;
    for (const path of operands) {
      const fd = process.open(path, flags);
      if (isErrno(fd)) {
        yield* command.fileError(path, fd);
        status = 1;
      } else targets.push({ fd, path });
    }
    while (targets.length > 0) {
      const bytes = yield* process.read(0, 65_536);
      if (isErrno(bytes)) {
        yield* command.fail(`read error: ${bytes.message}`);
        return 1;
      }
      if (bytes.length === 0) break;
      for (const target of [...targets]) {
        const failure = yield* writeWhole(command, target.fd, bytes);
        if (!failure) continue;
        targets.splice(targets.indexOf(target), 1);
        status = 1;
        yield* command.fail(`${quoteName(target.path)}: ${failure}`);
      }
    }
    return status;
  },
);

function* writeWhole(
  { process }: Command,
  fd: number,
  bytes: Uint8Array,
): Routine<string | undefined> {
  for (let done = 0; done < bytes.length; ) {
    const count = yield* process.write(fd, bytes.subarray(done));
    if (isErrno(count)) return count.message;
    done += count;
  }
  return undefined;
}

const BASIC = { syntax: 'basic', ignoreCase: false } as const;

export const nl = gnu(
  {
    name: 'nl',
    usage: ['[OPTION]... [FILE]...'],
    options: [
      { key: 'body', short: 'b', long: 'body-numbering', argument: 'required' },
      { key: 'increment', short: 'i', long: 'line-increment', argument: 'required' },
      { key: 'format', short: 'n', long: 'number-format', argument: 'required' },
      { key: 'separator', short: 's', long: 'number-separator', argument: 'required' },
      { key: 'start', short: 'v', long: 'starting-line-number', argument: 'required' },
      { key: 'width', short: 'w', long: 'number-width', argument: 'required' },
    ],
    missing: [
      { key: 'f', short: 'f', long: 'footer-numbering', argument: 'required' },
      { key: 'h', short: 'h', long: 'header-numbering', argument: 'required' },
      { key: 'd', short: 'd', long: 'section-delimiter', argument: 'required' },
      { key: 'l', short: 'l', long: 'join-blank-lines', argument: 'required' },
      { key: 'p', short: 'p', long: 'no-renumber' },
    ],
  },
  function* (command) {
    const { options, out } = command;
    const { parts, status } = yield* readOperands(command);
    const width = Number(options.value('width') ?? 6);
    const separator = options.value('separator') ?? '\t';
    const style = options.value('body') ?? 't';
    const format = options.value('format') ?? 'rn';
    let number = Number(options.value('start') ?? 1);
    if (!/^(?:[atn]|p.*)$/s.test(style)) {
      return yield* command.usage(`invalid body numbering style: ‘${style}’`);
    }
    if (!['ln', 'rn', 'rz'].includes(format)) {
      return yield* command.usage(`invalid line numbering format: ‘${format}’`);
    }
    const wanted = style.startsWith('p') ? compileRegex(style.slice(1), BASIC) : undefined;
    if (wanted && isRegexError(wanted)) {
      yield* command.fail(wanted.error);
      return 1;
    }
    const lines = decode(concatBytes(parts)).split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const line of lines) {
      if (style === 'a' || (style === 't' && line !== '') || wanted?.test(line)) {
        const text = String(number);
        if (format === 'ln') out.put(text.padEnd(width));
        else out.put(text.padStart(width, format === 'rz' ? '0' : ' '));
        out.put(`${separator}${line}\n`);
        number += Number(options.value('increment') ?? 1);
      } else out.put(`${' '.repeat(width + separator.length)}${line}\n`);
    }
    return status;
  },
);

export const rev = gnu(
  { name: 'rev', usage: ['[options] [file ...]'], version: 'from util-linux 2.38.1' },
  function* (command) {
    let status = 0;
    for (const path of filesOf(command)) {
      const reader = openOperand(command, path);
      if (isErrno(reader)) {
        yield* command.fail(`cannot open ${path}: ${reader.message}`);
        status = 1;
        continue;
      }
      for (;;) {
        const line = yield* reader.line();
        if (line === undefined) break;
        const ended = line.endsWith('\n');
        const text = [...(ended ? line.slice(0, -1) : line)].reverse().join('');
        yield* command.out.print(encode(ended ? `${text}\n` : text));
      }
    }
    return status;
  },
);
