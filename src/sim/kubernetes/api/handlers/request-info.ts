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

/** What a path of the API names. */
type Place = Pick<
  RequestInfo,
  'group' | 'version' | 'namespace' | 'resource' | 'subresource' | 'name' | 'rest'
>;

/** Places by their paths: clients ask for the same ones again and again. */
const places = new Map<string, Place | undefined>();
const MOST_PLACES = 512;

/** Reads a path: `/api/v1/namespaces/default/pods/web/log`; undefined where it is none of a resource. */
function placeOf(path: string): Place | undefined {
  if (places.has(path)) return places.get(path);
  if (places.size >= MOST_PLACES) places.clear();
  const place = readPlace(path);
  places.set(path, place);
  return place;
}

function readPlace(path: string): Place | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const prefix = parts[0];
  const core = prefix === 'api';
  if (!core && prefix !== 'apis') return undefined;
  if (parts.length < (core ? 3 : 4)) return undefined;
  const group = core ? '' : (parts[1] ?? '');
  const version = (core ? parts[1] : parts[2]) ?? '';
  let inside = parts.slice(core ? 2 : 3);
  let namespace = '';
  if (inside[0] === 'namespaces' && group === '') {
    const named = inside.length > 2 && !NAMESPACE_SUBRESOURCES.has(inside[2] ?? '');
    namespace = inside[1] ?? '';
    if (named) inside = inside.slice(2);
  } else if (inside[0] === 'namespaces') {
    namespace = inside[1] ?? '';
    inside = inside.slice(2);
  }
  const [resource = '', name = '', subresource = '', ...more] = inside;
  return { group, version, namespace, resource, subresource, name, rest: more.join('/') };
}

/** Reads a request's method, path and query. */
export function requestInfo(request: HttpRequest): RequestInfo {
  const place = placeOf(request.path);
  if (!place) return nonResource(request);
  const verb = verbOf(request, place.name);
  const selects = place.name === '' && (verb === 'list' || verb === 'watch');
  const name = selects ? selectedName(request) : place.name;
  return { isResource: true, path: request.path, verb, ...place, name };
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
