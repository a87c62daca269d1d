// The CRI plugin (runtime.v1): RuntimeService's methods, and the streaming server that Exec, Attach and PortForward lead
// to. ImageService is in images.ts.

import { rfc3339Fraction } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { Containerd } from '../containerd/daemon.ts';
import { callShim } from '../containerd/tasks.ts';
import { isRpcError, type RpcContext, RpcError, type RpcMethods, StreamReply } from '../rpc.ts';
import {
  createContainer,
  removeContainer,
  startContainer,
  stopContainer,
  watchContainer,
} from './container.ts';
import { containerEvents } from './events.ts';
import { type ExecRequest, execSync } from './exec.ts';
import { criImage, imageApi, resolveImage } from './images.ts';
import { networkOf } from './network.ts';
import { reopenLog } from './logs.ts';
import { containerOf, containerStatus, labelsMatch, podOf, podStatus } from './messages.ts';
import { removeSandbox, runSandbox, SANDBOX_IMAGE, stopSandbox, watchSandbox } from './sandbox.ts';
import { specResources } from './spec.ts';
import { containerStatsOf, podStatsOf } from './stats.ts';
import { byPrefix, type Container, CRI_NAMESPACE, criStore } from './store.ts';
import { streamMethods } from './streaming.ts';
import type {
  ContainerConfig,
  LinuxContainerResources,
  PodSandboxConfig,
  StringMap,
} from './types.ts';

const RUNC_FEATURES = { recursiveReadOnlyMounts: true, userNamespaces: true };

export const RUNTIME_API = '/runtime.v1.RuntimeService/';

interface PodFilter {
  readonly id?: string;
  readonly state?: { readonly state: string };
  readonly labelSelector?: StringMap;
}
interface ContainerFilter extends PodFilter {
  readonly podSandboxId?: string;
}

function sandboxMethods(daemon: Containerd): RpcMethods {
  const at = RUNTIME_API;
  const store = criStore(daemon);
  return {
    *[`${at}RunPodSandbox`](
      request: { config: PodSandboxConfig; runtimeHandler?: string },
      { process }: RpcContext,
    ) {
      const id = yield* runSandbox(daemon, process, request.config, request.runtimeHandler ?? '');
      return isRpcError(id) ? id : { podSandboxId: id };
    },
    *[`${at}StopPodSandbox`](request: { podSandboxId: string }, { process }: RpcContext) {
      return (yield* stopSandbox(daemon, process, request.podSandboxId)) ?? {};
    },
    *[`${at}RemovePodSandbox`](request: { podSandboxId: string }, { process }: RpcContext) {
      return (yield* removeSandbox(daemon, process, request.podSandboxId)) ?? {};
    },
    *[`${at}PodSandboxStatus`](request: { podSandboxId: string; verbose?: boolean }) {
      const sandbox = byPrefix(store.sandboxes, request.podSandboxId);
      if (!sandbox)
        return new RpcError('NotFound', `an error occurred when try to find sandbox: not found`);
      const info = {
        pid: sandbox.pid,
        processStatus: 'running',
        image: SANDBOX_IMAGE,
        runtimeHandler: '',
        config: sandbox.config,
        cniResult: sandbox.network?.result ?? null,
      };
      return {
        status: podStatus(sandbox),
        info: request.verbose ? { info: JSON.stringify(info) } : {},
        containersStatuses: [],
      };
    },
    *[`${at}ListPodSandbox`](request: { filter?: PodFilter }) {
      const { id = '', state, labelSelector } = request.filter ?? {};
      const items = [...store.sandboxes.values()].filter(
        (sandbox) =>
          sandbox.id.startsWith(id) &&
          (!state || state.state === sandbox.state) &&
          labelsMatch(sandbox.config.labels, labelSelector),
      );
      return { items: items.map(podOf) };
    },
  };
}

function* updateResources(
  daemon: Containerd,
  p: Process,
  id: string,
  linux: LinuxContainerResources | undefined,
): Routine<object> {
  const container = byPrefix(criStore(daemon).containers, id);
  if (!container) return new RpcError('NotFound', `failed to find container: not found`);
  if (container.state !== 'CONTAINER_RUNNING' || !linux) return {};
  const done = yield* callShim(daemon, p, CRI_NAMESPACE, 'Update', {
    id: container.id,
    resources: specResources(linux),
  });
  return isRpcError(done) ? done : {};
}

