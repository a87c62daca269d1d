// The job controller: pods until as many have succeeded as `completions` asks for; failures are retried with a delay that
// doubles, up to backoffLimit; deadlines, suspension, indexes, and cleaning up after ttlSecondsAfterFinished.

import type { Simulation } from '../../../core/simulation.ts';
import { epochMilliseconds, rfc3339, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import { selects } from '../../api/selectors.ts';
import type { Job, JobCondition, JobStatus } from '../../api/types/batch.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { type OwnedPods, ownedPods } from '../owned-pods.ts';
import { podFromTemplate } from '../pod-control.ts';
import { isPodReady, milliseconds } from '../pods.ts';
import { formatIndexes, INDEX, indexOf } from './indexes.ts';
import { deadlineLeft, type Ending, endingOf, type JobTally, tally } from './verdict.ts';

const KIND = { kind: 'Job', apiVersion: 'batch/v1' };
const FIRST_BACKOFF = 10 * SECOND;
const LONGEST_BACKOFF = 600 * SECOND;
/** Pods that ended are kept from deletion until they were counted. */
const TRACKING = 'batch.kubernetes.io/job-tracking';

/** kube-controller-manager's job-controller. */
export class JobController implements Controller {
  readonly name = 'job-controller';
  readonly workers = 5;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly jobs: Informer<Job>;
  private readonly pods: Informer<Pod>;
  private readonly events: EventRecorder;
  private readonly owned: OwnedPods;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.jobs = context.informer(resources.jobs);
    this.pods = context.informer(resources.pods);
    this.events = context.recorder('job-controller');
    this.owned = ownedPods(context, this.pods, KIND);
    this.jobs.onChange((after, before) => {
      const job = after ?? before;
      if (job) this.queue.add(keyOf(job));
    });
    this.owned.onOwner(
      (key) => this.queue.add(key),
      (pod) => this.jobsMatching(pod),
    );
  }

  private *jobsMatching(pod: Pod): Generator<string> {
    for (const job of this.jobs.inNamespace(pod.metadata.namespace ?? '')) {
      if (job.spec.selector && selects(job.spec.selector, pod.metadata.labels)) yield keyOf(job);
    }
  }

  *sync(key: string): Routine<SyncResult> {
    const job = this.jobs.get(key);
    if (!job || job.metadata.deletionTimestamp) return undefined;
    if (conditionOf(job, 'Complete') || conditionOf(job, 'Failed'))
      return yield* this.afterwards(job);
    const pods = yield* this.owned.claim(job, job.spec.selector ?? {});
    const counts = tally(job, pods);
    const ending = conditionOf(job, 'FailureTarget')
      ? undefined
      : endingOf(job, counts, this.simulation);
    let failure: string | undefined;
    let retryIn: number | undefined;
    if (ending || conditionOf(job, 'FailureTarget'))
      failure = yield* this.deletePods(job, counts.active);
    else if (job.spec.suspend) failure = yield* this.deletePods(job, counts.active);
    else {
      const managed = yield* this.manage(job, counts, pods);
      if (typeof managed === 'string') failure = managed;
      else retryIn = managed;
    }
    const written = yield* this.writeStatus(job, ending);
    yield* this.releaseFinalizers(this.owned.of(job));
    if (failure ?? written) return failure ?? written;
    const left = deadlineLeft(this.jobs.get(key) ?? job, this.simulation);
    const waits = [retryIn, left].filter((wait) => wait !== undefined && wait > 0) as number[];
    return waits.length > 0 ? Math.min(...waits) : undefined;
  }

  /** Makes or removes pods; a delay where a failure is waited out; a text where it failed. */
  private *manage(
    job: Job,
    counts: JobTally,
    pods: readonly Pod[],
  ): Routine<string | number | undefined> {
    const { parallelism = 1, completions } = job.spec;
    const { active, succeeded, failedIndexes } = counts;
    const remaining =
      completions === undefined ? parallelism : completions - succeeded - failedIndexes.size;
    const finishing = completions === undefined && succeeded > 0;
    const wanted = finishing ? active.length : Math.max(0, Math.min(parallelism, remaining));
    if (active.length > wanted) return yield* this.deletePods(job, active.slice(wanted));
    if (active.length === wanted) return undefined;
    const wait = this.backoffLeft(pods);
    if (wait > 0) return wait;
    const indexes = job.spec.completionMode === 'Indexed' ? freeIndexes(job, counts) : undefined;
    for (let i = active.length; i < wanted; i++) {
      const index = indexes?.shift();
      if (indexes && index === undefined) return undefined;
      const failure = yield* this.createPod(job, index);
      if (failure) return failure;
    }
    return undefined;
  }

  /** Nanoseconds until a failed pod may be replaced: 10 s after the first failure, doubling. */
  private backoffLeft(pods: readonly Pod[]): number {
    const failures = pods.filter((pod) => pod.status?.phase === 'Failed');
    if (failures.length === 0) return 0;
    const last = Math.max(...failures.map(finishedAt));
    const succeededSince = pods.some(
      (pod) => pod.status?.phase === 'Succeeded' && finishedAt(pod) > last,
    );
    if (succeededSince) return 0;
    const backoff = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (failures.length - 1));
    return (last - epochMilliseconds(this.simulation.now)) * 1e6 + backoff;
  }

  private *createPod(job: Job, index: number | undefined): Routine<string | undefined> {
    const created = yield* this.client.create(resources.pods, jobPod(job, index));
    if (created instanceof Refusal) {
      this.events.event(job, 'Warning', 'FailedCreate', `Error creating: ${created.message}`);
      return created.message;
    }
    this.pods.observe(created);
    this.events.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
    return undefined;
  }

  private *deletePods(job: Job, pods: readonly Pod[]): Routine<string | undefined> {
    for (const pod of pods) {
      if (pod.metadata.deletionTimestamp || this.owned.isLeaving(pod)) continue;
      const { namespace = '', name = '' } = pod.metadata;
      this.owned.leaving(pod);
      yield* this.releaseFinalizer(pod);
      const deleted = yield* this.client.delete(resources.pods, namespace, name);
      if (deleted instanceof Refusal && deleted.reason !== 'NotFound') return deleted.message;
      this.events.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    }
    return undefined;
  }

  private *releaseFinalizers(pods: readonly Pod[]): Routine<void> {
    for (const pod of pods) {
      const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
      if (ended || pod.metadata.deletionTimestamp) yield* this.releaseFinalizer(pod);
    }
  }

  private *releaseFinalizer(pod: Pod): Routine<void> {
    const { namespace = '', name = '', finalizers } = pod.metadata;
    if (!finalizers?.includes(TRACKING)) return;
    const rest = finalizers.filter((finalizer) => finalizer !== TRACKING);
    const patched = yield* this.client.patch(resources.pods, namespace, name, 'merge', {
      metadata: { finalizers: rest.length > 0 ? rest : null },
    });
    if (!(patched instanceof Refusal)) this.pods.observe(patched);
  }

  private *writeStatus(job: Job, ending: Ending | undefined): Routine<string | undefined> {
    const now = rfc3339(this.simulation.now);
    const counts = tally(job, this.owned.of(job));
    const lost = lostCounts(job, this.owned.of(job));
    const status = this.statusOf(job, counts, lost, ending, now);
    if (sameJson(status, job.status)) return undefined;
    const updated = yield* this.client.updateStatus(resources.jobs, { ...job, status });
    if (updated instanceof Refusal) return updated.message;
    this.jobs.observe(updated);
    this.tellOfEnding(job, status);
    return undefined;
  }

  private statusOf(
    job: Job,
    counts: JobTally,
    lost: { readonly succeeded: number; readonly failed: number },
    ending: Ending | undefined,
    now: string,
  ): JobStatus {
    const indexed = job.spec.completionMode === 'Indexed';
    const stillRunning = counts.active.filter((pod) => !this.owned.isLeaving(pod)).length;
    const terminating = counts.terminating.length;
    const conditions = conditionsAfter(job, ending, counts.active.length + terminating === 0, now);
    const finished = conditions.some(({ type }) => type === 'Complete');
    const failed = counts.failed + lost.failed;
    const succeeded = indexed ? counts.succeeded : counts.succeeded + lost.succeeded;
    return {
      ...(conditions.length > 0 ? { conditions } : {}),
      ...(job.spec.suspend ? {} : { startTime: job.status?.startTime ?? now }),
      ...(finished ? { completionTime: job.status?.completionTime ?? now } : {}),
      ...(stillRunning ? { active: stillRunning } : {}),
      terminating,
      ...(succeeded ? { succeeded } : {}),
      ...(failed ? { failed } : {}),
      ...(indexed && counts.succeededIndexes.size > 0
        ? { completedIndexes: formatIndexes(counts.succeededIndexes) }
        : {}),
      ...(job.spec.backoffLimitPerIndex !== undefined
        ? { failedIndexes: formatIndexes(counts.failedIndexes) }
        : {}),
      uncountedTerminatedPods: {},
      ready: counts.active.filter(isPodReady).length,
    };
  }

  private tellOfEnding(job: Job, status: JobStatus): void {
    for (const condition of status.conditions ?? []) {
      if (conditionOf(job, condition.type) || condition.status !== 'True') continue;
      const { type, reason = '', message = '' } = condition;
      if (type === 'Failed') this.events.event(job, 'Warning', reason, message);
      if (type === 'Complete') this.events.event(job, 'Normal', 'Completed', 'Job completed');
      if (type === 'Suspended') this.events.event(job, 'Normal', 'Suspended', 'Job suspended');
    }
    if (conditionOf(job, 'Suspended')?.status === 'True' && !job.spec.suspend) {
      this.events.event(job, 'Normal', 'Resumed', 'Job resumed');
    }
  }

  /** A finished job goes when its ttlSecondsAfterFinished is over. */
  private *afterwards(job: Job): Routine<SyncResult> {
    yield* this.releaseFinalizers(this.owned.of(job));
    const { ttlSecondsAfterFinished } = job.spec;
    if (ttlSecondsAfterFinished === undefined) return undefined;
    const ended = (conditionOf(job, 'Complete') ?? conditionOf(job, 'Failed'))?.lastTransitionTime;
    const left =
      milliseconds(ended) + ttlSecondsAfterFinished * 1000 - epochMilliseconds(this.simulation.now);
    if (left > 0) return left * 1e6;
    const { namespace = '', name = '' } = job.metadata;
    yield* this.client.delete(resources.jobs, namespace, name, { propagationPolicy: 'Foreground' });
    return undefined;
  }
}

