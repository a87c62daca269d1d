// ListOptions: selectors, paging and resource versions of lists and watches.

import type { HttpRequest } from '../../../userland/http/message.ts';
import type { KindDescriptor } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import {
  type FieldRequirement,
  fieldReader,
  matches,
  parseFieldSelector,
  parseLabelSelector,
  type Requirement,
  SelectorError,
} from '../selectors.ts';
import { type ApiError, apiErrors } from '../status.ts';
import { fieldErrors } from '../validation/errors.ts';
import { queryFlag, queryValue } from './request-info.ts';

export interface ListOptions {
  readonly labels: readonly Requirement[];
  readonly fields: readonly FieldRequirement[];
  readonly limit: number;
  readonly continueToken: string;
  /** '' where the client did not say; '0' is any version. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowBookmarks: boolean;
  readonly sendInitialEvents: boolean;
}

const NOTHING: readonly never[] = [];

/** Reads the options of a list or a watch. */
export function listOptions(
  request: HttpRequest,
  descriptor: KindDescriptor,
): ListOptions | ApiError {
  if (request.query.size === 0) return PLAIN;
  const labelText = queryValue(request, 'labelSelector') ?? '';
  const labels = labelText === '' ? NOTHING : parseLabelSelector(labelText);
  if (labels instanceof SelectorError) return apiErrors.badRequest(labels.message);
  const fields = parseFieldSelector(queryValue(request, 'fieldSelector') ?? '');
  if (fields instanceof SelectorError) return apiErrors.badRequest(fields.message);
  for (const { field } of fields) {
    if (!fieldReader(field, descriptor.selectableFields)) return unsupported(field, descriptor);
  }
  for (const name of ['limit', 'timeoutSeconds']) {
    const number = queryValue(request, name) ?? '';
    if (!/^([+-]?\d+)?$/.test(number))
      return apiErrors.badRequest(
        `strconv.ParseInt: parsing ${JSON.stringify(number)}: invalid syntax`,
      );
  }
  const watch = queryFlag(request, 'watch');
  const resourceVersion = queryValue(request, 'resourceVersion') ?? '';
  if (!/^\d*$/.test(resourceVersion)) {
    const { status } = badVersion(resourceVersion);
    if (watch) return badVersion(resourceVersion);
    return apiErrors.badRequest(`invalid resource version: ${status.message}`);
  }
  const timeout = queryValue(request, 'timeoutSeconds');
  const options: ListOptions = {
    labels,
    fields,
    limit: Number(queryValue(request, 'limit') ?? 0),
    continueToken: queryValue(request, 'continue') ?? '',
    resourceVersion,
    resourceVersionMatch: queryValue(request, 'resourceVersionMatch') ?? '',
    timeoutSeconds: timeout === undefined ? undefined : Number(timeout),
    allowBookmarks: queryFlag(request, 'allowWatchBookmarks'),
    sendInitialEvents: queryFlag(request, 'sendInitialEvents'),
  };
  return checkMatch(options, watch) ?? options;
}

const PLAIN: ListOptions = {
  labels: NOTHING,
  fields: NOTHING,
  limit: 0,
  continueToken: '',
  resourceVersion: '',
  resourceVersionMatch: '',
  timeoutSeconds: undefined,
  allowBookmarks: false,
  sendInitialEvents: false,
};

function checkMatch(options: ListOptions, watch: boolean): ApiError | undefined {
  const match = options.resourceVersionMatch;
  const invalid = (error: ReturnType<typeof fieldErrors.forbidden>): ApiError =>
    apiErrors.invalid('ListOptions', 'meta.k8s.io', '', [error]);
  if (watch && options.sendInitialEvents && match !== 'NotOlderThan') {
    return invalid(
      fieldErrors.forbidden(
        'resourceVersionMatch',
        'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ),
    );
  }
  if (!watch && options.sendInitialEvents) {
    const why = 'sendInitialEvents is forbidden for list';
    return invalid(fieldErrors.forbidden('sendInitialEvents', why));
  }
  if (match === '') return undefined;
  if (options.resourceVersion === '' && !options.sendInitialEvents) {
    return invalid(
      fieldErrors.forbidden(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden unless resourceVersion is provided',
      ),
    );
  }
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    return invalid(
      fieldErrors.notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']),
    );
  }
  if (match === 'Exact' && options.resourceVersion === '0') {
    return invalid(
      fieldErrors.forbidden(
        'resourceVersionMatch',
        'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
      ),
    );
  }
  return undefined;
}

/** Kinds with fields of their own refuse in other words than those that know name and namespace alone. */
function unsupported(field: string, { selectableFields }: KindDescriptor): ApiError {
  if (!selectableFields)
    return apiErrors.badRequest(
      `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
    );
  return apiErrors.badRequest(`field label not supported: ${field}`);
}

/** A resource version that is no number. */
export function badVersion(text: string): ApiError {
  return apiErrors.plain(
    `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

/** Whether an object is among those that the options ask for. */
export function isSelected(
  object: KubeObject,
  options: { labels: readonly Requirement[]; fields: readonly FieldRequirement[] },
  descriptor: KindDescriptor,
): boolean {
  for (const { field, equal, value } of options.fields) {
    const read = fieldReader(field, descriptor.selectableFields);
    if ((read?.(object) === value) !== equal) return false;
  }
  return options.labels.length === 0 || matches(options.labels, object.metadata.labels);
}
