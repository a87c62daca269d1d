// The horizontal pod autoscaler: every 15 s it looks at how much of their requests (or of a target) its pods use and sets
// the replicas of what it scales, within spec.behavior. Metrics of resources come from metrics.k8s.io. Left out: Pods, Object
// and External metrics, for nothing here serves custom.metrics.k8s.io; they read as invalid, as on a cluster without.

import type { Simulation } from '../../../core/simulation.ts';
import { rfc3339, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
} from '../../api/types/policy.ts';
import type { ControllerContext } from '../context.ts';
import { type DiscoveredResource, discover } from '../discovery.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { getScale, type Scale, setScale } from '../scale.ts';
import { type History, normalize } from './behavior.ts';
import { Conditions } from './conditions.ts';
import { type MetricFailure, MetricReader } from './metrics.ts';

/** --horizontal-pod-autoscaler-sync-period. */
const PERIOD = 15 * SECOND;

/** What metrics ask for, with what the status shows of them. */
interface Asked {
  readonly replicas: number;
  readonly metric: string;
  readonly statuses: readonly MetricStatus[];
}

/** kube-controller-manager's horizontal-pod-autoscaler-controller. */
export class HorizontalPodAutoscalerController implements Controller {
  readonly name = 'horizontal-pod-autoscaler-controller';
  readonly workers = 5;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly autoscalers: Informer<HorizontalPodAutoscaler>;
  private readonly events: EventRecorder;
  private readonly reader: MetricReader;
  private readonly histories = new Map<string, History>();
  private kinds: readonly DiscoveredResource[] = [];

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.autoscalers = context.informer(resources.horizontalPodAutoscalers);
    this.events = context.recorder('horizontal-pod-autoscaler');
    this.reader = new MetricReader(context);
    this.autoscalers.onChange((after, before) => {
      if (!after) this.histories.delete(keyOf(before as HorizontalPodAutoscaler));
      else if (after.spec !== before?.spec) this.queue.addAfter(keyOf(after), PERIOD);
    });
  }

  *sync(key: string): Routine<SyncResult> {
    const hpa = this.autoscalers.get(key);
    if (!hpa) return undefined;
    yield* this.reconcile(hpa, key);
    return PERIOD;
  }

  private *reconcile(hpa: HorizontalPodAutoscaler, key: string): Routine<void> {
    const conditions = new Conditions(hpa, rfc3339(this.simulation.now));
    const found = yield* this.scaleOf(hpa);
    if (typeof found === 'string') {
      const message = `the HPA controller was unable to get the target's current scale: ${found}`;
      this.events.event(hpa, 'Warning', 'FailedGetScale', found);
      conditions.set('AbleToScale', false, 'FailedGetScale', message);
      yield* this.write(hpa, { ...hpa.status, desiredReplicas: 0 }, conditions);
      return;
    }
    const { scale, resource } = found;
    const message = "the HPA controller was able to get the target's current scale";
    conditions.set('AbleToScale', true, 'SucceededGetScale', message);
    const current = scale.spec.replicas ?? 0;
    const history = this.historyOf(key, current);
    const decision = yield* this.decide(hpa, scale, history, conditions);
    if (!decision) {
      const status = { ...hpa.status, currentReplicas: current, desiredReplicas: 0 };
      const { desiredReplicas = 0 } = hpa.status ?? {};
      yield* this.write(hpa, { ...status, desiredReplicas, currentMetrics: null }, conditions);
      return;
    }
    const { desired, reason, statuses } = decision;
    const rescale = desired !== current;
    if (rescale && !(yield* this.rescale(hpa, resource, scale, decision, conditions))) return;
    if (rescale) remember(history, hpa, desired - current, this.simulation.now);
    const status: HorizontalPodAutoscalerStatus = {
      ...(rescale
        ? { lastScaleTime: rfc3339(this.simulation.now) }
        : hpa.status?.lastScaleTime
          ? { lastScaleTime: hpa.status.lastScaleTime }
          : {}),
      currentReplicas: current,
      desiredReplicas: desired,
      currentMetrics: statuses.length > 0 ? statuses : null,
    };
    yield* this.write(hpa, status, conditions);
    if (rescale) this.simulation.because(`${key} is scaled to ${desired}: ${reason}`);
  }

  private historyOf(key: string, current: number): History {
    const known = this.histories.get(key);
    if (known) return known;
    const first = { at: this.simulation.now, value: current };
    const made = { recommendations: [first], ups: [], downs: [] };
    this.histories.set(key, made);
    return made;
  }

  /** How many there are to be, and why; undefined: it cannot be told. */
  private *decide(
    hpa: HorizontalPodAutoscaler,
    scale: Scale,
    history: History,
    conditions: Conditions,
  ): Routine<
    | {
        readonly desired: number;
        readonly reason: string;
        readonly statuses: readonly MetricStatus[];
      }
    | undefined
  > {
    const current = scale.spec.replicas ?? 0;
    const { minReplicas = 1, maxReplicas } = hpa.spec;
    if (current === 0 && minReplicas !== 0) {
      const message = 'scaling is disabled since the replica count of the target is zero';
      conditions.set('ScalingActive', false, 'ScalingDisabled', message);
      return { desired: 0, reason: '', statuses: [] };
    }
    if (current > maxReplicas) {
      const reason = 'Current number of replicas above Spec.MaxReplicas';
      return { desired: maxReplicas, reason, statuses: [] };
    }
    if (current < minReplicas) {
      const reason = 'Current number of replicas below Spec.MinReplicas';
      return { desired: minReplicas, reason, statuses: [] };
    }
    const asked = yield* this.ask(hpa, scale, conditions);
    if (!asked) return undefined;
    const { now } = this.simulation;
    const normalized = normalize(hpa, history, current, asked.replicas, now);
    conditions.set('AbleToScale', true, ...normalized.able);
    conditions.set('ScalingLimited', ...normalized.limited);
    const above = asked.replicas > current;
    const reason = above ? `${asked.metric} above target` : 'All metrics below target';
    return { desired: normalized.replicas, reason, statuses: asked.statuses };
  }

  /** The highest of what the metrics ask for; metrics that cannot be read never lower it. */
  private *ask(
    hpa: HorizontalPodAutoscaler,
    scale: Scale,
    conditions: Conditions,
  ): Routine<Asked | undefined> {
    const current = scale.spec.replicas ?? 0;
    const metrics = hpa.spec.metrics ?? [];
    const statuses: MetricStatus[] = [];
    let best: { replicas: number; metric: string } | undefined;
    let invalid = 0;
    let failure: MetricFailure | undefined;
    for (const metric of metrics) {
      const answer = yield* this.reader.ask(hpa, metric, scale.status?.selector ?? '', current);
      if ('message' in answer) {
        invalid++;
        failure ??= answer;
        continue;
      }
      statuses.push(answer.status);
      if (!best || answer.replicas > best.replicas) best = answer;
    }
    if (failure && (!best || best.replicas < current)) {
      const { reason, what, message } = failure;
      const text = `the HPA was unable to compute the replica count: ${message}`;
      this.events.event(hpa, 'Warning', reason, message);
      conditions.set('ScalingActive', false, reason, text);
      const all = `invalid metrics (${invalid} invalid out of ${metrics.length}), first error is: ${what}${message}`;
      this.events.event(hpa, 'Warning', 'FailedComputeMetricsReplicas', all);
      return undefined;
    }
    if (!best) return undefined;
    const text = `the HPA was able to successfully calculate a replica count from ${best.metric}`;
    conditions.set('ScalingActive', true, 'ValidMetricFound', text);
    return { ...best, statuses };
  }

  private *scaleOf(
    hpa: HorizontalPodAutoscaler,
  ): Routine<{ readonly scale: Scale; readonly resource: DiscoveredResource } | string> {
    const { kind, name, apiVersion = 'v1' } = hpa.spec.scaleTargetRef;
    const wanted = (one: DiscoveredResource): boolean =>
      one.kind === kind && one.groupVersion === apiVersion;
    if (!this.kinds.some(wanted)) this.kinds = yield* discover(this.client);
    const resource = this.kinds.find(wanted);
    if (!resource) {
      const group = apiVersion.includes('/') ? apiVersion.replace(/\/.*/, '') : '';
      return `no matches for kind "${kind}" in group "${group}"`;
    }
    const { namespace = '' } = hpa.metadata;
    const scale = yield* getScale(this.client, resource, namespace, name);
    return scale instanceof Refusal ? scale.message : { scale, resource };
  }

  private *rescale(
    hpa: HorizontalPodAutoscaler,
    resource: DiscoveredResource,
    scale: Scale,
    { desired, reason }: { readonly desired: number; readonly reason: string },
    conditions: Conditions,
  ): Routine<boolean> {
    const done = yield* setScale(this.client, resource, scale, desired);
    if (!(done instanceof Refusal)) {
      const message = `the HPA controller was able to update the target scale to ${desired}`;
      conditions.set('AbleToScale', true, 'SucceededRescale', message);
      const told = `New size: ${desired}; reason: ${reason}`;
      this.events.event(hpa, 'Normal', 'SuccessfulRescale', told);
      return true;
    }
    const failed = `New size: ${desired}; reason: ${reason}; error: ${done.message}`;
    this.events.event(hpa, 'Warning', 'FailedRescale', failed);
    const message = `the HPA controller was unable to update the target scale: ${done.message}`;
    conditions.set('AbleToScale', false, 'FailedUpdateScale', message);
    const status = { ...hpa.status, desiredReplicas: hpa.status?.desiredReplicas ?? 0 };
    yield* this.write(hpa, status, conditions);
    return false;
  }

  private *write(
    hpa: HorizontalPodAutoscaler,
    given: HorizontalPodAutoscalerStatus,
    conditions: Conditions,
  ): Routine<void> {
    const status = { ...given, conditions: conditions.list };
    if (sameJson(status, hpa.status)) return;
    const changed = { ...hpa, status };
    const written = yield* this.client.updateStatus(resources.horizontalPodAutoscalers, changed);
    if (!(written instanceof Refusal)) this.autoscalers.observe(written);
  }
}

function remember(
  history: History,
  { spec }: HorizontalPodAutoscaler,
  change: number,
  now: number,
): void {
  if (!spec.behavior) return;
  const sample = { at: now, value: Math.abs(change) };
  if (change > 0) history.ups.push(sample);
  else history.downs.push(sample);
}
