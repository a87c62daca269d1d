// The handlers of subresources and of kinds that are only asked, by resource and subresource.

import type { Routine } from '../../../core/wait.ts';
import type { HttpResponse } from '../../../userland/http/message.ts';
import type { ResourceRequest } from '../handlers/context.ts';
import { type KindDescriptor, resourceKey } from '../kinds/descriptor.ts';
import type { ApiError } from '../status.ts';
import { serveComponents } from './components.ts';
import { serveKubelet, serveProxy } from './kubelet.ts';
import { finalizeNamespace, requestToken, serveApproval } from './others.ts';
import { bindPod, evictPod, servePodPart } from './pods.ts';
import { reviewAccess, reviewRules, reviewSelf, reviewToken } from './reviews.ts';
import { serveScale } from './scale.ts';

export type SubresourceHandler = (context: ResourceRequest) => Routine<HttpResponse | ApiError>;

const HANDLERS: Readonly<Record<string, SubresourceHandler>> = {
  'bindings/': bindPod,
  'componentstatuses/': serveComponents,
  'pods/binding': bindPod,
  'pods/eviction': evictPod,
  'pods/ephemeralcontainers': servePodPart,
  'pods/resize': servePodPart,
  'pods/log': serveKubelet,
  'pods/exec': serveKubelet,
  'pods/attach': serveKubelet,
  'pods/portforward': serveKubelet,
  'pods/proxy': serveProxy,
  'services/proxy': serveProxy,
  'nodes/proxy': serveProxy,
  'namespaces/finalize': finalizeNamespace,
  'serviceaccounts/token': requestToken,
  'certificatesigningrequests.certificates.k8s.io/approval': serveApproval,
  'selfsubjectreviews.authentication.k8s.io/': reviewSelf,
  'tokenreviews.authentication.k8s.io/': reviewToken,
  'selfsubjectaccessreviews.authorization.k8s.io/': reviewAccess,
  'subjectaccessreviews.authorization.k8s.io/': reviewAccess,
  'localsubjectaccessreviews.authorization.k8s.io/': reviewAccess,
  'selfsubjectrulesreviews.authorization.k8s.io/': reviewRules,
};

/** The handler of a subresource ('' for a kind that is only asked). */
export function subresourceHandler(
  descriptor: KindDescriptor,
  subresource: string,
): SubresourceHandler | undefined {
  if (subresource === 'scale' && descriptor.scale) return serveScale;
  return HANDLERS[`${resourceKey(descriptor)}/${subresource}`];
}
