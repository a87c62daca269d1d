// md5sum, sha1sum, sha224sum to sha512sum, b2sum: digests of files, and checking lists of them; cksum and sum.

import { concatBytes, decode } from '../../../core/text.ts';
import { blake2b } from '../../libc/blake2b.ts';
import { md5, sha1, sha2, type Sha2Name } from '../../libc/hashes.ts';
import { quoteName } from '../../libc/quote.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { type Command, filesOf, gnu, openOperand, readOperands } from './gnu.ts';

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

interface Algorithm {
  readonly name: string;
  readonly tag: string;
  readonly digits: number;
  readonly digest: (bytes: Uint8Array) => Uint8Array;
}

const sha2Of = (name: Sha2Name, bits: number): Algorithm => ({
  name: `${name}sum`,
  tag: name.toUpperCase(),
  digits: bits / 4,
  digest: (bytes) => sha2(name, bytes),
});

const ALGORITHMS: readonly Algorithm[] = [
  { name: 'md5sum', tag: 'MD5', digits: 32, digest: md5 },
  { name: 'sha1sum', tag: 'SHA1', digits: 40, digest: sha1 },
  sha2Of('sha224', 224),
  sha2Of('sha256', 256),
  sha2Of('sha384', 384),
  sha2Of('sha512', 512),
  { name: 'b2sum', tag: 'BLAKE2b', digits: 128, digest: blake2b },
];

function digestProgram(algorithm: Algorithm) {
  return gnu(
    {
      name: algorithm.name,
      usage: ['[OPTION]... [FILE]...'],
      options: [
        { key: 'binary', short: 'b', long: 'binary' },
        { key: 'check', short: 'c', long: 'check' },
        { key: 'tag', long: 'tag' },
        { key: 'text', short: 't', long: 'text' },
        { key: 'zero', short: 'z', long: 'zero' },
        { key: 'ignore', long: 'ignore-missing' },
        { key: 'quiet', long: 'quiet' },
        { key: 'status', long: 'status' },
        { key: 'strict', long: 'strict' },
        { key: 'warn', short: 'w', long: 'warn' },
      ],
      missing:
        algorithm.name === 'b2sum'
          ? [{ key: 'length', short: 'l', long: 'length', argument: 'required' }]
          : [],
    },
    function* (command) {
      const { options, out } = command;
      if (options.has('check')) return yield* checkLists(command, algorithm);
      for (const key of ['ignore', 'status', 'warn', 'quiet', 'strict']) {
        if (!options.has(key)) continue;
        const name = key === 'ignore' ? 'ignore-missing' : key;
        return yield* command.usage(
          `the --${name} option is meaningful only when verifying checksums`,
        );
      }
      let status = 0;
      for (const path of filesOf(command)) {
        const digest = yield* digestFile(command, path, algorithm);
        if (digest === undefined) {
          status = 1;
          continue;
        }
        const end = options.has('zero') ? '\0' : '\n';
        const mark = options.last('binary', 'text') === 'binary' ? '*' : ' ';
        const odd = /[\\\n\r]/.test(path) && !options.has('zero');
        const name = odd
          ? path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
          : path;
        out.put(
          options.has('tag')
            ? `${odd ? '\\' : ''}${algorithm.tag} (${name}) = ${digest}${end}`
            : `${odd ? '\\' : ''}${digest} ${mark}${name}${end}`,
        );
      }
      return status;
    },
  );
}

function* digestFile(
  command: Command,
  path: string,
  algorithm: Algorithm,
  quiet = false,
): Routine<string | undefined> {
  const reader = openOperand(command, path);
  const bytes = isErrno(reader) ? reader : yield* reader.rest();
  const failure = isErrno(reader) ? reader : reader.failure;
  if (failure || isErrno(bytes)) {
    if (!quiet && failure) yield* command.fileError(path, failure);
    return undefined;
  }
  yield* command.process.work(bytes.length * 3);
  return hex(algorithm.digest(bytes));
}

interface Verdict {
  good: number;
  bad: number;
  unreadable: number;
  malformed: number;
}

const plural = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

function* checkLists(command: Command, algorithm: Algorithm): Routine<number> {
  let status = 0;
  for (const path of filesOf(command)) {
    const reader = openOperand(command, path);
    if (isErrno(reader)) {
      yield* command.fileError(path, reader);
      status = 1;
      continue;
    }
    const lines = decode(yield* reader.rest())
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    if (reader.failure) {
      yield* command.fail(`${quoteName(path)}: read error`);
      status = 1;
      continue;
    }
    if (!(yield* checkList(command, algorithm, path === '-' ? "'standard input'" : path, lines)))
      status = 1;
  }
  return status;
}

