// What the web sites of the simulated internet answer: pages, files, mirrors of packages.

import { Content } from '../core/content.ts';
import type { Routine } from '../core/wait.ts';
import type { Process } from '../kernel/calls/process.ts';
import { arrived, type ProgramTable } from '../kernel/program.ts';
import type { HttpRequest, HttpResponse } from '../userland/http/message.ts';
import type { HttpHandler } from '../userland/http/server.ts';
import { chartReleases, helmPages } from './charts/site.ts';
import { githubReleases, rawGithub } from './files/site.ts';
import type { ServingHost } from './hosts.ts';
import { DASHBOARD } from './manifests/dashboard.ts';
import { examples } from './manifests/examples.ts';
import { METRICS_SERVER_COMPONENTS } from './manifests/metrics-server.ts';
import { alpineMirror } from './packages/alpine.ts';
import { isSite } from './packages/site.ts';
import { github } from './repositories/github.ts';

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

/** A site whose code is fetched at its first request. */
function siteOf(name: string): (programs: ProgramTable) => HttpHandler {
  return (programs) =>
    function* (request, process) {
      const file = programs(name);
      const site = file && (yield* arrived(file));
      if (!isSite(site)) throw new Error(`${name} has no program`);
      return yield* site.site(programs)(request, process);
    };
}

const debianSite = siteOf('debian-mirror');
const pythonIndex = siteOf('python-index');

/** By the first name of the host; `programs` is whose code may be asked for. */
const SITES: Readonly<Record<string, (programs: ProgramTable) => HttpHandler>> = {
  'example.com': () => page('Example Domain', 'This domain is for use in examples.'),
  'dl.k8s.io': () => kubernetesReleases,
  'google.com': () => page('Google', ''),
  'k8s.io': () => shortNames,
  'raw.githubusercontent.com': () =>
    rawGithub(
      fileServer({
        ...below('kubernetes/website/main/content/en/examples/', examples),
        'kubernetes/dashboard/v2.2.0/aio/deploy/recommended.yaml': DASHBOARD,
      }),
    ),
  'kubernetes.io': () =>
    fileServer(
      below('examples/', examples),
      page('Kubernetes', 'Production-Grade Container Orchestration'),
    ),
  'dl-cdn.alpinelinux.org': () => alpineMirror,
  'deb.debian.org': debianSite,
  'archive.ubuntu.com': debianSite,
  'github.com': () =>
    github(chartReleases(githubReleases(fileServer(RELEASES, page('GitHub', ''))))),
  'helm.github.io': () => helmPages,
  'registry.npmjs.org': siteOf('npm-registry'),
  'pypi.org': pythonIndex,
};

/** Answers a request to a site of the table. */
export function* answerSite(
  host: ServingHost,
  request: HttpRequest,
  process: Process,
): Routine<HttpResponse> {
  host.handler ??= SITES[host.name]?.(host.programs);
  if (!host.handler) throw new Error(`there is no site ${host.name}`);
  return yield* host.handler(request, process);
}
