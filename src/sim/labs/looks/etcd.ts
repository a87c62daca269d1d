// Looks at etcd: the newest changes of a member's store, and every member's raft.

import type { Kernel } from '../../kernel/kernel.ts';
import type { StoredKeyValue } from '../../etcd/mvcc/keytree.ts';
import type { Store } from '../../etcd/mvcc/store.ts';
import { memberOf } from '../../etcd/server/etcd.ts';
import type { Member } from '../../etcd/server/member.ts';
import type { ChangeLook, KeysLook, MemberLook } from './looks.ts';

/** Changes that a page can show in a useful way. */
const NEWEST = 60;
const LOG_TAIL = 12;

/** The member that runs on a machine; undefined while none does. */
function memberOn(kernel: Kernel): Member | undefined {
  for (const task of kernel.tasks.values()) {
    if (task.ended || task !== task.leader || task.name !== 'etcd') continue;
    const member = memberOf(task);
    if (member) return member;
  }
  return undefined;
}

/** The store of the first of these machines on which a member runs. */
export function keysLook(kernels: readonly Kernel[]): KeysLook | undefined {
  for (const kernel of kernels) {
    const store = memberOn(kernel)?.backend.store;
    if (store) return keysOf(store);
  }
  return undefined;
}

function keysOf(store: Store): KeysLook {
  const newest = store.history.slice(-NEWEST).reverse();
  return {
    revision: store.revision,
    compacted: store.compacted,
    keys: store.liveKeys,
    changes: newest.map((change) => changeOf(store, change)),
  };
}

function changeOf(store: Store, change: StoredKeyValue): ChangeLook {
  const versions = store.keys.get(change.key)?.versions ?? [];
  const at = versions.indexOf(change);
  const before = at > 0 ? versions[at - 1] : undefined;
  return {
    revision: change.modRevision,
    key: change.key,
    value: change.version > 0 ? change.value.text() : undefined,
    before: before && before.version > 0 ? before.value.text() : undefined,
  };
}

/** Every member by its machine; one whose process is gone is down. */
export function membersLook(
  machines: readonly { readonly name: string; readonly kernel: Kernel }[],
): MemberLook[] {
  const members = machines.map(({ name, kernel }) => ({ name, member: memberOn(kernel) }));
  const nameOf = (id: bigint): string =>
    members.find(({ member }) => member?.options.id === id)?.name ?? (id === 0n ? '' : hex(id));
  return members.map(({ name, member }) =>
    member ? memberLook(name, member, nameOf) : down(name),
  );
}

function memberLook(name: string, member: Member, nameOf: (id: bigint) => string): MemberLook {
  const { role, id, term, leader, log } = member.raft;
  const from = Math.max(log.firstIndex, log.lastIndex - LOG_TAIL + 1);
  return {
    name,
    role,
    id: hex(id),
    term,
    leader: nameOf(leader),
    committed: log.committed,
    applied: log.applied,
    last: log.lastIndex,
    log: log.from(from).map((entry) => ({ index: entry.index, term: entry.term })),
  };
}

function down(name: string): MemberLook {
  const nothing = { id: '', term: 0, leader: '', committed: 0, applied: 0, last: 0, log: [] };
  return { name, role: 'down', ...nothing };
}

function hex(id: bigint): string {
  return id.toString(16);
}
