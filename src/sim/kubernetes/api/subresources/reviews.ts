// Reviews: who am I, whose token is this, may somebody do something, what may I do.

import type { Routine } from '../../../core/wait.ts';
import type { HttpResponse } from '../../../userland/http/message.ts';
import { withAuthenticated } from '../auth/authenticate.ts';
import { mayDo } from '../auth/authorize.ts';
import { type AccessAttributes, rulesOf } from '../auth/rules.ts';
import { userOfToken } from '../auth/tokens.ts';
import { readBody } from '../handlers/body.ts';
import type { ResourceRequest } from '../handlers/context.ts';
import { respondObject } from '../handlers/read.ts';
import type { UserInfo } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import { ApiError, apiErrors } from '../status.ts';
import type { SelfSubjectRulesReview, SubjectAccessReview, TokenReview } from '../types/auth.ts';
import { fieldErrors } from '../validation/errors.ts';

function userInfo(user: UserInfo): object {
  return {
    username: user.name,
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    ...(user.groups.length > 0 ? { groups: user.groups } : {}),
    ...(user.extra === undefined ? {} : { extra: user.extra }),
  };
}

/** POST to selfsubjectreviews. */
export function* reviewSelf(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const body = readBody(context.request, context.descriptor, 'Ignore');
  if (body instanceof ApiError) return body;
  const metadata = { ...body.object.metadata, creationTimestamp: context.strategy.time };
  const object = { ...body.object, metadata, status: { userInfo: userInfo(context.user) } };
  return respondObject(context, 201, object);
}

/** POST to tokenreviews. */
export function* reviewToken(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const body = readBody(context.request, context.descriptor, 'Ignore');
  if (body instanceof ApiError) return body;
  const { spec } = body.object as unknown as TokenReview;
  const asked = spec.audiences;
  const user = userOfToken(context.server, spec.token ?? '', asked?.length ? asked : undefined);
  const status = user
    ? {
        authenticated: true,
        user: userInfo(withAuthenticated(user)),
        audiences: asked ?? ['https://kubernetes.default.svc.cluster.local'],
      }
    : { user: {}, error: '[invalid bearer token, token lookup failed]' };
  return respondObject(context, 201, { ...body.object, status });
}

interface ResourceAttributes {
  readonly namespace?: string;
  readonly verb?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
}

function wantedBy(spec: SubjectAccessReview['spec']): AccessAttributes {
  const path = spec.nonResourceAttributes;
  const of: ResourceAttributes = spec.resourceAttributes ?? {};
  const attributes = {
    verb: (path ? path.verb : of.verb) ?? '',
    group: of.group ?? '',
    resource: of.resource ?? '',
    subresource: of.subresource ?? '',
    namespace: of.namespace ?? '',
    name: of.name ?? '',
  };
  return path ? { ...attributes, path: path.path ?? '' } : attributes;
}

/** POST to selfsubjectaccessreviews, subjectaccessreviews and localsubjectaccessreviews. */
export function* reviewAccess(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { server, descriptor, info } = context;
  const body = readBody(context.request, descriptor, 'Ignore');
  if (body instanceof ApiError) return body;
  const { spec } = body.object as unknown as SubjectAccessReview;
  const self = descriptor.kind === 'SelfSubjectAccessReview';
  const local = descriptor.kind === 'LocalSubjectAccessReview';
  const errors = [];
  if ((spec.resourceAttributes === undefined) === (spec.nonResourceAttributes === undefined)) {
    errors.push(
      fieldErrors.invalid(
        spec.resourceAttributes ? 'spec.nonResourceAttributes' : 'spec.resourceAttributes',
        spec.nonResourceAttributes ?? null,
        spec.resourceAttributes
          ? 'cannot be specified in combination with resourceAttributes'
          : 'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    );
  }
  if (!self && !spec.user && (spec.groups ?? []).length === 0) {
    errors.push(
      fieldErrors.invalid('spec.user', '', 'at least one of user or group must be specified'),
    );
  }
  if (errors.length > 0) return apiErrors.invalid(descriptor.kind, descriptor.group, '', errors);
  if (local && spec.resourceAttributes?.namespace !== info.namespace) {
    return apiErrors.badRequest(
      `spec.resourceAttributes.namespace must match namespace: ${info.namespace}`,
    );
  }
  const user: UserInfo = self ? context.user : { name: spec.user ?? '', groups: spec.groups ?? [] };
  const { allowed, reason } = mayDo(server, user, wantedBy(spec));
  const status = { allowed, ...(reason === '' ? {} : { reason }) };
  return respondObject(context, 201, { ...body.object, status });
}

/** POST to selfsubjectrulesreviews. */
export function* reviewRules(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const body = readBody(context.request, context.descriptor, 'Ignore');
  if (body instanceof ApiError) return body;
  const { spec } = body.object as unknown as SelfSubjectRulesReview;
  const namespace = spec.namespace ?? '';
  if (namespace === '') return apiErrors.badRequest('no namespace on request');
  const known = rulesOf(context.server, context.user);
  const masters = context.user.groups.includes('system:masters') ? [ALLOW_ALL, ALLOW_PATHS] : [];
  const rules = [...masters, ...known.cluster, ...known.in(namespace)];
  const resourceRules = rules
    .filter(({ resources }) => (resources ?? []).length > 0)
    .map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      apiGroups,
      resources,
      ...(resourceNames ? { resourceNames } : {}),
    }));
  const nonResourceRules = rules
    .filter(({ nonResourceURLs }) => (nonResourceURLs ?? []).length > 0)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
  const status = { resourceRules, nonResourceRules, incomplete: false };
  return respondObject(context, 201, { ...body.object, status } as KubeObject);
}

const ALLOW_ALL: Rule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
const ALLOW_PATHS: Rule = { verbs: ['*'], nonResourceURLs: ['*'] };

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}
