// Role, ClusterRole and their bindings.
// Fields that the server always writes are still optional here where a client may leave them out.

import type { LabelSelector, ObjectMeta } from './meta.ts';

export interface Role {
  readonly kind: 'Role';
  readonly apiVersion: string;
  readonly metadata: ObjectMeta;
  readonly rules?: readonly PolicyRule[] | null;
}

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface ClusterRole {
  readonly kind: 'ClusterRole';
  readonly apiVersion: string;
  readonly metadata: ObjectMeta;
  readonly rules?: readonly PolicyRule[] | null;
  readonly aggregationRule?: AggregationRule;
}

export interface AggregationRule {
  readonly clusterRoleSelectors?: readonly LabelSelector[];
}

export interface RoleBinding {
  readonly kind: 'RoleBinding';
  readonly apiVersion: string;
  readonly metadata: ObjectMeta;
  readonly subjects?: readonly Subject[];
  readonly roleRef: RoleRef;
}

export interface Subject {
  readonly kind: string;
  readonly apiGroup?: string;
  readonly name: string;
  readonly namespace?: string;
}

export interface RoleRef {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}

export interface ClusterRoleBinding {
  readonly kind: 'ClusterRoleBinding';
  readonly apiVersion: string;
  readonly metadata: ObjectMeta;
  readonly subjects?: readonly Subject[];
  readonly roleRef: RoleRef;
}
