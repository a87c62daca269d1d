// CoreDNS: answers DNS over UDP from what the API server says of services, endpoints and namespaces, and passes other names
// on. Plugins: kubernetes, hosts, rewrite name, forward, log, errors, health, ready, reload; the cache keeps nothing.

import { Content } from '../../core/content.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { askServer } from '../../userland/dns/lookup.ts';
import { type DnsMessage, dnsAnswer, dnsContent, dnsOf } from '../../userland/dns/message.ts';
import { serveHttp } from '../../userland/http/server.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';
import { resources } from '../api/client-resources.ts';
import { networkClient } from '../component/connect.ts';
import { takeHeap } from '../component/heap.ts';
import { inClusterConfig, readText } from '../component/kubeconfig.ts';
import { endOnSignals } from '../component/signals.ts';
import { Informer, listWatch } from '../controllers/machinery/informer.ts';
import { threadSpawn } from '../controllers/manager.ts';
import { type PluginConfig, parseCorefile, type ServerBlock } from './corefile.ts';
import { type ClusterNames, clusterAnswer, reverseAnswer } from './records.ts';

const FORWARD_TIMEOUT = 2 * SECOND;

/** What answers are made from. */
interface Server {
  readonly main: Main;
  plugins: readonly PluginConfig[];
  names: ClusterNames | undefined;
}

function plugin(server: Server, name: string): PluginConfig | undefined {
  return server.plugins.find((one) => one.name === name);
}

function* forward(server: Server, query: DnsMessage): Routine<DnsMessage> {
  const { process } = server.main;
  const config = plugin(server, 'forward');
  const [question] = query.questions;
  if (!config || !question) return dnsAnswer(query, { code: 'REFUSED', recursionAvailable: false });
  const targets: string[] = [];
  for (const word of config.args.slice(1)) {
    if (!word.startsWith('/')) targets.push(word);
    else {
      const text = yield* readText(process, word);
      if (!isErrno(text))
        for (const [, address = ''] of text.matchAll(/^nameserver\s+(\S+)/gm))
          targets.push(address);
    }
  }
  for (const target of targets) {
    const [address = '', port = '53'] = target.split(':');
    const answer = yield* askServer(
      process,
      { address, port: Number(port) },
      question.name,
      question.type,
      FORWARD_TIMEOUT,
    );
    if (!isErrno(answer)) return { ...answer, id: query.id };
  }
  return dnsAnswer(query, { code: 'SERVFAIL', recursionAvailable: false });
}

function hostsAnswer(server: Server, query: DnsMessage): DnsMessage | undefined {
  const config = plugin(server, 'hosts');
  const [question] = query.questions;
  if (!config || !question) return undefined;
  const name = question.name.replace(/\.$/, '').toLowerCase();
  const reverse = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
  for (const [address = '', ...hosts] of config.block) {
    if (reverse && reverse.slice(1).reverse().join('.') === address) {
      return answered(query, {
        answers: hosts.map((host) => ({
          name: question.name,
          type: 'PTR' as const,
          ttl: 3600,
          data: `${host}.`,
        })),
      });
    }
    if (hosts.includes(name)) {
      const answers =
        question.type === 'A'
          ? [{ name: question.name, type: 'A' as const, ttl: 3600, data: address }]
          : [];
      return answered(query, { answers });
    }
  }
  return undefined;
}

function answered(query: DnsMessage, parts: Partial<DnsMessage>): DnsMessage {
  return dnsAnswer(query, { authoritative: true, recursionAvailable: false, ...parts });
}

/** rewrite name FROM TO: the question is asked as TO, the answer carries FROM. */
function rewritten(server: Server, name: string): string {
  for (const { name: kind, args } of server.plugins) {
    const words = args[0] === 'stop' || args[0] === 'continue' ? args.slice(1) : args;
    if (kind !== 'rewrite' || words[0] !== 'name') continue;
    const [from = '', to = ''] = words[1] === 'exact' ? words.slice(2) : words.slice(1);
    if (`${from.replace(/\.$/, '')}.` === name.toLowerCase()) return `${to.replace(/\.$/, '')}.`;
  }
  return name;
}

function* resolve(server: Server, given: DnsMessage): Routine<DnsMessage> {
  const [asked] = given.questions;
  if (!asked) return dnsAnswer(given, { code: 'FORMERR' });
  const name = rewritten(server, asked.name);
  const query = name === asked.name ? given : { ...given, questions: [{ ...asked, name }] };
  const answer = yield* resolveName(server, query);
  if (query === given) return answer;
  const answers = answer.answers.map((record) =>
    record.name === name ? { ...record, name: asked.name } : record,
  );
  return { ...answer, questions: given.questions, answers };
}

function* resolveName(server: Server, query: DnsMessage): Routine<DnsMessage> {
  const [question] = query.questions;
  if (!question) return dnsAnswer(query, { code: 'FORMERR' });
  const hosts = hostsAnswer(server, query);
  if (hosts) return hosts;
  const { names } = server;
  const name = question.name.toLowerCase();
  if (names && (name === names.zone || name.endsWith(`.${names.zone}`))) {
    const found = clusterAnswer(names, question);
    const [first] = found.answers;
    if (first?.type !== 'CNAME' || question.type === 'CNAME') return answered(query, found);
    const target = yield* resolveName(server, {
      ...query,
      questions: [{ ...question, name: first.data }],
    });
    return answered(query, { ...found, answers: [first, ...target.answers] });
  }
  const reverse = names && question.type === 'PTR' ? reverseAnswer(names, question) : undefined;
  return reverse ? answered(query, reverse) : yield* forward(server, query);
}

