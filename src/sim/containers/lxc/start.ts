// lxc-start, lxc-stop and the monitor between them: the process that starts a container's init, waits for its end and
// clears away what is left.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { type OpenFile, release } from '../../kernel/files/open-file.ts';
import { CLONE_PARENT } from '../../kernel/task/fork.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { relayTerminal } from '../runc/console.ts';
import { createContainer, deleteContainer, startContainer } from '../runc/create.ts';
import type { ContainerState } from '../runc/state.ts';
import { isRuncFailure } from '../runc/validate.ts';
import {
  type Configuration,
  configurationOf,
  LXC_PATH,
  logged,
  nameOf,
  readWords,
  RUN_PATH,
  runningState,
  specOf,
  valueOf,
} from './container.ts';

/** The container's end of its network: a pair of links, one of them at a bridge of the machine. */
function connect(
  p: Process,
  configuration: Configuration,
  state: ContainerState,
): string | undefined {
  if (valueOf(configuration, 'lxc.net.0.type') !== 'veth') return undefined;
  const bridgeName = valueOf(configuration, 'lxc.net.0.link') ?? '';
  const init = p.task.pidNamespace.tasks.get(state.init_process_pid);
  const bridge = p.network.link(bridgeName);
  if (!bridge || !init)
    return `Failed to attach to bridge "${bridgeName}", bridge interface doesn't exist`;
  const inside = init.namespaces.net;
  const host = p.netlink().addLink({
    kind: 'veth',
    name: `veth${p.task.kernel.entropy.hex(6)}`,
    peer: { name: 'eth0', namespace: inside },
  });
  if (isErrno(host) || !host.peer) return 'Failed to create veth pair';
  p.netlink().setMaster(host, bridge);
  p.netlink().setUp(host, true);
  p.netlink(inside).setUp(host.peer, true);
  return undefined;
}

/** Starts init; why it could not be started, otherwise its state. */
function* startInit(
  p: Process,
  name: string,
  configuration: Configuration,
  onConsole: (master: OpenFile) => string | undefined,
): Routine<ContainerState | string> {
  const spec = specOf(configuration, name);
  const bundle = `${LXC_PATH}/${name}`;
  const state = yield* createContainer(p, { id: name, bundle, root: RUN_PATH, spec, onConsole });
  if (isRuncFailure(state)) return state.failure;
  const problem = connect(p, configuration, state) ?? (yield* startContainer(p, RUN_PATH, state));
  if (problem === undefined) return state;
  p.kill(state.init_process_pid, 9);
  yield* p.wait(state.init_process_pid);
  yield* deleteContainer(p, RUN_PATH, state);
  return problem;
}

/** Waits for init's end, and clears away. */
function* attend(p: Process, state: ContainerState): Routine<void> {
  for (;;) {
    const ended = yield* p.wait(-1);
    if (isErrno(ended) && ended.name !== 'EINTR') break;
    if (ended && !isErrno(ended) && ended.pid === state.init_process_pid) break;
  }
  yield* deleteContainer(p, RUN_PATH, state);
}

/** The monitor in the background; what it found out at the start goes through `report`. */
function monitor(
  name: string,
  configuration: Configuration,
  report: { text?: string | undefined; done: boolean },
) {
  return function* (p: Process): Routine<number> {
    p.setsid();
    p.task.leader.process.argv = [`[lxc monitor] ${LXC_PATH} ${name}`];
    for (const fd of [0, 1, 2]) p.close(fd);
    for (const fd of [0, 1, 2]) if (p.open('/dev/null', 2) !== fd) break;
    // The console is held open; nobody reads what is written to it.
    const consoles: OpenFile[] = [];
    const state = yield* startInit(p, name, configuration, (master) => {
      consoles.push(master);
      return undefined;
    });
    report.done = true;
    if (typeof state === 'string') {
      report.text = state;
      return 1;
    }
    yield* attend(p, state);
    for (const master of consoles) release(master);
    return 0;
  };
}

