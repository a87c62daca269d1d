// RUN: the process runs in a container of its own by runc, with the step's mounts (BuildKit's runcexecutor).

import type { Routine } from '../../core/wait.ts';
import { decode, encode } from '../../core/text.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../kernel/files/inode.ts';
import { O_RDWR } from '../../kernel/files/open-file.ts';
import { makeDirectories, removeAll, writeWholeFile } from '../../containers/containerd/daemon.ts';
import {
  capabilitySets,
  DEFAULT_CAPABILITIES,
  DEFAULT_MASKED_PATHS,
  readAccounts,
  resolveUser,
} from '../../containers/containerd/spec.ts';
import {
  DEFAULT_MOUNTS,
  OCI_VERSION,
  READONLY_PATHS,
  type Spec,
  type SpecMount,
  type SpecUser,
} from '../../containers/runc/spec.ts';
import { findProgram } from '../../userland/libc/spawn.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { CAPABILITY_NAMES } from '../daemon/capabilities.ts';
import { makeAll, rootPath } from './copy-files.ts';
import { BuildError } from './dockerfile/errors.ts';
import { joinPath } from './dockerfile/paths.ts';
import type { Operation } from './llb.ts';
import { type Builder, BUILDKIT_ROOT } from './model.ts';
import { openNetwork } from './network.ts';

export type ExecOperation = Extract<Operation, { type: 'exec' }>;

/** A mount whose files are there: a directory or file of the daemon's, or a tmpfs of its own. */
export interface ReadyMount {
  readonly target: string;
  readonly source: string | undefined;
  readonly readOnly: boolean;
  readonly size: number;
}

const HOSTS = '127.0.0.1\tlocalhost buildkitsandbox\n::1\tlocalhost ip6-localhost ip6-loopback\n';

function specMount({ target, source, readOnly, size }: ReadyMount): SpecMount {
  if (source === undefined)
    return {
      destination: target,
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', ...(size > 0 ? [`size=${size}`] : [])],
    };
  return {
    destination: target,
    type: 'bind',
    source,
    options: ['rbind', 'rprivate', ...(readOnly ? ['ro'] : [])],
  };
}

function* userOf(p: Process, root: string, { user: text, args }: ExecOperation): Routine<SpecUser> {
  const accounts = yield* readAccounts(p, root);
  const user = resolveUser(text === '' ? '0' : text, accounts);
  if (typeof user !== 'string') return user;
  const [name, group] = text.split(':');
  const why =
    user === 'no users found'
      ? `unable to find user ${name}: no matching entries in passwd file`
      : `unable to find group ${group}: no matching entries in group file`;
  throw new BuildError(
    `process ${JSON.stringify(args.join(' '))} did not complete successfully: ${why}`,
  );
}

