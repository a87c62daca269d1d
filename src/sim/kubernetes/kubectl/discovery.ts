// What the server serves: aggregated discovery, and the names by which people ask for it (RESTMapper).

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { failure } from './failure.ts';
import type { RestClient } from './rest.ts';

/** One resource of one version. */
export interface ApiResource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly string[];
}

/** Everything the server serves, groups and versions in its order of preference. */
export interface Discovery {
  readonly resources: readonly ApiResource[];
  readonly groupVersions: readonly string[];
}

interface Aggregated {
  readonly items?: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources?: readonly AggregatedResource[];
    }[];
  }[];
}

interface AggregatedResource {
  readonly resource: string;
  readonly singularResource: string;
  readonly responseKind: { readonly kind: string };
  readonly scope: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly {
    readonly subresource: string;
    readonly responseKind?: { readonly kind: string };
    readonly verbs?: readonly string[];
  }[];
}

const ACCEPT =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

/** A group and its versions, as servers list them where discovery is not aggregated (metav1.APIGroup). */
export interface ApiGroup {
  readonly name: string;
  readonly versions: readonly { readonly groupVersion: string; readonly version: string }[];
}

/** A resource or, as `pods/log`, a subresource of a list (metav1.APIResource). */
export interface ListedResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** What the server serves, group by group and list by list: what is kept in files. */
export interface DiscoveryDocuments {
  readonly groups: readonly ApiGroup[];
  readonly lists: ReadonlyMap<string, readonly ListedResource[]>;
}

/** Asks the server. */
export function* discover(client: RestClient): Routine<DiscoveryDocuments> {
  const groups: ApiGroup[] = [];
  const lists = new Map<string, readonly ListedResource[]>();
  // The discovery client's own timeout, where --request-timeout says nothing.
  const timeout = `${client.timeout > 0 ? Math.ceil(client.timeout / SECOND) : 32}s`;
  for (const path of ['/api', '/apis']) {
    const document = (yield* client.call('GET', path, {
      accept: ACCEPT,
      query: { timeout },
    })) as unknown as Aggregated;
    for (const { metadata, versions } of document.items ?? []) {
      const { name = '' } = metadata;
      const named = versions.map(({ version }) => ({
        groupVersion: groupVersion({ group: name, version }),
        version,
      }));
      groups.push({ name, versions: named });
      versions.forEach(({ resources = [] }, i) => {
        lists.set(named[i]?.groupVersion ?? '', resources.flatMap(listed));
      });
    }
  }
  return { groups, lists };
}

function listed(one: AggregatedResource): ListedResource[] {
  const { resource, singularResource: singularName } = one;
  const namespaced = one.scope === 'Namespaced';
  const subresources = (one.subresources ?? []).map(
    ({ subresource, responseKind, verbs = [] }) => ({
      name: `${resource}/${subresource}`,
      singularName,
      namespaced,
      kind: responseKind?.kind ?? '',
      verbs,
    }),
  );
  const own = {
    name: resource,
    singularName,
    namespaced,
    kind: one.responseKind.kind,
    verbs: one.verbs,
    ...(one.shortNames?.length ? { shortNames: one.shortNames } : {}),
    ...(one.categories?.length ? { categories: one.categories } : {}),
  };
  return [own, ...subresources];
}

/** The documents as names are looked up in them. */
export function discoveryOf({ groups, lists }: DiscoveryDocuments): Discovery {
  const resources: ApiResource[] = [];
  const groupVersions: string[] = [];
  for (const { name: group, versions } of groups) {
    for (const { version, groupVersion: full } of versions) {
      groupVersions.push(full);
      const subresources = new Map<string, string[]>();
      for (const one of lists.get(full) ?? []) {
        const [plural = '', ...sub] = one.name.split('/');
        if (sub.length > 0) {
          subresources.get(plural)?.push(sub.join('/'));
          continue;
        }
        const own: string[] = [];
        subresources.set(plural, own);
        resources.push({
          group,
          version,
          plural,
          singular: one.singularName,
          kind: one.kind,
          namespaced: one.namespaced,
          verbs: one.verbs,
          shortNames: one.shortNames ?? [],
          categories: one.categories ?? [],
          subresources: own,
        });
      }
    }
  }
  return { resources, groupVersions };
}

