// The command line of runc 1.4: the commands' tables and what each does with a container.

import { decode, encode } from '../../core/text.ts';
import { rfc3339, rfc3339Fraction } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { type Main, notSimulated } from '../../userland/libc/stdio.ts';
import { writeWholeFile } from '../containerd/daemon.ts';
import {
  type CliApp,
  type CliCall,
  type CliCommand,
  type CliFlag,
  tabTable,
} from '../programs/cli.ts';
import { signalByName } from '../signal-names.ts';
import { cgroupProcesses, writeControl } from './cgroup.ts';
import { deleteContainer, removeState, startContainer } from './create.ts';
import { featuresText } from './features.ts';
import { COMMAND_HELP, type RuncCommandName } from './help.ts';
import { ABOUT } from './help-texts.ts';
import { execCommand, runCommand } from './run.ts';
import { exampleSpec, rootlessSpec } from './spec.ts';
import {
  type ContainerState,
  DEFAULT_ROOT,
  initAlive,
  loadState,
  publicState,
  statusOf,
} from './state.ts';
import { update } from './update.ts';
import { goErrno, isRuncFailure } from './validate.ts';

/** logrus's line for an error; --log sends it to a file. */
export function* fail(main: Main, text: string): Routine<number> {
  const { process } = main;
  const logAt = main.args.indexOf('--log');
  const log = logAt >= 0 ? main.args[logAt + 1] : undefined;
  const line =
    main.args.includes('--log-format') && main.args.includes('json')
      ? `${JSON.stringify({ level: 'error', msg: text, time: rfc3339(process.now) })}\n`
      : `time="${rfc3339(process.now)}" level=error msg=${JSON.stringify(text)}\n`;
  if (log !== undefined && log !== '') {
    yield* appendTo(process, log, line);
    main.err.put(`${text}\n`);
  } else main.err.put(line);
  yield* main.err.flush();
  return 1;
}

function* appendTo(p: Process, path: string, line: string): Routine<void> {
  const fd = p.open(path, 0o2101, 0o644);
  if (isErrno(fd)) return;
  yield* p.write(fd, encode(line));
  p.close(fd);
}

function rootOf(call: CliCall): string {
  return call.global.text('root') || DEFAULT_ROOT;
}

type WithContainer = (call: CliCall, state: ContainerState) => Routine<number>;

/** A command on one container that exists. */
function onContainer(run: WithContainer, least = 1, most = 1) {
  return function* (call: CliCall): Routine<number> {
    const wrong = yield* checkArguments(call, least, most);
    if (wrong !== undefined) return wrong;
    const id = call.args[0] ?? '';
    const state = yield* loadState(call.main.process, rootOf(call), id);
    if (isRuncFailure(state)) return yield* fail(call.main, state.failure);
    return yield* run(call, state);
  };
}

/** runc's check of the number of words; the status where it failed. */
export function* checkArguments(
  call: CliCall,
  least: number,
  most: number,
): Routine<number | undefined> {
  const { length } = call.args;
  if (length >= least && length <= most) return undefined;
  call.main.out.put('Incorrect Usage.\n\n');
  yield* call.help();
  const wanted =
    least === most ? `exactly ${least} argument(s)` : `a minimum of ${least} argument(s)`;
  return yield* fail(call.main, `${call.app.name}: "${call.command.name}" requires ${wanted}`);
}

function* spec(call: CliCall): Routine<number> {
  const wrong = yield* checkArguments(call, 0, 0);
  if (wrong !== undefined) return wrong;
  const { process } = call.main;
  const bundle = call.flags.text('bundle');
  const moved = bundle === '' ? undefined : process.chdir(bundle);
  if (moved) return yield* fail(call.main, `chdir ${bundle}: ${goErrno(moved.message)}`);
  if (process.exists('config.json')) {
    return yield* fail(call.main, 'File config.json exists. Remove it first');
  }
  const made = call.flags.on('rootless') ? rootlessSpec() : exampleSpec();
  const text = JSON.stringify(made, undefined, '\t');
  writeWholeFile(process, 'config.json', encode(text), 0o666);
  return 0;
}

function* state(call: CliCall, container: ContainerState): Routine<number> {
  const shown = yield* publicState(call.main.process, rootOf(call), container);
  call.main.out.put(`${JSON.stringify(shown, undefined, 2)}\n`);
  return 0;
}

