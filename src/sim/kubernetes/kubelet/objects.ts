// The config maps and secrets that a kubelet's pods refer to (pkg/kubelet/util/manager, the watch-based manager): each is
// watched by its name as long as a pod refers to it, and read from what the watch brought. Left out: watches that end
// after five minutes in which nobody read.

import type { Simulation } from '../../core/simulation.ts';
import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { type ApiClient, Refusal, type Resource } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { ConfigMap, Secret } from '../api/types/config.ts';
import type { Container } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import type { Spawn } from '../controllers/machinery/controller.ts';
import { Informer, listWatch } from '../controllers/machinery/informer.ts';

/** How long a read waits for the first list. */
const SYNC_TIMEOUT = SECOND;

/** An object that is watched, with the uids of the pods that refer to it. */
interface Watched<T extends ConfigMap | Secret> {
  readonly informer: Informer<T>;
  readonly pods: Set<string>;
}

/** What the managers work with. */
interface Means {
  readonly simulation: Simulation;
  readonly client: ApiClient;
  readonly spawn: Spawn;
}

/** The config maps or the secrets of a kubelet's pods. */
export class PodObjects<T extends ConfigMap | Secret> {
  private readonly means: Means;
  private readonly resource: Resource<T>;
  /** `configmap` or `secret`, as messages name the kind. */
  private readonly kind: string;
  private readonly namesIn: (pod: Pod) => ReadonlySet<string>;
  private readonly watched = new Map<string, Watched<T>>();
  /** Each pod as it was when it was registered last. */
  private readonly registered = new Map<string, Pod>();

  constructor(
    means: Means,
    resource: Resource<T>,
    kind: string,
    namesIn: (pod: Pod) => ReadonlySet<string>,
  ) {
    this.means = means;
    this.resource = resource;
    this.kind = kind;
    this.namesIn = namesIn;
  }

  /** Begins to watch what a pod refers to, and ends watches of what it does not refer to any more. */
  register(pod: Pod): void {
    const { uid = '', namespace = '' } = pod.metadata;
    const before = this.registered.get(uid);
    if (before === pod) return;
    this.registered.set(uid, pod);
    if (before?.spec === pod.spec) return;
    const names = this.namesIn(pod);
    for (const name of names) this.refer(namespace, name, uid);
    for (const name of before ? this.namesIn(before) : [])
      if (!names.has(name)) this.release(namespace, name, uid);
  }

  /** The pod is gone. */
  unregister({ metadata }: Pod): void {
    const { uid = '', namespace = '' } = metadata;
    const known = this.registered.get(uid);
    if (!known) return;
    this.registered.delete(uid);
    for (const name of this.namesIn(known)) this.release(namespace, name, uid);
  }

  /** An object that a registered pod refers to, as the watch told of it last; at first its list is waited for. */
  *get(namespace: string, name: string): Routine<T | Refusal> {
    const informer = this.watched.get(`${namespace}/${name}`)?.informer;
    if (!informer) return problem(`object "${namespace}"/"${name}" not registered`);
    if (!informer.synced) {
      yield* informer.waitForSync(this.means.simulation.now + SYNC_TIMEOUT);
      if (!informer.synced)
        return problem(`failed to sync ${this.kind} cache: timed out waiting for the condition`);
    }
    const object = informer.get(`${namespace}/${name}`);
    if (!object) return problem(`${this.kind} "${name}" not found`, 'NotFound');
    // What never changes needs no watch.
    if (object.immutable) informer.stop();
    return object;
  }

  private refer(namespace: string, name: string, uid: string): void {
    const key = `${namespace}/${name}`;
    const known = this.watched.get(key);
    if (known) {
      known.pods.add(uid);
      return;
    }
    const { simulation, client, spawn } = this.means;
    const fieldSelector = `metadata.name=${name}`;
    const informer = new Informer(
      simulation,
      listWatch(client, this.resource, namespace, { fieldSelector }),
    );
    this.watched.set(key, { informer, pods: new Set([uid]) });
    spawn(informer.run());
  }

  private release(namespace: string, name: string, uid: string): void {
    const key = `${namespace}/${name}`;
    const known = this.watched.get(key);
    known?.pods.delete(uid);
    if (known?.pods.size !== 0) return;
    known.informer.stop();
    this.watched.delete(key);
  }
}

function problem(message: string, reason = ''): Refusal {
  const code = reason === 'NotFound' ? 404 : 500;
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const;
  return new Refusal({ ...head, message, reason, code });
}

/** The managers of both kinds. */
export function podObjects(means: Means): {
  readonly configMaps: PodObjects<ConfigMap>;
  readonly secrets: PodObjects<Secret>;
} {
  return {
    configMaps: new PodObjects(means, resources.configMaps, 'configmap', configMapNames),
    secrets: new PodObjects(means, resources.secrets, 'secret', secretNames),
  };
}

function containersOf({ spec }: Pod): readonly Container[] {
  const { initContainers = [], containers, ephemeralContainers = [] } = spec;
  return [...initContainers, ...containers, ...ephemeralContainers];
}

/** VisitPodConfigmapNames. */
function configMapNames(pod: Pod): ReadonlySet<string> {
  const names: (string | undefined)[] = [];
  for (const { env = [], envFrom = [] } of containersOf(pod)) {
    for (const { configMapRef } of envFrom) names.push(configMapRef?.name);
    for (const { valueFrom } of env) names.push(valueFrom?.configMapKeyRef?.name);
  }
  for (const { configMap, projected } of pod.spec.volumes ?? []) {
    names.push(configMap?.name);
    for (const source of projected?.sources ?? []) names.push(source.configMap?.name);
  }
  return new Set(names.filter((name): name is string => Boolean(name)));
}

/** VisitPodSecretNames, of the volumes that are mounted here. */
function secretNames(pod: Pod): ReadonlySet<string> {
  const names: (string | undefined)[] = [];
  for (const { name } of pod.spec.imagePullSecrets ?? []) names.push(name);
  for (const { env = [], envFrom = [] } of containersOf(pod)) {
    for (const { secretRef } of envFrom) names.push(secretRef?.name);
    for (const { valueFrom } of env) names.push(valueFrom?.secretKeyRef?.name);
  }
  for (const { secret, projected } of pod.spec.volumes ?? []) {
    names.push(secret?.secretName);
    for (const source of projected?.sources ?? []) names.push(source.secret?.name);
  }
  return new Set(names.filter((name): name is string => Boolean(name)));
}
