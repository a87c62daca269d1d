// The Engine API: the table of all routes, and answering one request by it.

import { Content } from '../../../core/content.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import { swarmRoutes } from '../../swarm/api.ts';
import { ApiError, type Dockerd } from '../model.ts';
import { type Handler, refuse } from './answer.ts';
import { archiveRoutes } from './archives.ts';
import { buildRoutes } from './build.ts';
import { commitRoutes } from './commit.ts';
import { containerRoutes } from './containers.ts';
import { fileRoutes } from './files.ts';
import { imageRoutes } from './images.ts';
import { pluginRoutes } from './plugins.ts';
import { pullHandler } from './pull.ts';
import { pushRoutes } from './push.ts';
import { resourceRoutes } from './resources.ts';
import { statsRoutes } from './stats.ts';
import { streamRoutes } from './streams.ts';
import { systemRoutes } from './system.ts';

const ping: Handler = function* ({ daemon, request }) {
  const headers = {
    'api-version': '1.51',
    'builder-version': '2',
    'docker-experimental': 'false',
    ostype: 'linux',
    swarm: daemon.swarm ? 'active/manager' : 'inactive',
    server: 'Docker/29.0.0 (linux)',
  };
  return {
    status: 200,
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
    body: Content.ofText(request.method === 'HEAD' ? '' : 'OK'),
  };
};

const ROUTES: readonly (readonly [string, string, Handler])[] = [
  ['GET', '/_ping', ping],
  ['HEAD', '/_ping', ping],
  ...systemRoutes,
  ...containerRoutes,
  ...swarmRoutes,
  ...fileRoutes,
  ...buildRoutes,
  ...commitRoutes,
  ...streamRoutes,
  ...statsRoutes,
  ...pluginRoutes,
  ...archiveRoutes,
  ['POST', '/images/create', pullHandler],
  ...pushRoutes,
  ...imageRoutes,
  ...resourceRoutes,
];

const PATTERNS = ROUTES.map(([method, path, handler]) => ({
  method,
  handler,
  form: new RegExp(`^${path.replaceAll('**', '(.+)').replace(/(?<!\()\*(?!\))/g, '([^/]+)')}$`),
}));

/** Answers one request of the Engine API. */
export function* answerApi(
  daemon: Dockerd,
  request: HttpRequest,
  process: Process,
): Routine<HttpResponse> {
  const path = request.path.replace(/^\/v[\d.]+(?=\/)/, '');
  const asked = /^\/v([\d.]+)\//.exec(request.path)?.[1];
  if (asked !== undefined && Number(asked.split('.')[1]) < 44)
    return refuse(
      new ApiError(
        400,
        `client version ${asked} is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version`,
      ),
    );
  for (const { method, form, handler } of PATTERNS) {
    const match = method === request.method ? form.exec(path) : undefined;
    if (match) return yield* handler({ daemon, request, process, parts: match.slice(1) });
  }
  return refuse(new ApiError(404, 'page not found'));
}
