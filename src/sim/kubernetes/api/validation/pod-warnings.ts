// Warnings about pods that are accepted all the same.

import { nanoOf } from '../fields/quantity.ts';
import type { Container } from '../types/container.ts';
import type { PodSpec } from '../types/pod.ts';

/** What the server warns of in a pod or template; nothing where the spec did not change. */
export function podWarnings(spec: PodSpec, old: PodSpec | undefined, path = 'spec'): string[] {
  if (spec === old) return [];
  const warnings: string[] = [];
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [i, container] of (spec[list] ?? []).entries()) {
      warnings.push(...containerWarnings(container, `${path}.${list}[${i}]`));
    }
  }
  return warnings;
}

function containerWarnings(container: Container, path: string): string[] {
  const warnings: string[] = [];
  for (const kind of ['limits', 'requests'] as const) {
    const list = container.resources?.[kind] ?? {};
    for (const name of ['memory', 'ephemeral-storage']) {
      const value = list[name];
      if (value === undefined || nanoOf(value) % 1_000_000_000n === 0n) continue;
      const at = `${path}.resources.${kind}[${name}]`;
      warnings.push(
        `${at}: fractional byte value ${JSON.stringify(value)} is invalid, must be an integer`,
      );
    }
  }
  const names = new Set<string>();
  for (const [i, variable] of (container.env ?? []).entries()) {
    if (names.has(variable.name)) {
      warnings.push(
        `${path}.env[${i}]: hides previous definition of "${variable.name}", which may be dropped when using apply`,
      );
    }
    names.add(variable.name);
  }
  return warnings;
}
