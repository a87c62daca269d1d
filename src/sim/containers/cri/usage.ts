// The CRI's messages of what a container or pod uses of processors and memory, whoever measured it.

import type { Process } from '../../kernel/calls/process.ts';
import { unixNano } from './store.ts';

/** The processor time of each container and sandbox when it was asked for last. */
const samples = new WeakMap<object, { readonly at: number; readonly cpu: number }>();

/** The part of a processor that `of` used since it was asked last, in billionths; 0 at first (getUsageNanoCores). */
function nanoCores(of: object, at: number, cpu: number): number {
  const before = samples.get(of);
  if (before && at <= before.at) return 0;
  if (before && cpu < before.cpu) return 0;
  samples.set(of, { at, cpu });
  return before ? ((cpu - before.cpu) / (at - before.at)) * 1e9 : 0;
}

/** The messages of a usage; `of` is what was asked for, for the rate since the last time. */
export function usageMessages(
  p: Process,
  of: object,
  usage: { cpu: number; memory: number; workingSet: number },
): { cpu: object; memory: object } {
  const timestamp = unixNano(p.now);
  const value = (n: number): { value: string } => ({ value: String(Math.round(n)) });
  const used = value(nanoCores(of, p.now, usage.cpu));
  return {
    cpu: { timestamp, usageCoreNanoSeconds: value(usage.cpu), usageNanoCores: used },
    memory: {
      timestamp,
      workingSetBytes: value(usage.workingSet),
      usageBytes: value(usage.memory),
      availableBytes: value(0),
      rssBytes: value(usage.workingSet),
      pageFaults: value(0),
      majorPageFaults: value(0),
    },
  };
}