function* list(call: CliCall): Routine<number> {
  const { process: p, out } = call.main;
  const root = rootOf(call);
  const entries = p.readdir(root);
  if (isErrno(entries)) return yield* fail(call.main, `open ${root}: ${goErrno(entries.message)}`);
  const format = call.flags.text('format') || 'table';
  const rows: (readonly string[])[] = [];
  const objects: unknown[] = [];
  for (const { name } of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const container = yield* loadState(p, root, name);
    if (isRuncFailure(container)) continue;
    const shown = yield* publicState(p, root, container);
    objects.push({ ...shown, owner: 'root' });
    const created = rfc3339Fraction(container.created, 9);
    rows.push([name, String(shown.pid), String(shown.status), container.bundle, created, 'root']);
  }
  if (call.flags.on('quiet')) {
    for (const [id] of rows) out.put(`${id}\n`);
    return 0;
  }
  if (format === 'json') {
    out.put(objects.length === 0 ? 'null' : JSON.stringify(objects));
    return 0;
  }
  if (format !== 'table') return yield* fail(call.main, `invalid format option`);
  const heading = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'];
  out.put(tabTable([heading, ...rows], { minimum: 12, padding: 3 }));
  return 0;
}

function* start(call: CliCall, container: ContainerState): Routine<number> {
  const { process } = call.main;
  const status = yield* statusOf(process, rootOf(call), container);
  if (status === 'stopped')
    return yield* fail(call.main, 'cannot start a container that has stopped');
  if (status === 'paused')
    return yield* fail(call.main, 'cannot start a container in the paused state');
  if (status !== 'created')
    return yield* fail(call.main, 'cannot start an already running container');
  const problem = yield* startContainer(process, rootOf(call), container);
  return problem === undefined ? 0 : yield* fail(call.main, problem);
}

function* kill(call: CliCall, container: ContainerState): Routine<number> {
  const { process } = call.main;
  const wanted = call.args[1] ?? 'SIGTERM';
  const number = /^\d+$/.test(wanted) ? Number(wanted) : signalByName(wanted);
  if (number === undefined) return yield* fail(call.main, `unknown signal "${wanted}"`);
  if (!initAlive(process, container)) {
    return yield* fail(call.main, 'container not running');
  }
  if (call.flags.on('all')) {
    for (const pid of yield* cgroupProcesses(process, container.cgroup)) process.kill(pid, number);
    return 0;
  }
  const failure = process.kill(container.init_process_pid, number);
  if (!failure) return 0;
  if (failure.name === 'ESRCH') return yield* fail(call.main, 'container not running');
  return yield* fail(call.main, `unable to signal init: ${goErrno(failure.message)}`);
}

function* remove(call: CliCall): Routine<number> {
  const wrong = yield* checkArguments(call, 1, 1);
  if (wrong !== undefined) return wrong;
  const { process: p } = call.main;
  const id = call.args[0] ?? '';
  const force = call.flags.on('force');
  const root = rootOf(call);
  const container = yield* loadState(p, root, id);
  if (isRuncFailure(container)) {
    if (container.failure !== 'container does not exist')
      return yield* fail(call.main, container.failure);
    if (p.exists(`${root}/${id}`)) removeState(p, root, id);
    return force ? 0 : yield* fail(call.main, container.failure);
  }
  const status = yield* statusOf(p, root, container);
  if (status !== 'stopped' && status !== 'created' && !force) {
    return yield* fail(call.main, `cannot delete container ${id} that is not stopped: ${status}`);
  }
  if (status !== 'stopped') yield* killAndWait(p, container);
  const problem = yield* deleteContainer(p, root, container);
  return problem === undefined ? 0 : yield* fail(call.main, problem);
}

/** Kills init and waits until it is gone, at most ten seconds. */
function* killAndWait(p: Process, container: ContainerState): Routine<void> {
  p.kill(container.init_process_pid, 9);
  yield* writeControl(p, `${container.cgroup}/cgroup.freeze`, '0');
  for (let i = 0; i < 100 && initAlive(p, container); i++) yield* p.sleep(100_000_000);
}

