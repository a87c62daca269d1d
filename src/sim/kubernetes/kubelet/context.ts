// What the parts of a kubelet share: its settings, the runtime, the API server, the recorder of events.

import type { Simulation } from '../../core/simulation.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { ApiClient } from '../api/client.ts';
import type { ConfigMap, Secret } from '../api/types/config.ts';
import type { ObjectReference } from '../api/types/meta.ts';
import type { Pod } from '../api/types/pod.ts';
import type { Service } from '../api/types/service.ts';
import type { Severity } from '../component/klog.ts';
import type { Spawn } from '../controllers/machinery/controller.ts';
import type { EventRecorder } from '../controllers/machinery/events.ts';
import type { Informer } from '../controllers/machinery/informer.ts';
import type { Backoff } from './backoff.ts';
import type { CriClient, RuntimeHandler } from './cri.ts';
import type { PodObjects } from './objects.ts';
import type { Pleg } from './pleg.ts';
import type { HeldTokens } from './tokens.ts';

/** Settings from flags and /var/lib/kubelet/config.yaml. */
export interface KubeletSettings {
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly staticPodPath: string;
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  readonly clientCaFile: string;
  /** Seconds between looks at the manifests. */
  readonly fileCheckFrequency: number;
  readonly registerWithTaints: readonly { readonly key: string; readonly effect: string }[];
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly maxPods: number;
  /** The path of the runtime's socket. */
  readonly runtimeSocket: string;
}

/** What the runtime said of itself last. */
export interface RuntimeState {
  /** Why pods can have no network now; empty where they can. */
  networkProblem: string;
  /** Its name and version, and what its handlers can do. */
  name: string;
  version: string;
  handlers: readonly RuntimeHandler[];
}

export interface KubeletContext {
  readonly process: Process;
  readonly simulation: Simulation;
  readonly settings: KubeletSettings;
  readonly cri: CriClient;
  readonly client: ApiClient;
  readonly recorder: EventRecorder;
  readonly services: Informer<Service>;
  /** What pods refer to, by watches. */
  readonly configMaps: PodObjects<ConfigMap>;
  readonly secrets: PodObjects<Secret>;
  readonly spawn: Spawn;
  readonly restarts: Backoff;
  readonly pulls: Backoff;
  readonly runtime: RuntimeState;
  readonly tokens: HeldTokens;
  /** When the kubelet looks at its containers. */
  readonly pleg: Pleg;
  /** Writes a line of the log, in its turn. */
  readonly log: (severity: Severity, where: string, message: string) => void;
}

/** The subject of an event about a container of a pod (GenerateContainerRef). */
export function containerSubject(pod: Pod, container: string): ObjectReference {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = pod.metadata;
  const { initContainers = [], ephemeralContainers = [] } = pod.spec;
  const has = (list: readonly { readonly name: string }[]): boolean =>
    list.some((one) => one.name === container);
  const list = has(initContainers)
    ? 'initContainers'
    : has(ephemeralContainers)
      ? 'ephemeralContainers'
      : 'containers';
  const fieldPath = `spec.${list}{${container}}`;
  return { kind: 'Pod', apiVersion: 'v1', namespace, name, uid, resourceVersion, fieldPath };
}

/** The pod as the runtime knows it: a mirror pod's static original has its own uid. */
export function podDirectory(pod: Pod): string {
  return `/var/lib/kubelet/pods/${pod.metadata.uid ?? ''}`;
}

/** `web_default(6f1c…)`: how messages name a pod. */
export function podText({ metadata }: Pod): string {
  return `${metadata.name}_${metadata.namespace}(${metadata.uid})`;
}
