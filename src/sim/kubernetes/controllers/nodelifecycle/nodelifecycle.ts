// The node lifecycle controller: a node whose lease is not renewed for 50 s becomes Unknown and is tainted; its pods are
// marked not ready, and those that do not tolerate the taint are deleted when their toleration ends (taint eviction).

import type { Timer } from '../../../core/events.ts';
import type { Simulation } from '../../../core/simulation.ts';
import { epochMilliseconds, rfc3339, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import type { Lease, Node, Taint } from '../../api/types/node.ts';
import type { Pod } from '../../api/types/pod.ts';
import { matchesTaint } from '../../scheduler/plugins/taint-toleration.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { isPodReady, milliseconds } from '../pods.ts';

/** --node-monitor-grace-period. */
const GRACE = 50 * SECOND;
const BY_NODE = 'node';

const UNREACHABLE = 'node.kubernetes.io/unreachable';
const NOT_READY = 'node.kubernetes.io/not-ready';

/** Taints by the condition that asks for them. */
const CONDITION_TAINTS: readonly (readonly [string, string, string])[] = [
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
];

/** kube-controller-manager's node-lifecycle-controller. */
export class NodeLifecycleController implements Controller {
  readonly name = 'node-lifecycle-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly nodes: Informer<Node>;
  private readonly leases: Informer<Lease>;
  private readonly pods: Informer<Pod>;
  private readonly events: EventRecorder;
  private readonly seen = new Map<string, { renewTime: string; at: number }>();

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.nodes = context.informer(resources.nodes);
    this.leases = context.informer(resources.leases);
    this.pods = context.informer(resources.pods);
    this.events = context.recorder('node-controller');
    this.pods.addIndex(BY_NODE, (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []));
    this.nodes.onChange((after, before) => {
      if (after) this.queue.add(keyOf(after));
      const node = after ?? before;
      if (after && before) return;
      const name = node?.metadata.name ?? '';
      const [reason, what] = after
        ? ['RegisteredNode', `Registered Node ${name} in Controller`]
        : ['RemovingNode', `Removing Node ${name} from Controller`];
      if (node)
        this.events.event(nodeReference(node), 'Normal', reason, `Node ${name} event: ${what}`);
    });
    this.leases.onChange((after) => {
      if (after?.metadata.namespace === 'kube-node-lease') this.renewed(after);
    });
  }

  /** A lease was renewed: the node is looked at again only if it was given up, or when the grace period ends. */
  private renewed(lease: Lease): void {
    const name = lease.metadata.name ?? '';
    this.seen.set(name, { renewTime: lease.spec.renewTime ?? '', at: this.simulation.now });
    const ready = this.nodes.get(name)?.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status === 'Unknown') this.queue.add(name);
  }

  *sync(name: string): Routine<SyncResult> {
    const node = this.nodes.get(name);
    if (!node) return undefined;
    const heard = Math.max(this.seen.get(name)?.at ?? 0, this.heartbeat(node));
    const silent = this.simulation.now - heard;
    let current = node;
    if (silent >= GRACE) {
      const marked = yield* this.markUnknown(node);
      if (typeof marked === 'string') return marked;
      current = marked;
    }
    const failure = yield* this.taint(current);
    if (failure) return failure;
    if (readiness(current) !== 'True') yield* this.markPods(current);
    return silent >= GRACE ? undefined : GRACE - silent;
  }

  private heartbeat(node: Node): number {
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    const at = ready?.lastHeartbeatTime ?? node.metadata.creationTimestamp;
    return (milliseconds(at) - epochMilliseconds(0)) * 1e6;
  }

  private *markUnknown(node: Node): Routine<Node | string> {
    if (readiness(node) === 'Unknown') return node;
    const now = rfc3339(this.simulation.now);
    const conditions = (node.status?.conditions ?? []).map((condition) => {
      if (condition.type === 'NetworkUnavailable' || condition.status === 'Unknown')
        return condition;
      return {
        ...condition,
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: now,
      };
    });
    this.simulation.because(`node ${keyOf(node)} has not renewed its lease`, {
      kind: 'node',
      name: keyOf(node),
    });
    const updated = yield* this.client.updateStatus(resources.nodes, {
      ...node,
      status: { ...node.status, conditions },
    });
    if (updated instanceof Refusal) return updated.message;
    const message = `Node ${keyOf(node)} status is now: NodeNotReady`;
    this.events.event(nodeReference(node), 'Normal', 'NodeNotReady', message);
    return updated;
  }

  private *taint(node: Node): Routine<string | undefined> {
    const taints = wantedTaints(node, rfc3339(this.simulation.now));
    if (sameJson(taints, node.spec.taints ?? [])) return undefined;
    const updated = yield* this.client.patch(resources.nodes, '', keyOf(node), 'merge', {
      metadata: { resourceVersion: node.metadata.resourceVersion },
      spec: { taints: taints.length > 0 ? taints : null },
    });
    return updated instanceof Refusal && updated.reason !== 'NotFound'
      ? updated.message
      : undefined;
  }

  private *markPods(node: Node): Routine<void> {
    for (const pod of [...this.pods.byIndex(BY_NODE, keyOf(node))]) {
      if (!isPodReady(pod)) continue;
      const { namespace = '', name = '' } = pod.metadata;
      const condition = {
        type: 'Ready',
        status: 'False',
        lastTransitionTime: rfc3339(this.simulation.now),
      };
      const body = { status: { conditions: [condition] } };
      yield* this.client.patch(resources.pods, namespace, name, 'strategic', body, {
        subresource: 'status',
      });
      this.events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    }
  }
}