function conditionOf(job: Job, type: string): JobCondition | undefined {
  return job.status?.conditions?.find(
    (condition) => condition.type === type && condition.status === 'True',
  );
}

function finishedAt(pod: Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).map(({ state }) =>
    milliseconds(state?.terminated?.finishedAt),
  );
  return Math.max(milliseconds(pod.metadata.creationTimestamp), ...ends);
}

function freeIndexes(job: Job, counts: JobTally): number[] {
  const running = new Set(counts.active.map(indexOf));
  const free: number[] = [];
  for (let i = 0; i < (job.spec.completions ?? 0); i++) {
    if (!running.has(i) && !counts.succeededIndexes.has(i) && !counts.failedIndexes.has(i))
      free.push(i);
  }
  return free;
}

/** Counts of pods that were counted once and are gone. */
function lostCounts(
  job: Job,
  pods: readonly Pod[],
): { readonly succeeded: number; readonly failed: number } {
  const phase = (name: string): number => pods.filter((pod) => pod.status?.phase === name).length;
  return {
    succeeded: Math.max(0, (job.status?.succeeded ?? 0) - phase('Succeeded')),
    failed: Math.max(0, (job.status?.failed ?? 0) - phase('Failed')),
  };
}

function jobPod(job: Job, index: number | undefined): Pod {
  const pod = podFromTemplate(job.spec.template, { ...KIND, metadata: job.metadata });
  const finalizers = [...(pod.metadata.finalizers ?? []), TRACKING];
  if (index === undefined) return { ...pod, metadata: { ...pod.metadata, finalizers } };
  const text = String(index);
  const field = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX}']` } },
  };
  const name = job.metadata.name ?? '';
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      finalizers,
      generateName: `${name}-${index}-`,
      annotations: { ...pod.metadata.annotations, [INDEX]: text },
      labels: { ...pod.metadata.labels, [INDEX]: text },
    },
    spec: {
      ...pod.spec,
      hostname: pod.spec.hostname ?? `${name}-${index}`,
      containers: pod.spec.containers.map((container) => ({
        ...container,
        env: [...(container.env ?? []), field],
      })),
    },
  };
}