function* failedToStart(main: Main, name: string, problem: string): Routine<number> {
  yield* logged(
    main,
    name,
    'lxccontainer.c: wait_on_daemonized_start: 878',
    `Received container state "ABORTING" instead of "RUNNING": ${problem}`,
  );
  yield* logged(main, name, 'tools/lxc_start.c: main: 306', 'The container failed to start');
  yield* logged(
    main,
    name,
    'tools/lxc_start.c: main: 309',
    'To get more details, run the container in foreground mode',
  );
  yield* logged(
    main,
    name,
    'tools/lxc_start.c: main: 311',
    'Additional information can be obtained by setting the --logfile and --logpriority options',
  );
  return 1;
}

export const lxcStart = program('lxc-start', function* (main) {
  const { process: p } = main;
  const words = readWords(
    main.args,
    { '-n': 'name', '--name': 'name' },
    { '-d': 'daemon', '--daemon': 'daemon', '-F': 'foreground', '--foreground': 'foreground' },
  );
  if (words.unknown !== undefined) return yield* notSimulated(main, `lxc-start ${words.unknown}`);
  const [name] = nameOf(words);
  if (name === undefined) {
    main.err.put('lxc-start: No container name specified\n');
    return 1;
  }
  const configuration = yield* configurationOf(p, name);
  if (!configuration) {
    yield* logged(main, name, 'tools/lxc_start.c: main: 257', 'No container config specified');
    return 1;
  }
  if (yield* runningState(p, name)) {
    yield* logged(main, name, 'tools/lxc_start.c: main: 279', 'Container is already running');
    return 0;
  }
  if (words.options.has('foreground')) return yield* inForeground(main, name, configuration);
  const report: { text?: string | undefined; done: boolean } = { done: false };
  const first = p.fork(function* (middle) {
    middle.clone(CLONE_PARENT, monitor(name, configuration, report));
    return 0;
  });
  if (isErrno(first)) return 1;
  while (!report.done) yield* p.sleep(1_000_000);
  return report.text === undefined ? 0 : yield* failedToStart(main, name, report.text);
});

function* inForeground(main: Main, name: string, configuration: Configuration): Routine<number> {
  const { process: p } = main;
  const consoles: OpenFile[] = [];
  const state = yield* startInit(p, name, configuration, (master) => {
    consoles.push(master);
    return undefined;
  });
  if (typeof state === 'string') return yield* failedToStart(main, name, state);
  const [master] = consoles;
  const stop = master && relayTerminal(p, master);
  yield* attend(p, state);
  if (stop) yield* stop();
  return 0;
}

export const lxcStop = program('lxc-stop', function* (main) {
  const { process: p } = main;
  const words = readWords(
    main.args,
    { '-n': 'name', '--name': 'name', '-t': 'timeout', '--timeout': 'timeout' },
    { '-k': 'kill', '--kill': 'kill' },
  );
  if (words.unknown !== undefined) return yield* notSimulated(main, `lxc-stop ${words.unknown}`);
  const [name] = nameOf(words);
  if (name === undefined) {
    main.err.put('lxc-stop: No container name specified\n');
    return 1;
  }
  const configuration = yield* configurationOf(p, name);
  const state = yield* runningState(p, name);
  if (!configuration || !state) {
    yield* logged(main, name, 'tools/lxc_stop.c: main: 191', `${name} is not running`);
    return 2;
  }
  // SIGUSR1 asks busybox' init to halt; after a minute it is killed.
  p.kill(state.init_process_pid, words.options.has('kill') ? 9 : 10);
  const until = p.now + Number(words.options.get('timeout') ?? 60) * 1e9;
  while (p.now < until && (yield* runningState(p, name))) yield* p.sleep(10_000_000);
  const left = yield* runningState(p, name);
  if (left) p.kill(left.init_process_pid, 9);
  while (p.exists(`${RUN_PATH}/${name}`)) yield* p.sleep(10_000_000);
  return 0;
});
