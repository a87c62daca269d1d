// Resources of containers as cgroup settings, and the cgroups of pods (cgroupfs driver): /kubepods, with a level for pods
// of the classes Burstable and BestEffort.

import type { LinuxContainerResources } from '../../containers/cri/types.ts';
import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { O_WRONLY } from '../../kernel/files/open-file.ts';
import { nanoOf } from '../api/fields/quantity.ts';
import { qosClass } from '../api/resources/qos.ts';
import type { Container } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import type { KubeletContext } from './context.ts';

const ROOT = '/sys/fs/cgroup';
const CONTROLLERS = '+cpuset +cpu +io +memory +pids';
const PERIOD = 100_000;
const MILLI = 1_000_000n;
const ONE = 1_000_000_000n;

/** A quantity of cpu in thousandths. */
export function milliCpu(text: string | undefined): number {
  return Number(nanoOf(text) / MILLI);
}
/** A quantity of memory in bytes. */
export function bytesOf(text: string | undefined): number {
  return Number(nanoOf(text) / ONE);
}
function sharesOf(milli: number): number {
  return milli === 0 ? 2 : Math.max(2, Math.floor((milli * 1024) / 1000));
}
function quotaOf(milli: number): number {
  return milli === 0 ? 0 : Math.max(1000, (milli * PERIOD) / 1000);
}
/** cpu.weight for cpu.shares, as runc converts them. */
function weightOf(shares: number): number {
  return Math.max(1, Math.floor(1 + ((shares - 2) * 9999) / 262142));
}

/** The cgroup in which a pod's containers are. */
export function podCgroup(pod: Pod): string {
  const qos = qosClass(pod.spec);
  const level = qos === 'Guaranteed' ? '' : `/${qos.toLowerCase()}`;
  return `/kubepods${level}/pod${pod.metadata.uid}`;
}

/** oom_score_adj of a container (qos/policy.go). */
function oomScore(context: KubeletContext, container: Container, qos: string): number {
  if (qos === 'Guaranteed') return -997;
  if (qos === 'BestEffort') return 1000;
  const memory = bytesOf(container.resources?.requests?.memory);
  const score = 1000 - Math.floor((1000 * memory) / context.process.task.kernel.memory.total);
  return Math.min(999, Math.max(3, score));
}

/** A container's limits as the CRI takes them. */
export function containerResources(
  context: KubeletContext,
  container: Container,
  qos: string,
): LinuxContainerResources {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const memory = bytesOf(limits.memory);
  return {
    cpuPeriod: PERIOD,
    cpuQuota: quotaOf(milliCpu(limits.cpu)),
    cpuShares: sharesOf(milliCpu(requests.cpu ?? limits.cpu)),
    ...(memory > 0 ? { memoryLimitInBytes: memory, memorySwapLimitInBytes: memory } : {}),
    oomScoreAdj: oomScore(context, container, qos),
  };
}

function* put(context: KubeletContext, path: string, text: string): Routine<void> {
  const fd = context.process.open(path, O_WRONLY);
  if (isErrno(fd)) return;
  yield* context.process.write(fd, encode(text));
  context.process.close(fd);
}

function* makeGroup(context: KubeletContext, path: string): Routine<void> {
  const { process } = context;
  let at = ROOT;
  for (const name of path.split('/').filter((part) => part !== '')) {
    yield* put(context, `${at}/cgroup.subtree_control`, CONTROLLERS);
    at = `${at}/${name}`;
    if (!process.exists(at)) process.mkdir(at, 0o755);
  }
  yield* put(context, `${at}/cgroup.subtree_control`, CONTROLLERS);
}

/** Makes the cgroups of the classes. */
export function* makeQosCgroups(context: KubeletContext): Routine<void> {
  for (const path of ['/kubepods', '/kubepods/burstable', '/kubepods/besteffort'])
    yield* makeGroup(context, path);
  yield* put(context, `${ROOT}/kubepods/besteffort/cpu.weight`, '1');
}

/** Makes a pod's cgroup. */
export function* makePodCgroup(context: KubeletContext, pod: Pod): Routine<void> {
  const path = podCgroup(pod);
  if (context.process.exists(ROOT + path)) return;
  yield* makeGroup(context, path);
  yield* setPodCgroup(context, pod);
}

/** Writes the sums of its containers' requests and limits into a pod's cgroup. */
export function* setPodCgroup(context: KubeletContext, pod: Pod): Routine<void> {
  const path = podCgroup(pod);
  const { containers } = pod.spec;
  const sum = (read: (container: Container) => number): number =>
    containers.reduce((total, one) => total + read(one), 0);
  const cpu = sum(({ resources }) => milliCpu(resources?.requests?.cpu ?? resources?.limits?.cpu));
  yield* put(context, `${ROOT}${path}/cpu.weight`, String(weightOf(sharesOf(cpu))));
  if (containers.every(({ resources }) => resources?.limits?.cpu)) {
    const quota = quotaOf(sum(({ resources }) => milliCpu(resources?.limits?.cpu)));
    yield* put(context, `${ROOT}${path}/cpu.max`, `${quota} ${PERIOD}`);
  }
  if (containers.every(({ resources }) => resources?.limits?.memory)) {
    const memory = sum(({ resources }) => bytesOf(resources?.limits?.memory));
    yield* put(context, `${ROOT}${path}/memory.max`, String(memory));
  }
}

/** Removes a pod's cgroup. */
export function removePodCgroup(context: KubeletContext, pod: Pod): void {
  context.process.rmdir(ROOT + podCgroup(pod));
}
