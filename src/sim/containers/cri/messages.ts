// Sandboxes and containers as the CRI's messages.

import { type Container, type Sandbox, unixNano } from './store.ts';
import type {
  CriImage,
  ContainerStatus,
  CriContainer,
  PodSandbox,
  PodSandboxStatus,
  StringMap,
} from './types.ts';

export function labelsMatch(labels: StringMap = {}, wanted: StringMap = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

export function podOf(sandbox: Sandbox): PodSandbox {
  const { id, config, state, createdAt, runtimeHandler } = sandbox;
  return {
    id,
    metadata: config.metadata,
    state,
    createdAt: unixNano(createdAt),
    labels: config.labels ?? {},
    annotations: config.annotations ?? {},
    runtimeHandler,
  };
}

export function podStatus(sandbox: Sandbox): PodSandboxStatus {
  const options = sandbox.config.linux?.securityContext?.namespaceOptions ?? {};
  return {
    ...podOf(sandbox),
    network: { additionalIps: [], ip: sandbox.ip },
    linux: {
      namespaces: {
        options: {
          ipc: options.ipc ?? 'POD',
          network: options.network ?? 'POD',
          pid: options.pid ?? 'POD',
          targetId: '',
        } as PodSandboxStatus['linux']['namespaces']['options'],
      },
    },
  };
}

export function containerOf(container: Container): CriContainer {
  const { id, sandboxId, config, imageId, imageRef, state, createdAt } = container;
  return {
    id,
    podSandboxId: sandboxId,
    metadata: { attempt: 0, ...config.metadata },
    image: config.image,
    imageRef,
    imageId,
    state,
    createdAt: unixNano(createdAt),
    labels: config.labels ?? {},
    annotations: config.annotations ?? {},
  };
}

/** `image` is the container's image as the store knows it now: its first tag stands for it, its first digest refers to it. */
export function containerStatus(
  container: Container,
  image: Pick<CriImage, 'repoTags' | 'repoDigests'> | undefined,
): ContainerStatus {
  const { config } = container;
  const [tag] = image?.repoTags ?? [];
  const [digest] = image?.repoDigests ?? [];
  const resources = config.linux?.resources;
  return {
    id: container.id,
    metadata: { attempt: 0, ...config.metadata },
    state: container.state,
    createdAt: unixNano(container.createdAt),
    startedAt: unixNano(container.startedAt),
    finishedAt: unixNano(container.finishedAt),
    exitCode: container.exitCode,
    image: tag === undefined ? config.image : { image: tag, userSpecifiedImage: '' },
    imageRef: digest ?? container.imageRef,
    imageId: container.imageId,
    reason: container.reason,
    message: container.message,
    labels: config.labels ?? {},
    annotations: config.annotations ?? {},
    mounts: (config.mounts ?? []).map((mount) => ({ ...mount, readonly: mount.readonly ?? false })),
    logPath: container.logPath,
    ...(resources ? { resources: { linux: resources } } : {}),
    user: {
      linux: {
        uid: container.user.uid,
        gid: container.user.gid,
        supplementalGroups: container.user.groups,
      },
    },
    stopSignal: container.stopSignal,
  };
}
