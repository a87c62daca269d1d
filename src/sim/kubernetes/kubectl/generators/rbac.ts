// kubectl create role, clusterrole, rolebinding, clusterrolebinding, serviceaccount.

import type { Routine } from '../../../core/wait.ts';
import type { Call } from '../command.ts';
import type { Generator } from '../commands/create.ts';
import { findResource } from '../discovery.ts';
import { Failure, failure } from '../failure.ts';
import type { KubeObject } from '../rest.ts';

const API = 'rbac.authorization.k8s.io/v1';
const GROUP = 'rbac.authorization.k8s.io';

const VERBS = new Set([
  '*',
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'use',
  'bind',
  'approve',
  'sign',
  'escalate',
  'impersonate',
  'attest',
]);

interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly resourceNames?: string[];
  readonly verbs: string[];
}

function* rules(call: Call): Routine<Rule[]> {
  const { values } = call;
  const verbs = [...new Set(values.list('verb'))];
  if (verbs.length === 0) throw failure('at least one verb must be specified');
  for (const verb of verbs)
    if (!VERBS.has(verb)) yield* call.err(`Warning: '${verb}' is not a standard resource verb\n`);
  const names = values.list('resource-name');
  const wanted = values.list('resource');
  if (wanted.length === 0) throw failure('at least one resource must be specified');
  const shown = verbs.includes('*') ? ['*'] : verbs;
  const discovery = yield* call.discovery();
  const groups = new Map<string, string[]>();
  for (const word of wanted) {
    const [bare = '', sub] = word.split('/');
    if (bare === '*') {
      groups.set('', [...(groups.get('') ?? []), word]);
      continue;
    }
    const found = findResource(discovery, bare);
    if (!found) throw new Failure(`the server doesn't have a resource type "${bare}"`);
    const resource = sub === undefined ? found.plural : `${found.plural}/${sub}`;
    const list = groups.get(found.group) ?? [];
    if (!list.includes(resource)) list.push(resource);
    groups.set(found.group, list);
  }
  return [...groups].map(([group, resources]) => ({
    apiGroups: [group],
    ...(names.length > 0 ? { resourceNames: names } : {}),
    resources,
    verbs: shown,
  }));
}

function* role(call: Call, name: string): Routine<KubeObject> {
  return { apiVersion: API, kind: 'Role', metadata: { name }, rules: yield* rules(call) };
}

function* clusterRole(call: Call, name: string): Routine<KubeObject> {
  const { values } = call;
  const urls = values.list('non-resource-url');
  const aggregation = values.text('aggregation-rule');
  if (aggregation !== '') {
    const matchLabels = Object.fromEntries(
      aggregation.split(',').map((pair) => pair.split('=') as [string, string]),
    );
    return {
      apiVersion: API,
      kind: 'ClusterRole',
      metadata: { name },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels }] },
      rules: null,
    };
  }
  const made: object[] = [];
  if (values.list('resource').length > 0 || urls.length === 0) made.push(...(yield* rules(call)));
  if (urls.length > 0) {
    if (values.list('verb').length === 0) throw failure('at least one verb must be specified');
    made.push({ nonResourceURLs: urls, verbs: values.list('verb') });
  }
  return { apiVersion: API, kind: 'ClusterRole', metadata: { name }, rules: made };
}

function subjects(call: Call): object[] {
  const { values } = call;
  const accounts = values.list('serviceaccount').map((word) => {
    const [namespace = '', name = ''] = word.split(':');
    if (namespace === '' || name === '') throw failure('serviceaccount must be <namespace>:<name>');
    return { kind: 'ServiceAccount', name, namespace };
  });
  return [
    ...values.list('user').map((name) => ({ apiGroup: GROUP, kind: 'User', name })),
    ...values.list('group').map((name) => ({ apiGroup: GROUP, kind: 'Group', name })),
    ...accounts,
  ];
}

function* roleBinding(call: Call, name: string): Routine<KubeObject> {
  const { values } = call;
  const [own, cluster] = [values.text('role'), values.text('clusterrole')];
  if ((own === '') === (cluster === ''))
    throw failure('exactly one of clusterrole or role must be specified');
  const roleRef =
    own === ''
      ? { apiGroup: GROUP, kind: 'ClusterRole', name: cluster }
      : { apiGroup: GROUP, kind: 'Role', name: own };
  const list = subjects(call);
  return {
    apiVersion: API,
    kind: 'RoleBinding',
    metadata: { name },
    roleRef,
    ...(list.length > 0 ? { subjects: list } : {}),
  };
}

function* clusterRoleBinding(call: Call, name: string): Routine<KubeObject> {
  const roleRef = { apiGroup: GROUP, kind: 'ClusterRole', name: call.values.text('clusterrole') };
  const list = subjects(call);
  return {
    apiVersion: API,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef,
    ...(list.length > 0 ? { subjects: list } : {}),
  };
}

export const rbacGenerators: readonly Generator[] = [
  {
    name: 'role',
    called: '',
    make: role,
  },
  {
    name: 'clusterrole',
    called: '',
    make: clusterRole,
  },
  {
    name: 'rolebinding',
    make: roleBinding,
  },
  {
    name: 'clusterrolebinding',
    make: clusterRoleBinding,
  },
  {
    name: 'serviceaccount',
    *make(_call, name) {
      return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } };
    },
  },
];
