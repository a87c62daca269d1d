// A member's metrics in Prometheus's text form: those that follow from the simulated state.

import { SERVER_VERSION } from './backend.ts';
import type { Member } from './member.ts';

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  labels?(member: Member): string;
  value(member: Member): number;
}

const METRICS: readonly Metric[] = [
  {
    name: 'etcd_debugging_mvcc_keys_total',
    help: 'Total number of keys.',
    type: 'gauge',
    value: ({ backend }) => backend.store.liveKeys,
  },
  {
    name: 'etcd_debugging_mvcc_compact_revision',
    help: 'The revision of the last compaction in store.',
    type: 'gauge',
    value: ({ backend }) => backend.store.compacted,
  },
  {
    name: 'etcd_debugging_mvcc_current_revision',
    help: 'The current revision of store.',
    type: 'gauge',
    value: ({ backend }) => backend.store.revision,
  },
  {
    name: 'etcd_debugging_mvcc_watcher_total',
    help: 'Total number of watchers.',
    type: 'gauge',
    value: ({ backend }) => backend.store.watchers.size,
  },
  {
    name: 'etcd_mvcc_db_total_size_in_bytes',
    help: 'Total size of the underlying database physically allocated in bytes.',
    type: 'gauge',
    value: ({ backend }) => backend.store.bytesAllocated,
  },
  {
    name: 'etcd_mvcc_db_total_size_in_use_in_bytes',
    help: 'Total size of the underlying database logically in use in bytes.',
    type: 'gauge',
    value: ({ backend }) => backend.store.bytesInUse,
  },
  {
    name: 'etcd_server_has_leader',
    help: 'Whether or not a leader exists. 1 is existence, 0 is not.',
    type: 'gauge',
    value: ({ raft }) => (raft.leader === 0n ? 0 : 1),
  },
  {
    name: 'etcd_server_is_leader',
    help: 'Whether or not this member is a leader. 1 if is, 0 otherwise.',
    type: 'gauge',
    value: ({ raft }) => (raft.role === 'leader' ? 1 : 0),
  },
  {
    name: 'etcd_server_is_learner',
    help: 'Whether or not this member is a learner. 1 if is, 0 otherwise.',
    type: 'gauge',
    value: (member) => (member.isLearner ? 1 : 0),
  },
  {
    name: 'etcd_server_proposals_applied_total',
    help: 'The total number of consensus proposals applied.',
    type: 'gauge',
    value: ({ backend }) => backend.index,
  },
  {
    name: 'etcd_server_proposals_committed_total',
    help: 'The total number of consensus proposals committed.',
    type: 'gauge',
    value: ({ raft }) => raft.log.committed,
  },
  {
    name: 'etcd_server_id',
    help: "Server or member ID in hexadecimal format. 1 for 'server_id' label with current ID.",
    type: 'gauge',
    labels: ({ options }) => `{server_id="${options.id.toString(16)}"}`,
    value: () => 1,
  },
  {
    name: 'etcd_server_version',
    help: "Which version is running. 1 for 'server_version' label with current version.",
    type: 'gauge',
    labels: () => `{server_version="${SERVER_VERSION}"}`,
    value: () => 1,
  },
  {
    name: 'etcd_server_quota_backend_bytes',
    help: 'Current backend storage quota size in bytes.',
    type: 'gauge',
    value: ({ options }) => options.quota,
  },
  {
    name: 'etcd_server_leader_changes_seen_total',
    help: 'The number of leader changes seen.',
    type: 'counter',
    value: ({ leaderChanges }) => leaderChanges,
  },
];

/** All metrics of a member, by name. */
export function metricsText(member: Member): string {
  const sorted = [...METRICS].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted
    .map((metric) => {
      const { name, help, type } = metric;
      const labels = metric.labels?.(member) ?? '';
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name}${labels} ${metric.value(member)}\n`;
    })
    .join('');
}
