// Paths below another: what volumes' items, sub paths and local profiles may be called.

import { type FieldError, fieldErrors } from './errors.ts';

/** A path below another: relative, without `..`. */
export function validateLocalPath(value: string, path: string): FieldError[] {
  if (value.startsWith('/')) return [fieldErrors.invalid(path, value, 'must be a relative path')];
  if (value.split('/').includes('..')) {
    return [fieldErrors.invalid(path, value, "must not contain '..'")];
  }
  return [];
}
