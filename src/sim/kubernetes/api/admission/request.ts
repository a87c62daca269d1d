// The request that webhooks and policies are shown (admission.k8s.io/v1 AdmissionRequest), and the names that
// expressions of policies have for its parts.

import type { Result } from '../cel/evaluate.ts';
import type { Variables } from '../cel/program.ts';
import { type Opaque, type Value, valueOfJson } from '../cel/values.ts';
import { mayDo } from '../auth/authorize.ts';
import type { UserInfo } from '../kinds/descriptor.ts';
import { groupVersionOf } from '../kinds/descriptor.ts';
import type { Attributes } from './admission.ts';

/** The request as JSON, without the uid that a call gives it. */
export function admissionRequest(attributes: Attributes): Record<string, unknown> {
  const { descriptor, subresource, namespace, name, operation, user, dryRun } = attributes;
  const { group, version, kind, plural } = descriptor;
  const options = `${operation.charAt(0)}${operation.slice(1).toLowerCase()}Options`;
  return {
    kind: { group, version, kind },
    resource: { group, version, resource: plural },
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: { group, version, kind },
    requestResource: { group, version, resource: plural },
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: {
      username: user.name,
      ...(user.uid === undefined ? {} : { uid: user.uid }),
      groups: user.groups,
      ...(user.extra === undefined ? {} : { extra: user.extra }),
    },
    object: typed(attributes, attributes.object),
    oldObject: typed(attributes, attributes.old),
    dryRun,
    options: { kind: options, apiVersion: 'meta.k8s.io/v1' },
  };
}

function typed({ descriptor }: Attributes, object: object | undefined): object | null {
  if (!object) return null;
  return { apiVersion: groupVersionOf(descriptor), kind: descriptor.kind, ...object };
}

/** The variables of expressions, none of whose types is checked. */
export const ADMISSION_VARIABLES: Variables = {
  object: {},
  oldObject: {},
  request: {},
  namespaceObject: {},
  authorizer: {},
};

/** What those variables hold for a request; made when first asked for. */
export function admissionValues(attributes: Attributes): Record<string, Result> {
  const { server, namespace, descriptor } = attributes;
  const request = admissionRequest(attributes);
  const own = descriptor.plural === 'namespaces' && descriptor.group === '';
  const space = own ? undefined : server.storage.cache('namespaces').get('', namespace);
  return lazily({
    object: () => valueOfJson(request.object),
    oldObject: () => valueOfJson(request.oldObject),
    request: () => valueOfJson(request),
    namespaceObject: () => valueOfJson(space),
    authorizer: () => authorizerOf(attributes),
  });
}

/** An object whose fields are worked out once, when they are read. */
export function lazily(makers: Readonly<Record<string, () => Result>>): Record<string, Result> {
  const out: Record<string, Result> = {};
  for (const [name, make] of Object.entries(makers)) {
    let value: Result | undefined;
    Object.defineProperty(out, name, {
      enumerable: true,
      get: () => {
        value ??= make();
        return value;
      },
    });
  }
  return out;
}

interface Asked {
  readonly user: UserInfo;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path?: string;
}

/** `authorizer`: asks what the user of the request may do. */
function authorizerOf(attributes: Attributes): Opaque {
  const { user } = attributes;
  const start = { group: '', resource: '', subresource: '', namespace: '', name: '' };
  const check = (asked: Asked, verb: Value): Opaque => {
    const { user: who, ...wanted } = asked;
    const { allowed, reason } = mayDo(attributes.server, who, { ...wanted, verb: String(verb) });
    return opaque('kubernetes.authorization.Decision', {
      allowed: () => allowed,
      reason: () => reason,
      errored: () => false,
      error: () => '',
    });
  };
  const step = (asked: Asked): Opaque =>
    opaque('kubernetes.authorization.ResourceCheck', {
      resource: (one = null) => step({ ...asked, resource: String(one) }),
      subresource: (one = null) => step({ ...asked, subresource: String(one) }),
      namespace: (one = null) => step({ ...asked, namespace: String(one) }),
      name: (one = null) => step({ ...asked, name: String(one) }),
      check: (verb = null) => check(asked, verb),
    });
  const whole = (who: UserInfo): Opaque =>
    opaque('kubernetes.authorization.Authorizer', {
      group: (one = null) => step({ user: who, ...start, group: String(one) }),
      path: (one = null) => step({ user: who, ...start, path: String(one) }),
      serviceAccount: (space = null, one = null) =>
        whole({
          name: `system:serviceaccount:${String(space)}:${String(one)}`,
          groups: [
            'system:serviceaccounts',
            `system:serviceaccounts:${String(space)}`,
            'system:authenticated',
          ],
        }),
    });
  return whole(user);
}

function opaque(type: string, methods: Opaque['methods']): Opaque {
  return { kind: 'opaque', type, text: type, methods };
}
