// The API's streams: attach, logs, exec. stdout and stderr come in one stream of frames unless there is a terminal.

import { Content } from '../../../core/content.ts';
import { concatBytes, encode } from '../../../core/text.ts';
import { rfc3339Fraction, START_OF_TIME } from '../../../core/time.ts';
import { type Routine, WaitQueue } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import type { Duplex } from '../../../userland/http/message.ts';
import { checkUser, createExec, startExec } from '../exec.ts';
import { frame, type Listener, type LogEntry, type LogStore } from '../logs.ts';
import { ApiError, type Container, type ExecRequest, findContainer, isAlive } from '../model.ts';
import { containerEvent } from '../start.ts';
import { body, type Handler, isOn, json, query, refuse, streaming } from './answer.ts';
import { reading } from './request-bodies.ts';

const UPGRADED = {
  'content-type': 'application/vnd.docker.raw-stream',
  connection: 'Upgrade',
  upgrade: 'tcp',
};

interface Wanted {
  readonly tty: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** Sends what a listener hears until it ends or the other side has gone. */
function* sendOutput(listener: Listener, connection: Duplex, wanted: Wanted): Routine<void> {
  for (;;) {
    const chunk = listener.chunks.shift();
    if (chunk) {
      if (chunk.stream === 'stdout' ? !wanted.stdout : !wanted.stderr) continue;
      if (!(yield* connection.write(wanted.tty ? chunk.bytes : frame(chunk.stream, chunk.bytes))))
        return;
    } else if (listener.ended) return;
    else yield { on: [listener.arrived] };
  }
}

/** Copies a client's input to the process, then closes it. `open` waits for what there is to write to. */
function takeInput(
  process: Process,
  connection: Duplex,
  open: () => Routine<number | undefined>,
  closed: (thread: Process) => Routine<void>,
): void {
  process.thread(function* (thread) {
    for (;;) {
      const bytes = yield* connection.read();
      if (bytes === undefined) break;
      const fd = yield* open();
      if (fd !== undefined) yield* thread.write(fd, bytes);
    }
    yield* closed(thread);
    return 0;
  });
}

/** A container's standard input, once it has been started: what is attached before waits. */
function* openedStdin(container: Container, listener: Listener): Routine<number | undefined> {
  while (container.openStdin === undefined && !isAlive(container) && !listener.ended)
    yield { on: [container.changed, listener.arrived] };
  return container.openStdin;
}

const attach: Handler = function* (context) {
  const { daemon } = context;
  const container = findContainer(daemon, decodeURIComponent(context.parts[0] ?? ''));
  if (container instanceof ApiError) return refuse(container);
  if (container.state.status === 'paused')
    return refuse(
      new ApiError(
        409,
        `container ${context.parts[0]} is paused, unpause the container before attach`,
      ),
    );
  const wanted = {
    tty: container.config.Tty,
    stdout: isOn(context, 'stdout'),
    stderr: isOn(context, 'stderr'),
  };
  const listener = container.logs.listen();
  containerEvent(daemon, container, 'attach');
  return {
    status: 101,
    headers: UPGRADED,
    *upgrade(connection) {
      if (isOn(context, 'stdin') && container.config.OpenStdin) {
        takeInput(
          context.process,
          connection,
          () => openedStdin(container, listener),
          function* (thread) {
            if (!container.config.StdinOnce) return;
            yield* openedStdin(container, listener);
            if (container.openStdin !== undefined) thread.close(container.openStdin);
            container.openStdin = undefined;
            yield* daemon.clientFor(thread).closeStdin(container.id);
          },
        );
      }
      yield* sendOutput(listener, connection, wanted);
      container.logs.listeners.delete(listener);
      connection.close();
    },
  };
};

const createExecution: Handler = function* (context) {
  const container = findContainer(context.daemon, decodeURIComponent(context.parts[0] ?? ''));
  if (container instanceof ApiError) return refuse(container);
  const request = body<ExecRequest>(context);
  const unknown =
    request.User && isAlive(container)
      ? yield* checkUser(context.daemon, context.process, container, request.User)
      : undefined;
  if (unknown) return refuse(unknown);
  const called = decodeURIComponent(context.parts[0] ?? '');
  const exec = createExec(context.daemon, container, request, called);
  return exec instanceof ApiError ? refuse(exec) : json({ Id: exec.id }, 201);
};

const startExecution: Handler = function* (context) {
  const exec = context.daemon.execs.get(context.parts[0] ?? '');
  if (!exec) return refuse(new ApiError(404, `No such exec instance: ${context.parts[0]}`));
  if (exec.running) return refuse(new ApiError(409, `exec command ${exec.id} is already running`));
  const { request } = exec;
  if (body<{ Detach?: boolean }>(context).Detach) {
    const run = yield* startExec(context.daemon, context.process, exec);
    return run instanceof ApiError ? refuse(run) : { status: 200, headers: {} };
  }
  return {
    status: 101,
    headers: UPGRADED,
    *upgrade(connection) {
      const run = yield* startExec(context.daemon, context.process, exec);
      if (run instanceof ApiError) {
        // The connection is a stream by now: what is wrong comes as output.
        const text = encode(`${run.message}\r\n`);
        yield* connection.write(request.Tty ? text : frame('stdout', text));
        connection.close();
        return;
      }
      const { listener } = run;
      if (run.stdin !== undefined) {
        takeInput(
          context.process,
          connection,
          function* () {
            return exec.running ? run.stdin : undefined;
          },
          function* (thread) {
            if (exec.running)
              yield* context.daemon.clientFor(thread).closeStdin(exec.container.id, exec.id);
          },
        );
      }
      yield* sendOutput(listener, connection, {
        tty: request.Tty ?? false,
        stdout: request.AttachStdout ?? false,
        stderr: request.AttachStderr ?? false,
      });
      connection.close();
    },
  };
};

const inspectExecution: Handler = function* (context) {
  const exec = context.daemon.execs.get(context.parts[0] ?? '');
  if (!exec) return refuse(new ApiError(404, `No such exec instance: ${context.parts[0]}`));
  const { id, request, running, exitCode, container, pid } = exec;
  const [entrypoint, ...words] = request.Cmd;
  return json({
    ID: id,
    Running: running,
    ExitCode: exitCode,
    ProcessConfig: {
      tty: request.Tty ?? false,
      entrypoint,
      arguments: words,
      privileged: request.Privileged ?? false,
    },
    OpenStdin: request.AttachStdin ?? false,
    OpenStderr: request.AttachStderr ?? false,
    OpenStdout: request.AttachStdout ?? false,
    CanRemove: !running,
    ContainerID: container.id,
    DetachKeys: '',
    Pid: pid,
  });
};

/** Virtual time of a `since` or `until`: seconds since 1970 with a fraction. */
function momentOf(text: string): number | undefined {
  return text === '' || text === '0'
    ? undefined
    : Math.round((Number(text) * 1000 - START_OF_TIME) * 1_000_000);
}

function entryBytes(
  entry: LogEntry,
  container: Container,
  stamps: boolean,
  details: boolean,
): Uint8Array {
  const stamp = stamps ? `${rfc3339Fraction(entry.at, 9)} ` : '';
  const more = details
    ? `${Object.entries(container.logs.keeping.attributes)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
        .join(',')} `
    : '';
  const text = encode(`${stamp}${more}${entry.text}`);
  return container.config.Tty ? text : frame(entry.stream, text);
}

const logs: Handler = function* (context) {
  const container = findContainer(context.daemon, decodeURIComponent(context.parts[0] ?? ''));
  if (container instanceof ApiError) return refuse(container);
  const wanted = { stdout: isOn(context, 'stdout'), stderr: isOn(context, 'stderr') };
  if (!wanted.stdout && !wanted.stderr)
    return refuse(new ApiError(400, 'you must choose at least one stream'));
  if (!/^(|json-file|local)$/.test(container.hostConfig.LogConfig.Type))
    return refuse(new ApiError(501, 'configured logging driver does not support reading'));
  const since = momentOf(query(context, 'since'));
  const until = momentOf(query(context, 'until'));
  const passes = (e: LogEntry): boolean =>
    wanted[e.stream] &&
    (since === undefined || e.at >= since) &&
    (until === undefined || e.at <= until);
  const tail = query(context, 'tail');
  const store: LogStore = container.logs;
  const before = store.entries.slice(store.first).filter(passes);
  const first = /^\d+$/.test(tail)
    ? before.slice(Math.max(0, before.length - Number(tail)))
    : before;
  let next = store.entries.length;
  const queue = [...first];
  const follow = isOn(context, 'follow');
  const live = (): boolean => isAlive(container) || store.open > 0;
  const quiet = new WaitQueue();
  const bytesOf = (e: LogEntry): Uint8Array =>
    entryBytes(e, container, isOn(context, 'timestamps'), isOn(context, 'details'));
  return streaming(
    container.config.Tty
      ? 'application/vnd.docker.raw-stream'
      : 'application/vnd.docker.multiplexed-stream',
    function* () {
      for (;;) {
        while (next < store.entries.length && follow) {
          const entry = store.entries[next++];
          if (entry && passes(entry)) queue.push(entry);
        }
        if (queue.length > 0) return Content.ofBytes(concatBytes(queue.splice(0).map(bytesOf)));
        if (!follow || !live()) return undefined;
        yield { on: [store.arrived, container.changed, quiet], until };
        if (until !== undefined && context.daemon.now >= until) return undefined;
      }
    },
  );
};

/** Method, path, handler. */
export const streamRoutes: readonly (readonly [string, string, Handler])[] = [
  ['POST', '/containers/*/attach', attach],
  ['GET', '/containers/*/logs', logs],
  ['POST', '/containers/*/exec', reading('execCreate', createExecution)],
  ['POST', '/exec/*/start', reading('execStart', startExecution)],
  ['GET', '/exec/*/json', inspectExecution],
];
