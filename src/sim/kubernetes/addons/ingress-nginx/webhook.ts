// ingress-nginx's admission webhook: refuses an ingress whose host and path another one has already.

import { Content } from '../../../core/content.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import type { Ingress } from '../../api/types/service.ts';
import type { IngressState } from './state.ts';

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request?: { readonly uid: string; readonly object?: Ingress };
}

function pathsOf(ingress: Ingress): readonly (readonly [string, string])[] {
  return (ingress.spec.rules ?? []).flatMap(({ host, http }) =>
    (http?.paths ?? []).map(({ path }) => [host || '_', path || '/'] as const),
  );
}

/** Why an ingress is not admitted; undefined where it is. */
function fault(state: IngressState, ingress: Ingress): string | undefined {
  if (!state.isOurs(ingress)) return undefined;
  const { namespace, name } = ingress.metadata;
  for (const [host, path] of pathsOf(ingress)) {
    for (const other of state.all()) {
      const { metadata } = other;
      if (metadata.namespace === namespace && metadata.name === name) continue;
      if (pathsOf(other).some(([h, p]) => h === host && p === path))
        return `host "${host}" and path "${path}" is already defined in ingress ${metadata.namespace}/${metadata.name}`;
    }
  }
  return undefined;
}

/** Answers an AdmissionReview. */
export function reviewIngress(state: IngressState, request: HttpRequest): HttpResponse {
  const review = JSON.parse(request.body.text()) as Review;
  const { uid = '', object } = review.request ?? {};
  const message = object && fault(state, object);
  const response = message
    ? {
        uid,
        allowed: false,
        status: { status: 'Failure', code: 400, reason: 'BadRequest', message },
      }
    : { uid, allowed: true };
  const { apiVersion, kind } = review;
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Content.ofJson({ kind, apiVersion, response }),
  };
}
