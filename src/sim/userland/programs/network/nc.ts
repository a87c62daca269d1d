// nc: OpenBSD's (1.219), and busybox's under that name. Left out: proxies, Telnet negotiation, broadcasts.

import { Content } from '../../../core/content.ts';
import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { EAGAIN, EINPROGRESS, type Errno, isErrno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import {
  isOptionError,
  type OptionSpec,
  type ParsedOptions,
  parseOptions,
} from '../../libc/options.ts';
import { resolveHost } from '../../libc/resolver.ts';
import { execvp } from '../../libc/spawn.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { writeAll } from '../../libc/whole-file.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'listen', short: 'l' },
  { key: 'scan', short: 'z' },
  { key: 'verbose', short: 'v' },
  { key: 'udp', short: 'u' },
  { key: 'unix', short: 'U' },
  { key: 'keep', short: 'k' },
  { key: 'numeric', short: 'n' },
  { key: 'shutdown', short: 'N' },
  { key: 'detach', short: 'd' },
  { key: 'ipv4', short: '4' },
  { key: 'ipv6', short: '6' },
  { key: 'missing', short: 'rtCDFSbhIMmOPTVXxZ' },
  { key: 'wait', short: 'w', argument: 'required' },
  { key: 'port', short: 'p', argument: 'required' },
  { key: 'quit', short: 'q', argument: 'required' },
  { key: 'source', short: 's', argument: 'required' },
  { key: 'interval', short: 'i', argument: 'required' },
  { key: 'execute', short: 'e', argument: 'required' },
];

const SERVICES: Readonly<Record<string, string>> = {
  22: 'ssh',
  25: 'smtp',
  53: 'domain',
  80: 'http',
  443: 'https',
  3306: 'mysql',
  5432: 'postgresql',
  6379: 'redis',
  8080: 'http-alt',
};

/** Runs nc; `busybox` in that tool's way. */
export function* runNc(main: Main, args: readonly string[], busybox: boolean): ProgramRun {
  const options = parseOptions(args, OPTIONS);
  if (isOptionError(options)) {
    main.err.put(
      busybox
        ? `nc: ${options.error}\n`
        : `nc: ${options.error}\nusage: nc [-46CDdFhklNnrStUuvZz] [destination] [port]\n`,
    );
    return 1;
  }
  const { source, missing } = unsupported(args, options);
  if (missing !== undefined) return yield* notSimulated(main, `nc -${missing}`);
  if (source && options.has('listen')) {
    main.err.put('nc: cannot use -s and -l\n');
    return 1;
  }
  if (options.has('listen')) return yield* listen(main, options, busybox);
  const [host, ports] = options.operands;
  if (host === undefined || (ports === undefined && !options.has('unix'))) {
    main.err.put(
      busybox
        ? 'BusyBox v1.36.1 multi-call binary.\n\nUsage: nc [OPTIONS] HOST PORT  - connect\n'
        : 'usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]\n',
    );
    return 1;
  }
  let status = 1;
  for (const port of options.has('unix') ? [''] : portsOf(ports ?? '')) {
    const fd = yield* connect(main, options, host, port, busybox);
    if (fd === undefined) continue;
    status = 0;
    if (!options.has('scan')) yield* converse(main.process, fd, options, busybox);
    main.process.close(fd);
  }
  return status;
}

export const nc = program('nc', (main) => runNc(main, main.args, false));
export const netcat = program('netcat', (main) => runNc(main, main.args, false));

/** The first letter of a command line that is not simulated, and whether -s was given. */
function unsupported(
  args: readonly string[],
  options: ParsedOptions,
): { readonly source: boolean; readonly missing: string | undefined } {
  const source = options.has('source');
  if (options.has('interval')) return { source, missing: 'i' };
  if (!options.has('missing')) return { source, missing: undefined };
  const bundle = args.find((word) => /^-[^-]*[rtCDFSbhIMmOPTVXxZ]/.test(word)) ?? '';
  return { source, missing: /[rtCDFSbhIMmOPTVXxZ]/.exec(bundle)?.[0] ?? '' };
}

function portsOf(text: string): string[] {
  const [low = '', high] = text.split('-');
  const named = Object.entries(SERVICES).find(([, name]) => name === low)?.[0];
  if (high === undefined) return [named ?? low];
  const list: string[] = [];
  for (let port = Number(low); port <= Number(high); port++) list.push(String(port));
  return list;
}