function specOf(
  operation: ExecOperation,
  user: SpecUser,
  mounts: readonly SpecMount[],
  where: { bundle: string; id: string; network: string | undefined },
): Spec {
  const { insecure, network: mode } = operation;
  const names = insecure ? CAPABILITY_NAMES : DEFAULT_CAPABILITIES;
  const shm = operation.shmSize > 0 ? operation.shmSize : 67_108_864;
  const limits = operation.ulimits.map((text) => {
    const [name = '', values = ''] = text.split('=');
    const [soft = 0, hard = soft] = values.split(':').map(Number);
    return { type: `RLIMIT_${name.toUpperCase()}`, soft, hard };
  });
  const own = DEFAULT_MOUNTS.map((mount) =>
    mount.destination === '/dev/shm'
      ? { ...mount, options: ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${shm}`] }
      : mount,
  );
  return {
    ociVersion: OCI_VERSION,
    process: {
      user,
      args: operation.args,
      env: [...operation.env, 'HOSTNAME=buildkitsandbox'],
      cwd: operation.cwd,
      capabilities: user.uid === 0 || insecure ? capabilitySets(names) : { bounding: names },
      rlimits: limits,
    },
    root: { path: `${where.bundle}/rootfs` },
    hostname: 'buildkitsandbox',
    mounts: [...own, ...mounts],
    linux: {
      resources: { devices: [{ allow: insecure, access: 'rwm' }] },
      cgroupsPath: `/docker/buildkit/${where.id}`,
      namespaces: [
        { type: 'pid' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'mount' },
        { type: 'cgroup' },
        ...(mode === 'host' || where.network === undefined
          ? []
          : [{ type: 'network' as const, path: where.network }]),
      ],
      maskedPaths: insecure ? [] : DEFAULT_MASKED_PATHS,
      readonlyPaths: insecure ? [] : READONLY_PATHS,
      ...(insecure ? {} : { seccomp: { defaultAction: 'SCMP_ACT_ERRNO' } }),
    },
  };
}

/** Files that runc makes only to mount over them go again. */
function stubsOf(p: Process, root: string, targets: readonly string[]): () => void {
  const missing = targets.filter((target) => isErrno(p.lstat(rootPath(p, root, target))));
  const parents = missing.map((target) => {
    const path = rootPath(p, root, target);
    const parent = path.slice(0, path.lastIndexOf('/'));
    const stat = p.stat(parent);
    return { parent, mtime: isErrno(stat) ? undefined : stat.mtime };
  });
  return () => {
    for (const target of missing) {
      const path = rootPath(p, root, target);
      const stat = p.lstat(path);
      if (!isErrno(stat) && stat.size === 0 && (stat.mode & S_IFMT) !== S_IFDIR) p.unlink(path);
    }
    for (const { parent, mtime } of parents)
      if (mtime !== undefined) p.utimes(parent, mtime, mtime);
  };
}

/** Starts runc and reads what comes out of the container until its end; the exit status. */
function* runRunc(
  builder: Builder,
  p: Process,
  bundle: string,
  id: string,
  say: (text: string) => void,
): Routine<number> {
  const path = findProgram(p, 'runc');
  const ends = p.pipe(true);
  if (path === undefined || isErrno(ends))
    throw new BuildError('exec: "runc": executable file not found in $PATH');
  const [reading, writing] = ends;
  const argv = ['runc', '--log', `${bundle}/runc-log.json`, '--log-format', 'json', 'run'];
  const pid = p.fork(function* (child) {
    const nothing = child.open('/dev/null', O_RDWR);
    child.dup2(isErrno(nothing) ? 0 : nothing, 0);
    child.dup2(writing, 1);
    child.dup2(writing, 2);
    for (const [fd] of [...child.task.files.list()]) if (fd > 2) child.close(fd);
    child.exec(path, [...argv, '--bundle', bundle, id], child.environment);
    return 127;
  });
  p.close(writing);
  if (isErrno(pid)) throw new BuildError(`fork/exec ${path}: ${pid.message.toLowerCase()}`);
  builder.daemon.reaper.poke();
  for (;;) {
    const bytes = yield* p.read(reading, 32_768);
    if (isErrno(bytes) || bytes.length === 0) break;
    say(decode(bytes));
  }
  p.close(reading);
  const exit = yield* builder.daemon.reaper.wait(pid);
  builder.daemon.reaper.forget(pid);
  return exit.status;
}

/** Runs the process in a mounted file system; it throws where it does not end well. */
export function* runExec(
  builder: Builder,
  p: Process,
  operation: ExecOperation,
  root: string,
  mounts: readonly ReadyMount[],
  env: readonly string[],
  say: (text: string) => void,
): Routine<void> {
  const id = builder.newId();
  const bundle = `${BUILDKIT_ROOT}/executor/${id}`;
  makeDirectories(p, `${bundle}/rootfs`, 0o711);
  const resolv = yield* readFile(p, '/etc/resolv.conf');
  writeWholeFile(p, `${bundle}/resolv.conf`, isErrno(resolv) ? new Uint8Array(0) : resolv);
  const extra = operation.hosts.map((line) => `${line}\n`).join('');
  writeWholeFile(p, `${bundle}/hosts`, encode(HOSTS + extra));
  const files = ['/etc/resolv.conf', '/etc/hosts'];
  const network = yield* openNetwork(builder.daemon, p, operation.network, id);
  const clean = stubsOf(p, root, [...files, ...mounts.map(({ target }) => target)]);
  try {
    makeAll(p, rootPath(p, root, operation.cwd), undefined);
    const user = yield* userOf(p, root, operation);
    const binds: SpecMount[] = files.map((file) => ({
      destination: file,
      type: 'bind',
      source: `${bundle}/${file.slice('/etc/'.length)}`,
      options: ['rbind', 'ro'],
    }));
    const full = { ...operation, env: [...operation.env, ...env] };
    const all = [...binds, ...mounts.map(specMount)];
    const spec = specOf(full, user, all, { bundle, id, network: network.path });
    const own = { ...spec, root: { path: root } };
    writeWholeFile(p, `${bundle}/config.json`, encode(JSON.stringify(own)));
    const status = yield* runRunc(builder, p, bundle, id, say);
    if (status !== 0)
      throw new BuildError(
        `process ${JSON.stringify(operation.args.join(' '))} did not complete successfully: exit code: ${status}`,
        [],
        status,
      );
  } finally {
    clean();
    network.release();
    removeAll(p, bundle);
  }
}

/** The path of a mount's source below a root. */
export function sourceBelow(p: Process, root: string, source: string): string {
  return rootPath(p, root, joinPath('/', source));
}