function containerMethods(daemon: Containerd): RpcMethods {
  const at = RUNTIME_API;
  const store = criStore(daemon);
  const find = (id: string): Container | RpcError =>
    byPrefix(store.containers, id) ??
    new RpcError('NotFound', `an error occurred when try to find container "${id}": not found`);
  return {
    *[`${at}CreateContainer`](
      request: { podSandboxId: string; config: ContainerConfig },
      { process }: RpcContext,
    ) {
      const id = yield* createContainer(daemon, process, request);
      return isRpcError(id) ? id : { containerId: id };
    },
    *[`${at}StartContainer`](request: { containerId: string }, { process }: RpcContext) {
      return (yield* startContainer(daemon, process, request.containerId)) ?? {};
    },
    *[`${at}StopContainer`](
      request: { containerId: string; timeout?: number },
      { process }: RpcContext,
    ) {
      return (
        (yield* stopContainer(
          daemon,
          process,
          request.containerId,
          Number(request.timeout ?? 0),
        )) ?? {}
      );
    },
    *[`${at}RemoveContainer`](request: { containerId: string }, { process }: RpcContext) {
      return (yield* removeContainer(daemon, process, request.containerId)) ?? {};
    },
    *[`${at}ListContainers`](request: { filter?: ContainerFilter }) {
      const { id = '', state, podSandboxId = '', labelSelector } = request.filter ?? {};
      const containers = [...store.containers.values()].filter(
        (c) =>
          c.id.startsWith(id) &&
          (!state || state.state === c.state) &&
          c.sandboxId.startsWith(podSandboxId) &&
          labelsMatch(c.config.labels, labelSelector),
      );
      return { containers: containers.map(containerOf) };
    },
    *[`${at}ContainerStatus`](request: { containerId: string; verbose?: boolean }) {
      const container = find(request.containerId);
      if (isRpcError(container)) return container;
      const record = daemon.data(CRI_NAMESPACE).containers.get(container.id);
      const image = resolveImage(daemon, container.imageRef);
      const info = {
        sandboxID: container.sandboxId,
        pid: container.pid,
        removing: false,
        snapshotKey: container.id,
        snapshotter: 'overlayfs',
        runtimeType: 'io.containerd.runc.v2',
        config: container.config,
        runtimeSpec: record?.spec,
      };
      return {
        status: containerStatus(container, image && criImage(image)),
        info: request.verbose ? { info: JSON.stringify(info) } : {},
      };
    },
    *[`${at}UpdateContainerResources`](
      request: { containerId: string; linux?: LinuxContainerResources },
      { process }: RpcContext,
    ) {
      return yield* updateResources(daemon, process, request.containerId, request.linux);
    },
    *[`${at}ReopenContainerLog`](request: { containerId: string }, { process }: RpcContext) {
      const container = find(request.containerId);
      if (isRpcError(container)) return container;
      if (container.state !== 'CONTAINER_RUNNING')
        return new RpcError('Unknown', 'container is not running');
      reopenLog(process, container);
      return {};
    },
    *[`${at}ExecSync`](request: ExecRequest & { timeout?: number }, { process }: RpcContext) {
      return yield* execSync(daemon, process, request, Number(request.timeout ?? 0));
    },
  };
}

function statsMethods(daemon: Containerd): RpcMethods {
  const at = RUNTIME_API;
  const store = criStore(daemon);
  return {
    *[`${at}ContainerStats`](request: { containerId: string }, { process }: RpcContext) {
      const container = byPrefix(store.containers, request.containerId);
      return !container
        ? new RpcError('NotFound', `failed to find container: not found`)
        : { stats: yield* containerStatsOf(daemon, process, container) };
    },
    *[`${at}ListContainerStats`](request: { filter?: ContainerFilter }, { process }: RpcContext) {
      const { id = '', podSandboxId = '', labelSelector } = request.filter ?? {};
      const stats: unknown[] = [];
      for (const c of store.containers.values()) {
        if (
          c.state !== 'CONTAINER_RUNNING' ||
          !c.id.startsWith(id) ||
          !c.sandboxId.startsWith(podSandboxId)
        )
          continue;
        if (labelsMatch(c.config.labels, labelSelector))
          stats.push(yield* containerStatsOf(daemon, process, c));
      }
      return { stats };
    },
    *[`${at}ListPodSandboxStats`](request: { filter?: PodFilter }, { process }: RpcContext) {
      const stats: unknown[] = [];
      for (const sandbox of store.sandboxes.values()) {
        if (sandbox.state === 'SANDBOX_READY' && sandbox.id.startsWith(request.filter?.id ?? '')) {
          stats.push(yield* podStatsOf(daemon, process, sandbox));
        }
      }
      return { stats };
    },
  };
}

