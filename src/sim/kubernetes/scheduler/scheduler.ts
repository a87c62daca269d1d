// kube-scheduler: pods without a node are taken from the queue one by one, a node is chosen, and the choice is written as
// a binding. Its cache follows nodes and pods by their changes; a pod counts on its node from the moment it is chosen.

import type { Random } from '../../core/random.ts';
import type { Simulation } from '../../core/simulation.ts';
import { rfc3339 } from '../../core/time.ts';
import { type Routine, waitOn } from '../../core/wait.ts';
import { type ApiClient, Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { Node } from '../api/types/node.ts';
import type { Pod, PodCondition } from '../api/types/pod.ts';
import type { ControllerContext } from '../controllers/context.ts';
import type { Spawn } from '../controllers/machinery/controller.ts';
import type { EventRecorder } from '../controllers/machinery/events.ts';
import type { Informer } from '../controllers/machinery/informer.ts';
import { podCondition } from '../controllers/pods.ts';
import { SchedulerCache } from './cache.ts';
import { type Diagnosis, diagnosisText, isPlacement, scheduleOne } from './cycle.ts';
import type { ClusterChange } from './framework.ts';
import type { NodeInfo, PodInfo } from './node-info.ts';
import { podInfo, podKey } from './node-info.ts';
import { plugins } from './plugins/index.ts';
import { type VolumeDecision, volumeDecisions } from './plugins/volume-binding.ts';
import { bindVolumes } from './pre-bind.ts';
import { preempt } from './preemption.ts';
import { SchedulingQueue } from './queue.ts';

const NAME = 'default-scheduler';

export class Scheduler {
  readonly queue: SchedulingQueue;
  readonly cache: SchedulerCache;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly events: EventRecorder;
  private readonly random: Random;
  private readonly informers: readonly Informer<Node | Pod>[];
  private readonly spawn: Spawn;
  private readonly rotation = { next: 0 };

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.spawn = context.spawn;
    this.events = context.recorder(NAME);
    this.random = context.simulation.random.fork('kube-scheduler');
    this.queue = new SchedulingQueue(context.simulation);
    this.cache = new SchedulerCache(context);
    const nodes = context.informer(resources.nodes);
    const pods = context.informer(resources.pods);
    this.informers = [nodes, pods] as unknown as readonly Informer<Node | Pod>[];
    nodes.onChange((after, before) => {
      this.cache.nodeChanged(after, before);
      if (!before) this.queue.wakeParked('node added');
      else if (after)
        for (const change of nodeChanges(after, before)) this.queue.wakeParked(change);
    });
    pods.onChange((after, before) => this.podChanged(after, before));
    this.cache.onVolumesChange(() => this.queue.wakeParked('storage'));
  }

  private podChanged(after: Pod | undefined, before: Pod | undefined): void {
    const wasHere = before !== undefined && holdsResources(before);
    const isHere = after !== undefined && holdsResources(after);
    if (isHere) this.cache.podAssigned(after);
    else if (wasHere) {
      this.cache.podGone(before);
      this.queue.wakeParked('pod gone');
    }
    const waits = after !== undefined && isWaiting(after);
    if (waits) this.podWaits(after);
    else if (before) {
      this.queue.remove(podKey(before));
      this.cache.nominate(podInfo(before), undefined);
    }
    if (isHere && !wasHere) this.queue.wakeParked('pod assigned');
  }

  /** A nomination stands in the pod's status, so that it outlives this process. */
  private podWaits(pod: Pod): void {
    const info = podInfo(pod);
    this.queue.add(info);
    const { nominatedNodeName } = pod.status ?? {};
    if (nominatedNodeName) this.cache.nominate(info, nominatedNodeName);
  }

  /** Schedules for ever. */
  *run(): Routine<void> {
    for (const informer of this.informers) yield* informer.waitForSync();
    for (;;) {
      const pod = this.queue.take();
      if (!pod) yield* waitOn(this.queue.arrived);
      else yield* this.scheduleOne(pod);
    }
  }

  private *scheduleOne(pod: PodInfo): Routine<void> {
    const { cache } = this;
    const result = scheduleOne(pod, cache, plugins, cache.order, this.rotation, this.random);
    if (isPlacement(result)) yield* this.bind(pod, result.node);
    else yield* this.giveUpFor(pod, result);
  }

  private *bind(pod: PodInfo, node: NodeInfo): Routine<void> {
    this.simulation.because(`scheduler: ${pod.key} goes to ${node.name}`, {
      kind: 'pod',
      name: pod.key,
    });
    this.cache.assume(pod, node);
    const decisions = volumeDecisions(pod.pod, node, this.cache);
    if (decisions.length === 0) yield* this.postBinding(pod, node);
    else this.spawn(this.bindWithVolumes(pod, node, decisions));
  }

  /** The other pods go on meanwhile. */
  private *bindWithVolumes(
    pod: PodInfo,
    node: NodeInfo,
    decisions: readonly VolumeDecision[],
  ): Routine<void> {
    const { simulation, client, cache } = this;
    const failure = yield* bindVolumes(simulation, client, cache, pod, node, decisions);
    if (failure === undefined) {
      yield* this.postBinding(pod, node);
      return;
    }
    this.events.event(pod.pod, 'Warning', 'FailedScheduling', failure);
    this.cache.forget(pod.key);
    this.queue.retrySoon(pod.key);
  }

  private *postBinding(pod: PodInfo, node: NodeInfo): Routine<void> {
    const { namespace = '', name = '', uid } = pod.pod.metadata;
    const binding = {
      kind: 'Binding',
      apiVersion: 'v1',
      metadata: { namespace, name, ...(uid ? { uid } : {}) },
      target: { kind: 'Node', name: node.name },
    };
    const bound = yield* this.client.post(resources.pods, namespace, name, 'binding', binding);
    if (!(bound instanceof Refusal)) {
      this.queue.remove(pod.key);
      const message = `Successfully assigned ${pod.key} to ${node.name}`;
      this.events.event(pod.pod, 'Normal', 'Scheduled', message);
      return;
    }
    this.cache.forget(pod.key);
    if (bound.reason === 'NotFound') this.queue.remove(pod.key);
    else this.queue.retrySoon(pod.key);
  }

  private *giveUpFor(pod: PodInfo, diagnosis: Diagnosis): Routine<void> {
    this.queue.park(pod.key, diagnosis.objectors);
    const { cache } = this;
    const total = cache.order.length;
    let message = diagnosisText(diagnosis, total);
    let nominated: NodeInfo | undefined;
    if (total > 0) {
      nominated = cache.nominationOf(pod.key);
      const outcome = preempt(pod, cache, plugins, diagnosis, nominated);
      if ('message' in outcome) {
        message += ` ${outcome.message}`;
        if (!outcome.waits) nominated = undefined;
      } else {
        nominated = outcome.node;
        yield* this.evict(pod, outcome.node, outcome.victims);
      }
      cache.nominate(pod, nominated?.name);
    }
    this.events.event(pod.pod, 'Warning', 'FailedScheduling', message);
    yield* this.writeUnschedulable(pod.pod, message, nominated?.name);
  }

  private *evict(pod: PodInfo, node: NodeInfo, victims: readonly PodInfo[]): Routine<void> {
    for (const { pod: victim } of victims) {
      const { namespace = '', name = '' } = victim.metadata;
      const condition: PodCondition = {
        type: 'DisruptionTarget',
        status: 'True',
        lastTransitionTime: rfc3339(this.simulation.now),
        reason: 'PreemptionByScheduler',
        message: `${NAME}: preempting to accommodate a higher priority pod`,
      };
      const body = { status: { conditions: [condition] } };
      yield* this.client.patch(resources.pods, namespace, name, 'strategic', body, {
        subresource: 'status',
      });
      yield* this.client.delete(resources.pods, namespace, name);
      const message = `Preempted by pod ${pod.pod.metadata.uid} on node ${node.name}`;
      this.events.event(victim, 'Normal', 'Preempted', message);
    }
  }

  private *writeUnschedulable(pod: Pod, message: string, nominated?: string): Routine<void> {
    const before = podCondition(pod, 'PodScheduled');
    const same = before?.status === 'False' && before.message === message;
    if (same && (nominated ?? '') === (pod.status?.nominatedNodeName ?? '')) return;
    const now = rfc3339(this.simulation.now);
    const condition: PodCondition = {
      type: 'PodScheduled',
      status: 'False',
      lastProbeTime: null,
      lastTransitionTime: before?.status === 'False' ? (before.lastTransitionTime ?? now) : now,
      reason: 'Unschedulable',
      message,
      ...(pod.metadata.generation === undefined
        ? {}
        : { observedGeneration: pod.metadata.generation }),
    };
    const body = {
      status: {
        conditions: [condition],
        ...(nominated || pod.status?.nominatedNodeName
          ? { nominatedNodeName: nominated ?? null }
          : {}),
      },
    };
    const { namespace = '', name = '' } = pod.metadata;
    yield* this.client.patch(resources.pods, namespace, name, 'strategic', body, {
      subresource: 'status',
    });
  }
}

/** It waits for this scheduler: no node yet, no gates, not on its way out. */
function isWaiting(pod: Pod): boolean {
  const { nodeName, schedulerName = NAME, schedulingGates } = pod.spec;
  return (
    !nodeName &&
    schedulerName === NAME &&
    !schedulingGates?.length &&
    !pod.metadata.deletionTimestamp &&
    pod.status?.phase !== 'Succeeded' &&
    pod.status?.phase !== 'Failed'
  );
}

function holdsResources(pod: Pod): boolean {
  const { phase } = pod.status ?? {};
  return Boolean(pod.spec.nodeName) && phase !== 'Succeeded' && phase !== 'Failed';
}

/** Changes of a node after which a pod that did not fit might. */
function nodeChanges(after: Node, before: Node): ClusterChange[] {
  const changes: ClusterChange[] = [];
  if (differ(after.metadata.labels, before.metadata.labels)) changes.push('node labels');
  if (differ(after.status?.allocatable, before.status?.allocatable))
    changes.push('node allocatable');
  if (differ(after.spec, before.spec)) changes.push('node taints');
  return changes;
}

function differ(one: unknown, other: unknown): boolean {
  return one !== other && JSON.stringify(one) !== JSON.stringify(other);
}
