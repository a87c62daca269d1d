// docker run, create, start, attach and exec: what has to do with a container's streams and exit status.

import { Content } from '../../core/content.ts';
import { encode } from '../../core/text.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import {
  isReferenceError,
  parseReference,
  withDefaultTag,
} from '../../containers/images/reference.ts';
import { wholeBody } from '../../userland/http/client.ts';
import { writeFile } from '../../userland/libc/whole-file.ts';
import type { CreateRequest } from '../daemon/types.ts';
import { Api, type CallError, isCallError } from './api.ts';
import type { Action, Call } from './command.ts';
import { createRequest, environmentOf } from './container-config.ts';
import { isFlagError } from './flag-error.ts';
import { complain, fail, failRun } from './output.ts';
import { printPull } from './progress.ts';
import { type Detaching, detachKeys, rawTerminal, receiveOutput, sendInput } from './streams.ts';

interface Created {
  readonly Id: string;
  readonly Warnings: readonly string[] | null;
}

/** The status that a failed start gives `run`. */
function failureStatus(message: string): number {
  if (/executable file not found|no such file or directory|system cannot find/.test(message))
    return 127;
  return /permission denied|is a directory|not a directory/.test(message) ? 126 : 125;
}

/** Makes the container, pulling its image where it is missing. */
function* create(call: Call, api: Api, request: CreateRequest): Routine<Created | CallError> {
  const { flags } = call;
  const name = flags.text('name');
  const pull = flags.text('pull');
  const post = (): Routine<Created | CallError> =>
    api.post<Created>('/containers/create', { name }, request);
  if (pull === 'always') {
    const failed = yield* printPull(call, api, request.Image, {
      quiet: flags.on('quiet'),
      toStderr: true,
    });
    if (failed) return failed;
  }
  const made = yield* post();
  const missing =
    isCallError(made) && made.status === 404 && made.message.startsWith('No such image:');
  if (!missing || pull === 'never') return made;
  const parsed = parseReference(request.Image);
  const full = isReferenceError(parsed) ? undefined : withDefaultTag(parsed);
  const shown =
    full && !request.Image.includes('@') && full.tag === 'latest' && !/:[^/]*$/.test(request.Image)
      ? `${request.Image}:latest`
      : request.Image;
  if (!flags.on('quiet')) yield* complain(call.main, `Unable to find image '${shown}' locally`);
  const failed = yield* printPull(call, api, request.Image, {
    quiet: flags.on('quiet'),
    toStderr: true,
  });
  return failed ?? (yield* post());
}

function* warn(call: Call, created: Created): Routine<void> {
  for (const warning of created.Warnings ?? []) yield* complain(call.main, `WARNING: ${warning}`);
}

/** What is wrong with --pull. */
function wrongPull(call: Call): string | undefined {
  const pull = call.flags.text('pull');
  return /^(|always|missing|never)$/.test(pull)
    ? undefined
    : `invalid pull option: '${pull}': must be one of "always", "missing" or "never"`;
}

const createAction: Action = function* (call) {
  const [image = '', ...command] = call.args;
  const wrong = wrongPull(call);
  if (wrong !== undefined) return yield* failRun(call, wrong);
  const request = yield* createRequest(call, image, command);
  if (isFlagError(request)) return yield* failRun(call, request.wrong);
  const created = yield* create(call, new Api(call.main.process, call.host), request);
  if (isCallError(created)) return yield* fail(call, created.text);
  yield* warn(call, created);
  const cid = call.flags.text('cidfile');
  if (cid !== '') yield* writeFile(call.main.process, cid, encode(created.Id));
  call.main.out.put(`${created.Id}\n`);
  return 0;
};

const runAction: Action = function* (call) {
  const { flags, main } = call;
  const { process: p } = main;
  const [image = '', ...command] = call.args;
  const wrong = wrongPull(call);
  if (wrong !== undefined) return yield* failRun(call, wrong);
  const request = yield* createRequest(call, image, command);
  if (isFlagError(request)) return yield* failRun(call, request.wrong);
  const cid = flags.text('cidfile');
  if (cid !== '' && p.exists(cid))
    return yield* failRun(
      call,
      `container ID file found, make sure the other container isn't running or delete ${cid}`,
    );
  if (request.Tty && request.AttachStdin && !flags.on('detach') && !p.isTerminal(0))
    return yield* fail(call, 'the input device is not a TTY');
  const api = new Api(p, call.host);
  const created = yield* create(call, api, request);
  if (isCallError(created)) return yield* failRun(call, created.text);
  yield* warn(call, created);
  if (cid !== '') yield* writeFile(p, cid, encode(created.Id));
  return flags.on('detach')
    ? yield* detached(call, api, created.Id)
    : yield* attached(call, api, created.Id, request);
};

