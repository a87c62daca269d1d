// kubectl describe node: conditions, capacity, its pods and what they ask for together.

import { addQuantities, nanoOf } from '../../api/fields/quantity.ts';
import { podTotal } from '../../api/resources/usage.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { KubeObject } from '../rest.ts';
import { type Facts, type Fields, labelLines, longConditionRows, spec, status } from './facts.ts';
import { age, type Lines, longTime } from './writer.ts';

const ROLE = 'node-role.kubernetes.io/';

/** The roles that a node's labels name. */
function rolesOf({ metadata }: KubeObject): string {
  const roles = Object.entries(metadata?.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE)) return key.length > ROLE.length ? [key.slice(ROLE.length)] : [];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return [...new Set(roles)].sort().join(',') || '<none>';
}

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

function taintLines(out: Lines, taints: readonly Taint[]): void {
  const texts = taints
    .map((taint) => ({ order: `${taint.effect},${taint.key}`, taint }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ taint: { key, value, effect } }) => `${key}${value ? `=${value}` : ''}:${effect}`);
  out.put(0, `Taints:\t${texts[0] ?? '<none>'}`);
  for (const text of texts.slice(1)) out.put(0, `\t${text}`);
}

function leaseLines(out: Lines, name: string, lease: KubeObject | undefined): void {
  if (!lease) {
    out.put(0, `Lease:\tFailed to get lease: leases.coordination.k8s.io "${name}" not found`);
    return;
  }
  const { holderIdentity, acquireTime, renewTime } = spec(lease);
  out.put(0, `Lease:\n  HolderIdentity:\t${String(holderIdentity ?? '<unset>')}`);
  out.put(1, `AcquireTime:\t${longTime(acquireTime)}\n  RenewTime:\t${longTime(renewTime)}`);
}

function resourceLines(out: Lines, title: string, list: Fields | undefined): void {
  const names = Object.keys(list ?? {}).sort();
  if (names.length === 0) return;
  out.put(0, `${title}:`);
  for (const name of names) out.put(1, `${name}:\t${String(list?.[name])}`);
}

const SYSTEM: readonly (readonly [string, string])[] = [
  ['machineID', 'Machine ID'],
  ['systemUUID', 'System UUID'],
  ['bootID', 'Boot ID'],
  ['kernelVersion', 'Kernel Version'],
  ['osImage', 'OS Image'],
  ['operatingSystem', 'Operating System'],
  ['architecture', 'Architecture'],
  ['containerRuntimeVersion', 'Container Runtime Version'],
  ['kubeletVersion', 'Kubelet Version'],
];

/** The lines of a node; `related` holds its lease and its pods. */
export function describeNode(out: Lines, { object, related, now }: Facts): void {
  const s = spec(object) as Fields & { taints?: Taint[]; podCIDRs?: string[] };
  const t = status(object) as Fields & {
    addresses?: { type: string; address: string }[];
    capacity?: Record<string, string>;
    allocatable?: Record<string, string>;
    nodeInfo?: Record<string, string>;
  };
  const { name = '', creationTimestamp } = object.metadata ?? {};
  out.put(0, `Name:\t${name}\nRoles:\t${rolesOf(object)}`);
  labelLines(out, object);
  out.put(0, `CreationTimestamp:\t${longTime(creationTimestamp)}`);
  taintLines(out, s.taints ?? []);
  out.put(0, `Unschedulable:\t${String(s.unschedulable ?? false)}`);
  leaseLines(
    out,
    name,
    related.find(({ kind }) => kind === 'Lease'),
  );
  longConditionRows(out, object, 'LastHeartbeatTime');
  out.put(0, 'Addresses:');
  for (const { type, address } of t.addresses ?? []) out.put(1, `${type}:\t${address}`);
  resourceLines(out, 'Capacity', t.capacity);
  resourceLines(out, 'Allocatable', t.allocatable);
  out.put(0, 'System Info:');
  for (const [field, title] of SYSTEM) out.put(1, `${title}:\t${t.nodeInfo?.[field] ?? ''}`);
  if (s.podCIDR) out.put(0, `PodCIDR:\t${String(s.podCIDR)}`);
  if (s.podCIDRs?.length) out.put(0, `PodCIDRs:\t${s.podCIDRs.join(',')}`);
  if (s.providerID) out.put(0, `ProviderID:\t${String(s.providerID)}`);
  const pods = related.filter(({ kind }) => kind === 'Pod');
  podRows(out, pods, t.allocatable ?? t.capacity ?? {}, now);
}

type Kind = 'requests' | 'limits';

/** An amount with its part of what the node has, in whole percent. */
function share(amount: string, has: string | undefined): string {
  const whole = nanoOf(has);
  const percent = whole === 0n ? 0 : Number((nanoOf(amount) * 100n) / whole);
  return `${amount} (${percent}%)`;
}

function podRows(
  out: Lines,
  pods: readonly KubeObject[],
  has: Record<string, string>,
  now: number,
): void {
  out.put(0, `Non-terminated Pods:\t(${pods.length} in total)`);
  out.put(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge');
  out.put(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---');
  const of = (pod: KubeObject, kind: Kind, name: string): string =>
    podTotal(pod as unknown as Pod, kind, name) ?? '0';
  for (const pod of pods) {
    const cells = (['cpu', 'memory'] as const).flatMap((name) =>
      (['requests', 'limits'] as const).map((kind) => share(of(pod, kind, name), has[name])),
    );
    const { namespace = '', name = '', creationTimestamp } = pod.metadata ?? {};
    out.put(1, `${namespace}\t${name}\t\t${cells.join('\t')}\t${age(creationTimestamp, now)}`);
  }
  out.put(
    0,
    'Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)',
  );
  out.put(1, 'Resource\tRequests\tLimits\n  --------\t--------\t------');
  const sum = (kind: Kind, name: string): string =>
    pods.length === 0 ? '0' : addQuantities(pods.map((pod) => of(pod, kind, name)));
  const hugePages = Object.keys(has).filter((name) => name.startsWith('hugepages-'));
  for (const name of ['cpu', 'memory', 'ephemeral-storage', ...hugePages.sort()]) {
    const cells = [share(sum('requests', name), has[name]), share(sum('limits', name), has[name])];
    out.put(1, `${name}\t${cells.join('\t')}`);
  }
  const others = Object.keys(has).filter((name) => name.includes('/'));
  for (const name of others.sort())
    out.put(1, `${name}\t${sum('requests', name)}\t${sum('limits', name)}`);
}
