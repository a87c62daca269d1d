// The methods of runtime.v1's two services as cri-dockerd serves them.

import type { ExecRequest } from '../../containers/cri/exec.ts';
import { IMAGE_API } from '../../containers/cri/images.ts';
import type { StreamOptions } from '../../containers/cri/remote-command.ts';
import { RUNTIME_API } from '../../containers/cri/server.ts';
import { StreamingServer } from '../../containers/cri/streaming.ts';
import type {
  ImageSpec,
  LinuxContainerResources,
  PodSandboxConfig,
} from '../../containers/cri/types.ts';
import {
  isRpcError,
  notFound,
  type RpcContext,
  RpcError,
  type RpcMethods,
  StreamReply,
} from '../../containers/rpc.ts';
import { isCallError } from '../cli/api.ts';
import {
  type ContainerFilter,
  type CreateRequest,
  containerStatus,
  createContainer,
  listContainers,
  removeContainer,
  startContainer,
  stopContainer,
  updateResources,
} from './container.ts';
import { containerEvents } from './events.ts';
import { imageStatus, listImages, pullImage, removeImage } from './images.ts';
import { networkFault } from './network.ts';
import {
  listSandboxes,
  removeSandbox,
  runSandbox,
  type SandboxFilter,
  sandboxStatus,
  stopSandbox,
} from './sandbox.ts';
import { type DockerService, engine } from './service.ts';
import { containerStats, listContainerStats, listSandboxStats } from './stats.ts';
import { execSync, offerAttach, offerExec, offerPortForward } from './streams.ts';

const RUNTIME = RUNTIME_API;
/** kubeAPIVersion. */
const API_VERSION = '0.1.0';

/** A reply with one field, or the error. */
function field<T>(name: string, value: T | RpcError): object {
  return isRpcError(value) ? value : { [name]: value };
}

function sandboxMethods(service: DockerService): RpcMethods {
  type OfSandbox = { podSandboxId: string };
  return {
    *[`${RUNTIME}RunPodSandbox`](
      { config }: { config: PodSandboxConfig },
      { process }: RpcContext,
    ) {
      return field('podSandboxId', yield* runSandbox(service, process, config));
    },
    *[`${RUNTIME}StopPodSandbox`]({ podSandboxId }: OfSandbox, { process }: RpcContext) {
      return (yield* stopSandbox(service, process, podSandboxId)) ?? {};
    },
    *[`${RUNTIME}RemovePodSandbox`]({ podSandboxId }: OfSandbox, { process }: RpcContext) {
      return (yield* removeSandbox(service, process, podSandboxId)) ?? {};
    },
    *[`${RUNTIME}PodSandboxStatus`]({ podSandboxId }: OfSandbox, { process }: RpcContext) {
      return field('status', yield* sandboxStatus(service, process, podSandboxId));
    },
    *[`${RUNTIME}ListPodSandbox`]({ filter }: { filter?: SandboxFilter }, { process }: RpcContext) {
      return field('items', yield* listSandboxes(service, process, filter));
    },
  };
}

function containerMethods(service: DockerService): RpcMethods {
  type OfContainer = { containerId: string };
  return {
    *[`${RUNTIME}CreateContainer`](request: CreateRequest, { process }: RpcContext) {
      return field('containerId', yield* createContainer(service, process, request));
    },
    *[`${RUNTIME}StartContainer`]({ containerId }: OfContainer, { process }: RpcContext) {
      return (yield* startContainer(service, process, containerId)) ?? {};
    },
    *[`${RUNTIME}StopContainer`](
      { containerId, timeout = 0 }: OfContainer & { timeout?: number },
      { process }: RpcContext,
    ) {
      return (yield* stopContainer(service, process, containerId, Number(timeout))) ?? {};
    },
    *[`${RUNTIME}RemoveContainer`]({ containerId }: OfContainer, { process }: RpcContext) {
      return (yield* removeContainer(service, process, containerId)) ?? {};
    },
    *[`${RUNTIME}ListContainers`](
      { filter }: { filter?: ContainerFilter },
      { process }: RpcContext,
    ) {
      return field('containers', yield* listContainers(service, process, filter));
    },
    *[`${RUNTIME}ContainerStatus`](
      { containerId, verbose }: OfContainer & { verbose?: boolean },
      { process }: RpcContext,
    ) {
      const found = yield* containerStatus(service, process, containerId);
      if (isRpcError(found)) return found;
      return { status: found.status, info: verbose ? found.info : {} };
    },
    *[`${RUNTIME}UpdateContainerResources`](
      { containerId, linux = {} }: OfContainer & { linux?: LinuxContainerResources },
      { process }: RpcContext,
    ) {
      return (yield* updateResources(service, process, containerId, linux)) ?? {};
    },
    // biome-ignore lint/correctness/useYield: docker has no such call
    *[`${RUNTIME}ReopenContainerLog`]() {
      return new RpcError('Unknown', 'docker does not support reopening container log files');
    },
  };
}

