// The hosts of the simulated internet: names, addresses, and what serves there. Labs put it behind their gateway.

import type { Simulation } from '../core/simulation.ts';
import { DAY, START_OF_TIME } from '../core/time.ts';
import type { Routine } from '../core/wait.ts';
import type { Process } from '../kernel/calls/process.ts';
import { isErrno } from '../kernel/errno.ts';
import { parseIp, parsePrefix } from '../kernel/network/address.ts';
import { Outside } from '../kernel/network/outside.ts';
import type { Switch } from '../kernel/network/switch.ts';
import type { ProgramTable } from '../kernel/program.ts';
import { type DnsMessage, dnsAnswer, dnsContent, dnsOf } from '../userland/dns/message.ts';
import type { HttpRequest, HttpResponse } from '../userland/http/message.ts';
import { type HttpHandler, serveHttp } from '../userland/http/server.ts';
import type { Certificate } from '../userland/tls/certificate.ts';
import { answerRegistry } from './registries.ts';
import { answerSite } from './sites.ts';

/** Where labs' machines ask for names. */
export const NAME_SERVER = '1.1.1.1';

interface Host {
  readonly names: readonly string[];
  readonly address: string;
  /** What answers there; silence where nothing does. */
  readonly answer?: (
    host: ServingHost,
    request: HttpRequest,
    process: Process,
  ) => Routine<HttpResponse>;
}

/** A host as it serves in one lab. */
export interface ServingHost {
  /** Its first name. */
  readonly name: string;
  /** Whose code may be asked for. */
  readonly programs: ProgramTable;
  /** Made at its first request; what it remembers is the lab's. */
  handler?: HttpHandler | undefined;
}

const HOSTS: readonly Host[] = [
  { names: ['registry-1.docker.io'], address: '54.198.86.24', answer: answerRegistry },
  { names: ['auth.docker.io'], address: '54.236.113.205', answer: answerRegistry },
  { names: ['registry.k8s.io'], address: '34.96.108.209', answer: answerRegistry },
  { names: ['quay.io'], address: '44.194.40.25', answer: answerRegistry },
  { names: ['ghcr.io'], address: '140.82.121.33', answer: answerRegistry },
  { names: ['k8s.gcr.io'], address: '34.96.108.210', answer: answerRegistry },
  { names: ['gcr.io'], address: '142.250.110.82', answer: answerRegistry },
  {
    names: ['example.com', 'www.example.com', 'example.org'],
    address: '93.184.215.14',
    answer: answerSite,
  },
  { names: ['dl.k8s.io'], address: '34.107.204.206', answer: answerSite },
  { names: ['google.com', 'www.google.com'], address: '142.250.74.46', answer: answerSite },
  { names: ['k8s.io'], address: '34.107.204.205', answer: answerSite },
  { names: ['raw.githubusercontent.com'], address: '185.199.108.133', answer: answerSite },
  { names: ['kubernetes.io'], address: '13.248.155.104', answer: answerSite },
  { names: ['dl-cdn.alpinelinux.org'], address: '151.101.2.132', answer: answerSite },
  { names: ['deb.debian.org'], address: '151.101.66.132', answer: answerSite },
  {
    names: ['archive.ubuntu.com', 'security.ubuntu.com'],
    address: '185.125.190.83',
    answer: answerSite,
  },
  { names: ['index.docker.io'], address: '44.208.254.194', answer: answerRegistry },
  { names: ['github.com'], address: '140.82.121.4', answer: answerSite },
  { names: ['helm.github.io'], address: '185.199.108.153', answer: answerSite },
  {
    names: ['registry.npmjs.org', 'registry.yarnpkg.com'],
    address: '104.16.24.34',
    answer: answerSite,
  },
  {
    names: ['pypi.org', 'files.pythonhosted.org'],
    address: '151.101.0.223',
    answer: answerSite,
  },
  { names: ['dns.google'], address: '8.8.8.8' },
  { names: ['one.one.one.one'], address: NAME_SERVER },
];

