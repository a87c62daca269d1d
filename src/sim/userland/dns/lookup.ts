// One question to one name server over UDP, with its time-out: what the resolver, dig, host and nslookup are made of.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { EAGAIN, EINTR, type Errno, isErrno } from '../../kernel/errno.ts';
import { type DnsMessage, type DnsType, dnsContent, dnsOf, dnsQuery } from './message.ts';

export interface DnsServer {
  readonly address: string;
  readonly port: number;
}

/** Asks one server once. EAGAIN: no answer in time; ECONNREFUSED and the like: the network says so. */
export function* askServer(
  process: Process,
  server: DnsServer,
  name: string,
  type: DnsType,
  timeout: number,
  edns?: number,
): Routine<DnsMessage | Errno> {
  const fd = process.socket('inet', 'dgram');
  if (isErrno(fd)) return fd;
  try {
    const failure = yield* process.connect(fd, server);
    if (failure) return failure;
    const id = process.task.kernel.entropy.int(65_536);
    const { content, size } = dnsContent(dnsQuery(id, name, type, edns));
    const sent = process.sendTo(fd, content, size);
    if (isErrno(sent)) return sent;
    const until = process.now + timeout;
    for (;;) {
      const received = yield* process.receiveFrom(fd, until);
      if (received === EINTR) continue;
      if (isErrno(received)) return received;
      const message = dnsOf(received.content);
      if (message && message.id === id && message.response) return message;
      if (process.now >= until) return EAGAIN;
    }
  } finally {
    process.close(fd);
  }
}
