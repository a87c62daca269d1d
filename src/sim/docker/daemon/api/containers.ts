// The API's containers: /containers/….

import { Content } from '../../../core/content.ts';
import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { HttpResponse } from '../../../userland/http/message.ts';
import { isRpcError } from '../../../containers/rpc.ts';
import { createContainer } from '../create.ts';
import {
  killContainer,
  pauseContainer,
  renameContainer,
  restartContainer,
  stopContainer,
  unpauseContainer,
  updateContainer,
} from '../control.ts';
import { ApiError, type Container, findContainer, isAlive } from '../model.ts';
import { removeContainer } from '../remove.ts';
import { startContainer } from '../start.ts';
import type { CreateRequest, HostConfig } from '../types.ts';
import { completeRequest } from '../zero-values.ts';
import {
  body,
  type Context,
  done,
  filtersOf,
  type Handler,
  isOn,
  json,
  query,
  refuse,
} from './answer.ts';
import { reading } from './request-bodies.ts';
import { pruneFilters } from './prune-filters.ts';
import { inspection, passes, summary } from './container-view.ts';

const FILTERS = new Set([
  'ancestor',
  'before',
  'exited',
  'expose',
  'health',
  'id',
  'isolation',
  'is-task',
  'label',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'volume',
]);
const STATES = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];
const HEALTHS = ['none', 'starting', 'healthy', 'unhealthy'];

/** foldFilter: what is wrong with a filter's value. */
function wrongFilter(name: string, value: string): string | undefined {
  const [kind, known] = name === 'status' ? ['state', STATES] : ['health', HEALTHS];
  if ((name === 'status' || name === 'health') && !known.includes(value))
    return `invalid filter '${name}=${value}': invalid value for ${kind} (${value}): must be one of ${known.join(', ')}`;
  if (name === 'exited' && !/^[+-]?\d+$/.test(value))
    return `invalid filter 'exited=${value}': strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`;
  if (name !== 'publish' && name !== 'expose') return undefined;
  if (value.includes(':')) return `filter for '${name}' should not contain ':': ${value}`;
  const [ports = ''] = value.split('/', 1);
  const [start = '', end = start] = ports.split('-');
  const bad = !/^\d+$/.test(start)
    ? ['start', start]
    : !/^\d+$/.test(end)
      ? ['end', end]
      : undefined;
  return bad
    ? `error while looking up for ${name} ${value}: invalid ${bad[0]} port '${bad[1]}': invalid syntax`
    : undefined;
}

/** A handler for one container. */
function one(handler: (context: Context, container: Container) => Routine<HttpResponse>): Handler {
  return function* (context) {
    const container = findContainer(context.daemon, decodeURIComponent(context.parts[0] ?? ''));
    return container instanceof ApiError ? refuse(container) : yield* handler(context, container);
  };
}

/** Bytes of a container's own layer, and with the image's. */
export function* sizesOf(
  context: Pick<Context, 'daemon' | 'process'>,
  container: Container,
): Routine<{ rw: number; root: number }> {
  const client = context.daemon.clientFor(context.process);
  const own = yield* client.snapshotUsage(container.id);
  const info = yield* client.snapshotInfo(container.id);
  const rw = isRpcError(own) ? 0 : own.size;
  let root = rw;
  let parent = isRpcError(info) ? '' : info.parent;
  while (parent !== '') {
    const usage = yield* client.snapshotUsage(parent);
    const above = yield* client.snapshotInfo(parent);
    root += isRpcError(usage) ? 0 : usage.size;
    parent = isRpcError(above) ? '' : above.parent;
  }
  return { rw, root };
}

/** Containers, the newest first. */
export function newestFirst(context: Pick<Context, 'daemon'>): Container[] {
  return [...context.daemon.containers.values()].reverse().sort((a, b) => b.created - a.created);
}

