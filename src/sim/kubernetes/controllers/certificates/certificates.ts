// Certificate signing requests: kubelets' own are approved after an access review, approved ones are signed by the
// cluster's authority, and all go some time after they were settled (csrapproving, csrsigning and csrcleaner controllers).

import { Content } from '../../../core/content.ts';
import type { Simulation } from '../../../core/simulation.ts';
import { epochMilliseconds, HOUR, rfc3339 } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { certificatesOf, toPem } from '../../../userland/tls/certificate.ts';
import { type CertificateRequest, requestsOf } from '../../../userland/tls/request.ts';
import { base64Text, textOfBase64 } from '../../../core/base64.ts';
import { resources } from '../../api/client-resources.ts';
import {
  type ApiClient,
  apiPath,
  type ObjectLike,
  queryMap,
  Refusal,
  type Resource,
} from '../../api/client.ts';
import type { CertificateSigningRequest } from '../../api/types/certificates.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { milliseconds } from '../pods.ts';
import { isOwnSigner, refusalOf, signRequest } from './signer.ts';

const REQUESTS = resources.certificateSigningRequests;
const KUBELET_CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet';

function has({ status }: CertificateSigningRequest, type: string): boolean {
  return (status?.conditions ?? []).some((condition) => condition.type === type);
}

function isSettled(request: CertificateSigningRequest): boolean {
  return has(request, 'Approved') || has(request, 'Denied');
}

function contentOf({ spec }: CertificateSigningRequest): CertificateRequest | undefined {
  return requestsOf(textOfBase64(spec.request))[0];
}

function withCondition(
  request: CertificateSigningRequest,
  type: string,
  reason: string,
  message: string,
  now: string,
): CertificateSigningRequest {
  const times = { lastUpdateTime: now, lastTransitionTime: now };
  const condition = { type, status: 'True', reason, message, ...times };
  const conditions = [...(request.status?.conditions ?? []), condition];
  return { ...request, status: { ...request.status, conditions } };
}

/** What the three have in common: their queue follows the requests. */
abstract class RequestController implements Controller {
  abstract readonly name: string;
  readonly workers = 1;
  readonly queue: WorkQueue;
  protected readonly simulation: Simulation;
  protected readonly client: ApiClient;
  protected readonly requests: Informer<CertificateSigningRequest>;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.requests = context.informer(REQUESTS);
    this.requests.onChange((after) => after && this.queue.add(keyOf(after)));
  }

  abstract sync(key: string): Routine<SyncResult>;

  protected get now(): string {
    return rfc3339(this.simulation.now);
  }
}

interface AccessReview extends ObjectLike {
  readonly kind: string;
  readonly apiVersion: string;
  readonly spec: object;
  readonly status?: { readonly allowed?: boolean };
}
const REVIEWS: Resource<AccessReview> = {
  groupVersion: 'authorization.k8s.io/v1',
  plural: 'subjectaccessreviews',
};

/** kube-controller-manager's certificatesigningrequest-approving-controller. */
export class RequestApprover extends RequestController {
  readonly name = 'certificatesigningrequest-approving-controller';

  *sync(key: string): Routine<SyncResult> {
    const request = this.requests.get(key);
    if (!request || isSettled(request) || request.spec.signerName !== KUBELET_CLIENT)
      return undefined;
    const content = contentOf(request);
    if (!content?.commonName.startsWith('system:node:')) return undefined;
    const own = request.spec.username === content.commonName;
    const subresources = own ? ['selfnodeclient', 'nodeclient'] : ['nodeclient'];
    for (const subresource of subresources) {
      if (!(yield* this.mayHave(request, subresource))) continue;
      const what = subresource === 'selfnodeclient' ? 'self kubelet client' : 'kubelet client';
      const message = `Auto approving ${what} certificate after SubjectAccessReview.`;
      const approved = withCondition(request, 'Approved', 'AutoApproved', message, this.now);
      const answer = yield* this.client.request({
        method: 'PUT',
        path: apiPath(REQUESTS, undefined, key, 'approval'),
        query: queryMap(undefined),
        headers: { 'content-type': 'application/json' },
        body: Content.ofJson(approved),
      });
      return answer.status >= 400 ? `approval was refused: ${answer.status}` : undefined;
    }
    return undefined;
  }

