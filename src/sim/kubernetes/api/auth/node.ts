// The Node authorizer: a kubelet reads what its own pods need, and writes its own node, pods, lease and events.

import { isObject } from '../fields/decode.ts';
import type { ServerParts } from '../handlers/context.ts';
import type { UserInfo } from '../kinds/descriptor.ts';
import type { Pod } from '../types/pod.ts';
import type { AccessAttributes } from './rules.ts';

/** Allowed, refused with a reason, or none of its business. */
export type Decision = { readonly allowed: boolean; readonly reason: string } | undefined;

const PREFIX = 'system:node:';

/** The node that a user is; undefined for users who are none. */
export function nodeOf(user: UserInfo): string | undefined {
  if (!user.groups.includes('system:nodes') || !user.name.startsWith(PREFIX)) return undefined;
  return user.name.slice(PREFIX.length);
}

const YES: Decision = { allowed: true, reason: '' };

/** What every node may do, whatever the object: `resource verbs`. */
const FREE: Readonly<Record<string, readonly string[]>> = {
  'tokenreviews.authentication.k8s.io': ['create'],
  'subjectaccessreviews.authorization.k8s.io': ['create'],
  'localsubjectaccessreviews.authorization.k8s.io': ['create'],
  services: ['get', 'list', 'watch'],
  nodes: ['create', 'update', 'patch'],
  'nodes/status': ['update', 'patch'],
  pods: ['get', 'list', 'watch', 'create', 'delete'],
  'pods/status': ['update', 'patch'],
  'pods/eviction': ['create'],
  events: ['create', 'update', 'patch'],
  'events.events.k8s.io': ['create', 'update', 'patch'],
  'certificatesigningrequests.certificates.k8s.io': ['create', 'get', 'list', 'watch'],
  'leases.coordination.k8s.io': ['create', 'get', 'update', 'patch', 'delete'],
  'runtimeclasses.node.k8s.io': ['get', 'list', 'watch'],
  'csidrivers.storage.k8s.io': ['get', 'list', 'watch'],
  'csinodes.storage.k8s.io': ['create', 'delete', 'get', 'patch', 'update'],
  'volumeattachments.storage.k8s.io': ['get'],
  persistentvolumes: ['get'],
  persistentvolumeclaims: ['get'],
  'persistentvolumeclaims/status': ['get', 'update', 'patch'],
  'resourceslices.resource.k8s.io': ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  endpoints: ['get'],
  'services/status': [],
};

/** Decides on a node's request; undefined leaves it to the next authorizer. */
export function authorizeNode(
  server: ServerParts,
  user: UserInfo,
  wanted: AccessAttributes,
): Decision {
  const node = nodeOf(user);
  if (node === undefined || wanted.path !== undefined) return undefined;
  const { group, resource, subresource, verb, name, namespace } = wanted;
  const full = group === '' ? resource : `${resource}.${group}`;
  const key = subresource === '' ? full : `${full}/${subresource}`;
  if (key === 'nodes' && ['get', 'list', 'watch'].includes(verb)) {
    if (name === node) return YES;
    const what = name === '' ? 'all nodes' : `'${name}'`;
    return {
      allowed: false,
      reason: `node '${node}' cannot read ${what}, only its own Node object`,
    };
  }
  if (key === 'secrets' || key === 'configmaps') {
    if (!['get', 'list', 'watch'].includes(verb)) return undefined;
    if (name !== '' && isUsed(server, node, namespace, key, name)) return YES;
    return {
      allowed: false,
      reason: `no relationship found between node '${node}' and this object`,
    };
  }
  if (key === 'serviceaccounts/token' && verb === 'create') {
    const used = podsOf(server, node, namespace).some(
      (pod) => (pod.spec.serviceAccountName ?? 'default') === name,
    );
    if (used) return YES;
    return {
      allowed: false,
      reason: `no relationship found between node '${node}' and this object`,
    };
  }
  return FREE[key]?.includes(verb) ? YES : undefined;
}

function podsOf(server: ServerParts, node: string, namespace: string): readonly Pod[] {
  const pods = server.storage.cache('pods').list(namespace) as unknown as readonly Pod[];
  return pods.filter((pod) => pod.spec.nodeName === node);
}

/** Whether a pod of the node refers to the object. */
function isUsed(
  server: ServerParts,
  node: string,
  namespace: string,
  kind: 'secrets' | 'configmaps',
  name: string,
): boolean {
  const fields = kind === 'secrets' ? SECRET_FIELDS : CONFIG_MAP_FIELDS;
  return podsOf(server, node, namespace).some((pod) => mentions(pod.spec, fields, name));
}

/** Fields that refer to an object by name: the field, and the field inside it. */
const SECRET_FIELDS: Readonly<Record<string, string>> = {
  secret: 'secretName',
  secretRef: 'name',
  secretKeyRef: 'name',
  imagePullSecrets: 'name',
};
const CONFIG_MAP_FIELDS: Readonly<Record<string, string>> = {
  configMap: 'name',
  configMapRef: 'name',
  configMapKeyRef: 'name',
};

function mentions(value: unknown, fields: Readonly<Record<string, string>>, name: string): boolean {
  if (Array.isArray(value)) return value.some((item) => mentions(item, fields, name));
  if (!isObject(value)) return false;
  return Object.entries(value).some(([key, inner]) => {
    const field = fields[key];
    if (field !== undefined) {
      const targets = Array.isArray(inner) ? inner : [inner];
      const named = targets.some(
        (target) => isObject(target) && (target[field] === name || target.name === name),
      );
      if (named) return true;
    }
    return mentions(inner, fields, name);
  });
}