/** What `crictl info` shows beside the conditions; `loaded` says how the network's configuration was read. */
function statusInfo(daemon: Containerd, loaded: string, podCidr: string): StringMap {
  const config = {
    containerd: {
      defaultRuntimeName: 'runc',
      runtimes: {
        runc: { runtimeType: 'io.containerd.runc.v2', options: { SystemdCgroup: false } },
      },
    },
    cni: {
      binDir: '',
      binDirs: ['/opt/cni/bin'],
      confDir: '/etc/cni/net.d',
      maxConfNum: 1,
      setupSerially: false,
      ipPref: '',
    },
    containerdRootDir: daemon.root,
    containerdEndpoint: daemon.address,
    rootDir: `${daemon.root}/io.containerd.grpc.v1.cri`,
    stateDir: `${daemon.state}/io.containerd.grpc.v1.cri`,
  };
  return {
    config: JSON.stringify(config),
    golang: JSON.stringify('go1.25.7'),
    lastCNILoadStatus: JSON.stringify(loaded),
    podCIDR: JSON.stringify(podCidr),
    sandboxImage: JSON.stringify(SANDBOX_IMAGE),
    startedAt: JSON.stringify(rfc3339Fraction(daemon.now, 9)),
  };
}

function statusMethods(daemon: Containerd): RpcMethods {
  const at = RUNTIME_API;
  let podCidr = '';
  return {
    *[`${at}Version`]() {
      return {
        version: '0.1.0',
        runtimeName: 'containerd',
        runtimeVersion: 'v2.2.9',
        runtimeApiVersion: 'v1',
      };
    },
    *[`${at}Status`](request: { verbose?: boolean }, { process }: RpcContext) {
      const network = yield* networkOf(daemon, process);
      const ready = typeof network !== 'string';
      const message = 'Network plugin returns error: cni plugin not initialized';
      const conditions = [
        { type: 'RuntimeReady', status: true, reason: '', message: '' },
        {
          type: 'NetworkReady',
          status: ready,
          reason: ready ? '' : 'NetworkPluginNotReady',
          message: ready ? '' : message,
        },
        { type: 'ContainerdHasNoDeprecationWarnings', status: true, reason: '', message: '' },
      ];
      return {
        status: { conditions },
        info: request.verbose ? statusInfo(daemon, ready ? 'OK' : message, podCidr) : {},
        runtimeHandlers: [{ name: 'runc', features: RUNC_FEATURES }],
        features: {},
      };
    },
    *[`${at}UpdateRuntimeConfig`](request: {
      runtimeConfig?: { networkConfig?: { podCidr?: string } };
    }) {
      podCidr = request.runtimeConfig?.networkConfig?.podCidr ?? podCidr;
      return {};
    },
    *[`${at}GetContainerEvents`]() {
      return new StreamReply(containerEvents(daemon));
    },
    *[`${at}RuntimeConfig`]() {
      return { linux: { cgroupDriver: 'CGROUPFS' } };
    },
  };
}

/** What was running when an earlier containerd ended is watched again. */
function recover(daemon: Containerd): void {
  const store = criStore(daemon);
  for (const sandbox of store.sandboxes.values())
    if (sandbox.state === 'SANDBOX_READY') watchSandbox(daemon, sandbox);
  for (const container of store.containers.values()) {
    if (container.state === 'CONTAINER_RUNNING') watchContainer(daemon, container);
  }
}

/** The methods of runtime.v1's two services. */
export function criMethods(daemon: Containerd): RpcMethods {
  recover(daemon);
  return {
    ...imageApi(daemon),
    ...sandboxMethods(daemon),
    ...containerMethods(daemon),
    ...statsMethods(daemon),
    ...streamMethods(daemon),
    ...statusMethods(daemon),
  };
}
