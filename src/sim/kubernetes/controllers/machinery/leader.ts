// Leader election by a Lease (client-go tools/leaderelection): whoever holds it renews it every two seconds; when it has
// not been renewed for fifteen, somebody else takes it.

import { rfc3339Fraction, SECOND } from '../../../core/time.ts';
import type { Simulation } from '../../../core/simulation.ts';
import { type Routine, sleepUntil } from '../../../core/wait.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { resources } from '../../api/client-resources.ts';
import type { Lease } from '../../api/types/node.ts';

const RETRY = 2 * SECOND;
const RENEW_DEADLINE = 10 * SECOND;
const LEASE_SECONDS = 15;

export interface Election {
  /** The Lease's name in kube-system: `kube-scheduler`. */
  readonly name: string;
  /** Host name and a UUID: `controlplane_6f…`. */
  readonly identity: string;
}

/** Blocks until the lease is ours. */
export function* becomeLeader(
  simulation: Simulation,
  client: ApiClient,
  election: Election,
): Routine<Lease> {
  for (;;) {
    const lease = yield* tryAcquire(simulation, client, election);
    if (lease) return lease;
    yield* sleepUntil(simulation.now + RETRY);
  }
}

/** Renews the lease for ever; returns when it could not be renewed in time: the component then ends. */
export function* keepLeading(
  simulation: Simulation,
  client: ApiClient,
  acquired: Lease,
): Routine<void> {
  let lease = acquired;
  let renewedAt = simulation.now;
  const cause = simulation.cause;
  while (simulation.now - renewedAt < RENEW_DEADLINE) {
    yield* sleepUntil(simulation.now + RETRY);
    simulation.cause = cause;
    const spec = { ...lease.spec, renewTime: rfc3339Fraction(simulation.now, 6) };
    const renewed = yield* client.update(resources.leases, { ...lease, spec });
    if (renewed instanceof Refusal) {
      const current = yield* client.get(resources.leases, 'kube-system', lease.metadata.name ?? '');
      if (current instanceof Refusal) continue;
      if (current.spec.holderIdentity !== lease.spec.holderIdentity) return;
      lease = current;
      continue;
    }
    lease = renewed;
    renewedAt = simulation.now;
  }
}

/** Gives up the lease, so that the next one need not wait for it to run out (ReleaseOnCancel). */
export function* releaseLease(
  simulation: Simulation,
  client: ApiClient,
  { name, identity }: Election,
): Routine<void> {
  const lease = yield* client.get(resources.leases, 'kube-system', name);
  if (lease instanceof Refusal || lease.spec.holderIdentity !== identity) return;
  const time = rfc3339Fraction(simulation.now, 6);
  const { leaseTransitions = 0 } = lease.spec;
  const spec = {
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: time,
    renewTime: time,
    leaseTransitions,
  };
  yield* client.update(resources.leases, { ...lease, spec });
}

function* tryAcquire(
  simulation: Simulation,
  client: ApiClient,
  { name, identity }: Election,
): Routine<Lease | undefined> {
  const time = rfc3339Fraction(simulation.now, 6);
  const spec = {
    holderIdentity: identity,
    leaseDurationSeconds: LEASE_SECONDS,
    acquireTime: time,
    renewTime: time,
    leaseTransitions: 0,
  };
  const current = yield* client.get(resources.leases, 'kube-system', name);
  if (current instanceof Refusal) {
    if (current.reason !== 'NotFound') return undefined;
    const made = yield* client.create(resources.leases, {
      kind: 'Lease',
      apiVersion: 'coordination.k8s.io/v1',
      metadata: { name, namespace: 'kube-system' },
      spec,
    });
    return made instanceof Refusal ? undefined : made;
  }
  const { holderIdentity, renewTime, leaseTransitions = 0 } = current.spec;
  const stale = Date.parse(time) - Date.parse(renewTime ?? time) > LEASE_SECONDS * 1000;
  if (holderIdentity && holderIdentity !== identity && !stale) return undefined;
  const moved = { ...spec, leaseTransitions: leaseTransitions + 1 };
  const taken = yield* client.update(resources.leases, { ...current, spec: moved });
  return taken instanceof Refusal ? undefined : taken;
}