function* connect(
  main: Main,
  options: ParsedOptions,
  host: string,
  port: string,
  busybox: boolean,
): Routine<number | undefined> {
  const { process } = main;
  if (options.has('unix')) return yield* connectUnix(main, host);
  const addresses = yield* resolveHost(process, host);
  if ('failure' in addresses) {
    yield* main.fail(
      busybox
        ? `bad address '${host}'`
        : `getaddrinfo for host "${host}" port ${port}: ${addresses.text}`,
    );
    return undefined;
  }
  const protocol = options.has('udp') ? 'udp' : 'tcp';
  const wait = options.value('wait');
  for (const address of addresses) {
    if (options.has(address.includes(':') ? 'ipv4' : 'ipv6')) continue;
    const fd = process.socket(
      address.includes(':') ? 'inet6' : 'inet',
      protocol === 'udp' ? 'dgram' : 'stream',
    );
    if (isErrno(fd)) return undefined;
    const source = options.value('port');
    const from = options.value('source');
    if (source !== undefined || from !== undefined) {
      const refused = process.bind(fd, { address: from ?? '', port: Number(source ?? 0) });
      if (refused) {
        yield* main.fail(refused.message);
        process.close(fd);
        return undefined;
      }
    }
    const until = wait === undefined ? undefined : process.now + Number(wait) * SECOND;
    const failure = yield* process.connect(fd, { address, port: Number(port) }, until);
    if (
      !failure &&
      (protocol === 'tcp' || !options.has('scan') || (yield* udpAnswers(process, fd)))
    ) {
      if (options.has('verbose') || (options.has('scan') && options.has('verbose'))) {
        const shown = address === host ? host : `${host} (${address})`;
        if (!busybox)
          main.err.put(
            `Connection to ${shown} ${port} port [${protocol}/${options.has('numeric') ? '*' : (SERVICES[port] ?? '*')}] succeeded!\n`,
          );
        else main.err.put(`${host} (${address}:${port}) open\n`);
        yield* main.err.flush();
      }
      return fd;
    }
    process.close(fd);
    yield* tellFailure(main, options, { host, address, port, protocol, busybox }, failure);
  }
  return undefined;
}

function* udpAnswers(process: Process, fd: number): Routine<boolean> {
  for (let i = 0; i < 2; i++) {
    if (isErrno(process.sendTo(fd, Content.ofText('X'), 1))) return false;
    yield* process.sleep(SECOND / 10);
  }
  return true;
}

interface Attempt {
  readonly host: string;
  readonly address: string;
  readonly port: string;
  readonly protocol: string;
  readonly busybox: boolean;
}

function* tellFailure(
  main: Main,
  options: ParsedOptions,
  attempt: Attempt,
  errno: Errno | undefined,
): Routine<void> {
  const { host, address, port, protocol, busybox } = attempt;
  if (!errno) return;
  if (busybox) {
    const text =
      errno === EINPROGRESS
        ? 'timed out'
        : `can't connect to remote host (${address}): ${errno.message}`;
    if (!options.has('scan') || options.has('verbose')) yield* main.fail(text);
    return;
  }
  if (!options.has('verbose')) return;
  const shown = address === host ? host : `${host} (${address})`;
  const how =
    errno === EINPROGRESS ? 'timed out: Operation now in progress' : `failed: ${errno.message}`;
  yield* main.fail(`connect to ${shown} port ${port} (${protocol}) ${how}`);
}

function* connectUnix(main: Main, path: string): Routine<number | undefined> {
  const fd = main.process.socket('unix', 'stream');
  if (isErrno(fd)) return undefined;
  const failure = yield* main.process.connect(fd, { path });
  if (!failure) return fd;
  yield* main.fail(`${path}: ${failure.message}`);
  return undefined;
}

