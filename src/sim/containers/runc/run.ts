// `runc run`, `runc create` and `runc exec`: the parts that stay with the caller: pid files, consoles, forwarding of
// signals, the exit status.

import { decode, encode } from '../../core/text.ts';
import { rfc3339 } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_CREAT, O_TRUNC, O_WRONLY, type OpenFile } from '../../kernel/files/open-file.ts';
import type { Task } from '../../kernel/task/task.ts';
import { decodeStatus } from '../../userland/libc/spawn.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { decodeGoJson, isGoJsonError } from '../go-json.ts';
import type { CliCall } from '../programs/cli.ts';
import { checkArguments, fail } from './commands.ts';
import { relayTerminal } from './console.ts';
import { createContainer, deleteContainer, startContainer } from './create.ts';
import { execInContainer } from './exec.ts';
import { sendConsole } from './handshake.ts';
import { isCapability } from './process.ts';
import type { SpecProcess } from './spec.ts';
import { type ContainerState, DEFAULT_ROOT, loadState, statusOf } from './state.ts';
import { goErrno, isRuncFailure, loadSpec, processProblem } from './validate.ts';

/** Signals that a runc in the foreground hands on. */
const FORWARDED = [1, 2, 3, 10, 12, 15, 28];

/** `runc run` and `runc create`. */
export function* runCommand(call: CliCall, what: 'run' | 'create'): Routine<number> {
  const wrong = yield* checkArguments(call, 1, 1);
  if (wrong !== undefined) return wrong;
  const { main, flags, args } = call;
  const { process: p } = main;
  const failed = (text: string): Routine<number> => fail(main, `runc ${what} failed: ${text}`);
  const bundle = flags.text('bundle');
  const moved = bundle === '' ? undefined : p.chdir(bundle);
  if (moved) return yield* failed(`chdir ${bundle}: ${goErrno(moved.message)}`);
  const spec = yield* loadSpec(p);
  if (isRuncFailure(spec)) return yield* failed(spec.failure);
  const detach = what === 'create' || flags.on('detach');
  const socket = flags.text('console-socket');
  const terminal = spec.process?.terminal ?? false;
  if (detach && terminal && socket === '') {
    return yield* failed('cannot allocate tty if runc will detach without setting console socket');
  }
  if (socket !== '' && !terminal) {
    return yield* failed('cannot use console socket if runc will not detach or allocate tty');
  }
  yield* warnOfMounts(main, spec.mounts ?? []);
  yield* warnOfCapabilities(main, spec.process);
  if (terminal && !detach && ![0, 1, 2].some((fd) => p.isTerminal(fd))) {
    const tty = p.open('/dev/tty');
    if (isErrno(tty)) return yield* failed(`open /dev/tty: ${goErrno(tty.message)}`);
    p.close(tty);
  }
  const console: { master?: OpenFile } = {};
  const cwd = p.getcwd();
  const root = call.global.text('root') || DEFAULT_ROOT;
  if (what === 'run' && !flags.on('no-subreaper')) p.setSubreaper(!detach);
  const state = yield* createContainer(p, {
    id: args[0] ?? '',
    root,
    spec,
    bundle: isErrno(cwd) ? '/' : cwd,
    onConsole: consoleTaker(p, socket, console),
  });
  if (isRuncFailure(state)) return yield* failed(state.failure);
  const pidProblem = yield* writePidFile(p, flags.text('pid-file'), state.init_process_pid);
  if (pidProblem !== undefined) return yield* failed(pidProblem);
  if (what === 'create') return 0;
  const problem = yield* startContainer(p, root, state);
  if (problem !== undefined) return yield* failed(problem);
  if (detach) return 0;
  const status = yield* attend(p, state.init_process_pid, console.master);
  const complaint = flags.on('keep') ? undefined : yield* deleteContainer(p, root, state);
  if (complaint !== undefined) yield* warn(main, complaint);
  return status;
}

function consoleTaker(p: Process, socket: string, console: { master?: OpenFile }) {
  return (master: OpenFile): string | undefined => {
    if (socket === '') {
      console.master = master;
      return undefined;
    }
    return sendConsole(p, socket, master)
      ? undefined
      : `dial unix ${socket}: connect: no such file or directory`;
  };
}

/** logrus's line for a warning. */
function* warn(main: Main, text: string): Routine<void> {
  const time = rfc3339(main.process.now);
  main.err.put(`time="${time}" level=warning msg=${JSON.stringify(text)}\n`);
  yield* main.err.flush();
}

function* warnOfCapabilities(main: Main, process: SpecProcess | undefined): Routine<void> {
  const sets = Object.values(process?.capabilities ?? {}) as (readonly string[])[];
  const unknown = new Set(sets.flat().filter((name) => !isCapability(name)));
  if (unknown.size === 0) return;
  const list = [...unknown].sort().join(' ');
  yield* warn(main, `ignoring unknown or unavailable capabilities: [${list}]`);
}

function* warnOfMounts(
  main: Main,
  mounts: readonly { destination: string; type?: string; source?: string }[],
): Routine<void> {
  for (const { destination, type = '', source = '' } of mounts) {
    if (destination.startsWith('/')) continue;
    const time = rfc3339(main.process.now);
    const shown = `mount &{Source:${source} Destination:${destination} Device:${type} Flags:0 ClearedFlags:0 PropagationFlags:[] Data: Relabel: RecAttr:<nil> Extensions:0 IDMapping:<nil>}`;
    main.err.put(
      `time="${time}" level=warning msg="mount destination ${destination} is not absolute. Support for non-absolute mount destinations will be removed in a future release."\n`,
    );
    main.err.put(
      `time="${time}" level=warning msg=configuration error="${shown}: relative destination path is **deprecated**, using it as relative to /"\n`,
    );
  }
  yield* main.err.flush();
}