  private *mayHave({ spec }: CertificateSigningRequest, subresource: string): Routine<boolean> {
    const { username = '', uid, groups = [], extra } = spec;
    const review = yield* this.client.create(REVIEWS, {
      kind: 'SubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: {
        user: username,
        ...(uid === undefined ? {} : { uid }),
        groups,
        ...(extra === undefined ? {} : { extra }),
        resourceAttributes: {
          group: 'certificates.k8s.io',
          resource: 'certificatesigningrequests',
          verb: 'create',
          version: '*',
          subresource,
        },
      },
    });
    return !(review instanceof Refusal) && review.status?.allowed === true;
  }
}

/** kube-controller-manager's certificatesigningrequest-signing-controller; `authority`: --cluster-signing-cert-file. */
export class RequestSigner extends RequestController {
  readonly name = 'certificatesigningrequest-signing-controller';
  private readonly authority: string;

  constructor(context: ControllerContext, authority: string) {
    super(context);
    this.authority = authority;
  }

  *sync(key: string): Routine<SyncResult> {
    const request = this.requests.get(key);
    const [authority] = certificatesOf(this.authority);
    if (!request || !authority || !isOwnSigner(request.spec.signerName)) return undefined;
    const ready = has(request, 'Approved') && !has(request, 'Denied') && !has(request, 'Failed');
    if (!ready || request.status?.certificate) return undefined;
    const content = contentOf(request);
    const refusal = content
      ? refusalOf(request, content)
      : 'unable to parse the certificate request';
    const serial = BigInt(`0x${this.simulation.random.fork(`csr ${key}`).uuid().slice(0, 8)}`);
    const signed =
      content && refusal === undefined
        ? this.issued(request, content, serial.toString())
        : withCondition(request, 'Failed', 'SignerValidationFailure', refusal ?? '', this.now);
    const written = yield* this.client.updateStatus(REQUESTS, signed);
    return written instanceof Refusal ? written.message : undefined;
  }

  private issued(
    request: CertificateSigningRequest,
    content: CertificateRequest,
    serial: string,
  ): CertificateSigningRequest {
    const [authority] = certificatesOf(this.authority);
    if (!authority) return request;
    const now = epochMilliseconds(this.simulation.now);
    const certificate = signRequest(request, content, authority, serial, now);
    const text = base64Text(toPem('CERTIFICATE', certificate));
    return { ...request, status: { ...request.status, certificate: text } };
  }
}

/** How long a request is kept: settled ones an hour, others a day. */
const SETTLED = HOUR;
const PENDING = 24 * HOUR;

/** kube-controller-manager's certificatesigningrequest-cleaner-controller. */
export class RequestCleaner extends RequestController {
  readonly name = 'certificatesigningrequest-cleaner-controller';

  *sync(key: string): Routine<SyncResult> {
    const request = this.requests.get(key);
    if (!request) return undefined;
    const settled = isSettled(request) || has(request, 'Failed');
    const times = (request.status?.conditions ?? []).map((one) => milliseconds(one.lastUpdateTime));
    const since = Math.max(milliseconds(request.metadata.creationTimestamp), ...times);
    const kept = settled ? SETTLED : PENDING;
    const left = kept - (epochMilliseconds(this.simulation.now) - since) * 1e6;
    if (left > 0) return left;
    const deleted = yield* this.client.delete(REQUESTS, '', key);
    return deleted instanceof Refusal && deleted.reason !== 'NotFound'
      ? deleted.message
      : undefined;
  }
}