/** Carries bytes both ways until the other end has finished. */
function* converse(
  process: Process,
  fd: number,
  options: ParsedOptions,
  busybox: boolean,
): Routine<void> {
  const wait = options.value('wait');
  const quit = options.value('quit');
  let typing = !options.has('detach');
  let until: number | undefined;
  const idle = (): number | undefined =>
    wait === undefined || (busybox && typing) ? until : process.now + Number(wait) * SECOND;
  for (;;) {
    const watched = [
      { fd, events: 'in' as const },
      ...(typing ? [{ fd: 0, events: 'in' as const }] : []),
    ];
    const polled = watched.map((one) => ({ ...one, readable: false, hungUp: false }));
    const limit = idle();
    const ready = yield* process.poll(polled, limit);
    if (isErrno(ready)) return;
    if (ready === 0) return;
    const [net, input] = polled;
    if (net && (net.readable || net.hungUp)) {
      const bytes = yield* process.read(fd, 65_536);
      if (isErrno(bytes) || bytes.length === 0) return;
      yield* writeAll(process, 1, bytes);
    }
    if (input && (input.readable || input.hungUp)) {
      const bytes = yield* process.read(0, 65_536);
      if (!isErrno(bytes) && bytes.length > 0) {
        if (isErrno(yield* writeAll(process, fd, bytes))) return;
        continue;
      }
      typing = false;
      if (busybox || options.has('shutdown')) process.shutdown(fd, 'write');
      if (quit !== undefined) until = process.now + Math.max(0, Number(quit)) * SECOND;
    }
  }
}

function* listen(main: Main, options: ParsedOptions, busybox: boolean): ProgramRun {
  const { process } = main;
  const [first, second] = options.operands;
  const port = options.value('port') ?? second ?? first;
  const host = second === undefined && options.value('port') === undefined ? '' : (first ?? '');
  if (port === undefined) {
    main.err.put('usage: nc [-46CDdFhklNnrStUuvZz] [destination] [port]\n');
    return 1;
  }
  if (options.has('udp')) return yield* listenUdp(main, host, Number(port));
  const unix = options.has('unix');
  const fd = unix
    ? process.socket('unix', 'stream')
    : process.socket(busybox && host === '' ? 'inet6' : 'inet', 'stream');
  if (isErrno(fd)) return 1;
  process.setsockopt(fd, 'SO_REUSEADDR', 1);
  const where = yield* addressOf(main, host);
  const failure = process.bind(fd, unix ? { path: port } : { address: where, port: Number(port) });
  if (failure) {
    yield* main.fail(busybox ? `bind: ${failure.message}` : failure.message);
    return 1;
  }
  process.listen(fd, 1);
  if (options.has('verbose'))
    main.err.put(
      busybox
        ? `listening on [::]:${port} ...\n`
        : `Listening on ${unix ? port : `${host === '' ? '0.0.0.0' : host} ${port}`}\n`,
    );
  yield* main.err.flush();
  do {
    const connection = yield* process.accept(fd);
    if (isErrno(connection)) return 1;
    if (!options.has('keep')) process.close(fd);
    yield* greet(main, options, connection, busybox);
    const executed = options.value('execute');
    if (executed !== undefined) {
      for (const standard of [0, 1, 2]) process.dup2(connection, standard);
      execvp(process, [executed, ...options.operands]);
      return 1;
    }
    yield* converse(process, connection, options, busybox);
    process.close(connection);
  } while (options.has('keep'));
  return 0;
}

function* addressOf(main: Main, host: string): Routine<string> {
  if (host === '') return '';
  const found = yield* resolveHost(main.process, host);
  if ('failure' in found) return host;
  return found.find((one) => !one.includes(':')) ?? host;
}

function* greet(main: Main, options: ParsedOptions, fd: number, busybox: boolean): Routine<void> {
  if (!options.has('verbose')) return;
  const peer = main.process.getpeername(fd);
  if (isErrno(peer) || 'path' in peer) return;
  main.err.put(
    busybox
      ? `connect to (local) from ${peer.address}:${peer.port}\n`
      : `Connection received on ${peer.address} ${peer.port}\n`,
  );
  yield* main.err.flush();
}

function* listenUdp(main: Main, host: string, port: number): ProgramRun {
  const { process } = main;
  const fd = process.socket('inet', 'dgram');
  if (isErrno(fd)) return 1;
  const failure = process.bind(fd, { address: host, port });
  if (failure) {
    yield* main.fail(failure.message);
    return 1;
  }
  for (;;) {
    const received = yield* process.receiveFrom(fd);
    if (received === EAGAIN) continue;
    if (isErrno(received)) return 1;
    yield* writeAll(process, 1, received.content.bytes());
  }
}
