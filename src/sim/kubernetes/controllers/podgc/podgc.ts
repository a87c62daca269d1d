// The pod garbage collector: pods of a node that is no more go 40 s after it, and of ended pods only so many are kept
// (--terminated-pod-gc-threshold). Left out: nodes that are marked out of service.

import type { Simulation } from '../../../core/simulation.ts';
import { rfc3339, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import type { Node } from '../../api/types/node.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { milliseconds } from '../pods.ts';

/** A node must have been gone for so long. */
const QUARANTINE = 40 * SECOND;
const THRESHOLD = 12_500;
const BY_NODE = 'node';
const ENDED = 'ended';
const TOO_MANY = 'ended pods';

/** kube-controller-manager's pod-garbage-collector-controller. Keys are names of nodes. */
export class PodGarbageCollector implements Controller {
  readonly name = 'pod-garbage-collector-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly pods: Informer<Pod>;
  private readonly nodes: Informer<Node>;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.pods = context.informer(resources.pods);
    this.nodes = context.informer(resources.nodes);
    this.pods.addIndex(BY_NODE, (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []));
    this.pods.addIndex(ENDED, ({ status }) =>
      status?.phase === 'Succeeded' || status?.phase === 'Failed' ? [''] : [],
    );
    this.nodes.onChange((after, before) => {
      if (!after && before) this.queue.addAfter(keyOf(before), QUARANTINE);
    });
    this.pods.onChange((after, before) => {
      const { nodeName } = after?.spec ?? {};
      const moved = nodeName !== undefined && nodeName !== before?.spec.nodeName;
      if (moved && this.nodes.synced && !this.nodes.get(nodeName))
        this.queue.addAfter(nodeName, QUARANTINE);
      if (this.pods.countByIndex(ENDED, '') > THRESHOLD) this.queue.add(TOO_MANY);
    });
  }

  *sync(key: string): Routine<SyncResult> {
    if (key === TOO_MANY) return yield* this.trim();
    if (this.nodes.get(key)) return undefined;
    for (const pod of [...this.pods.byIndex(BY_NODE, key)]) {
      yield* this.markLost(pod);
      const failure = yield* this.remove(pod);
      if (failure) return failure;
    }
    return undefined;
  }

  private *markLost(pod: Pod): Routine<void> {
    const { phase } = pod.status ?? {};
    if (phase === 'Succeeded' || phase === 'Failed') return;
    const { namespace = '', name = '' } = pod.metadata;
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
      lastTransitionTime: rfc3339(this.simulation.now),
    };
    const body = { status: { phase: 'Failed', conditions: [condition] } };
    const options = { subresource: 'status' };
    yield* this.client.patch(resources.pods, namespace, name, 'strategic', body, options);
  }

  private *remove(pod: Pod): Routine<string | undefined> {
    const { namespace = '', name = '' } = pod.metadata;
    const options = { gracePeriodSeconds: 0 };
    const deleted = yield* this.client.delete(resources.pods, namespace, name, options);
    return deleted instanceof Refusal && deleted.reason !== 'NotFound'
      ? deleted.message
      : undefined;
  }

  private *trim(): Routine<SyncResult> {
    const ended = [...this.pods.byIndex(ENDED, '')].sort(
      (a, b) =>
        milliseconds(a.metadata.creationTimestamp) - milliseconds(b.metadata.creationTimestamp),
    );
    for (const pod of ended.slice(0, Math.max(0, ended.length - THRESHOLD))) {
      const failure = yield* this.remove(pod);
      if (failure) return failure;
    }
    return undefined;
  }
}
