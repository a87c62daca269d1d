// What kubectl describe says of each kind: the kinds with a form of their own in one table; others field by field.

import { CONFIGURATION } from './configuration.ts';
import type { Describer, Facts } from './facts.ts';
import { describeGeneric } from './generic.ts';
import { NETWORK } from './network.ts';
import { describeNode } from './node.ts';
import { describePod } from './pod.ts';
import { POLICIES } from './rbac.ts';
import { STORAGE } from './storage.ts';
import { WORKLOADS } from './workloads.ts';
import { Lines } from './writer.ts';

const KINDS: Readonly<Record<string, Describer>> = {
  ...CONFIGURATION,
  ...WORKLOADS,
  ...NETWORK,
  ...STORAGE,
  ...POLICIES,
  Node: describeNode,
  Pod: (out, { object }) => describePod(out, object),
};

/** Kinds whose description has no events. */
const WITHOUT_EVENTS = new Set([
  'Secret',
  'Namespace',
  'ResourceQuota',
  'LimitRange',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'NetworkPolicy',
]);

/** The lines of an object, and whether its events follow. */
export function describeKind(facts: Facts): { out: Lines; events: boolean } {
  const out = new Lines();
  const { kind = '', apiVersion = '' } = facts.object;
  // A custom resource may bear the name of one of the server's own kinds.
  const group = apiVersion.split('/')[0] ?? '';
  const own = !apiVersion.includes('/') || !group.includes('.') || group.endsWith('.k8s.io');
  (own ? (KINDS[kind] ?? describeGeneric) : describeGeneric)(out, facts);
  return { out, events: !own || !WITHOUT_EVENTS.has(kind) };
}
