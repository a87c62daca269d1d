// The resolver on 127.0.0.11 inside containers of user-defined networks: names, aliases and short ids of the containers
// that share a network; everything else is asked of the host's servers.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { askServer } from '../../../userland/dns/lookup.ts';
import {
  type DnsMessage,
  type DnsRecord,
  dnsAnswer,
  dnsContent,
  dnsOf,
} from '../../../userland/dns/message.ts';
import { resolverSettings } from '../../../userland/libc/resolver.ts';
import type { Container, Dockerd } from '../model.ts';

/** How long answers may be kept. */
const TTL = 600;

/** Starts the resolver in a container's network namespace; it ends with it. */
export function serveNames(daemon: Dockerd, container: Container): void {
  const { pid } = container.state;
  daemon.thread(function* (thread) {
    const namespace = thread.open(`/proc/${pid}/ns/net`);
    if (isErrno(namespace) || thread.setns(namespace)) return;
    thread.close(namespace);
    const fd = thread.socket('inet', 'dgram');
    if (isErrno(fd)) return;
    thread.setCloseOnExec(fd, true);
    thread.bind(fd, { address: '127.0.0.11', port: 53 });
    yield* answerQueries(daemon, container, thread, fd, pid);
    thread.close(fd);
  });
}

function* answerQueries(
  daemon: Dockerd,
  container: Container,
  thread: Process,
  fd: number,
  pid: number,
): Routine<void> {
  while (container.state.pid === pid) {
    const received = yield* receiveUnless(thread, fd, container, pid);
    if (!received) return;
    const query = dnsOf(received.content);
    if (!query) continue;
    const answer = yield* answerOf(daemon, container, query);
    const { content, size } = dnsContent(answer);
    thread.sendTo(fd, content, size, received.from);
  }
}

/** The next query; nothing once the container has ended. */
function* receiveUnless(thread: Process, fd: number, container: Container, pid: number) {
  const socket = thread.socketOf(fd);
  if (isErrno(socket)) return undefined;
  while (!socket.readable) {
    if (container.state.pid !== pid) return undefined;
    yield { on: [socket.changed, container.changed] };
  }
  const received = yield* thread.receiveFrom(fd);
  return isErrno(received) ? undefined : received;
}

/** Containers that share a network with this one. */
function* neighbours(
  daemon: Dockerd,
  container: Container,
): Generator<{ other: Container; address: string; names: readonly string[] }> {
  for (const other of daemon.containers.values()) {
    for (const endpoint of other.endpoints.values()) {
      const own = container.endpoints.get(endpoint.network.name);
      if (
        endpoint.address === '' ||
        own?.network.id !== endpoint.network.id ||
        endpoint.network.name === 'bridge'
      )
        continue;
      const links = (own.request.Links ?? [])
        .filter((link) => [other.name, other.id].includes(link.split(':')[0] ?? ''))
        .map((link) => link.split(':')[1] ?? '');
      yield {
        other,
        address: endpoint.address,
        names: [other.name, ...endpoint.dnsNames.slice(1), other.config.Hostname, ...links],
      };
    }
  }
}

function* answerOf(daemon: Dockerd, container: Container, query: DnsMessage): Routine<DnsMessage> {
  const [question] = query.questions;
  const name = question?.name.replace(/\.$/, '').toLowerCase() ?? '';
  const answers: DnsRecord[] = [];
  let known = false;
  for (const { address, names, other } of neighbours(daemon, container)) {
    if (question?.type === 'PTR') {
      if (name === `${address.split('.').reverse().join('.')}.in-addr.arpa`) {
        answers.push({
          name: question.name,
          type: 'PTR',
          ttl: TTL,
          data: `${other.name}.${[...other.endpoints.keys()][0]}.`,
        });
      }
    } else if (names.some((n) => n.toLowerCase() === name)) {
      known = true;
      if (question?.type === 'A')
        answers.push({ name: question.name, type: 'A', ttl: TTL, data: address });
    }
  }
  if (known || answers.length > 0)
    return dnsAnswer(query, { answers, recursionAvailable: true } as Partial<DnsMessage>);
  return yield* forwarded(daemon, query, name);
}

function* forwarded(daemon: Dockerd, query: DnsMessage, name: string): Routine<DnsMessage> {
  const [question] = query.questions;
  const settings = yield* resolverSettings(daemon.process);
  const [server] = settings.servers;
  const outside = server !== undefined && server !== '127.0.0.1' && name.length > 0 && question;
  if (!outside) return dnsAnswer(query, { code: 'NXDOMAIN' });
  const answer = yield* askServer(
    daemon.process,
    { address: server, port: 53 },
    question.name,
    question.type,
    settings.timeout,
  );
  if (isErrno(answer)) return dnsAnswer(query, { code: 'SERVFAIL' });
  return dnsAnswer(query, { code: answer.code, answers: answer.answers });
}

/** Text of a resolver file, for who needs its servers. */
export function serversOf(bytes: Uint8Array): string[] {
  return [...decode(bytes).matchAll(/^nameserver\s+(\S+)/gm)].map((match) => match[1] ?? '');
}