function* serveDns(server: Server, p: Process, port: number): Routine<number> {
  const fd = p.socket('inet', 'dgram');
  if (isErrno(fd)) return 1;
  const failure = p.bind(fd, { address: '0.0.0.0', port });
  if (failure) return 1;
  for (;;) {
    const received = yield* p.receiveFrom(fd);
    if (isErrno(received)) continue;
    const query = dnsOf(received.content);
    if (!query || query.response) continue;
    // A query that no thread can be had for is dropped: the client asks again.
    p.thread(function* () {
      const answer = yield* resolve(server, query);
      if (plugin(server, 'log')) yield* logQuery(server, received.from, query, answer);
      const { content, size } = dnsContent(answer);
      p.sendTo(fd, content, size, received.from);
      return 0;
    });
  }
}

function* logQuery(
  server: Server,
  from: unknown,
  query: DnsMessage,
  answer: DnsMessage,
): Routine<void> {
  const { out } = server.main;
  const { address = '', port = 0 } = (from ?? {}) as { address?: string; port?: number };
  const [question] = query.questions;
  const flags = [
    'qr',
    ...(answer.authoritative ? ['aa'] : []),
    'rd',
    ...(answer.recursionAvailable ? ['ra'] : []),
  ].join(',');
  out.put(
    `[INFO] ${address}:${port} - ${query.id} "${question?.type} IN ${question?.name} udp 64 false 512" ${answer.code} ${flags} 128 0.000123s\n`,
  );
  yield* out.flush();
}

function serveText(p: Process, port: number, ready: () => boolean): void {
  const fd = p.socket('inet', 'stream');
  if (isErrno(fd)) return;
  p.setsockopt(fd, 'SO_REUSEADDR', 1);
  if (p.bind(fd, { address: '0.0.0.0', port }) || p.listen(fd)) return;
  p.thread(function* (thread) {
    yield* serveHttp(thread, fd, function* () {
      const good = ready();
      return {
        status: good ? 200 : 503,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: Content.ofText(good ? 'OK' : 'kubernetes'),
      };
    });
    return 0;
  });
}

/** The port of a zone's address: `.:53`. */
function portOf({ zones }: ServerBlock): number {
  return Number(/:(\d+)$/.exec(zones[0] ?? '')?.[1] ?? 53);
}

function* follow(server: Server, config: PluginConfig): Routine<(() => boolean) | string> {
  const { process } = server.main;
  const { simulation } = process;
  const connection = yield* inClusterConfig(process);
  if (typeof connection === 'string') return connection;
  const client = networkClient(process, connection, 'coredns');
  const services = new Informer(simulation, listWatch(client, resources.services));
  const slices = new Informer(simulation, listWatch(client, resources.endpointSlices));
  const namespaces = new Informer(simulation, listWatch(client, resources.namespaces));
  const spawn = threadSpawn(process);
  for (const informer of [services, slices, namespaces]) spawn(informer.run());
  const zone = config.args.find((word) => !word.endsWith('.arpa')) ?? 'cluster.local';
  server.names = {
    zone: `${zone}.`,
    services: () => services.values(),
    slices: () => slices.values(),
    namespaces: () => new Set([...namespaces.values()].map(({ metadata }) => metadata.name ?? '')),
  };
  return () => services.synced && slices.synced && namespaces.synced;
}

function* run(main: Main): Routine<number> {
  const { process, args } = main;
  endOnSignals(process, 0);
  yield* takeHeap(process, 'coredns');
  const at = args.indexOf('-conf');
  const path = at < 0 ? '/etc/coredns/Corefile' : (args[at + 1] ?? '');
  const text = yield* readText(process, path);
  const blocks = isErrno(text)
    ? `open ${path}: ${text.message.toLowerCase()}`
    : parseCorefile(text, path);
  if (typeof blocks === 'string') {
    yield* main.out.print(`${blocks}\n`);
    return 1;
  }
  const server: Server = { main, plugins: blocks[0]?.plugins ?? [], names: undefined };
  const kubernetes = plugin(server, 'kubernetes');
  const synced = kubernetes ? yield* follow(server, kubernetes) : (): boolean => true;
  if (typeof synced === 'string') {
    yield* main.out.print(`plugin/kubernetes: ${synced}\n`);
    return 1;
  }
  if (plugin(server, 'health')) serveText(process, 8080, () => true);
  if (plugin(server, 'ready')) serveText(process, 8181, synced);
  const [first] = blocks;
  const port = first ? portOf(first) : 53;
  main.out.put(`${first?.zones[0] ?? '.:53'}\nCoreDNS-1.14.2\nlinux/amd64, go1.25.6, \n`);
  yield* main.out.flush();
  return yield* serveDns(server, process, port);
}

export const coredns = program('coredns', run);
