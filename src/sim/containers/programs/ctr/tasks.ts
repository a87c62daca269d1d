// ctr tasks.

import { rfc3339 } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { notSimulated } from '../../../userland/libc/stdio.ts';
import { isRpcError, notFound } from '../../rpc.ts';
import { parseSignal, signalByName } from '../../signal-names.ts';
import type { CliCall, CliCommand } from '../cli.ts';
import { tabTable } from '../cli.ts';
import { AttachedStreams, clientOf, ctrFail, errorText, failWith, NO_STREAMS } from './app.ts';
import { bool, ID, text } from './containers.ts';
import { runTask } from './run.ts';

export function* listTasks(call: CliCall): Routine<number> {
  const tasks = yield* clientOf(call).tasks();
  if (isRpcError(tasks)) return yield* failWith(call, tasks);
  const { out } = call.main;
  if (call.flags.on('quiet')) {
    for (const { id } of tasks) out.put(`${id}\n`);
    return 0;
  }
  const rows = tasks.map((task) => [task.id, String(task.pid), task.status, '']);
  out.put(tabTable([['TASK', 'PID', 'STATUS', ''], ...rows], { minimum: 4, padding: 4 }));
  return 0;
}

export function* startTask(call: CliCall): Routine<number> {
  const [id] = call.args;
  if (id === undefined) return yield* ctrFail(call.main, 'container id must be provided');
  const container = yield* clientOf(call).container(id);
  if (isRpcError(container)) return yield* failWith(call, container);
  const { flags } = call;
  const terminal = container.spec.process?.terminal ?? false;
  const { code } = yield* runTask(call, id, {
    detach: flags.on('detach'),
    terminal,
    cni: false,
    nullIo: flags.on('null-io'),
    pidFile: flags.text('pid-file'),
    keepTask: false,
  });
  return code;
}

/** The container and its task, as most commands want them first. */
export function* withTask(call: CliCall, what = ''): Routine<string | number> {
  const [id] = call.args;
  if (id === undefined)
    return yield* ctrFail(call.main, 'container id must be provided: invalid argument');
  const client = clientOf(call);
  const container = yield* client.container(id);
  if (isRpcError(container)) return yield* failWith(call, container);
  const task = yield* client.task(id);
  if (isRpcError(task))
    return yield* failWith(
      call,
      task,
      task.code === 'NotFound' ? `no running task found: ${what}` : what,
    );
  return id;
}

export function* killTask(call: CliCall): Routine<number> {
  const { flags, main } = call;
  const [id] = call.args;
  if (id === undefined) return yield* ctrFail(main, 'container id must be provided');
  const given = flags.text('signal');
  const signal = given === '' ? 15 : parseSignal(given);
  if (signal === undefined) return yield* ctrFail(main, `invalid signal: ${given}`);
  const client = clientOf(call);
  const container = yield* client.container(id);
  if (isRpcError(container)) return yield* failWith(call, container);
  const stop = container.labels['io.containerd.image.config.stop-signal'];
  const wanted = given === '' && stop !== undefined ? (signalByName(stop) ?? signal) : signal;
  const found = yield* withTask(call);
  if (typeof found === 'number') return found;
  const killed = yield* client.killTask(id, wanted, {
    all: flags.on('all'),
    execId: flags.text('exec-id'),
  });
  return isRpcError(killed) ? yield* failWith(call, killed) : 0;
}

function logError(main: CliCall['main'], text: string, error: string): void {
  const time = rfc3339(main.process.now);
  main.err.put(`time="${time}" level=error msg="${text}" error=${JSON.stringify(error)}\n`);
}

export function* removeTasks(call: CliCall): Routine<number> {
  const { flags, main } = call;
  const client = clientOf(call);
  if (call.args.length === 0)
    return yield* ctrFail(main, 'must specify at least one task to delete: invalid argument');
  let failed = '';
  for (const id of call.args) {
    const container = yield* client.container(id);
    const task = isRpcError(container) ? container : yield* client.task(id, flags.text('exec-id'));
    if (isRpcError(task)) {
      failed = errorText(
        task.code === 'NotFound' && !isRpcError(container)
          ? notFound(`no running task found: task ${id} not found`)
          : task,
      );
      logError(main, `failed to load task from ${id}`, failed);
      continue;
    }
    if (task.status !== 'STOPPED' && task.status !== 'CREATED') {
      if (!flags.on('force')) {
        failed = `task must be stopped before deletion: ${task.status.toLowerCase()}: failed precondition`;
        logError(main, `unable to delete ${id}`, failed);
        continue;
      }
      yield* client.killTask(id, 9, { all: true });
      yield* client.waitTask(id);
    }
    const deleted = yield* client.deleteTask(id);
    if (isRpcError(deleted)) failed = errorText(deleted);
    else if (deleted.exitStatus !== 0) {
      const time = rfc3339(client.process.now);
      main.err.put(
        `time="${time}" level=warning msg="task ${id} exit with non-zero exit code ${deleted.exitStatus}"\n`,
      );
    }
  }
  yield* main.err.flush();
  return failed === '' ? 0 : yield* ctrFail(main, failed);
}

