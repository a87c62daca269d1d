// RBAC: the rules that a user has, by the bindings that name the user or a group; kept until a role changes.

import type { ServerParts } from '../handlers/context.ts';
import type { UserInfo } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import type { PolicyRule, RoleBinding, Subject } from '../types/rbac.ts';

/** What a request wants to do, in the terms of rules. */
export interface AccessAttributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** The path, where the request is not for a resource. */
  readonly path?: string;
}

/** A user's rules: those that hold everywhere, and those of one namespace. */
export interface UserRules {
  readonly cluster: readonly PolicyRule[];
  in(namespace: string): readonly PolicyRule[];
  /** Whether one of the rules allows it; asked again, it is known. */
  allow(wanted: AccessAttributes): boolean;
}

interface Memory {
  readonly users: Map<string, UserRules>;
}

const memories = new WeakMap<ServerParts, Memory>();
const FOLDERS = ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'];

function memoryOf(server: ServerParts): Memory {
  const known = memories.get(server);
  if (known) return known;
  const made: Memory = { users: new Map() };
  for (const folder of FOLDERS) server.storage.onChange(folder, () => made.users.clear());
  memories.set(server, made);
  return made;
}

/** Questions of one user whose answers are kept. */
const MOST_ANSWERS = 512;

function textOf({
  verb,
  group,
  resource,
  subresource,
  namespace,
  name,
  path,
}: AccessAttributes): string {
  return path === undefined
    ? `${verb} ${group} ${resource}/${subresource} ${namespace} ${name}`
    : `${verb} ${path}`;
}

/** The rules of a user. */
export function rulesOf(server: ServerParts, user: UserInfo): UserRules {
  const memory = memoryOf(server);
  const key = `${user.name} ${user.groups.join(' ')}`;
  const known = memory.users.get(key);
  if (known) return known;
  const namespaces = new Map<string, readonly PolicyRule[]>();
  const answers = new Map<string, boolean>();
  const made: UserRules = {
    cluster: boundRules(server, user, server.storage.cache('clusterrolebindings').list(''), ''),
    in(namespace) {
      const kept = namespaces.get(namespace);
      if (kept) return kept;
      const bindings = server.storage.cache('rolebindings').list(namespace);
      const rules = boundRules(server, user, bindings, namespace);
      namespaces.set(namespace, rules);
      return rules;
    },
    allow(wanted) {
      const question = textOf(wanted);
      const answered = answers.get(question);
      if (answered !== undefined) return answered;
      const allows = (rule: PolicyRule): boolean => ruleAllows(rule, wanted);
      const answer =
        made.cluster.some(allows) ||
        (wanted.namespace !== '' && made.in(wanted.namespace).some(allows));
      if (answers.size >= MOST_ANSWERS) answers.clear();
      answers.set(question, answer);
      return answer;
    },
  };
  memory.users.set(key, made);
  return made;
}

function boundRules(
  server: ServerParts,
  user: UserInfo,
  bindings: readonly KubeObject[],
  namespace: string,
): readonly PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (const object of bindings) {
    const binding = object as unknown as RoleBinding;
    if (!(binding.subjects ?? []).some((subject) => isSubject(subject, user, namespace))) continue;
    rules.push(...rulesOfRole(server, binding.roleRef, namespace));
  }
  return rules;
}

/** The rules of the role that a binding refers to; none where it does not exist. */
export function rulesOfRole(
  server: ServerParts,
  ref: RoleBinding['roleRef'],
  namespace: string,
): readonly PolicyRule[] {
  const clusterWide = ref.kind === 'ClusterRole';
  const cache = server.storage.cache(clusterWide ? 'clusterroles' : 'roles');
  const role = cache.get(clusterWide ? '' : namespace, ref.name);
  return (role?.rules as readonly PolicyRule[] | null | undefined) ?? [];
}

function isSubject(subject: Subject, user: UserInfo, namespace: string): boolean {
  if (subject.kind === 'User') return subject.name === user.name;
  if (subject.kind === 'Group') return user.groups.includes(subject.name);
  const home = subject.namespace ?? namespace;
  return user.name === `system:serviceaccount:${home}:${subject.name}`;
}

const has = (values: readonly string[] | undefined, value: string): boolean =>
  values !== undefined && (values.includes('*') || values.includes(value));

/** Whether a rule allows what the attributes say. */
export function ruleAllows(rule: PolicyRule, wanted: AccessAttributes): boolean {
  if (!has(rule.verbs, wanted.verb)) return false;
  if (wanted.path !== undefined) {
    const path = wanted.path;
    return (rule.nonResourceURLs ?? []).some(
      (url) =>
        url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))),
    );
  }
  if (!has(rule.apiGroups, wanted.group)) return false;
  const { resource, subresource } = wanted;
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  const resources = rule.resources ?? [];
  const named =
    resources.includes('*') ||
    resources.includes(combined) ||
    (subresource !== '' && resources.includes(`*/${subresource}`));
  if (!named) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(wanted.name);
}
