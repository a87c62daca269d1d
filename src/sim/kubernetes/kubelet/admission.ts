// Admission of pods by the kubelet (lifecycle/predicate.go): one that was bound past the scheduler, or too late, is refused
// where the node has no room for it or is not one that it asks for.

import type { Routine } from '../../core/wait.ts';
import { Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { Pod } from '../api/types/pod.ts';
import { hostPortsOf } from '../scheduler/node-info.ts';
import { matchesNodeSelection } from '../scheduler/plugins/node-affinity.ts';
import { clashes, PORTS_TAKEN } from '../scheduler/plugins/node-ports.ts';
import { amountsOf, podRequest } from '../scheduler/resources.ts';
import type { KubeletContext } from './context.ts';
import { capacityOf } from './node.ts';

/** Why a pod is not taken. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

function outOf(
  reason: string,
  name: string,
  requested: number,
  used: number,
  capacity: number,
): Rejection | undefined {
  if (requested === 0 || used + requested <= capacity) return undefined;
  const message = `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason, message };
}

/** What the node is short of for a pod beside those that it has. */
export function roomFor(
  context: KubeletContext,
  pod: Pod,
  others: readonly Pod[],
): Rejection | undefined {
  const { allocatable } = capacityOf(context);
  const node = amountsOf(allocatable);
  const wanted = podRequest(pod);
  const used = others.map(podRequest);
  const sum = (read: (amounts: typeof wanted) => number): number =>
    used.reduce((total, amounts) => total + read(amounts), 0);
  return (
    outOf('OutOfpods', 'pods', 1, others.length, context.settings.maxPods) ??
    outOf(
      'OutOfcpu',
      'cpu',
      wanted.cpu,
      sum(({ cpu }) => cpu),
      node.cpu,
    ) ??
    outOf(
      'OutOfmemory',
      'memory',
      wanted.memory,
      sum(({ memory }) => memory),
      node.memory,
    ) ??
    outOf(
      'OutOfephemeral-storage',
      'ephemeral-storage',
      wanted.ephemeralStorage,
      sum(({ ephemeralStorage }) => ephemeralStorage),
      node.ephemeralStorage,
    )
  );
}

/** Kernel parameters that a pod may set: its own, and without influence on others (sysctl/safe_sysctls.go). */
const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

function forbiddenSysctl({ spec }: Pod): Rejection | undefined {
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const plain = name.replaceAll('/', '.');
    if (SAFE_SYSCTLS.has(plain)) continue;
    const message = `forbidden sysctl: "${plain}" not allowlisted`;
    return { reason: 'SysctlForbidden', message };
  }
  return undefined;
}

function portsTaken(pod: Pod, others: readonly Pod[]): Rejection | undefined {
  const wanted = hostPortsOf(pod);
  if (wanted.length === 0) return undefined;
  const taken = others.flatMap(hostPortsOf);
  if (!taken.some((used) => wanted.some((want) => clashes(used, want)))) return undefined;
  return { reason: 'NodePorts', message: `Predicate NodePorts failed: ${PORTS_TAKEN}` };
}

/** Why the node does not take a pod; undefined where it does. */
export function* admit(
  context: KubeletContext,
  pod: Pod,
  others: readonly Pod[],
): Routine<Rejection | undefined> {
  if ((pod.spec.os?.name ?? 'linux') !== 'linux') {
    const message = "Failed to admit pod as the OS field doesn't match node OS";
    return { reason: 'PodOSNotSupported', message };
  }
  const full = roomFor(context, pod, others);
  if (full) return full;
  const elsewhere = yield* notForThisNode(context, pod);
  return elsewhere ?? portsTaken(pod, others) ?? forbiddenSysctl(pod);
}

function* notForThisNode(context: KubeletContext, pod: Pod): Routine<Rejection | undefined> {
  const { nodeSelector, affinity } = pod.spec;
  if (!nodeSelector && !affinity?.nodeAffinity) return undefined;
  const node = yield* context.client.get(resources.nodes, '', context.settings.nodeName);
  if (node instanceof Refusal || matchesNodeSelection(pod, node)) return undefined;
  const why = "node(s) didn't match Pod's node affinity/selector";
  return { reason: 'NodeAffinity', message: `Predicate NodeAffinity failed: ${why}` };
}
