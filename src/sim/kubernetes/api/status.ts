// metav1.Status: how the API server says no. Each constructor is one of its reasons, in its words.

import type { FieldError } from './validation/errors.ts';
import { describeErrors } from './validation/errors.ts';

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** The object that answers a request that failed, or one (a deletion) that has no object to show. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** A request that failed: a value that travels from the depths of a handler to the response. */
export class ApiError {
  readonly status: Status;

  constructor(code: number, reason: string | undefined, message: string, details?: StatusDetails) {
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }

  get message(): string {
    return this.status.message ?? '';
  }
}

/** A resource as errors name it: `deployments.apps`, `pods`. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

/** `deployments.apps`, or only `pods` in the core group. */
export function qualified(group: string, name: string): string {
  return group === '' ? name : `${name}.${group}`;
}

function details(of: GroupResource, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(of.group === '' ? {} : { group: of.group }),
    kind: of.resource,
  };
}

export const apiErrors = {
  notFound: (of: GroupResource, name: string): ApiError =>
    new ApiError(
      404,
      'NotFound',
      `${qualified(of.group, of.resource)} "${name}" not found`,
      details(of, name),
    ),
  noSuchPath: (): ApiError =>
    new ApiError(404, 'NotFound', 'the server could not find the requested resource', {}),
  alreadyExists: (of: GroupResource, name: string): ApiError =>
    new ApiError(
      409,
      'AlreadyExists',
      `${qualified(of.group, of.resource)} "${name}" already exists`,
      details(of, name),
    ),
  conflict: (of: GroupResource, name: string, why: string): ApiError =>
    new ApiError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${qualified(of.group, of.resource)} "${name}": ${why}`,
      details(of, name),
    ),
  modified: (of: GroupResource, name: string): ApiError =>
    apiErrors.conflict(
      of,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    ),
  forbidden: (of: GroupResource, name: string, why: string): ApiError =>
    new ApiError(
      403,
      'Forbidden',
      name === ''
        ? `${qualified(of.group, of.resource)} is forbidden: ${why}`
        : `${qualified(of.group, of.resource)} "${name}" is forbidden: ${why}`,
      details(of, name),
    ),
  badRequest: (message: string): ApiError => new ApiError(400, 'BadRequest', message),
  unauthorized: (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized'),
  methodNotAllowed: (): ApiError =>
    new ApiError(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    ),
  unsupportedMediaType: (accepted: readonly string[]): ApiError =>
    new ApiError(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
    ),
  notAcceptable: (accepted: readonly string[]): ApiError =>
    new ApiError(
      406,
      'NotAcceptable',
      `only the following media types are accepted: ${accepted.join(', ')}`,
    ),
  expired: (message: string): ApiError => new ApiError(410, 'Expired', message),
  internal: (message: string): ApiError =>
    new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, {
      causes: [{ message }],
    }),
  /** An error that has no reason of its own: the server only passes its text on. */
  plain: (message: string): ApiError => new ApiError(500, undefined, message),
  tooManyRequests: (message: string, retryAfterSeconds: number): ApiError =>
    new ApiError(429, 'TooManyRequests', message, { retryAfterSeconds }),
  serviceUnavailable: (message: string): ApiError =>
    new ApiError(503, 'ServiceUnavailable', message),
  etcdTimeout: (): ApiError =>
    new ApiError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout'),
  /** Validation failed; `kind` is qualified by its group. */
  invalid: (kind: string, group: string, name: string, errors: readonly FieldError[]): ApiError =>
    new ApiError(
      422,
      'Invalid',
      `${qualified(group, kind)} "${name}" is invalid: ${describeErrors(errors)}`,
      {
        ...(name === '' ? {} : { name }),
        ...(group === '' ? {} : { group }),
        kind,
        causes: errors.map((error) => ({
          reason: error.reason,
          message: error.body,
          field: error.field,
        })),
      },
    ),
};
