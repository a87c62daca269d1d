// Requests and limits: names of resources, signs and whole numbers, requests within limits.

import { compareQuantities, nanoOf } from '../fields/quantity.ts';
import type { ResourceRequirements } from '../types/container.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { qualifiedName } from './names.ts';

const STANDARD: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
  'storage',
  'pods',
]);
const CONTAINER: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** Resources of vendors, counted whole and never shared: `nvidia.com/gpu`. */
export function isExtended(name: string): boolean {
  if (!name.includes('/')) return false;
  return !/(^|\.)kubernetes\.io\//.test(name) && !name.startsWith('requests.');
}

export function isHugePage(name: string): boolean {
  return name.startsWith('hugepages-');
}

function validateName(name: string, path: string): FieldError[] {
  const wrong = qualifiedName(name);
  if (wrong.length > 0) return wrong.map((message) => fieldErrors.invalid(path, name, message));
  if (name.includes('/')) return [];
  const errors: FieldError[] = [];
  if (!STANDARD.has(name) && !isHugePage(name)) {
    errors.push(
      fieldErrors.invalid(path, name, 'must be a standard resource type or fully qualified'),
    );
  }
  if (!CONTAINER.has(name) && !isHugePage(name)) {
    errors.push(fieldErrors.invalid(path, name, 'must be a standard resource for containers'));
  }
  return errors;
}

/** Checks a quantity's sign, and that vendors' resources are whole. */
export function validateQuantity(name: string, value: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (nanoOf(value) < 0n) {
    errors.push(fieldErrors.invalid(path, value, 'must be greater than or equal to 0'));
  }
  if (isExtended(name) && nanoOf(value) % 1_000_000_000n !== 0n) {
    errors.push(fieldErrors.invalid(path, value, 'must be an integer'));
  }
  return errors;
}

/** Checks the resources of a container. */
export function validateResources(resources: ResourceRequirements, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const limits = resources.limits ?? {};
  const requests = resources.requests ?? {};
  let huge = false;
  let compute = false;
  for (const name of Object.keys(limits)) {
    const at = `${path}.limits[${name}]`;
    errors.push(...validateName(name, at), ...validateQuantity(name, limits[name] ?? '', at));
    huge ||= isHugePage(name);
    compute ||= name === 'cpu' || name === 'memory';
  }
  for (const name of Object.keys(requests)) {
    const value = requests[name] ?? '';
    const at = `${path}.requests[${name}]`;
    errors.push(...validateName(name, at), ...validateQuantity(name, value, at));
    errors.push(...withinLimit(name, value, limits[name], path));
    huge ||= isHugePage(name);
    compute ||= name === 'cpu' || name === 'memory';
  }
  if (huge && !compute) {
    errors.push(fieldErrors.forbidden(path, 'HugePages require cpu or memory'));
  }
  return errors;
}

function withinLimit(
  name: string,
  value: string,
  limit: string | undefined,
  path: string,
): FieldError[] {
  const whole = isExtended(name) || isHugePage(name);
  if (limit === undefined) {
    if (!whole) return [];
    return [
      fieldErrors.required(`${path}.limits`, 'Limit must be set for non overcommitable resources'),
    ];
  }
  if (whole && compareQuantities(value, limit) !== 0) {
    return [
      fieldErrors.invalid(`${path}.requests`, value, `must be equal to ${name} limit of ${limit}`),
    ];
  }
  if (compareQuantities(value, limit) <= 0) return [];
  return [
    fieldErrors.invalid(
      `${path}.requests`,
      value,
      `must be less than or equal to ${name} limit of ${limit}`,
    ),
  ];
}
