// The metrics of an autoscaler, read from metrics.k8s.io: what one asks for, and how the status shows it.

import type { Simulation } from '../../../core/simulation.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, type ObjectLike, Refusal, type Resource } from '../../api/client.ts';
import { nanoOf } from '../../api/fields/quantity.ts';
import { matches, parseLabelSelector, SelectorError } from '../../api/selectors.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus } from '../../api/types/policy.ts';
import type { ControllerContext } from '../context.ts';
import type { Informer } from '../machinery/informer.ts';
import { type PodMetrics, proposeReplicas, type Proposal, type Question } from './replicas.ts';

const POD_METRICS: Resource<PodMetrics & ObjectLike> = {
  groupVersion: 'metrics.k8s.io/v1beta1',
  plural: 'pods',
};
/** --horizontal-pod-autoscaler-tolerance. */
const TOLERANCE = 0.1;

/** What a metric asks for. */
export interface MetricAnswer {
  readonly replicas: number;
  /** Its name as events and conditions say it. */
  readonly metric: string;
  readonly status: MetricStatus;
}

/** Why a metric cannot be used: the condition's reason, its words, and what the sum of all metrics says before them. */
export interface MetricFailure {
  readonly reason: string;
  readonly what: string;
  readonly message: string;
}

export class MetricReader {
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly pods: Informer<Pod>;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.pods = context.informer(resources.pods);
  }

  /** Asks one metric about the pods that a selector selects. */
  *ask(
    hpa: HorizontalPodAutoscaler,
    spec: MetricSpec,
    selector: string,
    current: number,
  ): Routine<MetricAnswer | MetricFailure> {
    const source = spec.resource ?? spec.containerResource;
    if (!source) return unserved(spec);
    const container = spec.containerResource?.container;
    const question = this.questionOf(hpa, source.name, source.target, container, current);
    const what = 'utilization' in question.target ? 'utilization' : 'usage';
    const found = yield* this.read(hpa.metadata.namespace ?? '', selector, question);
    if (typeof found === 'string') {
      const kind = container ? `${container} container` : `${source.name} resource`;
      return {
        reason: container ? 'FailedGetContainerResourceMetric' : 'FailedGetResourceMetric',
        what: `failed to get ${kind} metric value: `,
        message: `failed to get ${source.name} ${what}: ${found}`,
      };
    }
    const kind = container ? 'container resource' : 'resource';
    const full = what === 'usage' ? kind : `${kind} utilization (percentage of request)`;
    const metric = `${source.name} ${full}`;
    return { replicas: found.replicas, metric, status: statusOf(spec, source.name, found) };
  }

  private questionOf(
    hpa: HorizontalPodAutoscaler,
    resource: string,
    target: { readonly averageUtilization?: number; readonly averageValue?: string },
    container: string | undefined,
    current: number,
  ): Question {
    const { scaleUp, scaleDown } = hpa.spec.behavior ?? {};
    const share = (text: string | undefined): number =>
      text === undefined ? TOLERANCE : Number(nanoOf(text)) / 1e9;
    return {
      resource,
      container,
      target:
        target.averageValue === undefined
          ? { utilization: target.averageUtilization ?? 0 }
          : { milli: Number(nanoOf(target.averageValue) / 1_000_000n) },
      current,
      now: this.simulation.now,
      tolerance: { up: share(scaleUp?.tolerance), down: share(scaleDown?.tolerance) },
    };
  }

  private *read(
    namespace: string,
    selector: string,
    question: Question,
  ): Routine<Proposal | string> {
    const about = `unable to get metrics for resource ${question.resource}`;
    const list = yield* this.client.list(POD_METRICS, namespace, { labelSelector: selector });
    if (list instanceof Refusal) {
      const why = 'unable to fetch metrics from resource metrics API';
      return `${about}: ${why}: ${list.message}`;
    }
    if (list.items.length === 0) return `${about}: no metrics returned from resource metrics API`;
    const requirements = parseLabelSelector(selector);
    if (requirements instanceof SelectorError) return `${about}: ${requirements.message}`;
    const pods = [...this.pods.inNamespace(namespace)].filter((pod) =>
      matches(requirements, pod.metadata.labels),
    );
    const metrics = new Map(list.items.map((one) => [one.metadata.name ?? '', one]));
    return proposeReplicas(pods, metrics, question);
  }
}

function amount(resource: string, milli: number): string {
  return resource === 'memory' ? String(Math.floor(milli / 1000)) : `${milli}m`;
}

function statusOf(spec: MetricSpec, name: string, proposal: Proposal): MetricStatus {
  const current = {
    ...(proposal.utilization === undefined ? {} : { averageUtilization: proposal.utilization }),
    averageValue: amount(name, proposal.average),
  };
  const { type, containerResource } = spec;
  if (!containerResource) return { type, resource: { name, current } };
  const { container } = containerResource;
  return { type, containerResource: { name, container, current } };
}

/** Nothing here serves custom or external metrics. */
function unserved({ type, pods, object, external }: MetricSpec): MetricFailure {
  const name = (pods ?? object ?? external)?.metric.name ?? '';
  const kind = type.toLowerCase();
  const group = external ? 'external.metrics.k8s.io' : 'custom.metrics.k8s.io';
  const what = external
    ? `failed to get ${name} external metric value: failed to get ${name} external metric: `
    : `failed to get ${kind} metric value: `;
  const message = external
    ? `unable to get external metric ${name}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get ${name}.${group})`
    : `unable to get metric ${name}: unable to fetch metrics from custom metrics API: the server could not find the metric ${name} for ${kind}`;
  return { reason: `FailedGet${type}Metric`, what, message };
}