export const listContainers: Handler = function* (context) {
  const filters = filtersOf(context);
  for (const [name, values] of filters) {
    if (!FILTERS.has(name)) return refuse(new ApiError(400, `invalid filter '${name}'`));
    const wrong = values
      .map((value) => wrongFilter(name, value))
      .find((text) => text !== undefined);
    if (wrong !== undefined) return refuse(new ApiError(400, wrong));
  }
  const limit = Number(query(context, 'limit') || 0);
  const all = isOn(context, 'all') || limit > 0 || filters.has('status') || filters.has('exited');
  let found = newestFirst(context).filter(
    (c) =>
      (all || isAlive(c) || c.state.status === 'restarting') && passes(context.daemon, c, filters),
  );
  if (limit > 0) found = found.slice(0, limit);
  const rows: Record<string, unknown>[] = [];
  for (const container of found) {
    rows.push(
      summary(
        container,
        context.daemon.now,
        isOn(context, 'size') ? yield* sizesOf(context, container) : undefined,
      ),
    );
  }
  return json(rows);
};

const create: Handler = function* (context) {
  const warnings: string[] = [];
  const made = yield* createContainer(
    context.daemon,
    context.process,
    query(context, 'name'),
    completeRequest(body<Partial<CreateRequest>>(context)),
    warnings,
  );
  if (made instanceof ApiError) return refuse(made);
  if (made.links.length > 0 && made.hostConfig.NetworkMode === 'bridge')
    warnings.push(
      'Links on the default bridge network are deprecated and will be removed in a future release. Use a custom network instead.',
    );
  return json({ Id: made.id, Warnings: warnings }, 201);
};

const inspect = one(function* (context, container) {
  const sizes = isOn(context, 'size') ? yield* sizesOf(context, container) : undefined;
  return json(inspection(context.daemon, container, sizes));
});

const stopOptions = (
  context: Context,
): { seconds: number | undefined; signal: string | undefined } => ({
  seconds: query(context, 't') === '' ? undefined : Number(query(context, 't')),
  signal: query(context, 'signal') === '' ? undefined : query(context, 'signal'),
});

const start = one(function* (context, container) {
  if (isAlive(container) && container.state.status !== 'paused')
    return { status: 304, headers: {} };
  return done(yield* startContainer(context.daemon, context.process, container));
});
const stop = one(function* (context, container) {
  if (!isAlive(container) && container.state.status !== 'restarting')
    return { status: 304, headers: {} };
  return done(
    yield* stopContainer(context.daemon, context.process, container, stopOptions(context)),
  );
});
const restart = one(function* (context, container) {
  return done(
    yield* restartContainer(context.daemon, context.process, container, stopOptions(context)),
  );
});
const kill: Handler = function* (context) {
  const name = decodeURIComponent(context.parts[0] ?? '');
  const container = findContainer(context.daemon, name);
  const failure =
    container instanceof ApiError
      ? container
      : yield* killContainer(context.daemon, context.process, container, query(context, 'signal'));
  return done(
    failure && new ApiError(failure.status, `cannot kill container: ${name}: ${failure.message}`),
  );
};
const pause = one(function* (context, container) {
  return done(yield* pauseContainer(context.daemon, context.process, container));
});
const unpause = one(function* (context, container) {
  return done(yield* unpauseContainer(context.daemon, context.process, container));
});
const rename = one(function* (context, container) {
  return done(renameContainer(context.daemon, container, query(context, 'name')));
});
const remove = one(function* (context, container) {
  if (isOn(context, 'link')) return refuse(new ApiError(400, 'removing links is not simulated'));
  return done(
    yield* removeContainer(context.daemon, context.process, container, {
      force: isOn(context, 'force'),
      volumes: isOn(context, 'v'),
    }),
  );
});
const update = one(function* (context, container) {
  const failure = yield* updateContainer(
    context.daemon,
    context.process,
    container,
    body<Partial<HostConfig>>(context),
  );
  return failure ? refuse(failure) : json({ Warnings: null });
});