export function* execTask(call: CliCall): Routine<number> {
  const { flags, main } = call;
  const [id, ...args] = call.args;
  if (id === undefined) return yield* ctrFail(main, 'container id must be provided');
  const execId = flags.text('exec-id');
  if (execId === '') return yield* ctrFail(main, 'Required flag "exec-id" not set');
  const found = yield* withTask(call);
  if (typeof found === 'number') return found;
  const client = clientOf(call);
  const container = yield* client.container(id);
  if (isRpcError(container)) return yield* failWith(call, container);
  const terminal = flags.on('tty');
  const base = container.spec.process ?? { user: { uid: 0, gid: 0 }, cwd: '/' };
  const user = /^(\d+)(?::(\d+))?$/.exec(flags.text('user'));
  const spec = {
    ...base,
    args,
    terminal,
    cwd: flags.text('cwd') || base.cwd,
    ...(user ? { user: { uid: Number(user[1]), gid: Number(user[2] ?? 0) } } : {}),
  };
  const streams = flags.on('detach')
    ? undefined
    : new AttachedStreams(main.process, execId, terminal);
  streams?.copy(main.process);
  const request = {
    containerId: id,
    execId,
    spec,
    ...(streams?.paths ?? { ...NO_STREAMS, terminal }),
  };
  const added = yield* client.exec(request);
  const started = isRpcError(added) ? added : yield* client.startTask(id, execId);
  if (isRpcError(started)) {
    streams?.remove(main.process);
    if (!isRpcError(added)) yield* client.deleteExec(id, execId);
    return yield* failWith(call, started);
  }
  if (!streams) return 0;
  const exit = yield* client.waitTask(id, execId);
  yield* client.deleteExec(id, execId);
  yield* streams.finish(main.process);
  return isRpcError(exit) ? yield* failWith(call, exit) : exit.exitStatus;
}

export function freezer(on: boolean) {
  return function* (call: CliCall): Routine<number> {
    const found = yield* withTask(call);
    if (typeof found === 'number') return found;
    const client = clientOf(call);
    const done = on ? yield* client.pauseTask(found) : yield* client.resumeTask(found);
    return isRpcError(done) ? yield* failWith(call, done) : 0;
  };
}

export function* listProcesses(call: CliCall): Routine<number> {
  const found = yield* withTask(call);
  if (typeof found === 'number') return found;
  const pids = yield* clientOf(call).taskPids(found);
  if (isRpcError(pids)) return yield* failWith(call, pids);
  const rows = pids.map(({ pid, execId }) => [
    String(pid),
    execId === undefined ? '-' : `{"ExecID":"${execId}"}`,
  ]);
  call.main.out.put(tabTable([['PID', 'INFO'], ...rows], { minimum: 1, padding: 4 }));
  return 0;
}

export const tasksCommand: CliCommand = {
  name: 'tasks',
  aliases: ['t', 'task'],
  usage: 'Manage tasks',
  argsUsage: '[arguments...]',
  commands: [
    {
      name: 'attach',
      usage: 'Attach to the IO of a running container',
      argsUsage: ID,
      run: (call) => notSimulated(call.main, 'ctr tasks attach'),
    },
    {
      name: 'checkpoint',
      usage: 'Checkpoint a container',
      argsUsage: '[flags] CONTAINER',
      run: (call) => notSimulated(call.main, 'ctr tasks checkpoint'),
    },
    {
      name: 'delete',
      aliases: ['del', 'remove', 'rm'],
      usage: 'Delete one or more tasks',
      argsUsage: 'CONTAINER [CONTAINER, ...]',
      flags: [bool('force f', 'Force delete task process'), text('exec-id', 'Process ID to kill')],
      run: removeTasks,
    },
    {
      name: 'exec',
      usage: 'Execute additional processes in an existing container',
      argsUsage: '[flags] CONTAINER CMD [ARG...]',
      flags: [
        text('cwd', 'Working directory of the new process'),
        bool('tty t', 'Allocate a TTY for the container'),
        bool('detach d', 'Detach from the task after it has started execution'),
        text('exec-id', 'Exec specific id for the process'),
        text('fifo-dir', 'Directory used for storing IO FIFOs'),
        text('log-uri', 'Log uri for custom shim logging'),
        text('user', 'User id or name'),
      ],
      run: execTask,
    },
    {
      name: 'list',
      aliases: ['ls'],
      usage: 'List tasks',
      argsUsage: '[flags]',
      flags: [bool('quiet q', 'Print only the task id')],
      run: listTasks,
    },
    {
      name: 'kill',
      usage: 'Signal a container (default: SIGTERM)',
      argsUsage: '[flags] CONTAINER',
      flags: [
        text('signal s', 'Signal to send to the container'),
        text('exec-id', 'Process ID to kill'),
        bool('all a', 'Send signal to all processes inside the container'),
      ],
      run: killTask,
    },
    {
      name: 'metrics',
      aliases: ['metric'],
      usage: 'Get a single data point of metrics for a task with the built-in Linux runtime',
      argsUsage: ID,
      run: (call) => notSimulated(call.main, 'ctr tasks metrics'),
    },
    { name: 'pause', usage: 'Pause an existing container', argsUsage: ID, run: freezer(true) },
    { name: 'ps', usage: 'List processes for container', argsUsage: ID, run: listProcesses },
    { name: 'resume', usage: 'Resume a paused container', argsUsage: ID, run: freezer(false) },
    {
      name: 'start',
      usage: 'Start a container that has been created',
      argsUsage: ID,
      flags: [
        bool('null-io', 'Send all IO to /dev/null'),
        text('log-uri', 'Log uri'),
        text('fifo-dir', 'Directory used for storing IO FIFOs'),
        text('pid-file', "File path to write the task's pid"),
        bool('detach d', 'Detach from the task after it has started execution'),
      ],
      run: startTask,
    },
  ],
};
