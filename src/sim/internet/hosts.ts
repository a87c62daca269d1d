// The hosts of the simulated internet: names, addresses, and what serves there. Labs put it behind their gateway.

import { Content } from '../core/content.ts';
import type { Simulation } from '../core/simulation.ts';
import { DAY, START_OF_TIME } from '../core/time.ts';
import { isErrno } from '../kernel/errno.ts';
import { parseIp, parsePrefix } from '../kernel/network/address.ts';
import { Outside } from '../kernel/network/outside.ts';
import type { Switch } from '../kernel/network/switch.ts';
import { arrived, type ProgramTable } from '../kernel/program.ts';
import { type DnsMessage, dnsAnswer, dnsContent, dnsOf } from '../userland/dns/message.ts';
import { type HttpHandler, serveHttp } from '../userland/http/server.ts';
import type { Certificate } from '../userland/tls/certificate.ts';
import { chartReleases, helmPages } from './charts/site.ts';
import { DASHBOARD } from './manifests/dashboard.ts';
import { examples } from './manifests/examples.ts';
import { METRICS_SERVER_COMPONENTS } from './manifests/metrics-server.ts';
import { githubReleases, rawGithub } from './files/site.ts';
import { github } from './repositories/github.ts';
import { registryApi, tokenService } from './registry/api.ts';
import { alpineMirror } from './packages/alpine.ts';
import { isSite } from './packages/site.ts';
import { hubSearch } from './registry/search.ts';
import { catalogStore } from './registry/store.ts';

/** Where labs' machines ask for names. */
export const NAME_SERVER = '1.1.1.1';

interface Host {
  readonly names: readonly string[];
  readonly address: string;
  /** What it answers; `programs` is whose code may be asked for. */
  readonly handler?: (programs: ProgramTable) => HttpHandler;
}

function page(title: string, text: string): HttpHandler {
  const html = `<!doctype html><html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`;
  return function* () {
    const body = Content.ofText(html);
    return {
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-length': String(body.size),
      },
      body,
    };
  };
}

/** The newest release, as dl.k8s.io says it at /release/stable-1.txt and the like. */
const KUBERNETES_RELEASE = 'v1.36.3';

const kubernetesReleases: HttpHandler = function* ({ path }) {
  const known = /^\/release\/(stable|latest)(-1(\.36)?)?\.txt$/.test(path);
  const headers = { 'content-type': 'text/plain' };
  return known
    ? { status: 200, headers, body: Content.ofText(KUBERNETES_RELEASE) }
    : { status: 404, headers, body: Content.ofText('404 page not found\n') };
};

/** Files by path; a name with a redirection leads to another place. */
function fileServer(files: Readonly<Record<string, string>>, otherwise?: HttpHandler): HttpHandler {
  return function* (request, process) {
    const name = request.path.replace(/^\//, '');
    const text = Object.hasOwn(files, name) ? files[name] : undefined;
    if (request.path === '/' && otherwise) return yield* otherwise(request, process);
    const body = Content.ofText(text ?? '404: Not Found');
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(body.size),
    };
    return { status: text === undefined ? 404 : 200, headers, body };
  };
}

function below(prefix: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [prefix + name, text]));
}

/** Files of releases at github.com. */
const RELEASES = {
  'kubernetes-sigs/metrics-server/releases/download/v0.4.2/components.yaml':
    METRICS_SERVER_COMPONENTS,
};

/** k8s.io: short names for places at kubernetes.io. */
const shortNames: HttpHandler = function* ({ path }) {
  const location = `https://kubernetes.io${path}`;
  return { status: 301, headers: { location, 'content-length': '0' }, body: Content.empty };
};

const HUB = {
  tokens: {
    realm: 'https://auth.docker.io/token',
    service: 'registry.docker.io',
  },
  pullLimit: 100,
};

/** The mirror's code is fetched at its first request. */
function debianSite(programs: ProgramTable): HttpHandler {
  return function* (request, process) {
    const file = programs('debian-mirror');
    const site = file && (yield* arrived(file));
    if (!isSite(site)) throw new Error('the mirror has no program');
    return yield* site.site(programs)(request, process);
  };
}

const HOSTS: readonly Host[] = [
  {
    names: ['registry-1.docker.io'],
    address: '54.198.86.24',
    handler: () => registryApi(catalogStore('docker.io'), HUB),
  },
  {
    names: ['auth.docker.io'],
    address: '54.236.113.205',
    handler: () => tokenService,
  },
  {
    names: ['registry.k8s.io'],
    address: '34.96.108.209',
    handler: () => registryApi(catalogStore('registry.k8s.io')),
  },
  {
    names: ['quay.io'],
    address: '44.194.40.25',
    handler: () => registryApi(catalogStore('quay.io')),
  },
  {
    names: ['ghcr.io'],
    address: '140.82.121.33',
    handler: () => registryApi(catalogStore('ghcr.io')),
  },
  {
    names: ['k8s.gcr.io'],
    address: '34.96.108.210',
    handler: () => registryApi(catalogStore('k8s.gcr.io')),
  },
  {
    names: ['gcr.io'],
    address: '142.250.110.82',
    handler: () => registryApi(catalogStore('gcr.io')),
  },
  {
    names: ['example.com', 'www.example.com', 'example.org'],
    address: '93.184.215.14',
    handler: () => page('Example Domain', 'This domain is for use in examples.'),
  },
  {
    names: ['dl.k8s.io'],
    address: '34.107.204.206',
    handler: () => kubernetesReleases,
  },
  {
    names: ['google.com', 'www.google.com'],
    address: '142.250.74.46',
    handler: () => page('Google', ''),
  },
  { names: ['k8s.io'], address: '34.107.204.205', handler: () => shortNames },
  {
    names: ['raw.githubusercontent.com'],
    address: '185.199.108.133',
    handler: () =>
      rawGithub(
        fileServer({
          ...below('kubernetes/website/main/content/en/examples/', examples),
          'kubernetes/dashboard/v2.2.0/aio/deploy/recommended.yaml': DASHBOARD,
        }),
      ),
  },
  {
    names: ['kubernetes.io'],
    address: '13.248.155.104',
    handler: () =>
      fileServer(
        below('examples/', examples),
        page('Kubernetes', 'Production-Grade Container Orchestration'),
      ),
  },
  {
    names: ['dl-cdn.alpinelinux.org'],
    address: '151.101.2.132',
    handler: () => alpineMirror,
  },
  { names: ['deb.debian.org'], address: '151.101.66.132', handler: debianSite },
  {
    names: ['archive.ubuntu.com', 'security.ubuntu.com'],
    address: '185.125.190.83',
    handler: debianSite,
  },
  {
    names: ['index.docker.io'],
    address: '44.208.254.194',
    handler: () => hubSearch,
  },
  {
    names: ['github.com'],
    address: '140.82.121.4',
    handler: () => github(chartReleases(githubReleases(fileServer(RELEASES, page('GitHub', ''))))),
  },
  {
    names: ['helm.github.io'],
    address: '185.199.108.153',
    handler: () => helmPages,
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
    const handler = host.handler?.(programs);
    if (handler) serveHost(outside, host, handler);
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
