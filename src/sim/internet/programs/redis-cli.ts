// redis-cli: one command from its words, or a prompt.

import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { resolveHost } from '../../userland/libc/resolver.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import { type Reply, RespReader, splitWords, writeRequest } from './resp.ts';

interface Options {
  readonly host: string;
  readonly port: number;
  readonly raw: boolean;
  readonly words: readonly string[];
}

function readOptions(main: Main): Options {
  let host = '127.0.0.1';
  let port = 6379;
  let raw = !main.process.isTerminal(1);
  const { args } = main;
  let i = 0;
  for (; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word === '-h') host = args[++i] ?? '';
    else if (word === '-p') port = Number(args[++i]);
    else if (word === '-n' || word === '-a' || word === '-u') i++;
    else if (word === '--raw') raw = true;
    else if (word === '--no-raw') raw = false;
    else if (word !== '--no-auth-warning') break;
  }
  return { host, port, raw, words: args.slice(i) };
}

/** A reply as it is shown to a person. */
function formatted(reply: Reply, indent = ''): string {
  switch (reply.kind) {
    case 'status':
      return `${reply.text}\n`;
    case 'error':
      return `(error) ${reply.text}\n`;
    case 'integer':
      return `(integer) ${reply.value}\n`;
    case 'nil':
      return '(nil)\n';
    case 'bulk':
      return `${JSON.stringify(reply.text)}\n`;
    case 'array':
      if (reply.items.length === 0) return '(empty array)\n';
      return reply.items
        .map((item, i) => {
          const number = `${i + 1}) `.padStart(String(reply.items.length).length + 2);
          return `${i === 0 ? '' : indent}${number}${formatted(item, indent + ' '.repeat(number.length))}`;
        })
        .join('');
  }
}

/** A reply as it goes to a pipe. */
function rawText(reply: Reply): string {
  switch (reply.kind) {
    case 'error':
      return `${reply.text}\n\n`;
    case 'integer':
      return `${reply.value}\n`;
    case 'nil':
      return '\n';
    case 'array':
      return reply.items.length === 0 ? '\n' : reply.items.map(rawText).join('');
    default:
      return `${reply.text}\n`;
  }
}

class Connection {
  private readonly process: Process;
  private readonly fd: number;
  private readonly reader = new RespReader();
  constructor(process: Process, fd: number) {
    this.process = process;
    this.fd = fd;
  }

  *ask(words: readonly string[]): Routine<Reply | undefined> {
    const sent = yield* this.process.write(this.fd, encode(writeRequest(words)));
    if (isErrno(sent)) return undefined;
    for (;;) {
      const reply = this.reader.reply();
      if (reply) return reply;
      const bytes = yield* this.process.read(this.fd, 16_384);
      if (isErrno(bytes) || bytes.length === 0) return undefined;
      this.reader.push(bytes);
    }
  }
}

function* connect(main: Main, options: Options): Routine<Connection | undefined> {
  const { process: p } = main;
  const addresses = yield* resolveHost(p, options.host);
  const address = Array.isArray(addresses) ? (addresses as string[])[0] : undefined;
  const where = `Could not connect to Redis at ${options.host}:${options.port}: `;
  if (address === undefined) {
    main.err.put(`${where}Name or service not known\n`);
    return undefined;
  }
  const fd = p.socket('inet', 'stream');
  if (isErrno(fd)) return undefined;
  const refused = yield* p.connect(fd, { address, port: options.port });
  if (!refused) return new Connection(p, fd);
  main.err.put(`${where}${refused.message}\n`);
  p.close(fd);
  return undefined;
}

export const redisCli = program('redis-cli', function* (main) {
  const options = readOptions(main);
  if (main.args.includes('--version') || main.args.includes('-v')) {
    main.out.put(`redis-cli ${main.process.environment.get('REDIS_VERSION') ?? '7.4.7'}\n`);
    return 0;
  }
  const connection = yield* connect(main, options);
  if (!connection) {
    yield* main.err.flush();
    return 1;
  }
  const show = options.raw ? rawText : formatted;
  if (options.words.length > 0) {
    const reply = yield* connection.ask(options.words);
    if (!reply) {
      main.err.put('Error: Server closed the connection\n');
      return 1;
    }
    main.out.put(show(reply));
    return 0;
  }
  const prompt = main.process.isTerminal(0) ? `${options.host}:${options.port}> ` : '';
  for (;;) {
    main.out.put(prompt);
    yield* main.out.flush();
    const line = yield* main.input.line();
    if (line === undefined) return 0;
    const words = splitWords(line.trim());
    if (words.length === 0) continue;
    if (/^(exit|quit)$/i.test(words[0] ?? '')) return 0;
    const reply = yield* connection.ask(words);
    if (!reply) return 1;
    main.out.put(show(reply));
  }
});