function* detached(call: Call, api: Api, id: string): Routine<number> {
  call.main.out.put(`${id}\n`);
  yield* call.main.out.flush();
  const failed = yield* api.post(`/containers/${id}/start`);
  return isCallError(failed) ? yield* failRun(call, failed.text, failureStatus(failed.message)) : 0;
}

interface Streams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Attaches, starts, copies until the end; the container's status. */
function* attached(call: Call, api: Api, id: string, request: CreateRequest): Routine<number> {
  const streams = {
    stdin: request.AttachStdin,
    stdout: request.AttachStdout,
    stderr: request.AttachStderr,
    tty: request.Tty,
  };
  const ended = yield* follow(
    call,
    api,
    id,
    streams,
    request.HostConfig.AutoRemove ? 'removed' : 'next-exit',
    true,
  );
  return isFailed(ended)
    ? yield* failRun(call, ended.error.text, failureStatus(ended.error.message))
    : ended.status;
}

type Ended =
  | { readonly status: number; readonly detached?: boolean }
  | { readonly error: CallError };
const isFailed = (ended: Ended): ended is { readonly error: CallError } => 'error' in ended;

/** What attach and exec say when the keys that detach were typed; run and start say nothing. */
const DETACHED = 'read escape sequence';

/** The keys of --detach-keys, for a terminal that is typed into. */
function* detachingOf(
  call: Call,
  terminal: boolean,
  detached: () => void,
): Routine<Detaching | undefined> {
  if (!terminal) return undefined;
  const wanted = call.flags.text('detach-keys');
  const keys = detachKeys(wanted);
  if (!keys)
    yield* complain(
      call.main,
      `invalid detach escape keys, using default: Unknown character: '${wanted}'`,
    );
  return { keys: keys ?? Uint8Array.of(16, 17), detached };
}

/** Attaches to a container and stays until it ends; starts it where asked. */
function* follow(
  call: Call,
  api: Api,
  id: string,
  streams: Streams,
  condition: string,
  start: boolean,
): Routine<Ended> {
  const { process: p } = call.main;
  yield* call.main.out.flush();
  const connection = yield* api.open(
    'POST',
    `/containers/${id}/attach`,
    { stream: true, stdin: streams.stdin, stdout: streams.stdout, stderr: streams.stderr },
    Content.empty,
    { connection: 'Upgrade', upgrade: 'tcp' },
  );
  if (isCallError(connection)) return { error: connection };
  const waiting = yield* api.open('POST', `/containers/${id}/wait`, { condition });
  if (isCallError(waiting)) return { error: waiting };
  const duplex = connection.connection;
  let done = duplex === undefined;
  const finished = new WaitQueue();
  if (duplex) {
    p.thread(function* (thread) {
      yield* receiveOutput(thread, duplex, streams.tty);
      done = true;
      finished.wake();
      return 0;
    });
  }
  const started = start ? yield* api.post(`/containers/${id}/start`) : undefined;
  if (isCallError(started)) {
    duplex?.close();
    return { error: started };
  }
  let detached = false;
  const detaching = yield* detachingOf(call, streams.tty && streams.stdin, () => {
    detached = true;
    finished.wake();
  });
  if (duplex && streams.stdin) sendInput(p, duplex, detaching);
  const restore = streams.tty && streams.stdin ? rawTerminal(p) : () => {};
  forwardSignals(call, api, id, streams.tty);
  while (!done && !detached) yield { on: [finished] };
  if (detached) {
    restore();
    return { status: 0, detached };
  }
  const answer = (yield* wholeBody(waiting)).json() as { StatusCode: number } | undefined;
  restore();
  return { status: answer?.StatusCode ?? 125 };
}

/** --sig-proxy: signals that docker gets go to the container. */
function forwardSignals(call: Call, api: Api, id: string, tty: boolean): void {
  if (tty || !call.flags.on('sig-proxy')) return;
  const { process: p } = call.main;
  for (const signal of [1, 2, 3, 15]) {
    p.sigaction(signal, () => {
      p.thread(function* (thread) {
        yield* api.with(thread).post(`/containers/${id}/kill`, { signal: String(signal) });
        return 0;
      });
    });
  }
}

interface Inspected {
  readonly Id: string;
  readonly Config: { readonly Tty: boolean; readonly OpenStdin: boolean };
  readonly State: {
    readonly Running: boolean;
    readonly Paused: boolean;
    readonly Restarting: boolean;
  };
  readonly HostConfig: { readonly AutoRemove: boolean };
}

