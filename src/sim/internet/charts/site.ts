// A chart repository on the internet: https://helm.github.io/examples, an index that points at archives in GitHub's releases.
// Archives are made when they are first asked for.

import { digestOf } from '../../containers/images/oci.ts';
import { writeTar } from '../../containers/images/tar.ts';
import { Content } from '../../core/content.ts';
import { encode } from '../../core/text.ts';
import type { HttpResponse } from '../../userland/http/message.ts';
import type { HttpHandler } from '../../userland/http/server.ts';
import { gzip } from '../../userland/libc/gzip.ts';
import { HELLO_WORLD } from './hello-world.ts';

/** When the chart was released, in seconds since 1970 and as the index says it. */
const RELEASED = 1_671_000_000;
const CREATED = '2022-12-14T06:40:00.000000000Z';
const NAME = 'hello-world';
const VERSION = '0.1.0';
const ARCHIVE = `/helm/examples/releases/download/${NAME}-${VERSION}/${NAME}-${VERSION}.tgz`;

let made: Uint8Array | undefined;

/** The chart's archive. */
function archive(): Uint8Array {
  const common = { kind: 'file' as const, mode: 0o644, uid: 0, gid: 0, mtime: RELEASED };
  const entries = Object.entries(HELLO_WORLD).map(([path, text]) => ({
    ...common,
    name: `${NAME}/${path}`,
    content: encode(text),
  }));
  made ??= gzip(writeTar(entries));
  return made;
}

function index(): string {
  return `apiVersion: v1
entries:
  ${NAME}:
  - apiVersion: v2
    appVersion: 1.16.0
    created: "${CREATED}"
    description: A Helm chart for Kubernetes
    digest: ${digestOf(archive()).replace(/^sha256:/, '')}
    name: ${NAME}
    type: application
    urls:
    - https://github.com${ARCHIVE}
    version: ${VERSION}
generated: "${CREATED}"
`;
}

function reply(status: number, type: string, body: Content): HttpResponse {
  const headers = { 'content-type': type, 'content-length': String(body.size) };
  return { status, headers, body };
}

/** helm.github.io: the index of the repository `examples`. */
export const helmPages: HttpHandler = function* ({ path }) {
  if (path !== '/examples/index.yaml')
    return reply(404, 'text/html; charset=utf-8', Content.ofText('<h1>404</h1>\n'));
  return reply(200, 'text/yaml; charset=utf-8', Content.ofText(index()));
};

/** github.com: the archives of the repository's releases; `others` answers for everything else. */
export function chartReleases(others: HttpHandler): HttpHandler {
  return function* (request, process) {
    if (request.path !== ARCHIVE) return yield* others(request, process);
    return reply(200, 'application/octet-stream', Content.ofBytes(archive()));
  };
}
