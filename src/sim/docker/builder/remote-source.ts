// Files from addresses: ADD of a URL, and contexts that are one. They are fetched by the daemon, over its own network.

import type { Routine } from '../../core/wait.ts';
import { Content } from '../../core/content.ts';
import { START_OF_TIME } from '../../core/time.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { makeDirectories, writeWholeFile } from '../../containers/containerd/daemon.ts';
import { digestOf } from '../../containers/images/oci.ts';
import { failureText } from '../../containers/registry/client.ts';
import {
  type HttpAnswer,
  httpRequest,
  type HttpTarget,
  isHttpFailure,
  wholeBody,
} from '../../userland/http/client.ts';
import { BuildError } from './dockerfile/errors.ts';
import type { Operation } from './llb.ts';
import { BUILDKIT_ROOT } from './model.ts';
import type { Step } from './progress.ts';
import type { Result, SolverSettings } from './solve.ts';

/** One GET, redirections followed; it throws in the words of Go's client. */
export function* get(p: Process, url: string, hops = 0): Routine<HttpAnswer> {
  const match = /^(https?):\/\/([^/:?#]+)(?::(\d+))?([^?#]*)\??([^#]*)/.exec(url);
  if (!match || hops > 10)
    throw new BuildError(`Get ${JSON.stringify(url)}: unsupported protocol scheme`);
  const [, scheme, host = '', port, path = '', query = ''] = match;
  const target: HttpTarget = {
    host,
    port: Number(port ?? (scheme === 'https' ? 443 : 80)),
    ...(scheme === 'https' ? { tls: { serverName: host, authorities: [], insecure: true } } : {}),
  };
  const pairs = query.split('&').filter((word) => word !== '');
  const answer = yield* httpRequest(p, target, {
    method: 'GET',
    path: path === '' ? '/' : path,
    query: new Map(
      pairs.map((pair): [string, string[]] => {
        const [key = '', value = ''] = pair.split('=');
        return [key, [decodeURIComponent(value)]];
      }),
    ),
    headers: {
      host: port === undefined ? host : `${host}:${port}`,
      'user-agent': 'buildkit/v0.25',
    },
    body: Content.empty,
  });
  if (isHttpFailure(answer))
    throw new BuildError(`Get ${JSON.stringify(url)}: ${failureText(answer, target, p)}`);
  const location = answer.headers.location;
  if (answer.status >= 300 && answer.status < 400 && location !== undefined)
    return yield* get(
      p,
      location.startsWith('/') ? `${scheme}://${host}${location}` : location,
      hops + 1,
    );
  return answer;
}

/** The bytes at an address. */
export function* download(
  p: Process,
  url: string,
): Routine<{ bytes: Uint8Array; modified: number }> {
  const answer = yield* get(p, url);
  if (answer.status !== 200) throw new BuildError(`invalid response status ${answer.status}`);
  const modified = Date.parse(answer.headers['last-modified'] ?? '');
  const bytes = (yield* wholeBody(answer)).bytes();
  return { bytes, modified: Number.isNaN(modified) ? 0 : modified };
}

/** Fetches a file into a directory of its own. */
export function* fetchUrl(
  { builder, process: p }: SolverSettings,
  { url, filename, checksum }: Extract<Operation, { type: 'http' }>,
  step: Step,
): Routine<Result> {
  const { bytes, modified } = yield* download(p, url);
  if (checksum !== '' && digestOf(bytes) !== checksum)
    throw new BuildError(`digest mismatch ${digestOf(bytes)}: ${checksum}`);
  const directory = `${BUILDKIT_ROOT}/http/${builder.newId()}`;
  makeDirectories(p, directory, 0o700);
  writeWholeFile(p, `${directory}/${filename}`, bytes, 0o600);
  p.chmod(`${directory}/${filename}`, 0o600);
  const time = (modified - START_OF_TIME) * 1_000_000;
  p.utimes(`${directory}/${filename}`, time, time);
  step.task('downloading', bytes.length, bytes.length).done();
  return { directory };
}
