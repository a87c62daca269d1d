// What the components' processes hold in memory beside a fresh program's own: as much as the real ones are seen to hold in
// a small cluster at rest. It does not grow with what they know.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';

const MIB = 1024 * 1024;

const HEAPS = {
  'kube-apiserver': 210 * MIB,
  'kube-controller-manager': 45 * MIB,
  'kube-scheduler': 20 * MIB,
  'kube-proxy': 15 * MIB,
  coredns: 12 * MIB,
  kubelet: 36 * MIB,
  'metrics-server': 18 * MIB,
} as const;

/** Takes a component's memory, which is charged to its control group. */
export function* takeHeap(process: Process, component: keyof typeof HEAPS): Routine<void> {
  yield* process.allocate(HEAPS[component]);
}
