// Kinds that are questions: the answer comes back at once and nothing is stored.

import type { KindDescriptor } from './descriptor.ts';

const ASKED = { version: 'v1', verbs: ['create'], virtual: true, storage: '' } as const;
const AUTHENTICATION = { ...ASKED, group: 'authentication.k8s.io', namespaced: false } as const;
const AUTHORIZATION = { ...ASKED, group: 'authorization.k8s.io', namespaced: false } as const;

export const selfSubjectReview: KindDescriptor = {
  ...AUTHENTICATION,
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  singular: 'selfsubjectreview',
  type: 'authentication/v1.SelfSubjectReview',
};

export const tokenReview: KindDescriptor = {
  ...AUTHENTICATION,
  kind: 'TokenReview',
  plural: 'tokenreviews',
  singular: 'tokenreview',
  type: 'authentication/v1.TokenReview',
};

export const localSubjectAccessReview: KindDescriptor = {
  ...AUTHORIZATION,
  namespaced: true,
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  singular: 'localsubjectaccessreview',
  type: 'authorization/v1.LocalSubjectAccessReview',
};

export const selfSubjectAccessReview: KindDescriptor = {
  ...AUTHORIZATION,
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  singular: 'selfsubjectaccessreview',
  type: 'authorization/v1.SelfSubjectAccessReview',
};

export const selfSubjectRulesReview: KindDescriptor = {
  ...AUTHORIZATION,
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  singular: 'selfsubjectrulesreview',
  type: 'authorization/v1.SelfSubjectRulesReview',
};

export const subjectAccessReview: KindDescriptor = {
  ...AUTHORIZATION,
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  singular: 'subjectaccessreview',
  type: 'authorization/v1.SubjectAccessReview',
};
