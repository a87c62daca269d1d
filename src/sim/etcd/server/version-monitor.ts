// The leader decides the cluster's version: once when it is new, and again when a downgrade is asked for or called
// off. It looks every five seconds where there is something to decide.

import { Fiber } from '../../core/fiber.ts';
import { SECOND } from '../../core/time.ts';
import { STORAGE_VERSION } from './backend.ts';
import type { Member } from './member.ts';

const INTERVAL = 5 * SECOND;

/** Follows a member; to be called once when it starts. */
export function watchVersion(member: Member): void {
  const { simulation } = member.host;
  let deciding = false;
  const decide = (): void => {
    deciding = false;
    if (member.stopped || member.raft.role !== 'leader') return;
    const version = wanted(member);
    if (member.backend.clusterVersion === version) return;
    new Fiber(simulation, member.propose('clusterVersion', { version }));
  };
  const before = member.onRoleChange;
  member.onRoleChange = (leads) => {
    before(leads);
    if (leads) simulation.after(0, decide);
  };
  member.onDowngrade = () => {
    if (deciding) return;
    deciding = true;
    simulation.after(INTERVAL, decide);
  };
  if (member.raft.role === 'leader') simulation.after(0, decide);
}

function wanted(member: Member): string {
  const { downgrade } = member.backend;
  return downgrade.enabled ? downgrade.targetVersion : STORAGE_VERSION;
}
