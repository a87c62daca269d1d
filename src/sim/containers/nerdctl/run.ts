// Running what was created: nerdctl run, start and exec, attached to the caller's streams or left to the shim and the
// logging program.

import type { Routine } from '../../core/wait.ts';
import type { Termios } from '../../kernel/terminal/termios.ts';
import { mergeEnvironment, resolveUser } from '../containerd/spec.ts';
import type { ContainerRecord } from '../containerd/types.ts';
import { AttachedStreams } from '../programs/ctr/app.ts';
import { isRpcError } from '../rpc.ts';
import { rawMode } from '../runc/console.ts';
import { type Call, fatal, findContainer, LABEL, logPath, taskOf, withAll } from './call.ts';
import { createContainer } from './create.ts';
import { teeInto } from './logger.ts';
import { removeContainer } from './containers.ts';

export function* run(call: Call): Routine<number> {
  const { main, given } = call;
  const detach = given.is('detach');
  if (given.is('rm') && detach) {
    return yield* fatal(main, 'flags -d and --rm cannot be specified together');
  }
  if (given.is('interactive') && detach) {
    return yield* fatal(main, 'currently flag -i and -d cannot be specified together (FIXME)');
  }
  if (given.is('tty') && !detach && !main.process.isTerminal(0)) {
    return yield* fatal(main, 'provided file is not a console');
  }
  const container = yield* createContainer(call);
  if (typeof container === 'string') return yield* fatal(main, container);
  const status = detach ? yield* startDetached(call, container) : yield* attach(call, container);
  if (given.is('rm')) yield* removeContainer(call, container, true);
  if (typeof status === 'string') return yield* fatal(main, status);
  if (detach) main.out.put(`${container.id}\n`);
  return status;
}

export function* create(call: Call): Routine<number> {
  const container = yield* createContainer(call);
  if (typeof container === 'string') return yield* fatal(call.main, container);
  call.main.out.put(`${container.id}\n`);
  return 0;
}

/** Makes and starts a task whose output goes to the logging program. */
function* startDetached(call: Call, { id, labels, spec }: ContainerRecord): Routine<0 | string> {
  const { client } = call;
  const uri = labels[LABEL.logUri] ?? '';
  const terminal = spec.process?.terminal ?? false;
  const stdio = { stdin: '', stdout: terminal ? '' : uri, stderr: terminal ? '' : uri, terminal };
  const created = yield* client.createTask({ containerId: id, ...stdio });
  if (isRpcError(created)) return created.message;
  const started = yield* client.startTask(id);
  return isRpcError(started) ? started.message : 0;
}

/** Runs a task in the foreground; its exit status. */
function* attach(call: Call, { id, spec }: ContainerRecord): Routine<number | string> {
  const { main, client, namespace, given } = call;
  const { process: p } = main;
  const terminal = spec.process?.terminal ?? false;
  const streams = new AttachedStreams(p, id, terminal);
  const stdin = given.is('interactive') ? streams.paths.stdin : '';
  streams.copy(p, teeInto(p, logPath(namespace, id)));
  const created = yield* client.createTask({ containerId: id, ...streams.paths, stdin });
  const started = isRpcError(created) ? created : yield* client.startTask(id);
  if (isRpcError(started)) {
    streams.remove(p);
    return started.message;
  }
  const before = terminal ? (p.ioctl(0, 'TCGETS') as Termios) : undefined;
  if (before) p.ioctl(0, 'TCSETS', rawMode(before));
  else forward(call, id);
  const exit = yield* client.waitTask(id);
  if (before) p.ioctl(0, 'TCSETS', before);
  yield* streams.finish(p);
  return isRpcError(exit) ? exit.message : exit.exitStatus;
}

function forward({ main, client }: Call, id: string): void {
  for (const signal of [1, 2, 3, 15]) {
    main.process.sigaction(signal, () => {
      main.process.thread(function* (thread) {
        yield* client.with({ process: thread }).killTask(id, signal);
        return 0;
      });
    });
  }
}

export function* start(call: Call): Routine<number> {
  return yield* withAll(call, function* (container, word) {
    const task = yield* taskOf(call, container.id);
    if (task?.status === 'RUNNING') {
      call.main.err.put(`level=warning msg="container ${container.id} is already running"\n`);
      yield* call.main.err.flush();
    } else {
      if (task) yield* call.client.deleteTask(container.id);
      const started = yield* startDetached(call, container);
      if (started !== 0) return started;
    }
    call.main.out.put(`${word}\n`);
    return undefined;
  });
}

export function* exec(call: Call): Routine<number> {
  const { main, client, given } = call;
  const { process: p } = main;
  const [word = '', ...args] = call.args;
  const container = yield* findContainer(call, word);
  if (typeof container === 'string') {
    return yield* fatal(main, container.replace('no such container: ', 'no such container '));
  }
  const base = container.spec.process ?? { user: { uid: 0, gid: 0 }, cwd: '/' };
  const user = resolveUser(given.text('user') || '0', { passwd: [], group: [] });
  if (typeof user === 'string') return yield* fatal(main, user);
  const terminal = given.is('tty');
  if (terminal && !p.isTerminal(0)) return yield* fatal(main, 'provided file is not a console');
  const execId = `exec-${p.task.kernel.entropy.hex(64)}`;
  const spec = {
    ...base,
    args,
    terminal,
    cwd: given.text('workdir') || base.cwd,
    env: mergeEnvironment(base.env ?? [], given.list('env')),
    ...(given.has('user') && { user }),
  };
  const streams = given.is('detach') ? undefined : new AttachedStreams(p, execId, terminal);
  streams?.copy(p);
  const none = { stdin: '', stdout: '', stderr: '', terminal };
  const stdin = given.is('interactive') ? (streams?.paths.stdin ?? '') : '';
  const request = { containerId: container.id, execId, spec, ...(streams?.paths ?? none), stdin };
  const added = yield* client.exec(request);
  const started = isRpcError(added) ? added : yield* client.startTask(container.id, execId);
  if (isRpcError(started)) {
    streams?.remove(p);
    return yield* fatal(main, started.message);
  }
  if (streams === undefined) return 0;
  const before = terminal ? (p.ioctl(0, 'TCGETS') as Termios) : undefined;
  if (before) p.ioctl(0, 'TCSETS', rawMode(before));
  const exit = yield* client.waitTask(container.id, execId);
  if (before) p.ioctl(0, 'TCSETS', before);
  yield* client.deleteExec(container.id, execId);
  yield* streams.finish(p);
  if (isRpcError(exit)) return yield* fatal(main, exit.message);
  if (exit.exitStatus === 0) return 0;
  return yield* fatal(main, `exec failed with exit code ${exit.exitStatus}`);
}
