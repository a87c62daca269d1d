// The API's builder: POST /grpc, on which a client asks for a build and lends its files, and the build cache.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import type { ContainerdClient } from '../../../containers/containerd/client.ts';
import { withLease } from '../../../containers/containerd/with-lease.ts';
import { Build } from '../../builder/build.ts';
import { cacheUsage, pruneCache } from '../../builder/cache.ts';
import { BuildError } from '../../builder/dockerfile/errors.ts';
import type { BuildHistory } from '../../builder/model.ts';
import type { BuildOptions } from '../../builder/options.ts';
import { Progress } from '../../builder/progress.ts';
import { type BuildResult, type Frame, FrameStream } from '../../builder/session.ts';
import { StepError } from '../../builder/solve.ts';
import { filtersOf, type Context, type Handler, isOn, json, query } from './answer.ts';

/** Sends progress as it comes; the thread ends with the build. */
function forward(process: Process, stream: FrameStream, progress: Progress): { done: boolean } {
  const state = { done: false };
  process.thread(function* () {
    for (;;) {
      const events = yield* progress.next();
      if (!events || !(yield* stream.send({ type: 'progress', events }))) break;
    }
    state.done = true;
    progress.arrived.wake();
    return 0;
  });
  return state;
}

function failure(build: Build, thrown: BuildError): BuildResult {
  const { definition } = build;
  return {
    response: {},
    error: {
      message: thrown.message,
      filename: definition?.filename ?? '',
      source: definition?.text ?? '',
      lines: thrown.lines,
      vertex: thrown instanceof StepError ? thrown.vertex : '',
    },
  };
}

/** What a build reads and makes is kept while it runs. */
function* solveLeased(
  context: Context,
  stream: FrameStream,
  { options, ref, home }: Extract<Frame, { type: 'solve' }>,
): Routine<void> {
  const client = context.daemon.clientFor(context.process);
  yield* withLease(client, (leased) => solve(context, leased, stream, options, ref, home));
}

function* solve(
  context: Context,
  client: ContainerdClient,
  stream: FrameStream,
  options: BuildOptions,
  ref: string,
  shared: string,
): Routine<void> {
  const { daemon, process } = context;
  const { builder } = daemon;
  const progress = new Progress();
  const forwarding = forward(process, stream, progress);
  const settings = {
    builder,
    process,
    client,
    progress,
    shared,
    *ask(call: Parameters<Build['solver']['settings']['ask']>[0], bytes?: Uint8Array) {
      yield* stream.send({ type: 'call', call }, bytes);
      const answer = yield* stream.receive();
      return answer?.frame.type === 'reply'
        ? { reply: answer.frame.reply, bytes: answer.bytes }
        : { reply: { error: 'no active sessions' }, bytes: new Uint8Array(0) };
    },
  };
  const build = new Build(settings, options);
  const history: BuildHistory = {
    ref,
    name: options.tags[0] ?? options.filename,
    createdAt: process.now,
    completedAt: undefined,
    status: 'Running',
    steps: 0,
    cached: 0,
    error: '',
  };
  builder.history.push(history);
  let result: BuildResult;
  try {
    result = { response: yield* build.run() };
    history.status = 'Completed';
    const digest = result.response['containerimage.digest'];
    const name = result.response['image.name'] ?? '';
    if (digest !== undefined) daemon.events.add('image', 'create', digest, {});
    for (const tag of name.split(',').filter((word) => word !== ''))
      daemon.events.add('image', 'tag', digest ?? '', {
        name: tag.replace(/^docker\.io\/(library\/)?/, ''),
      });
  } catch (thrown) {
    if (!(thrown instanceof BuildError)) throw thrown;
    result = failure(build, thrown);
    history.status = 'Error';
    history.error = thrown.message;
  }
  history.completedAt = process.now;
  history.steps = build.solver.steps;
  history.cached = build.solver.cached;
  progress.end();
  while (!forwarding.done) yield { on: [progress.arrived] };
  yield* stream.send({ type: 'result', result });
}

const control: Handler = function* (context) {
  return {
    status: 101,
    headers: { connection: 'Upgrade', upgrade: 'h2c' },
    *upgrade(connection) {
      const stream = new FrameStream(connection);
      const asked = yield* stream.receive();
      if (asked?.frame.type === 'solve') yield* solveLeased(context, stream, asked.frame);
      connection.close();
    },
  };
};

const prune: Handler = function* (context) {
  const pruned = yield* pruneCache(context.daemon, context.process, {
    all: isOn(context, 'all'),
    filters: filtersOf(context),
    keep: Number(query(context, 'keep-storage') || query(context, 'reserved-space') || 0),
  });
  return json({ CachesDeleted: pruned.ids, SpaceReclaimed: pruned.size, Records: pruned.records });
};

const usage: Handler = function* (context) {
  return json(yield* cacheUsage(context.daemon, context.process));
};

const history: Handler = function* ({ daemon }) {
  return json([...daemon.builder.history].reverse());
};

const forget: Handler = function* ({ daemon, parts }) {
  const list = daemon.builder.history;
  const at = list.findIndex(({ ref }) => ref.startsWith(parts[0] ?? ''));
  if (at < 0) return json({ message: `no record found for ${JSON.stringify(parts[0])}` }, 404);
  list.splice(at, 1);
  return json({});
};

/** Method, path, handler. */
export const buildRoutes: readonly (readonly [string, string, Handler])[] = [
  ['POST', '/grpc', control],
  ['POST', '/build/prune', prune],
  ['GET', '/build/cache', usage],
  ['GET', '/build/history', history],
  ['DELETE', '/build/history/*', forget],
];
