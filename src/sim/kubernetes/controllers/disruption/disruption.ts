// The disruption controller: how many of the pods that a PodDisruptionBudget selects are healthy, how many must be, and so
// how many evictions it allows at the moment. Left out: the scale subresource of custom kinds, and clearing a
// DisruptionTarget condition whose deletion never came.

import type { Simulation } from '../../../core/simulation.ts';
import { epochMilliseconds, rfc3339 } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import { selects } from '../../api/selectors.ts';
import type { Condition, LabelSelector } from '../../api/types/meta.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/types/policy.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { controllerOf, isPodReady, milliseconds } from '../pods.ts';
import { type Expectation, expectationOf, type ScaleOf } from './expected.ts';

/** An eviction that was allowed must have become a deletion after this many milliseconds. */
const DELETION_TIMEOUT = 120_000;

interface Scaled {
  readonly metadata: PodDisruptionBudget['metadata'];
  readonly spec: { readonly replicas?: number };
}

/** kube-controller-manager's disruption-controller. */
export class DisruptionController implements Controller {
  readonly name = 'disruption-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly budgets: Informer<PodDisruptionBudget>;
  private readonly pods: Informer<Pod>;
  private readonly scaled: ReadonlyMap<string, Informer<Scaled>>;
  private readonly events: EventRecorder;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.budgets = context.informer(resources.podDisruptionBudgets);
    this.pods = context.informer(resources.pods);
    this.scaled = new Map<string, Informer<Scaled>>([
      ['ReplicaSet', context.informer(resources.replicaSets) as unknown as Informer<Scaled>],
      ['Deployment', context.informer(resources.deployments) as unknown as Informer<Scaled>],
      ['StatefulSet', context.informer(resources.statefulSets) as unknown as Informer<Scaled>],
      [
        'ReplicationController',
        context.informer(resources.replicationControllers) as unknown as Informer<Scaled>,
      ],
    ]);
    this.events = context.recorder('controllermanager');
    this.budgets.onChange((after) => after && this.queue.add(keyOf(after)));
    this.pods.onChange((after, before) => {
      if (this.budgets.size === 0) return;
      for (const pod of [after, before]) if (pod) this.enqueueFor(pod);
    });
  }

  private enqueueFor(pod: Pod): void {
    for (const budget of this.budgets.inNamespace(pod.metadata.namespace ?? '')) {
      if (selects(budget.spec.selector as LabelSelector, pod.metadata.labels))
        this.queue.add(keyOf(budget));
    }
  }

  *sync(key: string): Routine<SyncResult> {
    const budget = this.budgets.get(key);
    if (!budget) return undefined;
    const pods = [...this.pods.inNamespace(budget.metadata.namespace ?? '')].filter((pod) =>
      selects(budget.spec.selector as LabelSelector, pod.metadata.labels),
    );
    if (pods.length === 0) this.events.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    const expectation = expectationOf(budget, pods, this.scaleOf);
    if (typeof expectation === 'string') {
      const message = `Failed to calculate the number of expected pods: ${expectation}`;
      this.events.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message);
      return yield* this.write(budget, failedStatus(budget, expectation, this.now()));
    }
    if (expectation.unmanaged.length > 0) this.tellOfUnmanaged(budget);
    const { disrupted, recheckIn } = this.disruptedPods(budget, pods);
    const healthy = pods.filter(
      (pod) =>
        !pod.metadata.deletionTimestamp &&
        isPodReady(pod) &&
        disrupted[pod.metadata.name ?? ''] === undefined,
    );
    const status = budgetStatus(budget, healthy.length, expectation, disrupted, this.now());
    return (yield* this.write(budget, status)) ?? recheckIn;
  }

  private now(): string {
    return rfc3339(this.simulation.now);
  }

  private readonly scaleOf: ScaleOf = (pod) => {
    const { namespace = '' } = pod.metadata;
    let owner = controllerOf(pod);
    let found: Scaled | undefined;
    while (owner) {
      const above = this.scaled.get(owner.kind)?.get(`${namespace}/${owner.name}`);
      if (above?.metadata.uid !== owner.uid) break;
      found = above;
      owner = controllerOf(above);
    }
    if (!found) return `found no controllers for pod "${pod.metadata.name}"`;
    return { uid: found.metadata.uid ?? '', replicas: found.spec.replicas ?? 1 };
  };

  private tellOfUnmanaged(budget: PodDisruptionBudget): void {
    const labels = Object.entries(budget.spec.selector?.matchLabels ?? {}).sort();
    const shown = labels.map(([name, value]) => `${name}: ${value},`).join('');
    const selector = `&LabelSelector{MatchLabels:map[string]string{${shown}},MatchExpressions:[]LabelSelectorRequirement{},}`;
    const message =
      `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. ` +
      'As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
      'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
    this.events.event(budget, 'Warning', 'UnmanagedPods', message);
  }

  /** Pods whose eviction was allowed and that are not being deleted yet. */
  private disruptedPods(
    { metadata, status }: PodDisruptionBudget,
    pods: readonly Pod[],
  ): { readonly disrupted: Record<string, string>; readonly recheckIn: number | undefined } {
    const disrupted: Record<string, string> = {};
    let recheckIn: number | undefined;
    for (const pod of pods) {
      const name = pod.metadata.name ?? '';
      const since = status?.disruptedPods?.[name];
      if (since === undefined || pod.metadata.deletionTimestamp) continue;
      const left = milliseconds(since) + DELETION_TIMEOUT - epochMilliseconds(this.simulation.now);
      if (left < 0) {
        const message = `Pod was expected by PDB ${metadata.namespace}/${metadata.namespace} to be deleted but it wasn't`;
        this.events.event(pod, 'Warning', 'NotDeleted', message);
        continue;
      }
      disrupted[name] = since;
      recheckIn = Math.min(recheckIn ?? Number.POSITIVE_INFINITY, Math.max(1, left) * 1e6);
    }
    return { disrupted, recheckIn };
  }

  private *write(
    budget: PodDisruptionBudget,
    status: PodDisruptionBudgetStatus,
  ): Routine<string | undefined> {
    if (sameJson(status, budget.status)) return undefined;
    const changed = { ...budget, status };
    const updated = yield* this.client.updateStatus(resources.podDisruptionBudgets, changed);
    return updated instanceof Refusal ? updated.message : undefined;
  }
}

function withCondition(
  budget: PodDisruptionBudget,
  status: string,
  reason: string,
  message: string,
  now: string,
): readonly Condition[] {
  const before = budget.status?.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  const observedGeneration = budget.metadata.generation ?? 1;
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
  const condition: Condition = {
    type: 'DisruptionAllowed',
    status,
    observedGeneration,
    lastTransitionTime,
    reason,
    message,
  };
  return [condition];
}

function budgetStatus(
  budget: PodDisruptionBudget,
  healthy: number,
  { expected, desired }: Expectation,
  disrupted: Readonly<Record<string, string>>,
  now: string,
): PodDisruptionBudgetStatus {
  const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
  const reason = allowed > 0 ? 'SufficientPods' : 'InsufficientPods';
  return {
    observedGeneration: budget.metadata.generation ?? 1,
    ...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : {}),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: withCondition(budget, allowed > 0 ? 'True' : 'False', reason, '', now),
  };
}

/** failSafe: nothing may be evicted while the budget cannot be worked out. */
function failedStatus(
  budget: PodDisruptionBudget,
  message: string,
  now: string,
): PodDisruptionBudgetStatus {
  return {
    ...budget.status,
    disruptionsAllowed: 0,
    conditions: withCondition(budget, 'False', 'SyncFailed', message, now),
  };
}
