// The subresources of other kinds: tokens of service accounts, approval of signing requests, the end of namespaces.

import { epochSeconds, rfc3339, SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { HttpResponse } from '../../../userland/http/message.ts';
import { ISSUER, signToken, type TokenBinding } from '../auth/tokens.ts';
import { readBody } from '../handlers/body.ts';
import type { ResourceRequest } from '../handlers/context.ts';
import { patchObject } from '../handlers/patch.ts';
import { getObject, readObject, respondObject } from '../handlers/read.ts';
import { objectWriter, respond, wantsPretty } from '../handlers/respond.ts';
import { updateObject } from '../handlers/update.ts';
import type { KindDescriptor } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import { ApiError, apiErrors } from '../status.ts';
import type { AuthenticationTokenRequest } from '../types/auth.ts';
import type { Pod } from '../types/pod.ts';
import { fieldErrors } from '../validation/errors.ts';

const tokenRequestKind: KindDescriptor = {
  kind: 'TokenRequest',
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'tokenrequests',
  singular: 'tokenrequest',
  namespaced: true,
  type: 'authentication/v1.TokenRequest',
  storage: '',
  virtual: true,
};

const DEFAULT_SECONDS = 3600;
const SHORTEST_SECONDS = 600;
const LONGEST_SECONDS = 2 ** 32;
/** Tokens that pods ask for with this lifetime live a year, so that old clients survive. */
const POD_TOKEN_SECONDS = 3607;
const YEAR_SECONDS = 365 * 24 * 3600;

/** POST to /token of a service account. */
export function* requestToken(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { request, server, info } = context;
  const body = readBody(request, tokenRequestKind, 'Ignore');
  if (body instanceof ApiError) return body;
  const account = yield* readObject(context);
  if (account instanceof ApiError) return account;
  const { spec } = body.object as unknown as AuthenticationTokenRequest;
  const seconds = spec.expirationSeconds ?? DEFAULT_SECONDS;
  const wrong = lifetimeError(seconds);
  if (wrong) return apiErrors.invalid('TokenRequest', 'authentication.k8s.io', '', [wrong]);
  const binding = yield* bindingOf(context, spec.boundObjectRef ?? undefined);
  if (binding instanceof ApiError) return binding;
  const now = server.simulation.now;
  const extended = seconds === POD_TOKEN_SECONDS && binding?.kind === 'Pod';
  const issuedAt = epochSeconds(now);
  const audiences = spec.audiences?.length ? spec.audiences : [ISSUER];
  const token = signToken(server, {
    namespace: info.namespace,
    name: info.name,
    uid: account.metadata.uid ?? '',
    audiences,
    issuedAt,
    expiresAt: issuedAt + (extended ? YEAR_SECONDS : seconds),
    jti: server.simulation.random.fork(`api/tokens/${now}/${info.namespace}/${info.name}`).uuid(),
    binding,
  });
  const { metadata } = body.object;
  const object: KubeObject = {
    ...body.object,
    metadata: {
      ...metadata,
      name: info.name,
      namespace: info.namespace,
      creationTimestamp: context.strategy.time,
    },
    spec: { ...spec, audiences, expirationSeconds: seconds },
    status: { token, expirationTimestamp: rfc3339(now + seconds * SECOND) },
  };
  return respond(
    201,
    object,
    objectWriter(tokenRequestKind, wantsPretty(request)),
    context.warnings,
  );
}

function lifetimeError(seconds: number): ReturnType<typeof fieldErrors.invalid> | undefined {
  const path = 'spec.expirationSeconds';
  if (seconds < SHORTEST_SECONDS) {
    return fieldErrors.invalid(path, seconds, 'may not specify a duration less than 10 minutes');
  }
  if (seconds <= LONGEST_SECONDS) return undefined;
  return fieldErrors.invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds');
}

interface Reference {
  readonly kind?: string;
  readonly name?: string;
  readonly uid?: string;
}

const BINDABLE: Readonly<Record<string, string>> = {
  Pod: 'pods',
  Secret: 'secrets',
  Node: 'minions',
};

function* bindingOf(
  { server, info }: ResourceRequest,
  reference: Reference | undefined,
): Routine<TokenBinding | undefined | ApiError> {
  if (!reference) return undefined;
  const { kind = '', name = '', uid } = reference;
  const folder = BINDABLE[kind];
  if (folder === undefined) {
    return apiErrors.badRequest(`cannot bind token for serviceaccount to object of type ${kind}`);
  }
  const object = server.storage.cache(folder).get(kind === 'Node' ? '' : info.namespace, name);
  if (!object) {
    return apiErrors.notFound(
      { group: '', resource: folder === 'minions' ? 'nodes' : folder },
      name,
    );
  }
  const account = (object as unknown as Pod).spec?.serviceAccountName;
  if (kind === 'Pod' && account !== info.name) {
    return apiErrors.badRequest(
      `cannot bind token to pod ${JSON.stringify(name)} running with different service account name.`,
    );
  }
  if (uid !== undefined && uid !== '' && uid !== object.metadata.uid) {
    return apiErrors.conflict(
      { group: '', resource: folder },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  return { kind, name, uid: object.metadata.uid ?? '' };
}

function* writePart(
  context: ResourceRequest,
  prepareForUpdate: (object: KubeObject, old: KubeObject) => KubeObject,
): Routine<HttpResponse | ApiError> {
  const { info } = context;
  const part = {
    ...context,
    descriptor: {
      ...context.descriptor,
      hasStatus: false,
      prepareForUpdate,
      validateUpdate: () => [],
    },
  };
  const result = yield* info.verb === 'update' ? updateObject(part) : patchObject(part);
  return result instanceof ApiError ? result : respondObject(context, result.status, result.object);
}

interface Approval {
  readonly status?: { readonly conditions?: readonly { readonly type: string }[] };
}

/** GET, PUT and PATCH of /approval of a signing request. */
export function* serveApproval(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  const { info, strategy } = context;
  if (info.verb === 'get') return yield* getObject(context);
  if (info.verb !== 'update' && info.verb !== 'patch') return apiErrors.methodNotAllowed();
  return yield* writePart(context, (object, old) => {
    const given = (object as Approval).status?.conditions ?? [];
    const conditions = given.map((condition) => ({
      lastUpdateTime: strategy.time,
      lastTransitionTime: strategy.time,
      ...Object.fromEntries(Object.entries(condition).filter(([, value]) => value !== null)),
    }));
    const status = { ...(old.status as object | undefined), conditions };
    return { ...old, metadata: object.metadata, status };
  });
}

/** PUT to /finalize of a namespace. */
export function* finalizeNamespace(context: ResourceRequest): Routine<HttpResponse | ApiError> {
  if (context.info.verb !== 'update') return apiErrors.methodNotAllowed();
  return yield* writePart(context, (object, old) => ({
    ...old,
    metadata: object.metadata,
    spec: object.spec ?? {},
  }));
}