/** Answers at once, and gives the status when the container has ended (or is gone, or has next ended). */
const wait = one(function* (context, container) {
  const condition = query(context, 'condition');
  const before = container.exits;
  const over = (): boolean => {
    if (condition === 'removed')
      return (
        !context.daemon.containers.has(container.id) ||
        (container.exits > before && !container.hostConfig.AutoRemove)
      );
    if (condition === 'next-exit') return container.exits > before;
    return !isAlive(container) && container.state.status !== 'restarting';
  };
  let answered = false;
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    stream: {
      *next() {
        if (answered) return undefined;
        while (!over()) yield { on: [container.changed] };
        answered = true;
        return Content.ofJson({ StatusCode: container.state.exitCode });
      },
      close() {},
    },
  };
});

const top = one(function* (context, container) {
  if (!isAlive(container))
    return refuse(new ApiError(409, `container ${container.id} is not running`));
  const pids = yield* context.daemon.clientFor(context.process).taskPids(container.id);
  const words = (query(context, 'ps_args') || '-ef').split(/\s+/).filter((word) => word !== '');
  const listed = isRpcError(pids) ? '' : `-q${pids.map(({ pid }) => pid).join(',')}`;
  const text = (yield* runPs(context, [...words, listed])) || (yield* runPs(context, words));
  const wanted = new Set(isRpcError(pids) ? [] : pids.map(({ pid }) => String(pid)));
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const Titles = head.trim().split(/\s+/);
  const column = Titles.indexOf('PID');
  if (column < 0) return refuse(new ApiError(500, "Couldn't find PID field in ps output"));
  const rows = lines
    .map((line) => line.trim().split(/\s+/))
    .map((fields) => [
      ...fields.slice(0, Titles.length - 1),
      fields.slice(Titles.length - 1).join(' '),
    ]);
  return json({ Processes: rows.filter((fields) => wanted.has(fields[column] ?? '')), Titles });
});

const prune: Handler = function* (context) {
  const filters = pruneFilters(context, ['label', 'label!', 'until']);
  if (filters instanceof ApiError) return refuse(filters);
  const ContainersDeleted: string[] = [];
  let SpaceReclaimed = 0;
  for (const container of newestFirst(context)) {
    if (
      isAlive(container) ||
      container.state.status === 'restarting' ||
      !filters.pass(container.config.Labels, container.created)
    )
      continue;
    SpaceReclaimed += (yield* sizesOf(context, container)).rw;
    yield* removeContainer(context.daemon, context.process, container, {
      force: false,
      volumes: true,
    });
    ContainersDeleted.push(container.id);
  }
  context.daemon.events.add('container', 'prune', '', { reclaimed: String(SpaceReclaimed) });
  return json({
    ContainersDeleted: ContainersDeleted.length > 0 ? ContainersDeleted : null,
    SpaceReclaimed,
  });
};

/** ps(1), run on the host. */
function* runPs({ process }: Context, words: readonly string[]): Routine<string> {
  const output = process.pipe(true);
  if (isErrno(output)) return '';
  const pid = process.fork(function* (child) {
    child.dup2(output[1], 1);
    child.exec('/usr/bin/ps', ['ps', ...words], child.environment);
    return 127;
  });
  process.close(output[1]);
  const text = yield* process.readAll(output[0]);
  process.close(output[0]);
  if (!isErrno(pid)) yield* process.wait(pid);
  return isErrno(text) ? '' : decode(text);
}

/** Method, path, handler. */
export const containerRoutes: readonly (readonly [string, string, Handler])[] = [
  ['GET', '/containers/json', listContainers],
  ['POST', '/containers/create', reading('containerCreate', create)],
  ['POST', '/containers/prune', prune],
  ['GET', '/containers/*/json', inspect],
  ['POST', '/containers/*/start', start],
  ['POST', '/containers/*/stop', stop],
  ['POST', '/containers/*/restart', restart],
  ['POST', '/containers/*/kill', kill],
  ['POST', '/containers/*/pause', pause],
  ['POST', '/containers/*/unpause', unpause],
  ['POST', '/containers/*/rename', rename],
  ['POST', '/containers/*/wait', wait],
  ['POST', '/containers/*/update', reading('containerUpdate', update)],
  ['GET', '/containers/*/top', top],
  ['DELETE', '/containers/*', remove],
];