/** The conditions with what became true: the target first, the end itself once no pod is left running. */
function conditionsAfter(
  job: Job,
  ending: Ending | undefined,
  quiet: boolean,
  now: string,
): readonly JobCondition[] {
  let conditions = job.status?.conditions ?? [];
  const add = (type: string, reason: string, message: string, status = 'True'): void => {
    const condition = {
      type,
      status,
      lastProbeTime: now,
      lastTransitionTime: now,
      reason,
      message,
    };
    conditions = [...conditions.filter((other) => other.type !== type), condition];
  };
  const suspended = conditions.find(({ type }) => type === 'Suspended');
  if (job.spec.suspend && suspended?.status !== 'True')
    add('Suspended', 'JobSuspended', 'Job suspended');
  if (!job.spec.suspend && suspended?.status === 'True')
    add('Suspended', 'JobResumed', 'Job resumed', 'False');
  if (ending) {
    const target = ending.kind === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
    add(target, ending.reason, ending.message);
  }
  const target = conditions.find(
    ({ type }) => type === 'SuccessCriteriaMet' || type === 'FailureTarget',
  );
  if (target && quiet) {
    add(
      target.type === 'FailureTarget' ? 'Failed' : 'Complete',
      target.reason ?? '',
      target.message ?? '',
    );
  }
  return conditions;
}
