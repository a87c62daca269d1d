// The two kinds that one controller keeps: a ReplicaSet, and a ReplicationController, which is treated as a ReplicaSet with
// a selector of equalities (k8s.io/kubernetes/pkg/controller/replication does the same by conversion).

import { resources } from '../../api/client-resources.ts';
import type { Resource } from '../../api/client.ts';
import type { ReplicaSet } from '../../api/types/apps.ts';
import type { LabelSelector } from '../../api/types/meta.ts';

/** What distinguishes a kind whose objects ask for a number of like pods. */
export interface ReplicaKind {
  readonly kind: string;
  readonly apiVersion: string;
  /** As `--controllers` names its controller. */
  readonly controller: string;
  /** Whom its events come from. */
  readonly component: string;
  readonly resource: Resource<ReplicaSet>;
  selectorOf(set: ReplicaSet): LabelSelector;
  /** Whether its status counts pods that are on their way out. */
  readonly countsTerminating: boolean;
}

export const REPLICA_SET: ReplicaKind = {
  kind: 'ReplicaSet',
  apiVersion: 'apps/v1',
  controller: 'replicaset-controller',
  component: 'replicaset-controller',
  resource: resources.replicaSets,
  selectorOf: (set) => set.spec.selector,
  countsTerminating: true,
};

export const REPLICATION_CONTROLLER: ReplicaKind = {
  kind: 'ReplicationController',
  apiVersion: 'v1',
  controller: 'replicationcontroller-controller',
  component: 'replication-controller',
  resource: resources.replicationControllers as unknown as Resource<ReplicaSet>,
  selectorOf: (set) => ({
    matchLabels: (set.spec.selector ?? {}) as Readonly<Record<string, string>>,
  }),
  countsTerminating: false,
};