/** `apps/v1`, `v1`. */
export function groupVersion({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `deployments.apps`, `pods`: how errors name it. */
export function fullName({ plural, group }: ApiResource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** `deployment.apps/web`, `pod/web`: how results name an object. */
export function kindName({ kind, group }: { kind: string; group: string }): string {
  return group === '' ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`;
}

/** Kinds that are asked for by name but never meant by a bare word where another serves the same one. */
function preferred(found: readonly ApiResource[]): ApiResource | undefined {
  return found.find(({ group }) => group === '') ?? found[0];
}

/** The resource that a word means: `po`, `Pods`, `deployments.apps`, `deployment.v1.apps`. */
export function findResource({ resources }: Discovery, word: string): ApiResource | undefined {
  const name = word.toLowerCase();
  const [bare = '', ...rest] = name.split('.');
  const named =
    (want: string) =>
    (one: ApiResource): boolean =>
      one.plural === want || one.singular === want || one.kind.toLowerCase() === want;
  if (rest.length > 0) {
    const [version = '', ...group] = rest;
    const exact = resources.filter((one) => named(bare)(one) || one.shortNames.includes(bare));
    return (
      exact.find((one) => one.version === version && one.group === group.join('.')) ??
      exact.find((one) => one.group === rest.join('.')) ??
      exact.find((one) => one.group !== '' && one.group.startsWith(rest.join('.')))
    );
  }
  const short = resources.filter((one) => one.shortNames.includes(name));
  return preferred(resources.filter(named(name))) ?? preferred(short);
}

/** Other resources of the same short name, which are passed over. */
export function ambiguous(discovery: Discovery, word: string): ApiResource[] {
  const { resources } = discovery;
  const name = word.toLowerCase();
  if (name.includes('.')) return [];
  if (resources.some(({ plural, singular }) => plural === name || singular === name)) return [];
  const [first, ...others] = resources.filter(({ shortNames }) => shortNames.includes(name));
  const seen = new Set(first ? [fullName(first)] : []);
  return others.filter((one) => {
    const full = fullName(one);
    return !seen.has(full) && seen.add(full);
  });
}

/** The resource of an object's apiVersion and kind. */
export function resourceOfKind(
  discovery: Discovery,
  apiVersion: string,
  kind: string,
): ApiResource | undefined {
  return discovery.resources.find((one) => groupVersion(one) === apiVersion && one.kind === kind);
}

/** The resource that a word means, or kubectl's complaint. */
export function needResource(discovery: Discovery, word: string): ApiResource {
  const found = findResource(discovery, word);
  // Of `deployments.extensions` only the resource is told.
  if (!found)
    throw failure(`the server doesn't have a resource type "${word.split('.')[0] ?? ''}"`);
  return found;
}

/** Resources in a category such as `all`. */
export function inCategory({ resources }: Discovery, category: string): readonly ApiResource[] {
  const seen = new Set<string>();
  return resources.filter((one) => {
    const key = `${one.group}/${one.plural}`;
    if (!one.categories.includes(category) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The path of a collection or an object. */
export function pathOf(
  resource: ApiResource,
  namespace: string,
  name = '',
  subresource = '',
): string {
  const root =
    resource.group === ''
      ? `/api/${resource.version}`
      : `/apis/${resource.group}/${resource.version}`;
  const space = resource.namespaced && namespace !== '' ? `/namespaces/${namespace}` : '';
  return `${root}${space}/${resource.plural}${name === '' ? '' : `/${name}`}${subresource === '' ? '' : `/${subresource}`}`;
}
