// Lease.

import type { KubeObject } from '../object.ts';
import type { Lease } from '../types/node.ts';
import { type FieldError, fieldErrors } from './errors.ts';

/** Checks a lease. */
export function validateLease(object: KubeObject): FieldError[] {
  const { leaseDurationSeconds, leaseTransitions } = (object as unknown as Lease).spec;
  const errors: FieldError[] = [];
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    errors.push(
      fieldErrors.invalid(
        'spec.leaseDurationSeconds',
        leaseDurationSeconds,
        'must be greater than 0',
      ),
    );
  }
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    errors.push(
      fieldErrors.invalid(
        'spec.leaseTransitions',
        leaseTransitions,
        'must be greater than or equal to 0',
      ),
    );
  }
  return errors;
}
