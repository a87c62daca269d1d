// PATCH with an apply configuration: server-side apply.

import type { Routine } from '../../../core/wait.ts';
import { apiErrors } from '../status.ts';
import type { FieldValidation } from './body.ts';
import type { ResourceRequest, WriteResult } from './context.ts';

/** Applies the body's configuration on behalf of its field manager. */
export function* applyObject(
  _context: ResourceRequest,
  _validation: FieldValidation,
): Routine<WriteResult> {
  return apiErrors.badRequest('server-side apply is not there yet');
}
