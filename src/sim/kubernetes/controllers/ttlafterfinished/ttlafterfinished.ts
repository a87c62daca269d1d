// The TTL-after-finished controller: jobs that are over go when their ttlSecondsAfterFinished is. It has an account of its
// own, for the job controller may not delete jobs.

import type { Simulation } from '../../../core/simulation.ts';
import { epochMilliseconds, MILLISECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import type { Job } from '../../api/types/batch.ts';
import type { ControllerContext } from '../context.ts';
import { conditionOf } from '../job/status.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { milliseconds } from '../pods.ts';

/** kube-controller-manager's ttl-after-finished-controller. */
export class TtlAfterFinishedController implements Controller {
  readonly name = 'ttl-after-finished-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly jobs: Informer<Job>;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.jobs = context.informer(resources.jobs);
    this.jobs.onChange((job) => {
      if (job && this.left(job) !== undefined) this.queue.add(keyOf(job));
    });
  }

  /** Nanoseconds that a finished job still has; undefined for one that stays. */
  private left(job: Job): number | undefined {
    const { ttlSecondsAfterFinished: seconds } = job.spec;
    if (seconds === undefined || job.metadata.deletionTimestamp) return undefined;
    const over = conditionOf(job, 'Complete') ?? conditionOf(job, 'Failed');
    if (!over) return undefined;
    const end = milliseconds(over.lastTransitionTime) + seconds * 1000;
    return (end - epochMilliseconds(this.simulation.now)) * MILLISECOND;
  }

  *sync(key: string): Routine<SyncResult> {
    const job = this.jobs.get(key);
    const left = job && this.left(job);
    if (!job || left === undefined) return undefined;
    if (left > 0) return left;
    const { namespace = '', name = '', uid, resourceVersion } = job.metadata;
    const preconditions = {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
    const options = { propagationPolicy: 'Foreground', preconditions } as const;
    const deleted = yield* this.client.delete(resources.jobs, namespace, name, options);
    const failed = deleted instanceof Refusal && deleted.reason !== 'NotFound';
    return failed ? deleted.message : undefined;
  }
}
