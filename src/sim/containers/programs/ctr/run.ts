// ctr run, ctr containers create: a container record with its snapshot and spec from an image or a directory; ctr tasks
// start: running it.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Termios } from '../../../kernel/terminal/termios.ts';
import { notSimulated } from '../../../userland/libc/stdio.ts';
import type { ContainerdClient } from '../../containerd/client.ts';
import {
  defaultSpec,
  lookInto,
  readAccounts,
  resolveUser,
  withImageConfig,
  withProcess,
} from '../../containerd/spec.ts';
import type { ContainerRecord, ImageRecord } from '../../containerd/types.ts';
import { withLease } from '../../containerd/with-lease.ts';
import {
  chainIds,
  type ImageConfig,
  isIndexType,
  LINUX_AMD64,
  type Manifest,
  parseConfig,
  parseIndex,
  parseManifest,
  platformMatches,
} from '../../images/oci.ts';
import { isRpcError, notFound, type RpcError } from '../../rpc.ts';
import { rawMode } from '../../runc/console.ts';
import type { Spec } from '../../runc/spec.ts';
import type { CliCall } from '../cli.ts';
import { AttachedStreams, clientOf, ctrFail, failWith, NO_STREAMS } from './app.ts';
import { applyFlags, pairs, unheededFlag } from './container-flags.ts';
import { attach, cniTeardown } from './network.ts';

/** The manifest that a target is, or that an index holds for this platform. */
export function* manifestOf(
  client: ContainerdClient,
  target: ImageRecord['target'],
): Routine<Manifest | RpcError> {
  const bytes = yield* client.readContent(target.digest);
  if (isRpcError(bytes)) return bytes;
  if (!isIndexType(target.mediaType)) return parseManifest(bytes);
  const { manifests } = parseIndex(bytes);
  const fits = manifests.find(({ platform }) => platform && platformMatches(LINUX_AMD64, platform));
  if (!fits) return notFound('no match for platform in manifest');
  return yield* manifestOf(client, fits);
}

/** The configuration of an image. */
export function* configOf(
  client: ContainerdClient,
  target: ImageRecord['target'],
): Routine<ImageConfig | RpcError> {
  const manifest = yield* manifestOf(client, target);
  if (isRpcError(manifest)) return manifest;
  const bytes = yield* client.readContent(manifest.config.digest);
  return isRpcError(bytes) ? bytes : parseConfig(bytes);
}

/** Makes the record (and the snapshot) of a new container; the words are REF ID [COMMAND…]. */
export function* newContainer(
  call: CliCall,
  words: readonly string[],
): Routine<ContainerRecord | number> {
  return yield* withLease(clientOf(call), (client) => newLeased(call, client, words));
}

function* newLeased(
  call: CliCall,
  client: ContainerdClient,
  words: readonly string[],
): Routine<ContainerRecord | number> {
  const { flags, main } = call;
  const [ref = '', id = '', ...args] = words;
  const namespace = call.global.text('namespace');
  let spec = defaultSpec(namespace, id);
  let snapshotKey = '';
  let labels: Record<string, string> = pairs(flags.list('label'));
  if (flags.on('rootfs')) {
    const path = ref.startsWith('/') ? ref : `${String(main.process.getcwd())}/${ref}`;
    spec = withProcess({ ...spec, root: { path } }, { args });
  } else {
    const image = yield* client.image(ref);
    if (isRpcError(image)) return yield* failWith(call, image);
    const prepared = yield* prepareFromImage(call, client, image, id, spec, args);
    if (typeof prepared === 'number') return prepared;
    spec = prepared.spec;
    snapshotKey = id;
    labels = {
      'io.containerd.image.config.stop-signal': prepared.stopSignal,
      ...prepared.labels,
      ...labels,
    };
  }
  const changed = yield* applyFlags(call, spec, id);
  if (typeof changed === 'string') return yield* ctrFail(main, changed);
  const record = {
    id,
    labels,
    image: flags.on('rootfs') ? '' : ref,
    runtime: { name: flags.text('runtime') },
    spec: changed,
    snapshotter: 'overlayfs',
    snapshotKey,
    extensions: {},
  };
  const created = yield* client.createContainer(record);
  return isRpcError(created) ? yield* failWith(call, created) : created;
}

interface Prepared {
  readonly spec: Spec;
  readonly stopSignal: string;
  readonly labels: Record<string, string>;
}

function* prepareFromImage(
  call: CliCall,
  client: ContainerdClient,
  image: ImageRecord,
  id: string,
  base: Spec,
  args: readonly string[],
): Routine<Prepared | number> {
  const config = yield* configOf(client, image.target);
  if (isRpcError(config)) return yield* failWith(call, config);
  const parent = chainIds(config.rootfs.diff_ids).at(-1) ?? '';
  const mounts = yield* client.prepareSnapshot({ key: id, parent });
  if (isRpcError(mounts)) return yield* failWith(call, mounts);
  let spec = withImageConfig(base, config.config ?? {}, args);
  const user = call.flags.text('user') || config.config?.User || '';
  if (user !== '') {
    const accounts = yield* lookInto(client.process, mounts, (root) =>
      readAccounts(client.process, root),
    );
    const resolved = resolveUser(user, accounts);
    if (typeof resolved === 'string') return yield* ctrFail(call.main, resolved);
    spec = withProcess(spec, { user: resolved });
  } else spec = withProcess(spec, { user: { uid: 0, gid: 0, additionalGids: [0] } });
  if ((spec.process?.args?.length ?? 0) === 0)
    return yield* ctrFail(call.main, 'no arguments specified');
  return {
    spec,
    stopSignal: config.config?.StopSignal ?? 'SIGTERM',
    labels: { ...config.config?.Labels },
  };
}