function readiness(node: Node): string {
  return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown';
}

/** Events about nodes name the node as their uid too, as node events always did. */
function nodeReference(node: Node): {
  kind: string;
  apiVersion: string;
  name: string;
  uid: string;
} {
  return { kind: 'Node', apiVersion: 'v1', name: keyOf(node), uid: node.metadata.uid ?? '' };
}

/** The node's taints with those that its conditions and cordon ask for, others left alone. */
function wantedTaints(node: Node, now: string): Taint[] {
  const ready = readiness(node);
  const wanted: Taint[] = [];
  const add = (key: string, effect: string): void => {
    const before = node.spec.taints?.find((taint) => taint.key === key && taint.effect === effect);
    wanted.push(before ?? { key, effect, timeAdded: now });
  };
  if (node.spec.unschedulable) add('node.kubernetes.io/unschedulable', 'NoSchedule');
  const key = ready === 'Unknown' ? UNREACHABLE : ready === 'False' ? NOT_READY : undefined;
  if (key) {
    add(key, 'NoSchedule');
    add(key, 'NoExecute');
  }
  for (const [type, status, taint] of CONDITION_TAINTS) {
    if (node.status?.conditions?.some((c) => c.type === type && c.status === status))
      add(taint, 'NoSchedule');
  }
  const ours = new Set([
    UNREACHABLE,
    NOT_READY,
    'node.kubernetes.io/unschedulable',
    ...CONDITION_TAINTS.map(([, , taint]) => taint),
  ]);
  const others = (node.spec.taints ?? []).filter((taint) => !ours.has(taint.key));
  return [...others, ...wanted];
}

/** kube-controller-manager's taint-eviction-controller: pods leave nodes whose NoExecute taints they do not tolerate. */
export class TaintEvictionController implements Controller {
  readonly name = 'taint-eviction-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly nodes: Informer<Node>;
  private readonly pods: Informer<Pod>;
  private readonly events: EventRecorder;
  private readonly due = new Map<string, Timer>();

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.nodes = context.informer(resources.nodes);
    this.pods = context.informer(resources.pods);
    this.events = context.recorder('taint-eviction-controller');
    this.pods.addIndex(BY_NODE, (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []));
    this.nodes.onChange((after, before) => {
      if (after?.spec.taints === before?.spec.taints) return;
      for (const pod of this.pods.byIndex(BY_NODE, (after ?? before)?.metadata.name ?? ''))
        this.consider(pod);
    });
    this.pods.onChange((after, before) => {
      if (after && after.spec !== before?.spec) this.consider(after);
      else if (!after && before) this.cancel(keyOf(before));
    });
  }

  private consider(pod: Pod): void {
    const key = keyOf(pod);
    const taints = (this.nodes.get(pod.spec.nodeName ?? '')?.spec.taints ?? []).filter(
      (t) => t.effect === 'NoExecute',
    );
    const wait = evictionDelay(pod, taints);
    if (wait === undefined) {
      if (this.due.has(key)) {
        this.cancel(key);
        this.events.event(
          pod,
          'Normal',
          'TaintManagerEviction',
          `Cancelling deletion of Pod ${key}`,
        );
      }
      return;
    }
    if (this.due.has(key)) return;
    this.due.set(
      key,
      this.simulation.after(wait * SECOND, () => this.queue.add(key)),
    );
  }

  private cancel(key: string): void {
    this.due.get(key)?.cancel();
    this.due.delete(key);
  }

  *sync(key: string): Routine<SyncResult> {
    const pod = this.pods.get(key);
    this.due.delete(key);
    if (!pod || pod.metadata.deletionTimestamp) return undefined;
    this.events.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
    const { namespace = '', name = '' } = pod.metadata;
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: rfc3339(this.simulation.now),
    };
    const body = { status: { conditions: [condition] } };
    yield* this.client.patch(resources.pods, namespace, name, 'strategic', body, {
      subresource: 'status',
    });
    const deleted = yield* this.client.delete(resources.pods, namespace, name);
    return deleted instanceof Refusal && deleted.reason !== 'NotFound'
      ? deleted.message
      : undefined;
  }
}

/** Seconds until a pod must leave a node with these taints; undefined: it may stay. */
function evictionDelay(pod: Pod, taints: readonly Taint[]): number | undefined {
  if (taints.length === 0) return undefined;
  let soonest = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const matching = (pod.spec.tolerations ?? []).filter((toleration) =>
      matchesTaint(toleration, taint),
    );
    if (matching.length === 0) return 0;
    for (const { tolerationSeconds } of matching) {
      if (tolerationSeconds !== undefined)
        soonest = Math.min(soonest, Math.max(0, tolerationSeconds));
    }
  }
  return Number.isFinite(soonest) ? soonest : undefined;
}
