// API aggregation (kube-aggregator): groups that another server in the cluster serves behind an APIService. Their requests are
// passed on once the user may make them; what they serve is as they described it when they were last found available.

import type { Routine } from '../../../core/wait.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import type { ServerParts } from '../handlers/context.ts';
import type { RequestInfo } from '../handlers/request-info.ts';
import { respondStatus, respondText } from '../handlers/respond.ts';
import type { KindDescriptor, UserInfo, Verb } from '../kinds/descriptor.ts';
import { serviceAddress } from '../resources/service-endpoint.ts';
import { ApiError, apiErrors } from '../status.ts';
import type { APIService } from '../types/extensions.ts';
import type { Service } from '../types/service.ts';

const FOLDER = 'apiregistration.k8s.io/apiservices';

/** What other servers serve, by the names of their API services. */
export type AggregatedKinds = Map<string, readonly KindDescriptor[]>;

/** The API services that other servers stand behind. */
export function remoteServices(server: ServerParts): readonly APIService[] {
  const all = server.storage.cache(FOLDER).list('') as unknown as readonly APIService[];
  return all.filter(({ spec }) => spec.service);
}

/** All kinds for discovery: the server's own, and those of servers that are available. */
export function discoveredKinds(server: ServerParts): readonly KindDescriptor[] {
  const others = server.options.aggregated;
  const own = server.kinds.all();
  return others && others.size > 0 ? [...own, ...[...others.values()].flat()] : own;
}

/** An APIResourceList as other servers give it. */
export interface ResourceList {
  readonly groupVersion?: string;
  readonly resources?: readonly {
    readonly name: string;
    readonly singularName?: string;
    readonly namespaced: boolean;
    readonly kind: string;
    readonly verbs: readonly string[];
    readonly shortNames?: readonly string[];
  }[];
}

/** The kinds of a resource list, for discovery only. */
export function kindsOf({ spec }: APIService, list: ResourceList): readonly KindDescriptor[] {
  const { group = '', version = '' } = spec;
  return (list.resources ?? [])
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, singularName = '', namespaced, kind, verbs, shortNames }) => ({
      kind,
      group,
      version,
      plural: name,
      singular: singularName,
      namespaced,
      verbs: verbs as readonly Verb[],
      ...(shortNames ? { shortNames } : {}),
      type: '',
      storage: '',
      virtual: true,
    }));
}

/** Where a server behind an API service is; an error: nowhere now. */
export function backendOf(server: ServerParts, { spec }: APIService): string | ApiError {
  const { namespace = '', name = '', port = 443 } = spec.service ?? {};
  const service = server.storage.cache('services/specs').get(namespace, name);
  if (!service) return apiErrors.serviceUnavailable('service unavailable');
  return serviceAddress(server, service as unknown as Service, String(port));
}

/** Asks the server behind an API service, as a user. */
export function* askBackend(
  server: ServerParts,
  service: APIService,
  request: HttpRequest,
  user: UserInfo,
): Routine<HttpResponse | ApiError> {
  const address = backendOf(server, service);
  const { dial } = server.options;
  if (address instanceof ApiError) return address;
  if (!dial) return apiErrors.serviceUnavailable('nothing can be reached from here');
  const headers = {
    ...request.headers,
    'x-remote-user': user.name,
    'x-remote-group': user.groups.join(','),
  };
  return yield* dial({ scheme: 'https', address }, { ...request, headers });
}

function isAvailable({ status }: APIService): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: holds }) => type === 'Available' && holds === 'True',
  );
}

/** Passes a request on to the server that stands behind its group and version; undefined: none does. */
export function* passOn(
  server: ServerParts,
  request: HttpRequest,
  info: RequestInfo,
  user: UserInfo,
): Routine<HttpResponse | undefined> {
  const [, root, group, version, resource] = request.path.split('/');
  if (root !== 'apis' || resource === undefined || info.group !== group) return undefined;
  const service = remoteServices(server).find(
    ({ spec }) => spec.group === group && spec.version === version,
  );
  if (!service) return undefined;
  if (!isAvailable(service)) return respondText(503, 'service unavailable\n');
  const answer = yield* askBackend(server, service, request, user);
  return answer instanceof ApiError ? respondStatus(request, answer.status) : answer;
}