function streamMethods(service: DockerService): RpcMethods {
  const server = new StreamingServer(service);
  return {
    *[`${RUNTIME}ExecSync`](request: ExecRequest & { timeout?: number }, { process }: RpcContext) {
      return yield* execSync(service, process, request);
    },
    *[`${RUNTIME}Exec`](request: ExecRequest, { process }: RpcContext) {
      return yield* offerExec(service, server, process, request);
    },
    *[`${RUNTIME}Attach`](
      request: { containerId: string } & Partial<StreamOptions>,
      { process }: RpcContext,
    ) {
      return yield* offerAttach(service, server, process, request);
    },
    *[`${RUNTIME}PortForward`](
      { podSandboxId }: { podSandboxId: string },
      { process }: RpcContext,
    ) {
      return yield* offerPortForward(service, server, process, podSandboxId);
    },
    *[`${RUNTIME}GetContainerEvents`](_request: object, { process }: RpcContext) {
      const events = yield* containerEvents(service, process);
      return isRpcError(events) ? events : new StreamReply(events);
    },
  };
}

function statsMethods(service: DockerService): RpcMethods {
  return {
    *[`${RUNTIME}ContainerStats`](
      { containerId }: { containerId: string },
      { process }: RpcContext,
    ) {
      const found = yield* listContainers(service, process, { id: containerId });
      const one = isRpcError(found) ? undefined : found[0];
      if (!one) return isRpcError(found) ? found : notFound(`container "${containerId}"`);
      return field('stats', yield* containerStats(service, process, one));
    },
    *[`${RUNTIME}ListContainerStats`](
      { filter = {} }: { filter?: ContainerFilter },
      { process }: RpcContext,
    ) {
      return field('stats', yield* listContainerStats(service, process, filter));
    },
    *[`${RUNTIME}ListPodSandboxStats`](
      { filter = {} }: { filter?: SandboxFilter },
      { process }: RpcContext,
    ) {
      return field('stats', yield* listSandboxStats(service, process, filter));
    },
  };
}

function statusMethods(service: DockerService): RpcMethods {
  return {
    *[`${RUNTIME}Version`](_request: object, { process }: RpcContext) {
      const found = yield* engine(service, process).get<{ Version: string }>('/version');
      if (isCallError(found))
        return new RpcError('Unknown', `failed to get docker version from dockerd: ${found.text}`);
      return {
        version: API_VERSION,
        runtimeName: 'docker',
        runtimeVersion: found.Version,
        runtimeApiVersion: 'v1',
      };
    },
    *[`${RUNTIME}Status`]({ verbose }: { verbose?: boolean }, { process }: RpcContext) {
      const version = yield* engine(service, process).get('/version');
      const fault = yield* networkFault(process);
      const down = isCallError(version);
      const conditions = [
        {
          type: 'RuntimeReady',
          status: !down,
          reason: down ? 'DockerDaemonNotReady' : '',
          message: down
            ? `docker: failed to get docker version: failed to get docker version from dockerd: ${version.text}`
            : '',
        },
        {
          type: 'NetworkReady',
          status: fault === undefined,
          reason: fault === undefined ? '' : 'NetworkPluginNotReady',
          message: fault === undefined ? '' : `docker: network plugin is not ready: ${fault}`,
        },
      ];
      const config = JSON.stringify({ sandboxImage: service.sandboxImage });
      return {
        status: { conditions },
        info: verbose ? { config } : {},
        runtimeHandlers: ['', 'io.containerd.runc.v2', 'runc'].map((name) => ({
          name,
          features: { recursiveReadOnlyMounts: true, userNamespaces: false },
        })),
      };
    },
    // biome-ignore lint/correctness/useYield: nothing is to be waited for
    *[`${RUNTIME}UpdateRuntimeConfig`]() {
      return {};
    },
    // biome-ignore lint/correctness/useYield: nothing is to be waited for
    *[`${RUNTIME}RuntimeConfig`]() {
      return { linux: { cgroupDriver: 'CGROUPFS' } };
    },
  };
}

function imageMethods(service: DockerService): RpcMethods {
  type OfImage = { image: ImageSpec };
  return {
    *[`${IMAGE_API}ListImages`](
      { filter }: { filter?: { image?: ImageSpec } },
      { process }: RpcContext,
    ) {
      return field('images', yield* listImages(service, process, filter?.image?.image ?? ''));
    },
    *[`${IMAGE_API}ImageStatus`]({ image }: OfImage, { process }: RpcContext) {
      const found = yield* imageStatus(service, process, image.image);
      return isRpcError(found) ? found : { image: found, info: {} };
    },
    *[`${IMAGE_API}PullImage`]({ image }: OfImage, { process }: RpcContext) {
      return field('imageRef', yield* pullImage(service, process, image.image));
    },
    *[`${IMAGE_API}RemoveImage`]({ image }: OfImage, { process }: RpcContext) {
      return (yield* removeImage(service, process, image.image)) ?? {};
    },
    *[`${IMAGE_API}ImageFsInfo`](_request: object, { process }: RpcContext) {
      const images = yield* listImages(service, process, '');
      if (isRpcError(images)) return images;
      const used = images.reduce((sum, { size }) => sum + Number(size), 0);
      const entry = {
        timestamp: String(process.now),
        fsId: { mountpoint: '/var/lib/docker' },
        usedBytes: { value: String(used) },
        inodesUsed: { value: '0' },
      };
      return { imageFilesystems: [entry], containerFilesystems: [entry] };
    },
  };
}

/** The methods of both services. */
export function criDockerMethods(service: DockerService): RpcMethods {
  return {
    ...imageMethods(service),
    ...sandboxMethods(service),
    ...containerMethods(service),
    ...streamMethods(service),
    ...statsMethods(service),
    ...statusMethods(service),
  };
}
