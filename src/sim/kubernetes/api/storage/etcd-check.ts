// The look at etcd behind the checks `etcd` and `etcd-readiness` (storagebackend/factory, newETCD3Check): a read of a key
// below the registry that must be answered in time, at most once a second.

import type { Simulation } from '../../../core/simulation.ts';
import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { EtcdClient } from '../../../etcd/client.ts';
import { EtcdError } from '../../../etcd/error.ts';
import { REGISTRY } from './keys.ts';

/** --etcd-healthcheck-timeout and --etcd-readycheck-timeout: both two seconds. */
const TIMEOUT = 2 * SECOND;

export class EtcdCheck {
  private readonly simulation: Simulation;
  private readonly etcd: EtcdClient;
  /** When etcd answered anything last. */
  private heardAt = Number.NEGATIVE_INFINITY;
  private askedAt = Number.NEGATIVE_INFINITY;
  private failure: string | undefined = 'etcd client connection not yet established';

  constructor(simulation: Simulation, etcd: EtcdClient) {
    this.simulation = simulation;
    this.etcd = etcd;
  }

  /** Etcd has answered a request of the server's, or told of a change. */
  heard(): void {
    this.heardAt = this.simulation.now;
  }

  /**
   * Why etcd does not do; undefined where it does. What it answered to others within the time that an answer may take is as
   * good as an answer to the check, which a server that is at work need not ask for.
   */
  *problem(): Routine<string | undefined> {
    const { now } = this.simulation;
    if (now - this.heardAt < TIMEOUT) return undefined;
    if (now - this.askedAt < TIMEOUT / 2) return this.failure;
    this.askedAt = now;
    const answer = yield* this.etcd.range({ key: `${REGISTRY}health` }, TIMEOUT);
    if (!(answer instanceof EtcdError)) this.heard();
    this.failure =
      answer instanceof EtcdError ? `error getting data from etcd: ${answer.message}` : undefined;
    return this.failure;
  }
}