/** `ctr run`. */
export function* runContainer(call: CliCall): Routine<number> {
  const { flags, args, main } = call;
  const [ref, id] = args;
  const what = flags.on('rootfs') ? 'rootfs' : 'image ref';
  if (ref === undefined) return yield* ctrFail(main, `${what} must be provided`);
  if (id === undefined) return yield* ctrFail(main, 'container id must be provided');
  if (flags.on('detach') && flags.on('rm'))
    return yield* ctrFail(main, 'flags --detach and --rm cannot be specified together');
  const unheeded = unheededFlag(call);
  if (unheeded !== undefined) return yield* notSimulated(main, `ctr run --${unheeded}`);
  const snapshotter = flags.text('snapshotter');
  if (snapshotter !== '' && snapshotter !== 'overlayfs') {
    return yield* ctrFail(main, `snapshotter not loaded: ${snapshotter}: invalid argument`);
  }
  const record = yield* newContainer(call, args);
  if (typeof record === 'number') return record;
  const status = yield* runTask(call, id, {
    detach: flags.on('detach'),
    terminal: flags.on('tty'),
    cni: flags.on('cni'),
    nullIo: flags.on('null-io'),
    pidFile: flags.text('pid-file'),
    keepTask: false,
  });
  if (flags.on('rm') || (status.failed && !flags.on('detach')))
    yield* removeContainer(call, record);
  return status.code;
}

function* removeContainer(call: CliCall, record: ContainerRecord): Routine<void> {
  const client = clientOf(call);
  if (record.snapshotKey !== '') yield* client.removeSnapshot(record.snapshotKey);
  yield* client.deleteContainer(record.id);
}

interface TaskOptions {
  readonly detach: boolean;
  readonly terminal: boolean;
  readonly cni: boolean;
  readonly nullIo: boolean;
  readonly pidFile: string;
  readonly keepTask: boolean;
}

/** Why a runtime's shim cannot be started: containerd finds its program by the name. */
function shimOf(runtime: string): string | undefined {
  if (runtime === '' || runtime === 'io.containerd.runc.v2') return undefined;
  const binary = `containerd-shim-${runtime.split('.').slice(-2).join('-')}`;
  return `failed to start shim: failed to resolve runtime path: runtime "${runtime}" binary not installed "${binary}": file does not exist`;
}

/** Makes a task, starts it, and unless detached waits for it with its streams attached. */
export function* runTask(
  call: CliCall,
  id: string,
  options: TaskOptions,
): Routine<{ code: number; failed: boolean }> {
  const { main } = call;
  const { process: p } = main;
  const client = clientOf(call);
  const failed = { code: 1, failed: true };
  const streams = options.nullIo ? undefined : new AttachedStreams(p, id, options.terminal);
  streams?.copy(p);
  const shim = shimOf(call.flags.text('runtime'));
  if (shim !== undefined) {
    streams?.remove(p);
    yield* ctrFail(main, shim);
    return failed;
  }
  const created = yield* client.createTask({ containerId: id, ...(streams?.paths ?? NO_STREAMS) });
  if (isRpcError(created)) {
    streams?.remove(p);
    yield* failWith(call, created);
    return failed;
  }
  if (options.pidFile !== '') yield* writePid(call, options.pidFile, created.pid);
  const network = options.cni ? yield* attach(p, id, created.pid) : undefined;
  if (typeof network === 'string') {
    streams?.remove(p);
    yield* client.killTask(id, 9);
    yield* client.waitTask(id);
    yield* client.deleteTask(id);
    yield* ctrFail(main, network);
    return failed;
  }
  const started = yield* client.startTask(id);
  if (isRpcError(started)) {
    streams?.remove(p);
    yield* client.deleteTask(id);
    yield* failWith(call, started);
    return failed;
  }
  if (options.detach) return { code: 0, failed: false };
  const restore = options.terminal ? rawTerminal(call) : () => {};
  forwardSignals(call, client, id);
  const exit = yield* client.waitTask(id);
  restore();
  if (network) yield* cniTeardown(p, id, created.pid, network);
  yield* client.deleteTask(id);
  if (streams) yield* streams.finish(p);
  if (isRpcError(exit)) {
    yield* failWith(call, exit);
    return failed;
  }
  return { code: exit.exitStatus, failed: false };
}

function rawTerminal(call: CliCall): () => void {
  const { process: p } = call.main;
  if (!p.isTerminal(0)) return () => {};
  const before = p.ioctl(0, 'TCGETS') as Termios;
  p.ioctl(0, 'TCSETS', rawMode(before));
  return () => void p.ioctl(0, 'TCSETS', before);
}

/** Signals that ctr gets in the foreground go to the task. */
function forwardSignals(call: CliCall, client: ContainerdClient, id: string): void {
  const { process: p } = call.main;
  for (const signal of [1, 2, 3, 15]) {
    p.sigaction(signal, () => {
      p.thread(function* (thread) {
        yield* client.with({ process: thread }).killTask(id, signal);
        return 0;
      });
    });
  }
}

function* writePid(call: CliCall, path: string, pid: number): Routine<void> {
  const fd = call.main.process.open(path, 0o1101, 0o644);
  if (isErrno(fd)) return;
  yield* call.main.process.write(fd, new Uint8Array([...String(pid)].map((c) => c.charCodeAt(0))));
  call.main.process.close(fd);
}
