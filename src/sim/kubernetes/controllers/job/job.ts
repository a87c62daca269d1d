// The job controller: pods until as many have succeeded as `completions` asks for; failures are retried with a delay that
// doubles, up to backoffLimit; deadlines, suspension, indexes.

import type { Simulation } from '../../../core/simulation.ts';
import { rfc3339 } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import { selects } from '../../api/selectors.ts';
import type { Job, JobStatus } from '../../api/types/batch.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { type OwnedPods, ownedPods } from '../owned-pods.ts';
import { isPodActive } from '../pods.ts';
import { backoffLeft, freeIndexes, indexBackoffLeft, jobPod, KIND, lastFailures } from './pods.ts';
import { conditionOf, jobStatus, targetOf } from './status.ts';
import { type JobTally, replacesOnlyFailed, tally, TRACKING } from './tally.ts';
import { deadlineLeft, type Ending, endingOf } from './verdict.ts';

/** Who else may look after a job, by spec.managedBy. */
const OURSELVES = 'kubernetes.io/job-controller';

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
    if (!job || (job.spec.managedBy ?? OURSELVES) !== OURSELVES) return undefined;
    if (conditionOf(job, 'Complete') || conditionOf(job, 'Failed')) return yield* this.letGo(job);
    const pods = yield* this.owned.claim(job, job.spec.selector ?? {});
    if (job.metadata.deletionTimestamp) {
      for (const pod of pods) yield* this.releaseFinalizer(pod);
      return undefined;
    }
    const counts = tally(job, pods);
    const target = targetOf(job);
    const ending = target ? undefined : endingOf(job, counts, this.simulation);
    let failure: string | undefined;
    let retryIn: number | undefined;
    if (ending || target) failure = yield* this.deletePods(job, counts.active, true);
    else if (job.spec.suspend) failure = yield* this.deletePods(job, counts.active, false);
    else {
      const managed = yield* this.manage(job, counts, pods);
      if (typeof managed === 'string') failure = managed;
      else retryIn = managed;
    }
    const written = yield* this.writeStatus(job, counts, ending);
    if (written) return written;
    for (const pod of counts.counted) yield* this.releaseFinalizer(pod);
    if (failure) return failure;
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
    const { succeeded, failedIndexes, terminating } = counts;
    const active = counts.active.filter((pod) => !this.owned.isLeaving(pod));
    const remaining =
      completions === undefined ? parallelism : completions - succeeded - failedIndexes.size;
    const finishing = completions === undefined && succeeded > 0;
    const wanted = finishing ? active.length : Math.max(0, Math.min(parallelism, remaining));
    if (active.length > wanted) return yield* this.deletePods(job, active.slice(wanted), false);
    const held = replacesOnlyFailed(job) ? terminating.length : 0;
    const missing = wanted - active.length - held;
    if (missing <= 0) return undefined;
    const { now } = this.simulation;
    if (job.spec.completionMode !== 'Indexed') {
      const wait = backoffLeft(pods, now);
      if (wait > 0) return wait;
      for (let i = 0; i < missing; i++) {
        const failure = yield* this.createPod(job, undefined, undefined);
        if (failure) return failure;
      }
      return undefined;
    }
    return yield* this.createIndexes(job, counts, pods, missing);
  }

  private *createIndexes(
    job: Job,
    counts: JobTally,
    pods: readonly Pod[],
    missing: number,
  ): Routine<string | number | undefined> {
    const { now } = this.simulation;
    const last = lastFailures(pods);
    const apart = job.spec.backoffLimitPerIndex !== undefined;
    const shared = apart ? 0 : backoffLeft(pods, now);
    if (shared > 0) return shared;
    let again: number | undefined;
    let left = missing;
    for (const index of freeIndexes(job, counts)) {
      if (left === 0) break;
      const wait = apart ? indexBackoffLeft(last.get(index), now) : 0;
      if (wait > 0) {
        again = Math.min(again ?? wait, wait);
        continue;
      }
      const failure = yield* this.createPod(job, index, last.get(index));
      if (failure) return failure;
      left--;
    }
    return again;
  }

  private *createPod(
    job: Job,
    index: number | undefined,
    last: Pod | undefined,
  ): Routine<string | undefined> {
    const created = yield* this.client.create(resources.pods, jobPod(job, index, last));
    if (created instanceof Refusal) {
      this.events.event(job, 'Warning', 'FailedCreate', `Error creating: ${created.message}`);
      return created.message;
    }
    this.pods.observe(created);
    this.events.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
    return undefined;
  }

  /** Deletes pods; `counts`: each counts as a failure, and is kept until it was counted. */
  private *deletePods(
    job: Job,
    pods: readonly Pod[],
    counts: boolean,
  ): Routine<string | undefined> {
    for (const pod of pods) {
      if (pod.metadata.deletionTimestamp || this.owned.isLeaving(pod)) continue;
      const { namespace = '', name = '' } = pod.metadata;
      this.owned.leaving(pod);
      if (!counts) yield* this.releaseFinalizer(pod);
      const deleted = yield* this.client.delete(resources.pods, namespace, name);
      if (deleted instanceof Refusal && deleted.reason !== 'NotFound') {
        this.owned.staying(pod);
        return deleted.message;
      }
      this.events.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    }
    return undefined;
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

  private *writeStatus(
    job: Job,
    counts: JobTally,
    ending: Ending | undefined,
  ): Routine<string | undefined> {
    const now = rfc3339(this.simulation.now);
    const live = this.owned.of(job).filter(isPodActive);
    const staying = live.filter((pod) => !this.owned.isLeaving(pod)).length;
    const leaving = live.length - staying;
    const status = jobStatus(job, counts, staying, leaving, ending, now);
    if (sameJson(status, job.status)) return undefined;
    const updated = yield* this.client.updateStatus(resources.jobs, { ...job, status });
    if (updated instanceof Refusal) return updated.message;
    this.jobs.observe(updated);
    this.tellOfEnding(job, status);
    return undefined;
  }

  private tellOfEnding(job: Job, status: JobStatus): void {
    const before = conditionOf(job, 'Suspended') !== undefined;
    const after = conditionOf({ status }, 'Suspended') !== undefined;
    if (after && !before) this.events.event(job, 'Normal', 'Suspended', 'Job suspended');
    if (before && !after) this.events.event(job, 'Normal', 'Resumed', 'Job resumed');
    const failed = conditionOf({ status }, 'Failed');
    const { reason = '', message = '' } = failed ?? {};
    if (failed) this.events.event(job, 'Warning', reason, message);
    if (conditionOf({ status }, 'Complete'))
      this.events.event(job, 'Normal', 'Completed', 'Job completed');
  }

  /** A job that is over holds no pod any more. */
  private *letGo(job: Job): Routine<SyncResult> {
    for (const pod of this.owned.of(job)) yield* this.releaseFinalizer(pod);
    return undefined;
  }
}