function* writePidFile(p: Process, path: string, pid: number): Routine<string | undefined> {
  if (path === '') return undefined;
  const fd = p.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666);
  if (isErrno(fd)) return `open ${path}: ${goErrno(fd.message)}`;
  yield* p.write(fd, encode(String(pid)));
  p.close(fd);
  return undefined;
}

/** Waits for the container's process in the foreground: signals are handed on, its terminal is relayed. */
function* attend(p: Process, pid: number, master: OpenFile | undefined): Routine<number> {
  for (const signal of FORWARDED) p.sigaction(signal, () => void p.kill(pid, signal));
  const stop = master && relayTerminal(p, master);
  for (;;) {
    const ended = yield* p.wait(-1);
    if (isErrno(ended)) {
      if (ended.name === 'EINTR') continue;
      yield* finishRelay(stop);
      return 255;
    }
    if (!ended || ended.pid !== pid) continue;
    yield* finishRelay(stop);
    const { code, signal } = decodeStatus(ended.status);
    return signal === 0 ? code : 128 + signal;
  }
}

function* finishRelay(stop: (() => Routine<void>) | undefined): Routine<void> {
  if (stop) yield* stop();
}

/** `runc exec`. */
export function* execCommand(call: CliCall): Routine<number> {
  const { main, flags, args } = call;
  const failed = function* (text: string): Routine<number> {
    yield* fail(main, `exec failed: ${text}`);
    return 255;
  };
  if (args.length === 0) {
    const wrong = yield* checkArguments(call, 1, Number.POSITIVE_INFINITY);
    return wrong === undefined ? 255 : wrong;
  }
  const { process: p } = main;
  const root = call.global.text('root') || DEFAULT_ROOT;
  const state = yield* loadState(p, root, args[0] ?? '');
  if (isRuncFailure(state)) return yield* failed(state.failure);
  const status = yield* statusOf(p, root, state);
  if (status === 'stopped') return yield* failed('cannot exec in a stopped container');
  if (status === 'paused' && !flags.on('ignore-paused')) {
    return yield* failed('cannot exec in a paused container (use --ignore-paused to override)');
  }
  const process = yield* execProcess(call, state);
  if (typeof process === 'string') return yield* failed(process);
  const socket = flags.text('console-socket');
  const detach = flags.on('detach');
  if (detach && process.terminal && socket === '') {
    return yield* failed('cannot allocate tty if runc will detach without setting console socket');
  }
  if (process.terminal && !detach && ![0, 1, 2].some((fd) => p.isTerminal(fd))) {
    const tty = p.open('/dev/tty');
    if (isErrno(tty)) return yield* failed(`open /dev/tty: ${goErrno(tty.message)}`);
    p.close(tty);
  }
  const console: { master?: OpenFile } = {};
  const task = yield* execInContainer(p, state, process, consoleTaker(p, socket, console));
  if (isRuncFailure(task)) return yield* failed(task.failure);
  return yield* follow(call, task, detach, console.master);
}

function* follow(
  call: CliCall,
  task: Task,
  detach: boolean,
  master: OpenFile | undefined,
): Routine<number> {
  const p = call.main.process;
  const pid = task.pidIn(p.task.pidNamespace);
  yield* writePidFile(p, call.flags.text('pid-file'), pid);
  return detach ? 0 : yield* attend(p, pid, master);
}

/** The process of an exec: from a file, or the container's own with changes. */
function* execProcess(call: CliCall, state: ContainerState): Routine<SpecProcess | string> {
  const { main, flags, args } = call;
  const file = flags.text('process');
  if (file !== '') {
    const fd = main.process.open(file);
    if (isErrno(fd)) return `open ${file}: ${goErrno(fd.message)}`;
    const bytes = yield* main.process.readAll(fd);
    main.process.close(fd);
    const value = decodeGoJson(isErrno(bytes) ? '' : decode(bytes));
    if (isGoJsonError(value)) return value.goError;
    return processProblem(value as SpecProcess) ?? (value as SpecProcess);
  }
  const base = state.spec.process;
  if (!base) return 'process property must not be empty';
  if (args.length < 2) return 'exec args cannot be empty';
  const [uid = '', gid] = flags.text('user').split(':');
  const wrong =
    flags.text('user') === '' ? undefined : (notNumber('gid', gid) ?? notNumber('uid', uid));
  if (wrong !== undefined) return wrong;
  // runc 1.4 hands the list to the kernel twice.
  const given = flags
    .list('additional-gids')
    .flatMap((list) => list.split(','))
    .map(Number);
  const extra = [...given, ...given];
  const user = uid !== '' ? { uid: Number(uid), gid: Number(gid ?? 0) } : base.user;
  const added = flags.list('cap');
  const { capabilities } = base;
  const process: SpecProcess = {
    ...base,
    ...(added.length > 0 && {
      capabilities: {
        ...capabilities,
        bounding: [...(capabilities?.bounding ?? []), ...added],
        effective: [...(capabilities?.effective ?? []), ...added],
        permitted: [...(capabilities?.permitted ?? []), ...added],
      },
    }),
    ...(flags.on('no-new-privs') && { noNewPrivileges: true }),
    terminal: flags.on('tty'),
    args: args.slice(1),
    env: [...(base.env ?? []), ...flags.list('env')],
    cwd: flags.text('cwd') || base.cwd,
    user: { ...user, ...(extra.length > 0 ? { additionalGids: extra } : {}) },
  };
  return processProblem(process) ?? process;
}

/** strconv.Atoi's complaint about a part of --user. */
function notNumber(part: string, text: string | undefined): string | undefined {
  if (text === undefined || /^[+-]?\d+$/.test(text)) return undefined;
  return `bad ${part}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
