// The token manager (pkg/kubelet/token): service accounts' tokens for pods' volumes, asked for once and kept until four
// fifths of their lifetime are over. Left out: the jitter of up to ten seconds.

import { epochMilliseconds, HOUR, MILLISECOND, SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { Pod } from '../api/types/pod.ts';
import type { KubeletContext } from './context.ts';

/** A token is fetched anew after this long, however long it is good for. */
const OLDEST = 24 * HOUR;

/** A token as the API server gave it; times are virtual. */
export interface HeldToken {
  readonly token: string;
  readonly refreshAt: number;
  readonly expiresAt: number;
}

/** Tokens of each pod, by its uid and then by what was asked for. */
export type HeldTokens = Map<string, Map<string, HeldToken>>;

/** The token of a pod's service account for one audience; the old one as long as it is good where no new one comes. */
export function* tokenOf(
  context: KubeletContext,
  pod: Pod,
  audience: string | undefined,
  seconds: number,
): Routine<string | Refusal> {
  const { tokens, simulation } = context;
  const { uid = '' } = pod.metadata;
  const key = `${pod.spec.serviceAccountName ?? 'default'} ${audience ?? ''} ${seconds}`;
  const held = tokens.get(uid)?.get(key);
  if (held && simulation.now < held.refreshAt) return held.token;
  const fetched = yield* fetchToken(context, pod, audience, seconds);
  if (fetched instanceof Refusal)
    return held && simulation.now < held.expiresAt ? held.token : fetched;
  const ofPod = tokens.get(uid);
  if (ofPod) ofPod.set(key, fetched);
  else tokens.set(uid, new Map([[key, fetched]]));
  return fetched.token;
}

function* fetchToken(
  context: KubeletContext,
  pod: Pod,
  audience: string | undefined,
  seconds: number,
): Routine<HeldToken | Refusal> {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const spec = {
    ...(audience ? { audiences: [audience] } : {}),
    expirationSeconds: seconds,
    boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
  };
  const body = { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec };
  const answer = yield* context.client.post<{
    status?: { token?: string; expirationTimestamp?: string };
  }>(resources.serviceAccounts, namespace, pod.spec.serviceAccountName ?? 'default', 'token', body);
  if (answer instanceof Refusal) return answer;
  const { now } = context.simulation;
  const { token = '', expirationTimestamp = '' } = answer.status ?? {};
  const end = Date.parse(expirationTimestamp);
  const left = Number.isNaN(end) ? 0 : (end - epochMilliseconds(now)) * MILLISECOND;
  const whole = seconds * SECOND;
  return { token, refreshAt: now + Math.min(left - whole / 5, OLDEST), expiresAt: now + left };
}

/** Forgets the tokens of a pod that is gone. */
export function forgetTokens({ tokens }: KubeletContext, { metadata }: Pod): void {
  tokens.delete(metadata.uid ?? '');
}
