// Role, ClusterRole, RoleBinding, ClusterRoleBinding.

import { fillIn, type KubeObject, mapShared, replaceField, sameJson } from '../object.ts';
import { table } from '../tables/columns.ts';
import type { PolicyRule, RoleBinding, Subject } from '../types/rbac.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { pathSegment } from '../validation/names.ts';
import type { KindDescriptor } from './descriptor.ts';

const GROUP = 'rbac.authorization.k8s.io';

const rulesOf = (object: KubeObject): readonly PolicyRule[] =>
  (object.rules as readonly PolicyRule[] | null | undefined) ?? [];

function validateRules(object: KubeObject, namespaced: boolean): FieldError[] {
  return rulesOf(object).flatMap((rule, i) => {
    const at = `rules[${i}]`;
    const errors: FieldError[] = [];
    const urls = rule.nonResourceURLs ?? [];
    if ((rule.verbs ?? []).length === 0) {
      errors.push(fieldErrors.required(`${at}.verbs`, 'verbs must contain at least one value'));
    }
    if (urls.length > 0) {
      if (namespaced) {
        errors.push(
          fieldErrors.invalid(
            `${at}.nonResourceURLs`,
            urls,
            'namespaced rules cannot apply to non-resource URLs',
          ),
        );
      }
      if ((rule.apiGroups ?? []).length + (rule.resources ?? []).length > 0) {
        errors.push(
          fieldErrors.invalid(
            `${at}.nonResourceURLs`,
            urls,
            'rules cannot apply to both regular resources and non-resource URLs',
          ),
        );
      }
      return errors;
    }
    if ((rule.apiGroups ?? []).length === 0) {
      errors.push(
        fieldErrors.required(
          `${at}.apiGroups`,
          'resource rules must supply at least one api group',
        ),
      );
    }
    if ((rule.resources ?? []).length === 0) {
      errors.push(
        fieldErrors.required(`${at}.resources`, 'resource rules must supply at least one resource'),
      );
    }
    return errors;
  });
}

export const role: KindDescriptor = {
  kind: 'Role',
  group: GROUP,
  version: 'v1',
  plural: 'roles',
  singular: 'role',
  namespaced: true,
  type: 'rbac/v1.Role',
  storage: 'roles',
  nameRule: pathSegment,
  validate: (object) => validateRules(object, true),
  validateUpdate: (object) => validateRules(object, true),
};

export const clusterRole: KindDescriptor = {
  ...role,
  kind: 'ClusterRole',
  plural: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  type: 'rbac/v1.ClusterRole',
  storage: 'clusterroles',
  validate: (object) => validateRules(object, false),
  validateUpdate: (object) => validateRules(object, false),
};

const asBinding = (object: KubeObject): RoleBinding => object as unknown as RoleBinding;

function subjectDefaults(subject: Subject): Subject {
  if (subject.kind !== 'User' && subject.kind !== 'Group') return subject;
  return fillIn(subject, { apiGroup: GROUP });
}

function defaults(object: KubeObject): KubeObject {
  const binding = asBinding(object);
  const roleRef = fillIn(binding.roleRef, { apiGroup: GROUP });
  const filled = replaceField(
    binding,
    'roleRef',
    roleRef.apiGroup === '' ? { ...roleRef, apiGroup: GROUP } : roleRef,
  );
  if (!filled.subjects) return filled as unknown as KubeObject;
  const subjects = mapShared(filled.subjects, subjectDefaults);
  return replaceField(filled, 'subjects', subjects) as unknown as KubeObject;
}

const SUBJECT_KINDS = ['ServiceAccount', 'User', 'Group'];

function validateBinding(object: KubeObject, namespaced: boolean): FieldError[] {
  const { roleRef, subjects = [] } = asBinding(object);
  const errors: FieldError[] = [];
  if (roleRef.apiGroup !== GROUP) {
    errors.push(fieldErrors.notSupported('roleRef.apiGroup', roleRef.apiGroup, [GROUP]));
  }
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (!kinds.includes(roleRef.kind)) {
    errors.push(fieldErrors.notSupported('roleRef.kind', roleRef.kind, kinds));
  }
  if (roleRef.name === '') errors.push(fieldErrors.required('roleRef.name'));
  for (const [i, subject] of subjects.entries()) {
    const at = `subjects[${i}]`;
    if (!subject.name) errors.push(fieldErrors.required(`${at}.name`));
    if (!SUBJECT_KINDS.includes(subject.kind)) {
      errors.push(fieldErrors.notSupported(`${at}.kind`, subject.kind, SUBJECT_KINDS));
    } else if (subject.kind === 'ServiceAccount' && !namespaced && !subject.namespace) {
      errors.push(fieldErrors.required(`${at}.namespace`));
    }
    const group = subject.kind === 'ServiceAccount' ? '' : GROUP;
    const { apiGroup = '' } = subject;
    if (SUBJECT_KINDS.includes(subject.kind) && apiGroup !== group) {
      errors.push(fieldErrors.notSupported(`${at}.apiGroup`, apiGroup, [group]));
    }
  }
  return errors;
}

function validateBindingUpdate(
  object: KubeObject,
  old: KubeObject,
  namespaced: boolean,
): FieldError[] {
  const errors = validateBinding(object, namespaced);
  const { roleRef } = asBinding(object);
  if (!sameJson(roleRef, asBinding(old).roleRef)) {
    const shown = { APIGroup: roleRef.apiGroup, Kind: roleRef.kind, Name: roleRef.name };
    errors.push(fieldErrors.invalid('roleRef', shown, 'cannot change roleRef'));
  }
  return errors;
}

const bindingTable = table(
  ['Role', 'Age', '*Users', '*Groups', '*ServiceAccounts'],
  ({ object }, age) => {
    const { roleRef, subjects = [] } = asBinding(object);
    const named = (kind: string): string =>
      subjects
        .filter((subject) => subject.kind === kind)
        .map(({ name, namespace }) =>
          kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name,
        )
        .join(', ');
    return [
      `${roleRef.kind}/${roleRef.name}`,
      age(),
      named('User'),
      named('Group'),
      named('ServiceAccount'),
    ];
  },
);

export const roleBinding: KindDescriptor = {
  kind: 'RoleBinding',
  group: GROUP,
  version: 'v1',
  plural: 'rolebindings',
  singular: 'rolebinding',
  namespaced: true,
  type: 'rbac/v1.RoleBinding',
  storage: 'rolebindings',
  nameRule: pathSegment,
  defaults,
  validate: (object) => validateBinding(object, true),
  validateUpdate: (object, old) => validateBindingUpdate(object, old, true),
  table: bindingTable,
};

export const clusterRoleBinding: KindDescriptor = {
  ...roleBinding,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  namespaced: false,
  type: 'rbac/v1.ClusterRoleBinding',
  storage: 'clusterrolebindings',
  validate: (object) => validateBinding(object, false),
  validateUpdate: (object, old) => validateBindingUpdate(object, old, false),
};
