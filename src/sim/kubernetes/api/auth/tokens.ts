// Bearer tokens: service accounts' (JWTs that this server signed) and bootstrap tokens.

import type { Simulation } from '../../../core/simulation.ts';
import { sha256 } from '../../../core/sha256.ts';
import { encode } from '../../../core/text.ts';
import { epochSeconds } from '../../../core/time.ts';
import { base64Text, base64Url, textOfBase64 } from '../../../core/base64.ts';
import { isObject, type JsonObject } from '../fields/decode.ts';
import type { ServerParts } from '../handlers/context.ts';
import type { UserInfo } from '../kinds/descriptor.ts';
import type { Secret } from '../types/config.ts';

/** Who issues tokens, and for whom they are unless somebody asks otherwise. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

const HEADER = { alg: 'RS256', kid: 'TJ7bX2fQmPzAeVw9kYsN4hLrUo0Gd1ciS5Z3uE8qRxM' };
/** Characters of an RSA-2048 signature in base64. */
const SIGNATURE_LENGTH = 342;

/** What a token is bound to: it dies with it. */
export interface TokenBinding {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

export interface TokenClaims {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly audiences: readonly string[];
  readonly issuedAt: number;
  /** Undefined for the tokens of secrets, which do not run out. */
  readonly expiresAt: number | undefined;
  readonly jti: string;
  readonly binding?: TokenBinding | undefined;
}

function segment(value: object): string {
  return base64Url(encode(JSON.stringify(value)));
}

const HEADER_SEGMENT = segment(HEADER);

/** Stands for the RSA signature: it depends on the cluster's seed, so that no other cluster's token passes. */
function signature(server: Pick<ServerParts, 'simulation'>, text: string): string {
  const key = `${server.simulation.seed}/service-account-key`;
  const digest = sha256(encode(text));
  let out = '';
  for (let i = 0; out.length < SIGNATURE_LENGTH; i++) {
    out += base64Text(sha256(encode(`${i}.${key}.${digest}`))).replace(/[+/=]/g, 'A');
  }
  return out.slice(0, SIGNATURE_LENGTH);
}

/** The document at /.well-known/openid-configuration. */
export function issuerConfiguration({ options }: Pick<ServerParts, 'options'>): object {
  const address = `${options.advertiseAddress ?? '10.0.2.15'}:${options.securePort ?? 6443}`;
  return {
    issuer: ISSUER,
    jwks_uri: `https://${address}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

/** The key set at /openid/v1/jwks; its modulus stands for a key as signatures do. */
export function signingKeys(server: Pick<ServerParts, 'simulation'>): object {
  const n = signature(server, 'modulus');
  return { keys: [{ use: 'sig', kty: 'RSA', kid: HEADER.kid, alg: HEADER.alg, n, e: 'AQAB' }] };
}

/** Writes a service account's token. */
export function signToken(server: Pick<ServerParts, 'simulation'>, claims: TokenClaims): string {
  const { namespace, name, uid, audiences, issuedAt, expiresAt, jti, binding } = claims;
  const bound = binding
    ? { [binding.kind.toLowerCase()]: { name: binding.name, uid: binding.uid } }
    : {};
  const payload = {
    aud: audiences,
    ...(expiresAt === undefined ? {} : { exp: expiresAt }),
    iat: issuedAt,
    iss: ISSUER,
    jti,
    'kubernetes.io': { namespace, ...bound, serviceaccount: { name, uid } },
    nbf: issuedAt,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
  const text = `${HEADER_SEGMENT}.${segment(payload)}`;
  return `${text}.${signature(server, text)}`;
}

/** What tokens with a good signature say: a signature is looked at once, whether they still hold each time. */
const verified = new WeakMap<Simulation, Map<string, JsonObject>>();
/** Tokens that are remembered at the most. */
const MOST_VERIFIED = 1024;

/** What a token says; undefined where this server did not sign it. */
function payloadOf(server: ServerParts, token: string): JsonObject | undefined {
  let known = verified.get(server.simulation);
  if (!known) {
    known = new Map();
    verified.set(server.simulation, known);
  }
  const before = known.get(token);
  if (before) return before;
  const [header, payload, signed, ...more] = token.split('.');
  if (payload === undefined || signed === undefined || more.length > 0) return undefined;
  if (signature(server, `${header}.${payload}`) !== signed) return undefined;
  const said = JSON.parse(textOfBase64(payload)) as JsonObject;
  if (known.size >= MOST_VERIFIED) known.clear();
  known.set(token, said);
  return said;
}

/** The user that a token speaks for; undefined for a token that is not good. */
export function userOfToken(
  server: ServerParts,
  token: string,
  audiences: readonly string[] = [ISSUER],
): UserInfo | undefined {
  const bootstrap = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token);
  if (bootstrap) return bootstrapUser(server, bootstrap[1] ?? '', bootstrap[2] ?? '');
  const payload = payloadOf(server, token);
  return payload && accountUser(server, payload, audiences);
}

function accountUser(
  server: ServerParts,
  payload: JsonObject,
  audiences: readonly string[],
): UserInfo | undefined {
  const now = epochSeconds(server.simulation.now);
  if (typeof payload.exp === 'number' && payload.exp <= now) return undefined;
  const given = Array.isArray(payload.aud) ? payload.aud : [];
  if (!audiences.some((audience) => given.includes(audience))) return undefined;
  const facts = isObject(payload['kubernetes.io']) ? payload['kubernetes.io'] : {};
  const account = isObject(facts.serviceaccount) ? facts.serviceaccount : {};
  const namespace = String(facts.namespace);
  const name = String(account.name);
  const cache = server.storage.cache('serviceaccounts');
  if (cache.get(namespace, name)?.metadata.uid !== account.uid) return undefined;
  const pod = isObject(facts.pod) ? facts.pod : undefined;
  if (
    pod &&
    server.storage.cache('pods').get(namespace, String(pod.name))?.metadata.uid !== pod.uid
  ) {
    return undefined;
  }
  const node = isObject(facts.node) ? facts.node : undefined;
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid: String(account.uid),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: {
      'authentication.kubernetes.io/credential-id': [`JTI=${payload.jti}`],
      ...(node
        ? {
            'authentication.kubernetes.io/node-name': [String(node.name)],
            'authentication.kubernetes.io/node-uid': [String(node.uid)],
          }
        : {}),
      ...(pod
        ? {
            'authentication.kubernetes.io/pod-name': [String(pod.name)],
            'authentication.kubernetes.io/pod-uid': [String(pod.uid)],
          }
        : {}),
    },
  };
}

/** A bootstrap token is a secret in kube-system. */
function bootstrapUser(server: ServerParts, id: string, secret: string): UserInfo | undefined {
  const name = `bootstrap-token-${id}`;
  const object = server.storage.cache('secrets').get('kube-system', name) as unknown;
  const kept = object as Secret | undefined;
  if (kept?.type !== 'bootstrap.kubernetes.io/token') return undefined;
  const value = (key: string): string => textOfBase64(kept.data?.[key] ?? '');
  if (value('token-secret') !== secret || value('token-id') !== id) return undefined;
  if (value('usage-bootstrap-authentication') !== 'true') return undefined;
  const expiration = value('expiration');
  const now = epochSeconds(server.simulation.now) * 1000;
  if (expiration !== '' && Date.parse(expiration) <= now) return undefined;
  const extra = value('auth-extra-groups')
    .split(',')
    .filter((group) => group !== '');
  return { name: `system:bootstrap:${id}`, groups: ['system:bootstrappers', ...extra] };
}
