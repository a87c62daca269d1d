// Pod sandboxes: the pause container, the pod's network namespace and its files (internal/cri/server/sandbox_*).

import { encode } from '../../core/text.ts';
import { MILLISECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { MNT_DETACH, MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID } from '../../kernel/files/mount.ts';
import { CLONE_NEWNET } from '../../kernel/namespaces/namespace.ts';
import { addNetwork, deleteNetwork } from '../cni/library.ts';
import type { Containerd } from '../containerd/daemon.ts';
import { makeDirectories, removeAll, writeWholeFile } from '../containerd/daemon.ts';
import {
  capabilitySets,
  defaultSpec,
  withLinux,
  withNamespace,
  withProcess,
} from '../containerd/spec.ts';
import { callShim, createTask, deleteTask } from '../containerd/tasks.ts';
import { isRpcError, RpcError } from '../rpc.ts';
import { removeContainer, stopContainer } from './container.ts';
import { tellContainerEvent } from './events.ts';
import { pullForCri, resolveImage } from './images.ts';
import { networkOf } from './network.ts';
import { addRecord, removeRecord } from './records.ts';
import { cgroupsPath, sandboxRoot, sandboxState, specResources } from './spec.ts';
import { byPrefix, CRI_NAMESPACE, criStore, type Sandbox } from './store.ts';
import type { PodSandboxConfig } from './types.ts';

export const SANDBOX_IMAGE = 'registry.k8s.io/pause:3.10.2';

/** What namespaces, the network's plugins and pause take: a pod is up some 0.6 s after it was asked for. */
const SANDBOX_TIME = 200 * MILLISECOND;

/** The name under which a sandbox is reserved. */
function sandboxName({ metadata }: PodSandboxConfig): string {
  return `${metadata.name}_${metadata.namespace}_${metadata.uid}_${metadata.attempt ?? 0}`;
}

/** RunPodSandbox: the sandbox's id. */
export function* runSandbox(
  daemon: Containerd,
  p: Process,
  config: PodSandboxConfig,
  runtimeHandler: string,
): Routine<string | RpcError> {
  const store = criStore(daemon);
  if (!config.metadata)
    return new RpcError('InvalidArgument', 'sandbox config must include metadata');
  const name = sandboxName(config);
  for (const other of store.sandboxes.values()) {
    if (sandboxName(other.config) === name) {
      return new RpcError(
        'Unknown',
        `failed to reserve sandbox name "${name}": name "${name}" is reserved for "${other.id}"`,
      );
    }
  }
  const id = p.task.kernel.simulation.random
    .fork(`sandbox ${p.task.kernel.bootId} ${p.now} ${store.sandboxes.size} ${name}`)
    .hex(64);
  const sandbox: Sandbox = {
    id,
    config,
    createdAt: p.now,
    runtimeHandler,
    state: 'SANDBOX_NOTREADY',
    pid: 0,
    netns: '',
    ip: '',
  };
  p.simulation.because(
    `containerd runs the sandbox of pod ${config.metadata.namespace}/${config.metadata.name}`,
    {
      kind: 'pod',
      name: `${config.metadata.namespace}/${config.metadata.name}`,
      machine: p.task.kernel.first.uts.hostname,
    },
  );
  let image = resolveImage(daemon, SANDBOX_IMAGE);
  if (!image) {
    const pulled = yield* pullForCri(daemon, p, SANDBOX_IMAGE);
    if (isRpcError(pulled)) {
      return new RpcError(
        'Unknown',
        `failed to start sandbox "${id}": failed to get sandbox image "${SANDBOX_IMAGE}": ${pulled.message}`,
      );
    }
    image = resolveImage(daemon, SANDBOX_IMAGE);
  }
  if (!image) return new RpcError('Unknown', `failed to get sandbox image "${SANDBOX_IMAGE}"`);
  store.sandboxes.set(id, sandbox);
  yield* p.sleep(SANDBOX_TIME);
  const problem =
    (yield* setUpNetwork(daemon, p, sandbox)) ?? (yield* startPause(daemon, p, sandbox, image));
  if (problem !== undefined) {
    yield* stopSandbox(daemon, p, id);
    forgetSandbox(daemon, p, sandbox);
    return new RpcError('Unknown', problem);
  }
  sandbox.state = 'SANDBOX_READY';
  return id;
}

/** Makes the network namespace and has the plugins fill it. */
function* setUpNetwork(
  daemon: Containerd,
  p: Process,
  sandbox: Sandbox,
): Routine<string | undefined> {
  const { config, id } = sandbox;
  if (config.linux?.securityContext?.namespaceOptions?.network === 'NODE') return undefined;
  const failed = `failed to setup network for sandbox "${id}": `;
  const network = yield* networkOf(daemon, p);
  if (typeof network === 'string') return `${failed}cni plugin not initialized`;
  sandbox.netns = yield* newNetworkNamespace(p, id);
  const { metadata } = config;
  const mappings = (config.portMappings ?? [])
    .filter((mapping) => (mapping.hostPort ?? 0) > 0)
    .map((mapping) => ({
      hostPort: mapping.hostPort,
      containerPort: mapping.containerPort,
      protocol: (mapping.protocol ?? 'TCP').toLowerCase(),
      hostIP: mapping.hostIp ?? '',
    }));
  const attachment = {
    containerId: id,
    netns: sandbox.netns,
    interfaceName: 'eth0',
    args: `IgnoreUnknown=1;K8S_POD_NAMESPACE=${metadata.namespace};K8S_POD_NAME=${metadata.name};K8S_POD_INFRA_CONTAINER_ID=${id};K8S_POD_UID=${metadata.uid}`,
    ...(mappings.length > 0 ? { runtimeConfig: { portMappings: mappings } } : {}),
  };
  const result = yield* addNetwork(p, network, attachment);
  sandbox.network = { network, attachment, result: 'error' in result ? {} : result };
  if ('error' in result) return `${failed}${result.error}`;
  sandbox.ip = result.ips?.[0]?.address.split('/')[0] ?? '';
  return undefined;
}

/** A network namespace kept alive by a mount in /var/run/netns, as the CRI makes it. */
function* newNetworkNamespace(p: Process, id: string): Routine<string> {
  const uuid = p.task.kernel.simulation.random.fork(`netns ${id}`).uuid();
  const path = `/var/run/netns/cni-${uuid}`;
  makeDirectories(p, '/run/netns');
  writeWholeFile(p, path, encode(''));
  const pid = p.fork(function* (child) {
    child.unshare(CLONE_NEWNET);
    child.netlink().setUp(child.network.loopback, true);
    // enable_unprivileged_ports and enable_unprivileged_icmp, which are on in containerd 2.
    child.network.settings.unprivilegedPort = 0;
    child.network.settings.pingGroups = [0, 2_147_483_647];
    p.mount(`/proc/${child.pid}/ns/net`, path, 'none', MS_BIND);
    return 0;
  });
  if (!isErrno(pid)) yield* p.wait(pid);
  return path;
}

function* startPause(
  daemon: Containerd,
  p: Process,
  sandbox: Sandbox,
  image: NonNullable<ReturnType<typeof resolveImage>>,
): Routine<string | undefined> {
  const { id, config } = sandbox;
  writeSandboxFiles(daemon, p, sandbox);
  const context = config.linux?.securityContext;
  let spec = defaultSpec(CRI_NAMESPACE, id);
  const imageConfig = image.config.config ?? {};
  spec = withProcess(spec, {
    args: [...(imageConfig.Entrypoint ?? []), ...(imageConfig.Cmd ?? [])],
    env: imageConfig.Env ?? [],
    cwd: imageConfig.WorkingDir || '/',
    user: { uid: context?.runAsUser?.value ?? 65535, gid: context?.runAsGroup?.value ?? 65535 },
    capabilities: capabilitySets([]),
    rlimits: [],
    noNewPrivileges: true,
    oomScoreAdj: -998,
  });
  const mounts = (spec.mounts ?? []).filter(
    (mount) => mount.destination !== '/run' && mount.destination !== '/dev/shm',
  );
  const shm = {
    destination: '/dev/shm',
    type: 'bind',
    source: `${sandboxState(daemon, id)}/shm`,
    options: ['rbind', 'ro'],
  };
  const resolv = {
    destination: '/etc/resolv.conf',
    type: 'bind',
    source: `${sandboxRoot(daemon, id)}/resolv.conf`,
    options: ['rbind', 'ro'],
  };
  const { metadata } = config;
  spec = {
    ...spec,
    root: { path: 'rootfs', readonly: true },
    mounts: [...mounts, shm, resolv],
    ...(sandbox.netns === ''
      ? {}
      : { hostname: config.hostname || p.task.kernel.first.uts.hostname }),
    annotations: {
      'io.kubernetes.cri.container-type': 'sandbox',
      'io.kubernetes.cri.sandbox-id': id,
      'io.kubernetes.cri.sandbox-name': metadata.name,
      'io.kubernetes.cri.sandbox-namespace': metadata.namespace,
      'io.kubernetes.cri.sandbox-uid': metadata.uid,
    },
  };
  spec = withLinux(spec, {
    cgroupsPath: cgroupsPath(config.linux?.cgroupParent, id),
    resources: {
      devices: [{ allow: false, access: 'rwm' }],
      cpu: { shares: 2 },
      ...specResources(config.linux?.resources ?? {}),
    },
    ...(config.linux?.sysctls ? { sysctl: config.linux.sysctls } : {}),
  });
  spec = withNamespace(spec, 'network', sandbox.netns === '' ? undefined : sandbox.netns);
  if (sandbox.netns === '') spec = withNamespace(spec, 'uts', undefined);
  if (context?.namespaceOptions?.ipc === 'NODE') spec = withNamespace(spec, 'ipc', undefined);
  if (context?.namespaceOptions?.pid === 'NODE') spec = withNamespace(spec, 'pid', undefined);
  const recorded = addRecord(daemon, {
    id,
    image,
    spec,
    kind: 'sandbox',
    labels: config.labels ?? {},
    sandboxId: id,
  });
  if (isRpcError(recorded)) return `failed to create containerd container: ${recorded.message}`;
  const streams = { stdin: '', stdout: '', stderr: '', terminal: false };
  const created = yield* createTask(daemon, p, CRI_NAMESPACE, { containerId: id, ...streams });
  if (isRpcError(created))
    return `failed to start sandbox "${id}": failed to create containerd task: ${created.message}`;
  sandbox.pid = created.pid;
  const started = yield* callShim(daemon, p, CRI_NAMESPACE, 'Start', { id });
  if (isRpcError(started))
    return `failed to start sandbox "${id}": failed to start sandbox container task "${id}": ${started.message}`;
  watchSandbox(daemon, sandbox);
  return undefined;
}

/** A sandbox whose pause process ends is not ready any more. */
export function watchSandbox(daemon: Containerd, sandbox: Sandbox): void {
  daemon.process.thread(function* (thread) {
    const ended = yield* callShim(daemon, thread, CRI_NAMESPACE, 'Wait', { id: sandbox.id });
    // No task at all: the machine was off, and what kept it is gone with /run.
    const gone =
      !isRpcError(ended) ||
      ended.code === 'NotFound' ||
      (ended.code === 'Unavailable' && !thread.exists(`/proc/${sandbox.pid}`));
    if (gone) sandbox.state = 'SANDBOX_NOTREADY';
    tellContainerEvent(daemon, {
      containerId: sandbox.id,
      containerEventType: 'CONTAINER_STOPPED_EVENT',
      podSandboxId: sandbox.id,
    });
    return 0;
  });
}

function writeSandboxFiles(daemon: Containerd, p: Process, sandbox: Sandbox): void {
  const root = sandboxRoot(daemon, sandbox.id);
  const state = sandboxState(daemon, sandbox.id);
  makeDirectories(p, root);
  makeDirectories(p, `${state}/shm`);
  const { config } = sandbox;
  const hostname = config.hostname || p.task.kernel.first.uts.hostname;
  writeWholeFile(p, `${root}/hostname`, encode(`${hostname}\n`));
  const dns = config.dnsConfig;
  const lines = [
    ...(dns?.searches?.length ? [`search ${dns.searches.join(' ')}`] : []),
    ...(dns?.servers ?? []).map((server) => `nameserver ${server}`),
    ...(dns?.options?.length ? [`options ${dns.options.join(' ')}`] : []),
  ];
  copyFile(p, '/etc/hosts', `${root}/hosts`);
  if (lines.length > 0)
    writeWholeFile(p, `${root}/resolv.conf`, encode(lines.map((line) => `${line}\n`).join('')));
  else copyFile(p, '/etc/resolv.conf', `${root}/resolv.conf`);
  p.mount(
    'shm',
    `${state}/shm`,
    'tmpfs',
    MS_NOSUID | MS_NODEV | MS_NOEXEC,
    'mode=1777,size=67108864',
  );
}

function copyFile(p: Process, from: string, to: string): void {
  const file = p.openFile(from, 0);
  const bytes = isErrno(file) || !file.inode ? encode('') : file.inode.readAt(0, 65_536, p.task);
  writeWholeFile(p, to, isErrno(bytes) ? encode('') : bytes);
}

/** StopPodSandbox: containers, pause and network end; the records stay. */
export function* stopSandbox(
  daemon: Containerd,
  p: Process,
  prefix: string,
): Routine<RpcError | undefined> {
  const store = criStore(daemon);
  const sandbox = byPrefix(store.sandboxes, prefix);
  if (!sandbox) return undefined;
  for (const container of [...store.containers.values()]) {
    if (container.sandboxId !== sandbox.id) continue;
    if (container.state === 'CONTAINER_RUNNING') yield* stopContainer(daemon, p, container.id, 0);
  }
  if (sandbox.pid !== 0) {
    yield* callShim(daemon, p, CRI_NAMESPACE, 'Kill', { id: sandbox.id, signal: 9, all: true });
    yield* callShim(daemon, p, CRI_NAMESPACE, 'Wait', { id: sandbox.id });
    yield* deleteTask(daemon, p, CRI_NAMESPACE, sandbox.id);
    sandbox.pid = 0;
  }
  sandbox.state = 'SANDBOX_NOTREADY';
  if (sandbox.network) {
    const { network, attachment } = sandbox.network;
    yield* deleteNetwork(p, network, attachment);
    delete sandbox.network;
  }
  if (sandbox.netns !== '') {
    p.umount(sandbox.netns, MNT_DETACH);
    p.unlink(sandbox.netns);
  }
  p.umount(`${sandboxState(daemon, sandbox.id)}/shm`, MNT_DETACH);
  return undefined;
}

/** RemovePodSandbox. */
export function* removeSandbox(
  daemon: Containerd,
  p: Process,
  prefix: string,
): Routine<RpcError | undefined> {
  const store = criStore(daemon);
  const sandbox = byPrefix(store.sandboxes, prefix);
  if (!sandbox) return undefined;
  yield* stopSandbox(daemon, p, sandbox.id);
  for (const container of [...store.containers.values()]) {
    if (container.sandboxId === sandbox.id) yield* removeContainer(daemon, p, container.id);
  }
  forgetSandbox(daemon, p, sandbox);
  return undefined;
}

function forgetSandbox(daemon: Containerd, p: Process, sandbox: Sandbox): void {
  removeRecord(daemon, sandbox.id);
  removeAll(p, sandboxRoot(daemon, sandbox.id));
  removeAll(p, sandboxState(daemon, sandbox.id));
  criStore(daemon).sandboxes.delete(sandbox.id);
}
