// The quality-of-service class of a pod, from the requests and limits of its containers.

import { compareQuantities } from '../fields/quantity.ts';
import type { Container } from '../types/container.ts';
import type { PodSpec } from '../types/pod.ts';

const COMPUTE = ['cpu', 'memory'] as const;

/** Guaranteed, Burstable or BestEffort. */
export function qosClass(spec: PodSpec): string {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const bare = containers.every(({ resources }) => !resources?.requests && !resources?.limits);
  if (bare) return 'BestEffort';
  return containers.every(isGuaranteed) ? 'Guaranteed' : asksNothing(containers);
}

function isGuaranteed({ resources }: Container): boolean {
  return COMPUTE.every((name) => {
    const limit = resources?.limits?.[name];
    const request = resources?.requests?.[name];
    return limit !== undefined && request !== undefined && compareQuantities(limit, request) === 0;
  });
}

function asksNothing(containers: readonly Container[]): string {
  const asks = containers.some(({ resources }) =>
    COMPUTE.some(
      (name) => positive(resources?.requests?.[name]) || positive(resources?.limits?.[name]),
    ),
  );
  return asks ? 'Burstable' : 'BestEffort';
}

function positive(text: string | undefined): boolean {
  return text !== undefined && compareQuantities(text, '0') > 0;
}