function* ps(call: CliCall, container: ContainerState): Routine<number> {
  const { process: p, out } = call.main;
  const pids = yield* cgroupProcesses(p, container.cgroup);
  const format = call.flags.text('format') || 'table';
  if (format === 'json') {
    out.put(JSON.stringify(pids));
    return 0;
  }
  if (format !== 'table') return yield* fail(call.main, 'invalid format option');
  const options = call.args.length > 1 ? call.args.slice(1) : ['-ef'];
  const output = p.pipe();
  if (isErrno(output)) return yield* fail(call.main, goErrno(output.message));
  p.fork(function* (child) {
    child.dup2(output[1], 1);
    child.close(output[0]);
    child.close(output[1]);
    child.exec('/usr/bin/ps', ['ps', ...options], child.environment);
    return 127;
  });
  p.close(output[1]);
  const text = yield* p.readAll(output[0]);
  yield* p.wait(-1);
  const [header = '', ...lines] = (isErrno(text) ? '' : decode(text)).split('\n');
  const column = header.trim().split(/\s+/).indexOf('PID');
  out.put(`${header}\n`);
  for (const line of lines) {
    const pid = Number(line.trim().split(/\s+/)[column]);
    if (line !== '' && pids.includes(pid)) out.put(`${line}\n`);
  }
  return 0;
}

function freezer(on: boolean) {
  return onContainer(function* (call, container) {
    const { process } = call.main;
    const status = yield* statusOf(process, rootOf(call), container);
    if (on && status !== 'running' && status !== 'created')
      return yield* fail(call.main, 'container not running');
    if (!on && status !== 'paused') return yield* fail(call.main, 'container not paused');
    yield* writeControl(process, `${container.cgroup}/cgroup.freeze`, on ? '1' : '0');
    return 0;
  });
}

function* features(call: CliCall): Routine<number> {
  const wrong = yield* checkArguments(call, 0, 0);
  if (wrong !== undefined) return wrong;
  call.main.out.put(featuresText());
  return 0;
}

function missing(name: string, words: number) {
  return function* (call: CliCall): Routine<number> {
    return (
      (yield* checkArguments(call, words, words)) ??
      (yield* notSimulated(call.main, `runc ${name}`))
    );
  };
}

const RUNS: Readonly<Record<RuncCommandName, CliCommand['run']>> = {
  checkpoint: missing('checkpoint', 1),
  create: (call) => runCommand(call, 'create'),
  delete: remove,
  events: missing('events', 1),
  exec: execCommand,
  kill: onContainer(kill, 1, 2),
  list,
  pause: freezer(true),
  ps: onContainer(ps, 1, Number.POSITIVE_INFINITY),
  restore: missing('restore', 1),
  resume: freezer(false),
  run: (call) => runCommand(call, 'run'),
  spec,
  start: onContainer(start),
  state: onContainer(state),
  update: onContainer(update),
  features,
};

const GLOBAL_FLAGS: readonly CliFlag[] = [
  { names: ['debug'], kind: 'bool', usage: 'enable debug logging' },
  {
    names: ['log'],
    kind: 'string',
    usage: "set the log file to write runc logs to (default is '/dev/stderr')",
  },
  {
    names: ['log-format'],
    kind: 'string',
    usage: "set the log format ('text' (default), or 'json')",
    default: 'text',
  },
  {
    names: ['root'],
    kind: 'string',
    usage: 'root directory for storage of container state (this should be located in tmpfs)',
    default: DEFAULT_ROOT,
  },
  {
    names: ['systemd-cgroup'],
    kind: 'bool',
    usage:
      'enable systemd cgroup support, expects cgroupsPath to be of form "slice:prefix:name" for e.g. "system.slice:runc:434234"',
  },
  {
    names: ['rootless'],
    kind: 'string',
    usage: "ignore cgroup permission errors ('true', 'false', or 'auto')",
    default: 'auto',
  },
];

const VERSION = '1.4.3';

/** runc as a tree of commands. */
export const runcApp: CliApp = {
  name: 'runc',
  usage: ABOUT,
  version: VERSION,
  versionText: `runc version ${VERSION}\nspec: 1.3.0\ngo: go1.25.7\nlibseccomp: 2.5.4\n`,
  flags: GLOBAL_FLAGS,
  style: 1,
  refuse: (global) => {
    const format = global.text('log-format') || 'text';
    return format === 'text' || format === 'json' ? undefined : `invalid log-format: ${format}`;
  },
  fail,
  commands: COMMAND_HELP.map((help): CliCommand => ({ ...help, run: RUNS[help.name] })),
};