function* checkList(
  command: Command,
  algorithm: Algorithm,
  path: string,
  lines: readonly string[],
): Routine<boolean> {
  const { options, out } = command;
  const silent = options.has('status');
  const verdict: Verdict = { good: 0, bad: 0, unreadable: 0, malformed: 0 };
  const plain = new RegExp(`^\\\\?([0-9a-fA-F]{${algorithm.digits}}) [ *](.+)$`);
  const tagged = new RegExp(`^${algorithm.tag} \\((.+)\\) = ([0-9a-fA-F]{${algorithm.digits}})$`);
  for (const [i, line] of lines.entries()) {
    const match = plain.exec(line);
    const tag = match ? null : tagged.exec(line);
    const [name, wanted] = match ? [match[2], match[1]] : tag ? [tag[1], tag[2]] : [];
    if (name === undefined || wanted === undefined) {
      verdict.malformed++;
      if (options.has('warn'))
        yield* command.fail(
          `${quoteName(path)}: ${i + 1}: improperly formatted ${algorithm.tag} checksum line`,
        );
      continue;
    }
    if (options.has('ignore') && !command.process.exists(name)) continue;
    const digest = yield* digestFile(command, name, algorithm);
    if (digest === undefined) {
      verdict.unreadable++;
      if (!silent) yield* out.print(`${name}: FAILED open or read\n`);
    } else if (digest === wanted.toLowerCase()) {
      verdict.good++;
      if (!silent && !options.has('quiet')) yield* out.print(`${name}: OK\n`);
    } else {
      verdict.bad++;
      if (!silent) yield* out.print(`${name}: FAILED\n`);
    }
  }
  return yield* summarise(command, path, verdict);
}

function* summarise(command: Command, path: string, verdict: Verdict): Routine<boolean> {
  const { options } = command;
  const { good, bad, unreadable, malformed } = verdict;
  if (good + bad + unreadable === 0 && malformed > 0) {
    yield* command.fail(`${quoteName(path)}: no properly formatted checksum lines found`);
    return false;
  }
  if (!options.has('status')) {
    if (malformed)
      yield* command.fail(
        `WARNING: ${plural(malformed, 'line is', 'lines are')} improperly formatted`,
      );
    if (unreadable)
      yield* command.fail(
        `WARNING: ${plural(unreadable, 'listed file', 'listed files')} could not be read`,
      );
    if (bad)
      yield* command.fail(
        `WARNING: ${plural(bad, 'computed checksum', 'computed checksums')} did NOT match`,
      );
    if (options.has('ignore') && good === 0)
      yield* command.fail(`${quoteName(path)}: no file was verified`);
  }
  if (options.has('ignore') && good === 0) return false;
  return bad + unreadable === 0 && !(options.has('strict') && malformed > 0);
}

export const digests = ALGORITHMS.map(digestProgram);

export const cksum = gnu(
  {
    name: 'cksum',
    usage: ['[OPTION]... [FILE]...'],
    missing: [
      { key: 'a', short: 'a', long: 'algorithm', argument: 'required' },
      { key: 'check', short: 'c', long: 'check' },
    ],
  },
  function* (command) {
    let status = 0;
    for (const path of filesOf(command)) {
      const { parts, status: failed } = yield* readOperands(command, [path]);
      if (failed) {
        status = 1;
        continue;
      }
      const bytes = concatBytes(parts);
      const name = command.operands.length ? ` ${path}` : '';
      command.out.put(`${posixCrc(bytes)} ${bytes.length}${name}\n`);
    }
    return status;
  },
);

function posixCrc(bytes: Uint8Array): number {
  let crc = 0;
  const feed = (byte: number): void => {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  };
  for (const byte of bytes) feed(byte);
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) feed(length & 255);
  return ~crc >>> 0;
}

export const sum = gnu(
  {
    name: 'sum',
    usage: ['[OPTION]... [FILE]...'],
    options: [
      { key: 'r', short: 'r' },
      { key: 's', short: 's', long: 'sysv' },
    ],
  },
  function* (command) {
    let status = 0;
    for (const path of filesOf(command)) {
      const { parts, status: failed } = yield* readOperands(command, [path]);
      if (failed) {
        status = 1;
        continue;
      }
      const bytes = concatBytes(parts);
      const name = command.operands.length ? ` ${path}` : '';
      if (command.options.last('r', 's') === 's') {
        const total = bytes.reduce((a, b) => a + b, 0);
        const folded = (total & 0xffff) + ((total >>> 16) & 0xffff);
        command.out.put(
          `${(folded & 0xffff) + (folded >>> 16)} ${Math.ceil(bytes.length / 512)}${name}\n`,
        );
        continue;
      }
      let check = 0;
      for (const byte of bytes) check = (((check >> 1) | ((check & 1) << 15)) + byte) & 0xffff;
      const blocks = String(Math.ceil(bytes.length / 1024)).padStart(5);
      command.out.put(`${String(check).padStart(5, '0')} ${blocks}${name}\n`);
    }
    return status;
  },
);
