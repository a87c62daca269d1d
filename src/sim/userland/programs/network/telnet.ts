// telnet (inetutils 2.4) as people use it today: a plain TCP connection by hand. Left out: option negotiation, the command
// mode behind Ctrl-].

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { resolveHost } from '../../libc/resolver.ts';
import { notSimulated, program } from '../../libc/stdio.ts';
import { writeAll } from '../../libc/whole-file.ts';

const SERVICES: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  http: 80,
  pop3: 110,
  imap2: 143,
  https: 443,
};

/**
 * Carries bytes between the terminal (descriptors 0 and 1) and a connection until one side ends; `stays`: the end of
 * standard input only ends what is sent.
 */
export function* carryBytes(process: Process, fd: number, stays = false): Routine<void> {
  let typing = true;
  for (;;) {
    const net = { fd, events: 'in' as const, readable: false, hungUp: false };
    const keys = { fd: 0, events: 'in' as const, readable: false, hungUp: false };
    const ready = yield* process.poll(typing ? [net, keys] : [net]);
    if (isErrno(ready)) return;
    if (net.readable || net.hungUp) {
      const bytes = yield* process.read(fd, 65_536);
      if (isErrno(bytes) || bytes.length === 0) return;
      yield* writeAll(process, 1, bytes);
    }
    if (!typing || !(keys.readable || keys.hungUp)) continue;
    const bytes = yield* process.read(0, 65_536);
    if (isErrno(bytes) || bytes.length === 0) {
      if (!stays) return;
      typing = false;
    } else if (yield* writeAll(process, fd, bytes)) return;
  }
}

export const telnet = program('telnet', function* (main) {
  const { process, out } = main;
  const [host, service = 'telnet', more] = main.args;
  if (host?.startsWith('-')) return yield* notSimulated(main, `telnet ${host}`);
  if (host === undefined) return yield* notSimulated(main, 'telnet without a host');
  if (more !== undefined) {
    main.err.put('Usage: telnet [OPTION...] [HOST [PORT]]\n');
    return 1;
  }
  const port = /^\d+$/.test(service) ? Number(service) : SERVICES[service];
  if (port === undefined) {
    main.err.put(`telnet: ${service}: bad port\n`);
    return 1;
  }
  const addresses = yield* resolveHost(process, host);
  if ('failure' in addresses) {
    main.err.put(`telnet: could not resolve ${host}/${service}: ${addresses.text}\n`);
    return 1;
  }
  let failure: Errno | undefined;
  for (const address of addresses) {
    yield* out.print(`Trying ${address}...\n`);
    yield* out.flush();
    const fd = process.socket(address.includes(':') ? 'inet6' : 'inet', 'stream');
    if (isErrno(fd)) return 1;
    failure = yield* process.connect(fd, { address, port });
    if (failure) {
      process.close(fd);
      continue;
    }
    yield* out.print(`Connected to ${host}.\nEscape character is '^]'.\n`);
    yield* out.flush();
    yield* carryBytes(process, fd);
    main.err.put('Connection closed by foreign host.\n');
    return 1;
  }
  main.err.put(`telnet: Unable to connect to remote host: ${failure?.message ?? ''}\n`);
  return 1;
});
