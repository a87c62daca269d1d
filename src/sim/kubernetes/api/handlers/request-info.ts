// What a request is about: RequestInfo of the real server, read off method, path and query.

import type { HttpRequest } from '../../../userland/http/message.ts';
import { parseFieldSelector, SelectorError } from '../selectors.ts';

export type RequestVerb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  | 'post'
  | 'put'
  | 'head'
  | 'options';

export interface RequestInfo {
  readonly isResource: boolean;
  readonly path: string;
  readonly verb: RequestVerb;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** What follows the subresource in the path (proxies). */
  readonly rest: string;
}

const METHOD_VERBS: Readonly<Record<string, RequestVerb>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);

/** The first value of a query parameter. */
export function queryValue(request: HttpRequest, name: string): string | undefined {
  return request.query.get(name)?.[0];
}

/** Whether a query parameter reads as true. */
export function queryFlag(request: HttpRequest, name: string): boolean {
  const value = queryValue(request, name);
  return value === 'true' || value === '1';
}

function nonResource(request: HttpRequest): RequestInfo {
  return {
    isResource: false,
    path: request.path,
    verb: request.method.toLowerCase() as RequestVerb,
    group: '',
    version: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    rest: '',
  };
}

/** Reads the request's path: `/api/v1/namespaces/default/pods/web/log`. */
export function requestInfo(request: HttpRequest): RequestInfo {
  const parts = request.path.split('/').filter((part) => part !== '');
  const prefix = parts[0];
  const core = prefix === 'api';
  if (!core && prefix !== 'apis') return nonResource(request);
  if (parts.length < (core ? 3 : 4)) return nonResource(request);
  const group = core ? '' : (parts[1] ?? '');
  const version = (core ? parts[1] : parts[2]) ?? '';
  let rest = parts.slice(core ? 2 : 3);
  let namespace = '';
  if (rest[0] === 'namespaces' && group === '') {
    const inside = rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2] ?? '');
    namespace = rest[1] ?? '';
    if (inside) rest = rest.slice(2);
  } else if (rest[0] === 'namespaces') {
    namespace = rest[1] ?? '';
    rest = rest.slice(2);
  }
  const [resource = '', inPath = '', subresource = '', ...more] = rest;
  const verb = verbOf(request, inPath);
  const named = inPath === '' && (verb === 'list' || verb === 'watch');
  const name = named ? selectedName(request) : inPath;
  return {
    isResource: true,
    path: request.path,
    verb,
    group,
    version,
    namespace,
    resource,
    subresource,
    name,
    rest: more.join('/'),
  };
}

/** The one name that the field selector of a list or watch allows: whoever may read this object may ask. */
function selectedName(request: HttpRequest): string {
  const text = queryValue(request, 'fieldSelector');
  const terms = text ? parseFieldSelector(text) : [];
  if (terms instanceof SelectorError) return '';
  return terms.find(({ field, equal }) => equal && field === 'metadata.name')?.value ?? '';
}

function verbOf(request: HttpRequest, name: string): RequestVerb {
  const verb = METHOD_VERBS[request.method] ?? (request.method.toLowerCase() as RequestVerb);
  if (name !== '') return verb;
  if (verb === 'get') return queryFlag(request, 'watch') ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}