/** A certificate that every client of a lab takes on trust; see the registry client. */
function certificateFor(names: readonly string[]): Certificate {
  const notBefore = START_OF_TIME - 30 * (DAY / 1e6);
  return {
    serial: '1',
    commonName: names[0] ?? '',
    organizations: [],
    issuer: 'Simulated Trust',
    signedBy: 'simulated-trust',
    key: names[0] ?? '',
    notBefore,
    notAfter: notBefore + 365 * (DAY / 1e6),
    dnsNames: names,
    ipAddresses: [],
    isAuthority: false,
    usages: ['server auth'],
  };
}

/** Switches the internet on and puts it behind `gateway` on a switch. */
export function connectInternet(
  simulation: Simulation,
  wire: Switch,
  gateway: string,
  programs: ProgramTable,
): Outside {
  const outside = new Outside(simulation, programs);
  const prefix = parsePrefix(gateway);
  if (!prefix) throw new Error(`${gateway} is no address`);
  outside.connect(wire, prefix);
  for (const host of HOSTS) {
    const ip = parseIp(host.address);
    if (ip === undefined) throw new Error(`${host.address} is no address`);
    outside.host(ip);
    const { answer } = host;
    if (!answer) continue;
    const serving: ServingHost = { name: host.names[0] ?? '', programs };
    serveHost(outside, host, (request, process) => answer(serving, request, process));
  }
  // The gateway answers too, as a home router or the network of containers does.
  for (const address of [NAME_SERVER, '8.8.8.8', gateway.replace(/\/.*/, '')])
    serveNames(outside, address);
  return outside;
}

function serveHost(outside: Outside, host: Host, handler: HttpHandler): void {
  for (const port of [80, 443]) {
    outside.run(host.names[0] ?? '', function* (p) {
      const fd = p.socket('inet', 'stream');
      if (isErrno(fd) || p.bind(fd, { address: host.address, port }) || p.listen(fd)) return 1;
      yield* serveHttp(
        p,
        fd,
        handler,
        port === 443 ? { tls: { certificate: certificateFor(host.names) } } : {},
      );
      return 0;
    });
  }
}

function resolve(query: DnsMessage): DnsMessage {
  const [question] = query.questions;
  const name = (question?.name ?? '').toLowerCase().replace(/\.$/, '');
  const host = HOSTS.find(({ names }) => names.includes(name));
  if (question?.type === 'PTR') {
    const address = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/
      .exec(name)
      ?.slice(1)
      .reverse()
      .join('.');
    const found = HOSTS.find((h) => h.address === address);
    const data = `${found?.names[0] ?? ''}.`;
    return found
      ? dnsAnswer(query, {
          recursionAvailable: true,
          answers: [{ name: question.name, type: 'PTR', ttl: 300, data }],
        })
      : dnsAnswer(query, { recursionAvailable: true, code: 'NXDOMAIN' });
  }
  if (!host || !question) return dnsAnswer(query, { recursionAvailable: true, code: 'NXDOMAIN' });
  const answers =
    question.type === 'A'
      ? [
          {
            name: question.name,
            type: 'A' as const,
            ttl: 300,
            data: host.address,
          },
        ]
      : [];
  return dnsAnswer(query, { recursionAvailable: true, answers });
}

function serveNames(outside: Outside, address: string): void {
  outside.run('dns', function* (p) {
    const fd = p.socket('inet', 'dgram');
    if (isErrno(fd) || p.bind(fd, { address, port: 53 })) return 1;
    for (;;) {
      const received = yield* p.receiveFrom(fd);
      if (isErrno(received)) continue;
      const query = dnsOf(received.content);
      if (!query || query.response) continue;
      const { content, size } = dnsContent(resolve(query));
      p.sendTo(fd, content, size, received.from);
    }
  });
}
