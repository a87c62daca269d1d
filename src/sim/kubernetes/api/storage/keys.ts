// Where objects live in etcd: /registry/<folder>/<namespace>/<name>.

import type { KindDescriptor } from '../kinds/descriptor.ts';

/** The prefix of every key that the API server writes. */
export const REGISTRY = '/registry/';

/** The key of an object. */
export function objectKey(descriptor: KindDescriptor, namespace: string, name: string): string {
  return descriptor.namespaced
    ? `${REGISTRY}${descriptor.storage}/${namespace}/${name}`
    : `${REGISTRY}${descriptor.storage}/${name}`;
}

/** The folder of a kind's keys, with the slash. */
export function folderOf(descriptor: KindDescriptor): string {
  return `${REGISTRY}${descriptor.storage}/`;
}