const startAction: Action = function* (call) {
  const { flags, args, main } = call;
  const api = new Api(main.process, call.host);
  if (!flags.on('attach') && !flags.on('interactive')) {
    const failed: string[] = [];
    for (const name of args) {
      const started = yield* api.post(`/containers/${encodeURIComponent(name)}/start`);
      if (isCallError(started)) {
        yield* complain(main, started.text);
        failed.push(name);
      } else {
        main.out.put(`${name}\n`);
        yield* main.out.flush();
      }
    }
    return failed.length > 0
      ? yield* fail(call, `Error: failed to start containers: ${failed.join(', ')}`)
      : 0;
  }
  const [name = '', second] = args;
  if (second !== undefined)
    return yield* fail(call, 'you cannot start and attach multiple containers at once');
  const found = yield* api.get<Inspected>(`/containers/${encodeURIComponent(name)}/json`);
  if (isCallError(found)) return yield* fail(call, found.text);
  const streams = {
    stdin: flags.on('interactive') && found.Config.OpenStdin,
    stdout: true,
    stderr: true,
    tty: found.Config.Tty,
  };
  const ended = yield* follow(
    call,
    api,
    found.Id,
    streams,
    found.HostConfig.AutoRemove ? 'removed' : 'next-exit',
    true,
  );
  return isFailed(ended) ? yield* fail(call, ended.error.text) : ended.status;
};

const attachAction: Action = function* (call) {
  const { flags, args, main } = call;
  const api = new Api(main.process, call.host);
  const found = yield* api.get<Inspected>(`/containers/${encodeURIComponent(args[0] ?? '')}/json`);
  if (isCallError(found)) return yield* fail(call, found.text);
  if (!found.State.Running)
    return yield* fail(call, 'You cannot attach to a stopped container, start it first');
  if (found.State.Paused)
    return yield* fail(call, 'You cannot attach to a paused container, unpause it first');
  if (found.State.Restarting)
    return yield* fail(
      call,
      'You cannot attach to a restarting container, wait until it is running',
    );
  const streams = {
    stdin: !flags.on('no-stdin') && found.Config.OpenStdin,
    stdout: true,
    stderr: true,
    tty: found.Config.Tty,
  };
  if (streams.stdin && streams.tty && !main.process.isTerminal(0))
    return yield* fail(call, 'the input device is not a TTY');
  const ended = yield* follow(call, api, found.Id, streams, 'next-exit', false);
  if (isFailed(ended)) return yield* fail(call, ended.error.text);
  return ended.detached ? yield* fail(call, DETACHED) : ended.status;
};

const execAction: Action = function* (call) {
  const { flags, args, main } = call;
  const { process: p } = main;
  const [name = '', ...Cmd] = args;
  const env = yield* environmentOf(call);
  if (isFlagError(env)) return yield* fail(call, env.wrong);
  const api = new Api(p, call.host);
  const detach = flags.on('detach');
  const stdin = flags.on('interactive') && !detach;
  const Tty = flags.on('tty');
  const found = yield* api.get<Inspected>(`/containers/${encodeURIComponent(name)}/json`);
  if (isCallError(found)) return yield* fail(call, found.text);
  if (stdin && Tty && !p.isTerminal(0)) return yield* fail(call, 'the input device is not a TTY');
  const made = yield* api.post<{ Id: string }>(
    `/containers/${encodeURIComponent(name)}/exec`,
    {},
    {
      User: flags.text('user'),
      Privileged: flags.on('privileged'),
      Tty,
      AttachStdin: stdin,
      AttachStdout: !detach,
      AttachStderr: !detach,
      Detach: detach,
      DetachKeys: '',
      Env: env,
      WorkingDir: flags.text('workdir'),
      Cmd,
    },
  );
  if (isCallError(made)) return yield* fail(call, made.text);
  const connection = yield* api.open(
    'POST',
    `/exec/${made.Id}/start`,
    {},
    Content.ofJson({ Detach: detach, Tty }),
    { 'content-type': 'application/json', connection: 'Upgrade', upgrade: 'tcp' },
  );
  if (isCallError(connection)) return yield* fail(call, connection.text);
  const duplex = connection.connection;
  if (!duplex) return 0;
  const restore = Tty && stdin ? rawTerminal(p) : () => {};
  let detached = false;
  const detaching = yield* detachingOf(call, Tty && stdin, () => {
    detached = true;
  });
  if (stdin) sendInput(p, duplex, detaching);
  yield* receiveOutput(p, duplex, Tty);
  restore();
  if (detached) return yield* fail(call, DETACHED);
  const ended = yield* api.get<{ ExitCode: number | null }>(`/exec/${made.Id}/json`);
  return isCallError(ended) ? yield* fail(call, ended.text) : (ended.ExitCode ?? 0);
};

export const runActions: Readonly<Record<string, Action>> = {
  'container run': runAction,
  'container create': createAction,
  'container start': startAction,
  'container attach': attachAction,
  'container exec': execAction,
};
