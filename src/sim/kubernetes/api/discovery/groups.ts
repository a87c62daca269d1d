// Discovery documents, made from the descriptors: groups, versions, resources and subresources.

import { sha256 } from '../../../core/sha256.ts';
import { encode } from '../../../core/text.ts';
import { base64 } from '../../../core/base64.ts';
import {
  ALL_VERBS,
  groupVersionOf,
  type KindDescriptor,
  type Subresource,
} from '../kinds/descriptor.ts';

/** The subresources of a kind by name, those that its status and scale make included. */
export function subresourcesOf(descriptor: KindDescriptor): readonly Subresource[] {
  const made: Subresource[] = [...(descriptor.subresources ?? [])];
  if (descriptor.hasStatus) {
    made.push({ name: 'status', kind: descriptor.kind, verbs: ['get', 'patch', 'update'] });
  }
  if (descriptor.scale) {
    made.push({
      name: 'scale',
      kind: 'Scale',
      group: 'autoscaling',
      version: 'v1',
      verbs: ['get', 'patch', 'update'],
    });
  }
  return made.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The server's groups in order, each with its versions in order of preference. */
export function groupsOf(kinds: readonly KindDescriptor[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { group, version } of kinds) {
    if (group === '') continue;
    const versions = groups.get(group) ?? [];
    if (!versions.includes(version)) versions.push(version);
    groups.set(group, versions);
  }
  return groups;
}

/** The APIGroup document of a group. */
export function apiGroup(group: string, versions: readonly string[]): object {
  const listed = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: listed, preferredVersion: listed[0] };
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const hashes = new Map<string, string>();

function storageVersionHash({ group, version, kind }: KindDescriptor): string {
  const name = `${group}/${version}/${kind}`;
  const known = hashes.get(name);
  if (known !== undefined) return known;
  const made = base64(bytesOfHex(sha256(encode(name)).slice(0, 16)));
  hashes.set(name, made);
  return made;
}

/** The APIResourceList of a group version. */
export function resourceList(groupVersion: string, kinds: readonly KindDescriptor[]): object {
  const own = kinds.filter((descriptor) => groupVersionOf(descriptor) === groupVersion);
  const resources = own.flatMap((descriptor) => [
    {
      name: descriptor.plural,
      singularName: descriptor.singular,
      namespaced: descriptor.namespaced,
      kind: descriptor.kind,
      verbs: descriptor.verbs ?? ALL_VERBS,
      ...(descriptor.shortNames ? { shortNames: descriptor.shortNames } : {}),
      ...(descriptor.categories ? { categories: descriptor.categories } : {}),
      ...(descriptor.virtual
        ? {}
        : { storageVersionHash: storageVersionHash(stored(descriptor, kinds)) }),
    },
    ...subresourcesOf(descriptor).map((sub) => ({
      name: `${descriptor.plural}/${sub.name}`,
      singularName: '',
      namespaced: descriptor.namespaced,
      ...(sub.group === undefined ? {} : { group: sub.group, version: sub.version }),
      kind: sub.kind,
      verbs: sub.verbs,
    })),
  ]);
  resources.sort((a, b) => (a.name < b.name ? -1 : 1));
  // The core group's list is written by an older path, without its version.
  const typed = groupVersion === 'v1' ? {} : { apiVersion: 'v1' };
  return { kind: 'APIResourceList', ...typed, groupVersion, resources };
}

/** The descriptor whose form is kept in etcd. */
function stored(descriptor: KindDescriptor, kinds: readonly KindDescriptor[]): KindDescriptor {
  if (!descriptor.view) return descriptor;
  return (
    kinds.find((one) => one.storage === descriptor.storage && one.view === undefined) ?? descriptor
  );
}

/** The aggregated discovery document of /api or /apis. */
export function aggregatedDiscovery(kinds: readonly KindDescriptor[], core: boolean): object {
  const groups: ReadonlyMap<string, readonly string[]> = core
    ? new Map([['', ['v1']]])
    : groupsOf(kinds);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [...groups].map(([group, versions]) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versions.map((version) => ({
        version,
        resources: kinds
          .filter((one) => one.group === group && one.version === version)
          .map(aggregatedResource)
          .sort((a, b) => (a.resource < b.resource ? -1 : 1)),
        freshness: 'Current',
      })),
    })),
  };
}

function aggregatedResource(descriptor: KindDescriptor): { resource: string } {
  const custom = descriptor.type === '';
  const kindOf = (kind: string, group = '', version = ''): object => ({ group, version, kind });
  const responseKind = custom
    ? kindOf(descriptor.kind, descriptor.group, descriptor.version)
    : kindOf(descriptor.kind);
  const subresources = subresourcesOf(descriptor).map((sub) => ({
    subresource: sub.name,
    responseKind: kindOf(sub.kind, sub.group, sub.version),
    verbs: sub.verbs,
  }));
  return {
    resource: descriptor.plural,
    responseKind,
    scope: descriptor.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: descriptor.singular,
    verbs: descriptor.verbs ?? ALL_VERBS,
    ...(descriptor.shortNames ? { shortNames: descriptor.shortNames } : {}),
    ...(descriptor.categories ? { categories: descriptor.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  } as { resource: string };
}
