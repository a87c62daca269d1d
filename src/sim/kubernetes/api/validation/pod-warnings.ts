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
  for (const [i, { name = '' }] of (spec.imagePullSecrets ?? []).entries()) {
    if (name !== '') continue;
    warnings.push(`${path}.imagePullSecrets[${i}].name: invalid empty name ""`);
  }
  for (const [i, { labelSelector }] of (spec.topologySpreadConstraints ?? []).entries()) {
    if (labelSelector) continue;
    const at = `${path}.topologySpreadConstraints[${i}].labelSelector`;
    warnings.push(`${at}: a null labelSelector results in matching no pod`);
  }
  warnings.push(...twice(spec, path));
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const at = `${path}.terminationGracePeriodSeconds`;
    warnings.push(`${at}: must be >= 0; negative values are invalid and will be treated as 1`);
  }
  return warnings;
}

/** Secrets and lines of /etc/hosts that are named twice. */
function twice(spec: PodSpec, path: string): string[] {
  const warnings: string[] = [];
  const seen = new Set<string>();
  for (const [i, { ip }] of (spec.hostAliases ?? []).entries()) {
    if (seen.has(ip)) warnings.push(`${path}.hostAliases[${i}].ip: duplicate ip "${ip}"`);
    seen.add(ip);
  }
  const secrets = new Set<string>();
  for (const [i, { name = '' }] of (spec.imagePullSecrets ?? []).entries()) {
    if (secrets.has(name)) {
      warnings.push(`${path}.imagePullSecrets[${i}].name: duplicate name "${name}"`);
    }
    secrets.add(name);
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
