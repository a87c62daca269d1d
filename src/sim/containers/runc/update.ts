// `runc update`: the limits of a running container's cgroup, from flags and from a file of resources.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { CliCall } from '../programs/cli.ts';
import { setResources } from './cgroup.ts';
import { fail } from './commands.ts';
import type { SpecResources } from './spec.ts';
import type { ContainerState } from './state.ts';
import { goErrno } from './validate.ts';

const UPDATE_FLAGS: readonly (readonly [string, (value: string) => SpecResources])[] = [
  ['memory', (v) => ({ memory: { limit: sizeOf(v) } })],
  ['memory-reservation', (v) => ({ memory: { reservation: sizeOf(v) } })],
  ['memory-swap', (v) => ({ memory: { swap: sizeOf(v) } })],
  ['cpu-period', (v) => ({ cpu: { period: Number(v) } })],
  ['cpu-quota', (v) => ({ cpu: { quota: Number(v) } })],
  ['cpu-share', (v) => ({ cpu: { shares: Number(v) } })],
  ['cpuset-cpus', (v) => ({ cpu: { cpus: v } })],
  ['cpuset-mems', (v) => ({ cpu: { mems: v } })],
  ['pids-limit', (v) => ({ pids: { limit: Number(v) } })],
];

/** Bytes of `64m`, `1g`, `-1`. */
function sizeOf(text: string): number {
  const match = /^(-?\d+)([bkmg]?)b?$/i.exec(text);
  const factor =
    { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[match?.[2]?.toLowerCase() || 'b'] ?? 1;
  return Number(match?.[1] ?? 0) * factor;
}

/** `runc update`: new limits for a container's cgroup. */
export function* update(call: CliCall, container: ContainerState): Routine<number> {
  const { process: p } = call.main;
  let resources: SpecResources = {};
  const file = call.flags.text('resources');
  if (file !== '') {
    const fd = file === '-' ? 0 : p.open(file);
    if (isErrno(fd)) return yield* fail(call.main, `open ${file}: ${goErrno(fd.message)}`);
    const bytes = yield* p.readAll(fd);
    try {
      resources = JSON.parse(isErrno(bytes) ? '{}' : decode(bytes)) as SpecResources;
    } catch {
      return yield* fail(call.main, 'invalid character looking for beginning of value');
    }
  }
  for (const [name, make] of UPDATE_FLAGS) {
    if (!call.flags.given(name)) continue;
    const part = make(call.flags.text(name));
    resources = {
      ...resources,
      ...part,
      ...(part.memory ? { memory: { ...resources.memory, ...part.memory } } : {}),
      ...(part.cpu ? { cpu: { ...resources.cpu, ...part.cpu } } : {}),
    };
  }
  const problem = yield* setResources(p, container.cgroup, resources);
  return problem === undefined ? 0 : yield* fail(call.main, problem);
}
