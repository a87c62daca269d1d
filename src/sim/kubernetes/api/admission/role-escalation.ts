// RBAC's own guard: nobody grants what they do not have, unless they may `escalate` or `bind`.

import type { Routine } from '../../../core/wait.ts';
import { mayDo } from '../auth/authorize.ts';
import { ruleAllows, rulesOf, rulesOfRole } from '../auth/rules.ts';
import { sameJson } from '../object.ts';
import { type ApiError, apiErrors } from '../status.ts';
import type { PolicyRule, RoleBinding } from '../types/rbac.ts';
import type { AdmissionPlugin, Attributes } from './admission.ts';

/** A rule in parts of one verb, group and resource each. */
function partsOf(rule: PolicyRule): readonly PolicyRule[] {
  const urls = rule.nonResourceURLs ?? [];
  if (urls.length > 0) {
    return rule.verbs.flatMap((verb) =>
      urls.map((url) => ({ verbs: [verb], nonResourceURLs: [url] })),
    );
  }
  const names = rule.resourceNames?.length ? rule.resourceNames : [undefined];
  return rule.verbs.flatMap((verb) =>
    (rule.apiGroups ?? []).flatMap((group) =>
      (rule.resources ?? []).flatMap((resource) =>
        names.map((name) => ({
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
          ...(name === undefined ? {} : { resourceNames: [name] }),
        })),
      ),
    ),
  );
}

function covers(held: readonly PolicyRule[], part: PolicyRule): boolean {
  const path = part.nonResourceURLs?.[0];
  const [resource = '', subresource = ''] = (part.resources?.[0] ?? '').split('/');
  const wanted = {
    verb: part.verbs[0] ?? '',
    group: part.apiGroups?.[0] ?? '',
    resource,
    subresource,
    namespace: '',
    name: part.resourceNames?.[0] ?? '',
    ...(path === undefined ? {} : { path }),
  };
  return held.some((rule) => {
    const limited = (rule.resourceNames ?? []).length > 0;
    return ruleAllows(rule, wanted) && (!limited || part.resourceNames !== undefined);
  });
}

const quoted = (values: readonly string[]): string =>
  `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;

function ruleText(rule: PolicyRule): string {
  const fields = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['ResourceNames', rule.resourceNames],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['Verbs', rule.verbs],
  ] as const;
  const shown = fields.flatMap(([name, values]) =>
    values?.length ? [`${name}:${quoted(values)}`] : [],
  );
  return `{${shown.join(', ')}}`;
}

/** Parts that are alike but for the verb, said together. */
function compact(parts: readonly PolicyRule[]): string {
  const together = new Map<string, PolicyRule>();
  for (const part of parts) {
    const { verbs, ...rest } = part;
    const key = JSON.stringify(rest);
    const known = together.get(key);
    together.set(key, known ? { ...part, verbs: [...known.verbs, ...verbs] } : part);
  }
  return [...together.values()].map(ruleText).sort().join('\n');
}

function* validate(attributes: Attributes): Routine<ApiError | undefined> {
  const { server, user, descriptor, object, old, namespace, name, operation } = attributes;
  if (!object || operation === 'DELETE' || user.groups.includes('system:masters')) return undefined;
  const { group, plural } = descriptor;
  const binds = plural.endsWith('bindings');
  const binding = object as unknown as RoleBinding;
  if (
    old &&
    sameJson(
      binds ? [binding.roleRef, object.subjects] : object.rules,
      binds ? [old.roleRef, old.subjects] : old.rules,
    )
  ) {
    return undefined;
  }
  const resource = binds ? (binding.roleRef.kind === 'Role' ? 'roles' : 'clusterroles') : plural;
  const verb = binds ? 'bind' : 'escalate';
  const target = binds ? binding.roleRef.name : name;
  const wanted = { verb, group, resource, subresource: '', namespace, name: target };
  if (mayDo(server, user, wanted).allowed) return undefined;
  const granted = binds
    ? rulesOfRole(server, binding.roleRef, namespace)
    : ((object.rules as readonly PolicyRule[] | null) ?? []);
  const known = rulesOf(server, user);
  const held = [...known.cluster, ...(namespace === '' ? [] : known.in(namespace))];
  const missing = granted.flatMap(partsOf).filter((part) => !covers(held, part));
  if (missing.length === 0) return undefined;
  const why = `user ${JSON.stringify(user.name)} (groups=${quoted(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${compact(missing)}`;
  return apiErrors.forbidden({ group, resource: plural }, name, why);
}

export const roleEscalation: AdmissionPlugin = {
  name: 'RoleEscalation',
  resources: new Set([
    'roles.rbac.authorization.k8s.io',
    'clusterroles.rbac.authorization.k8s.io',
    'rolebindings.rbac.authorization.k8s.io',
    'clusterrolebindings.rbac.authorization.k8s.io',
  ]),
  validate,
};
