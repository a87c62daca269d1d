// Downgrading the cluster's version by one minor version. Members that then run older binaries are not modelled.

import { etcdErrors } from '../error.ts';
import type { Handler } from './services.ts';

/** "3.6.0" as the cluster's version is told: "3.6". */
export function minorVersion(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

export const downgrade: Handler<'Maintenance/Downgrade'> = function* ({ member }, request, caller) {
  const { backend } = member;
  const refusal = backend.auth.refuseAdmin(caller);
  if (refusal) return refusal;
  const answer = { header: member.header(), version: minorVersion(backend.clusterVersion) };
  if (request.action === 'CANCEL') {
    yield* member.propose('downgrade', { enabled: false, targetVersion: '' });
    return { ...answer, header: member.header() };
  }
  const target = /^(\d+)\.(\d+)(\.\d+)?$/.exec(request.version);
  if (target === null) return etcdErrors.wrongDowngradeFormat;
  const [major, minor] = [Number(target[1]), Number(target[2])];
  const [ours = 0, ourMinor = 0] = backend.clusterVersion.split('.').map(Number);
  if (major !== ours || minor !== ourMinor - 1) return etcdErrors.invalidDowngradeTarget;
  if (backend.downgrade.enabled) return etcdErrors.downgradeInProgress;
  if (request.action === 'ENABLE') {
    const targetVersion = `${major}.${minor}.0`;
    yield* member.propose('downgrade', { enabled: true, targetVersion });
  }
  return { ...answer, header: member.header() };
};
