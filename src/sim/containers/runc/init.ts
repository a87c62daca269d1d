// `runc init`: the process that becomes the container (libcontainer/standard_init_linux.go). It is forked by
// `runc create` into the new namespaces, sets everything up, and waits at the FIFO until `runc start`.

import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { ENOTDIR, isErrno } from '../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../kernel/files/inode.ts';
import { O_RDONLY, O_WRONLY, type OpenFile } from '../../kernel/files/open-file.ts';
import { CLONE_NEWCGROUP } from '../../kernel/namespaces/namespace.ts';
import type { Handshake } from './handshake.ts';
import {
  becomeUser,
  enterDirectory,
  environmentOf,
  environmentProblem,
  lookPath,
  setRlimits,
  setUpConsole,
} from './process.ts';
import { makeRootReadOnly, prepareRootfs, restrictPaths } from './rootfs.ts';
import type { Spec, SpecProcess } from './spec.ts';
import { goErrno } from './validate.ts';

export interface InitRequest {
  readonly spec: Spec;
  readonly process: SpecProcess;
  readonly rootfs: string;
  readonly handshake: Handshake;
  /** The open exec.fifo. */
  readonly fifo: OpenFile;
  /** Kinds of namespaces that are new, by the spec's names. */
  readonly fresh: ReadonlySet<string>;
}

/** The body of init, run in the child. */
export function* containerInit(p: Process, request: InitRequest): Routine<number> {
  const { handshake } = request;
  p.task.leader.process.argv = ['runc', 'init'];
  p.task.name = 'runc:[2:INIT]';
  yield* handshake.until(
    p,
    () => p.task.leader.parent,
    () => handshake.mayGo,
  );
  const problem = yield* setUp(p, request);
  if (problem !== undefined) {
    handshake.tell((h) => {
      h.error = problem;
    });
    return 1;
  }
  return yield* runProgram(p, request);
}

function* setUp(p: Process, request: InitRequest): Routine<string | undefined> {
  const { spec, process, rootfs, handshake, fresh } = request;
  if (fresh.has('cgroup')) p.unshare(CLONE_NEWCGROUP);
  if (fresh.has('user')) {
    p.setgid(0);
    p.setuid(0);
  }
  p.setsid();
  if (fresh.has('network')) loopbackUp(p);
  if (fresh.has('mount')) {
    const problem = yield* prepareRootfs(p, spec, rootfs);
    if (problem !== undefined) return problem;
    handshake.tell((h) => {
      h.wantsHooks = true;
    });
    yield* handshake.until(
      p,
      () => p.task.leader.parent,
      () => handshake.hooksDone,
    );
  } else {
    p.chroot(rootfs);
    p.chdir('/');
  }
  const noDirectory = makeDirectories(p, process.cwd);
  if (noDirectory !== undefined) return noDirectory;
  if (process.terminal) {
    const problem = setUpConsole(p, handshake, true);
    if (problem !== undefined) return problem;
  }
  makeRootReadOnly(p, spec);
  if (spec.hostname) p.setHostname(spec.hostname);
  if (spec.domainname) p.task.namespaces.uts.domainname = spec.domainname;
  const sysctl = yield* writeSysctls(p, spec);
  if (sysctl !== undefined) return sysctl;
  if (fresh.has('mount')) restrictPaths(p, spec);
  return finalize(p, spec, process);
}

function finalize(p: Process, spec: Spec, process: SpecProcess): string | undefined {
  if (process.noNewPrivileges) p.setNoNewPrivileges();
  if (spec.linux?.seccomp) p.setSeccomp(2);
  if (process.oomScoreAdj !== undefined) p.task.leader.process.oomScoreAdjust = process.oomScoreAdj;
  const limits = setRlimits(p, process);
  if (limits !== undefined) return `error setting rlimits for ready process: ${limits}`;
  const early = enterDirectory(p, process.cwd);
  const problem = becomeUser(p, process);
  if (problem !== undefined) return problem;
  return early === undefined ? undefined : enterDirectory(p, process.cwd);
}

/** `lo` of a new network namespace is switched on. */
function loopbackUp(p: Process): void {
  p.netlink().setUp(p.network.loopback, true);
}

/** A missing working directory is made (Go's MkdirAll); why it cannot be. */
function makeDirectories(p: Process, path: string): string | undefined {
  const stat = p.stat(path);
  if (!isErrno(stat)) {
    if ((stat.mode & S_IFMT) === S_IFDIR) return undefined;
    return `mkdir ${path}: ${goErrno(ENOTDIR.message)}`;
  }
  const above = makeDirectories(p, path.slice(0, Math.max(1, path.lastIndexOf('/'))) || '/');
  if (above !== undefined) return above;
  const failure = p.mkdir(path, 0o755);
  return failure && `mkdir ${path}: ${goErrno(failure.message)}`;
}

function* writeSysctls(p: Process, spec: Spec): Routine<string | undefined> {
  for (const [key, value] of Object.entries(spec.linux?.sysctl ?? {})) {
    const path = `/proc/sys/${key.replaceAll('.', '/')}`;
    const fd = p.open(path, O_WRONLY);
    if (isErrno(fd)) return `open sysctl ${key} file: open ${path}: ${goErrno(fd.message)}`;
    const written = yield* p.write(fd, encode(value));
    p.close(fd);
    if (isErrno(written))
      return `write sysctl ${key} file: write ${path}: ${goErrno(written.message)}`;
  }
  return undefined;
}

/** Finds the program, says ready, waits for `runc start`, and becomes it. */
function* runProgram(p: Process, request: InitRequest): Routine<number> {
  const { process, handshake, fifo } = request;
  const environment = yield* environmentOf(p, process);
  const args = process.args ?? [];
  const wrong = environmentProblem(process);
  const given = (process.env ?? []).some((line) => line.startsWith('PATH='));
  const found = lookPath(p, args[0] ?? '', given ? environment.get('PATH') : undefined);
  const problem = wrong ?? ('problem' in found ? found.problem : undefined);
  if (problem !== undefined || 'problem' in found) {
    handshake.tell((h) => {
      h.error = problem;
    });
    return 1;
  }
  handshake.tell((h) => {
    h.ready = true;
  });
  const place = fifo.location;
  const opened = place ? p.openInode(place, O_RDONLY, true) : undefined;
  if (opened && !isErrno(opened)) {
    opened.references++;
    const go = yield* opened.read(p.task, 1);
    opened.references--;
    opened.released();
    if (isErrno(go)) return 1;
  }
  const failure = p.exec(found.path, args, environment);
  const fd = 2;
  yield* p.write(fd, encode(`exec ${found.path}: ${goErrno(failure.message)}\n`));
  return 255;
}
