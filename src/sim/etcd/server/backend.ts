// What a member keeps in its database beside raft's log: keys, leases, users, members, alarms, versions. An
// image of it is what snapshots carry, on disk and between members.

import type { AlarmMember, Member, Permission } from '../api.ts';
import { Lessor } from '../mvcc/lease.ts';
import type { StoredKeyValue } from '../mvcc/keytree.ts';
import { Store } from '../mvcc/store.ts';
import { AuthStore, type User } from './auth.ts';
import { Membership } from './cluster.ts';

/** The version of the server, and the version of what it stores. */
export const SERVER_VERSION = '3.6.16';
export const STORAGE_VERSION = '3.6.0';

export interface DowngradeInfo {
  readonly enabled: boolean;
  readonly targetVersion: string;
}

export interface Backend {
  readonly store: Store;
  readonly lessor: Lessor;
  auth: AuthStore;
  cluster: Membership;
  alarms: AlarmMember[];
  /** '' until the leader has set it. */
  clusterVersion: string;
  downgrade: DowngradeInfo;
  /** The last entry of the log that is in here. */
  index: number;
  term: number;
}

/** A backend as one frozen value. */
export interface BackendImage {
  readonly revision: number;
  readonly compacted: number;
  readonly versions: readonly StoredKeyValue[];
  readonly leases: readonly { readonly id: bigint; readonly ttl: number }[];
  readonly authEnabled: boolean;
  readonly authRevision: number;
  readonly users: readonly User[];
  readonly roles: readonly { readonly name: string; readonly permissions: readonly Permission[] }[];
  readonly members: readonly Member[];
  readonly removed: readonly bigint[];
  readonly alarms: readonly AlarmMember[];
  readonly clusterVersion: string;
  readonly downgrade: DowngradeInfo;
  readonly index: number;
  readonly term: number;
}

export function newBackend(): Backend {
  return {
    store: new Store(),
    lessor: new Lessor(),
    auth: new AuthStore(),
    cluster: new Membership(),
    alarms: [],
    clusterVersion: '',
    downgrade: { enabled: false, targetVersion: '' },
    index: 0,
    term: 0,
  };
}

/** The backend as it stands; later changes do not show in it. */
export function imageOf(backend: Backend): BackendImage {
  const { store, lessor, auth, cluster } = backend;
  return {
    revision: store.revision,
    compacted: store.compacted,
    versions: store.versions(),
    leases: [...lessor.leases.values()].map(({ id, ttl }) => ({ id, ttl })),
    authEnabled: auth.enabled,
    authRevision: auth.revision,
    users: [...auth.users.values()],
    roles: [...auth.roles].map(([name, permissions]) => ({ name, permissions })),
    members: cluster.list(),
    removed: [...cluster.removed],
    alarms: [...backend.alarms],
    clusterVersion: backend.clusterVersion,
    downgrade: backend.downgrade,
    index: backend.index,
    term: backend.term,
  };
}

/** Puts an image in place of everything in a backend; leases get their full time from `now` on. */
export function restoreImage(backend: Backend, image: BackendImage, now: number): void {
  const { store, lessor } = backend;
  lessor.clear();
  for (const { id, ttl } of image.leases) lessor.grant(id, ttl, now);
  store.restore(image.revision, image.compacted, image.versions);
  store.keys.scan('', '\0', ({ key, versions }) => {
    const last = versions[versions.length - 1];
    if (last && last.version > 0) lessor.attach(key, last.lease);
  });
  backend.auth = new AuthStore();
  backend.auth.enabled = image.authEnabled;
  backend.auth.revision = image.authRevision;
  for (const user of image.users) backend.auth.users.set(user.name, user);
  for (const role of image.roles) backend.auth.roles.set(role.name, role.permissions);
  backend.cluster = new Membership();
  for (const member of image.members) backend.cluster.set(member);
  for (const id of image.removed) backend.cluster.removed.add(id);
  backend.alarms = [...image.alarms];
  backend.clusterVersion = image.clusterVersion;
  backend.downgrade = image.downgrade;
  backend.index = image.index;
  backend.term = image.term;
}
