// The scheduler's picture of the cluster: nodes with the pods on them, chosen but not yet bound ones included, and what
// of storage and namespaces decisions need.

import type { Simulation } from '../../core/simulation.ts';
import { resources } from '../api/client-resources.ts';
import type { Namespace } from '../api/types/config.ts';
import type { Node } from '../api/types/node.ts';
import type { Pod } from '../api/types/pod.ts';
import type { ControllerContext } from '../controllers/context.ts';
import type { Informer } from '../controllers/machinery/informer.ts';
import type { Cluster } from './framework.ts';
import { NodeInfo, type PodInfo, podInfo, podKey } from './node-info.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from './volumes.ts';

const NO_PODS: readonly PodInfo[] = [];
const NO_LABELS: Readonly<Record<string, string>> = {};

/** What decisions read of a pod that is placed has not changed. */
function sameToScheduling(a: Pod, b: Pod): boolean {
  return (
    a.spec.containers === b.spec.containers &&
    a.metadata.labels === b.metadata.labels &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp
  );
}

export class SchedulerCache implements Cluster {
  readonly simulation: Simulation;
  readonly nodes = new Map<string, NodeInfo>();
  readonly nodesWithAffinity = new Set<NodeInfo>();
  /** The nodes in the order in which they came. */
  order: readonly NodeInfo[] = [];
  /** Where each pod is counted. */
  private readonly places = new Map<string, string>();
  /** Pods on nodes that are not known (yet, or any more). */
  private readonly homeless = new Map<string, Map<string, PodInfo>>();
  /** By pod: it has preempted others on a node and waits for them to end. */
  private readonly nominations = new Map<
    string,
    { readonly pod: PodInfo; readonly node: string }
  >();
  private readonly namespaces: Informer<Namespace>;
  private readonly claims: Informer<PersistentVolumeClaim>;
  private readonly persistentVolumes: Informer<PersistentVolume>;
  private readonly classes: Informer<StorageClass>;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.namespaces = context.informer(resources.namespaces);
    this.claims = context.informer(resources.persistentVolumeClaims);
    this.persistentVolumes = context.informer(resources.persistentVolumes);
    this.classes = context.informer(resources.storageClasses);
  }

  namespaceLabels(name: string): Readonly<Record<string, string>> {
    return this.namespaces.get(name)?.metadata.labels ?? NO_LABELS;
  }
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined {
    return this.claims.get(`${namespace}/${name}`);
  }
  volume(name: string): PersistentVolume | undefined {
    return this.persistentVolumes.get(name);
  }
  volumes(): Iterable<PersistentVolume> {
    return this.persistentVolumes.values();
  }
  storageClass(name: string): StorageClass | undefined {
    return this.classes.get(name);
  }

  nominatedOn(node: string): readonly PodInfo[] {
    if (this.nominations.size === 0) return NO_PODS;
    const there = [...this.nominations.values()].filter((one) => one.node === node);
    return there.map(({ pod }) => pod);
  }

  /** The node for which a pod is nominated. */
  nominationOf(key: string): NodeInfo | undefined {
    return this.nodes.get(this.nominations.get(key)?.node ?? '');
  }

  /** Keeps a node's room for a pod, or gives it up. */
  nominate(pod: PodInfo, node: string | undefined): void {
    if (node === undefined) this.nominations.delete(pod.key);
    else this.nominations.set(pod.key, { pod, node });
  }

  /** Calls back when claims, volumes or classes change. */
  onVolumesChange(changed: () => void): void {
    this.claims.onChange(changed);
    this.persistentVolumes.onChange(changed);
    this.classes.onChange(changed);
  }

  nodeChanged(after: Node | undefined, before: Node | undefined): void {
    const name = (after ?? before)?.metadata.name ?? '';
    const known = this.nodes.get(name);
    if (after && known) known.setNode(after);
    else if (after) {
      const info = new NodeInfo(after);
      this.nodes.set(name, info);
      for (const pod of this.homeless.get(name)?.values() ?? []) this.put(info, pod);
      this.homeless.delete(name);
      this.order = [...this.nodes.values()];
    } else if (known) {
      this.nodes.delete(name);
      this.nodesWithAffinity.delete(known);
      this.order = [...this.nodes.values()];
      this.homeless.set(name, new Map(known.pods));
    }
  }

  /** A pod was chosen for a node; it counts from now on. */
  assume(pod: PodInfo, node: NodeInfo): void {
    this.nominations.delete(pod.key);
    this.put(node, pod);
  }

  /** The choice came to nothing. */
  forget(key: string): void {
    const name = this.places.get(key);
    if (name === undefined) return;
    this.places.delete(key);
    this.homeless.get(name)?.delete(key);
    const node = this.nodes.get(name);
    node?.remove(key);
    if (node?.withAffinity.size === 0) this.nodesWithAffinity.delete(node);
  }

  /** A pod is on a node: bound by whomever. */
  podAssigned(pod: Pod): void {
    const key = podKey(pod);
    const name = pod.spec.nodeName ?? '';
    const node = this.nodes.get(name);
    const counted = node?.pods.get(key);
    if (counted && sameToScheduling(counted.pod, pod)) return;
    this.forget(key);
    const info = podInfo(pod);
    if (node) this.put(node, info);
    else {
      const waiting = this.homeless.get(name) ?? new Map<string, PodInfo>();
      waiting.set(key, info);
      this.homeless.set(name, waiting);
      this.places.set(key, name);
    }
  }

  podGone(pod: Pod): void {
    this.nominations.delete(podKey(pod));
    this.forget(podKey(pod));
  }

  private put(node: NodeInfo, pod: PodInfo): void {
    node.add(pod);
    this.places.set(pod.key, node.name);
    if (pod.hasAffinity) this.nodesWithAffinity.add(node);
  }
}
