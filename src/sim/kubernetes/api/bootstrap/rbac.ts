// The roles and bindings of a fresh server, made from their short form.

import type { JsonObject } from '../fields/decode.ts';
import { CONTROLLER_ROLES } from './controller-roles.ts';
import { ROLE_BINDINGS } from './role-bindings.ts';
import { SYSTEM_ROLES } from './system-roles.ts';

const API_VERSION = 'rbac.authorization.k8s.io/v1';
const GROUP = 'rbac.authorization.k8s.io';

function metadataOf(place: string, labels: JsonObject = {}): JsonObject {
  const slash = place.indexOf('/');
  const name = place.slice(slash + 1);
  return {
    name,
    ...(slash < 0 ? {} : { namespace: place.slice(0, slash) }),
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  };
}

const list = (text: string): string[] => text.split(',').map((one) => (one === 'core' ? '' : one));

function ruleOf(line: string): JsonObject {
  const [verbs = '', groups = '', resources = '', names] = line.trim().split(' ');
  if (groups === '@') return { nonResourceURLs: resources.split(','), verbs: verbs.split(',') };
  return {
    apiGroups: list(groups),
    resources: resources.split(','),
    ...(names === undefined ? {} : { resourceNames: names.split(',') }),
    verbs: verbs.split(','),
  };
}

function roleOf(block: string): JsonObject {
  const [head = '', ...rules] = block.split('\n');
  const [place = '', ...marks] = head.split(' ');
  const pairs = (mark: string): [string, string][] =>
    marks
      .filter((text) => text.startsWith(mark))
      .map((text) => {
        const [key = '', value = ''] = text.slice(1).split('=');
        return [key, value];
      });
  const selectors = pairs('<').map(([key, value]) => ({ matchLabels: { [key]: value } }));
  return {
    apiVersion: API_VERSION,
    kind: place.includes('/') ? 'Role' : 'ClusterRole',
    metadata: metadataOf(place, Object.fromEntries(pairs('+'))),
    ...(selectors.length > 0 ? { aggregationRule: { clusterRoleSelectors: selectors } } : {}),
    rules: rules.map(ruleOf),
  };
}

function subjectOf(text: string): JsonObject {
  const colon = text.indexOf(':');
  const kind = text.slice(0, colon);
  const name = text.slice(colon + 1);
  if (kind === 'account') {
    const [namespace, account] = name.split('/');
    return { kind: 'ServiceAccount', name: account, namespace };
  }
  return { kind: kind === 'user' ? 'User' : 'Group', apiGroup: GROUP, name };
}

function bindingOf(line: string): JsonObject {
  const [place = '', role = '', ...subjects] = line.split(' ');
  const [kind, name] = [role.slice(0, role.indexOf('/')), role.slice(role.indexOf('/') + 1)];
  return {
    apiVersion: API_VERSION,
    kind: place.includes('/') ? 'RoleBinding' : 'ClusterRoleBinding',
    metadata: metadataOf(place),
    subjects: subjects.filter((text) => text !== '').map(subjectOf),
    roleRef: { apiGroup: GROUP, kind, name },
  };
}

/** Every default role and binding, roles first. */
export function defaultRbac(): readonly JsonObject[] {
  const roles = `${SYSTEM_ROLES}${CONTROLLER_ROLES}`.split(/\n(?! )/).filter((text) => text !== '');
  const bindings = ROLE_BINDINGS.split('\n').filter((text) => text !== '');
  return [...roles.map(roleOf), ...bindings.map(bindingOf)];
}
