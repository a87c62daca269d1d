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

/** A role in its short form: its place, the labels that it has and those that it selects, and its rules. */
interface Block {
  readonly place: string;
  readonly labels: readonly string[];
  readonly selected: readonly string[];
  readonly rules: readonly string[];
}

function blockOf(text: string): Block {
  const [head = '', ...rules] = text.split('\n');
  const [place = '', ...marks] = head.split(' ');
  const marked = (mark: string): string[] =>
    marks.filter((word) => word.startsWith(mark)).map((word) => word.slice(1));
  return { place, labels: marked('+'), selected: marked('<'), rules };
}

/** A role's rules; of one that aggregates, those of all that it selects by name, each once. */
function rulesOf(block: Block, all: readonly Block[]): readonly string[] {
  if (block.selected.length === 0) return block.rules;
  const chosen = all
    .filter(({ labels }) => labels.some((label) => block.selected.includes(label)))
    .toSorted((a, b) => (a.place < b.place ? -1 : 1));
  return [...new Set(chosen.flatMap((other) => rulesOf(other, all)))];
}

function roleOf(block: Block, all: readonly Block[]): JsonObject {
  const pairs = (words: readonly string[]): [string, string][] =>
    words.map((word) => {
      const [key = '', value = ''] = word.split('=');
      return [key, value];
    });
  const selectors = pairs(block.selected).map(([key, value]) => ({
    matchLabels: { [key]: value },
  }));
  return {
    apiVersion: API_VERSION,
    kind: block.place.includes('/') ? 'Role' : 'ClusterRole',
    metadata: metadataOf(block.place, Object.fromEntries(pairs(block.labels))),
    ...(selectors.length > 0 ? { aggregationRule: { clusterRoleSelectors: selectors } } : {}),
    rules: rulesOf(block, all).map(ruleOf),
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
  const roles = `${SYSTEM_ROLES}${CONTROLLER_ROLES}`
    .split(/\n(?! )/)
    .filter((text) => text !== '')
    .map(blockOf);
  const bindings = ROLE_BINDINGS.split('\n').filter((text) => text !== '');
  return [...roles.map((role) => roleOf(role, roles)), ...bindings.map(bindingOf)];
}
