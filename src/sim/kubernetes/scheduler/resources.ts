// What a pod asks for: the sum over its containers, at least what its init containers need one after another
// (sidecars count from their start on), plus the overhead of its runtime class.

import { nanoOf } from '../api/fields/quantity.ts';
import type { Container } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';

/** Amounts by resource name: cpu in millicores, memory and storage in bytes, the rest as counted. */
export interface ResourceAmounts {
  readonly cpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
  /** Extended resources and huge pages. */
  readonly other: ReadonlyMap<string, number>;
}

export const NO_RESOURCES: ResourceAmounts = {
  cpu: 0,
  memory: 0,
  ephemeralStorage: 0,
  other: new Map(),
};

type Quantities = Readonly<Record<string, string>>;

const read = new WeakMap<Quantities, ResourceAmounts>();

/** Reads a list of quantities; what was read once is kept with it. */
export function amountsOf(quantities: Quantities | undefined): ResourceAmounts {
  if (!quantities) return NO_RESOURCES;
  const known = read.get(quantities);
  if (known) return known;
  let cpu = 0;
  let memory = 0;
  let ephemeralStorage = 0;
  const other = new Map<string, number>();
  for (const [name, text] of Object.entries(quantities)) {
    const nano = nanoOf(text);
    if (name === 'cpu') cpu = Math.ceil(Number(nano) / 1e6);
    else if (name === 'memory') memory = Number(nano / 1_000_000_000n);
    else if (name === 'ephemeral-storage') ephemeralStorage = Number(nano / 1_000_000_000n);
    else if (name !== 'pods') other.set(name, Number(nano) / 1e9);
  }
  const amounts = { cpu, memory, ephemeralStorage, other };
  read.set(quantities, amounts);
  return amounts;
}

/** The sum of two amounts. */
export function plus(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  if (b === NO_RESOURCES) return a;
  if (a === NO_RESOURCES) return b;
  return combine(a, b, (x, y) => x + y);
}

function atLeast(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  return combine(a, b, Math.max);
}

/** `a` without `b`. */
export function minus(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  return combine(a, b, (x, y) => x - y);
}

function combine(
  a: ResourceAmounts,
  b: ResourceAmounts,
  how: (x: number, y: number) => number,
): ResourceAmounts {
  let other = a.other;
  if (a.other.size > 0 || b.other.size > 0) {
    const merged = new Map<string, number>();
    for (const name of new Set([...a.other.keys(), ...b.other.keys()])) {
      merged.set(name, how(a.other.get(name) ?? 0, b.other.get(name) ?? 0));
    }
    other = merged;
  }
  return {
    cpu: how(a.cpu, b.cpu),
    memory: how(a.memory, b.memory),
    ephemeralStorage: how(a.ephemeralStorage, b.ephemeralStorage),
    other,
  };
}

const requestOf = (container: Container): ResourceAmounts =>
  amountsOf(container.resources?.requests);

/** What the scheduler counts for a pod. */
export function podRequest(pod: Pod): ResourceAmounts {
  const { containers, initContainers = [], overhead, resources } = pod.spec;
  let sidecars = NO_RESOURCES;
  let initPeak = NO_RESOURCES;
  for (const container of initContainers) {
    const request = requestOf(container);
    if (container.restartPolicy === 'Always') {
      sidecars = plus(sidecars, request);
      initPeak = atLeast(initPeak, sidecars);
    } else {
      initPeak = atLeast(initPeak, plus(sidecars, request));
    }
  }
  let running = sidecars;
  for (const container of containers) running = plus(running, requestOf(container));
  const podLevel = resources?.requests ? amountsOf(resources.requests) : NO_RESOURCES;
  const need = atLeast(initPeak === NO_RESOURCES ? running : atLeast(running, initPeak), podLevel);
  return overhead ? plus(need, amountsOf(overhead)) : need;
}

/** What scoring counts where nothing was asked for: 100 millicores and 200 MB a container. */
export function podRequestForScore(pod: Pod): { readonly cpu: number; readonly memory: number } {
  let cpu = 0;
  let memory = 0;
  for (const container of pod.spec.containers) {
    const request = requestOf(container);
    cpu += container.resources?.requests?.cpu === undefined ? 100 : request.cpu;
    memory +=
      container.resources?.requests?.memory === undefined ? 200 * 1024 * 1024 : request.memory;
  }
  return { cpu, memory };
}
