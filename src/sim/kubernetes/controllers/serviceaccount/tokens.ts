// The service account token controller: a secret of type kubernetes.io/service-account-token is filled with a token that
// does not run out, the cluster's root certificate and its namespace, and goes with its account.

import type { Simulation } from '../../../core/simulation.ts';
import { epochSeconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { ISSUER, signToken } from '../../api/auth/tokens.ts';
import { base64Text } from '../../../core/base64.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import type { Secret, ServiceAccount } from '../../api/types/config.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';

const TYPE = 'kubernetes.io/service-account-token';
const NAME = 'kubernetes.io/service-account.name';
const UID = 'kubernetes.io/service-account.uid';

/** kube-controller-manager's serviceaccount-token-controller. Keys are those of secrets. */
export class ServiceAccountTokenController implements Controller {
  readonly name = 'serviceaccount-token-controller';
  readonly workers = 5;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly secrets: Informer<Secret>;
  private readonly accounts: Informer<ServiceAccount>;
  private readonly rootCa: string;

  constructor(context: ControllerContext, rootCa: string) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.rootCa = rootCa;
    this.queue = new WorkQueue(context.simulation);
    this.secrets = context.informer(resources.secrets);
    this.accounts = context.informer(resources.serviceAccounts);
    this.secrets.onChange((after) => {
      if (after?.type === TYPE) this.queue.add(keyOf(after));
    });
    this.accounts.onChange((after, before) => {
      if (after && before) return;
      const { namespace = '', name } = (after ?? before)?.metadata ?? {};
      for (const secret of this.secrets.inNamespace(namespace)) {
        const owned = secret.type === TYPE && secret.metadata.annotations?.[NAME] === name;
        if (owned) this.queue.add(keyOf(secret));
      }
    });
  }

  *sync(key: string): Routine<SyncResult> {
    const secret = this.secrets.get(key);
    if (secret?.type !== TYPE || secret.metadata.deletionTimestamp) return undefined;
    const { namespace = '', name = '', annotations = {} } = secret.metadata;
    const account = yield* this.accountOf(namespace, annotations[NAME] ?? '');
    const { uid = '' } = account?.metadata ?? {};
    if (!account || (annotations[UID] && annotations[UID] !== uid)) {
      const deleted = yield* this.client.delete(resources.secrets, namespace, name);
      return deleted instanceof Refusal && deleted.reason !== 'NotFound'
        ? deleted.message
        : undefined;
    }
    const filled = this.fill(secret, account);
    if (filled === secret) return undefined;
    const updated = yield* this.client.update(resources.secrets, filled);
    return updated instanceof Refusal && updated.reason !== 'NotFound'
      ? updated.message
      : undefined;
  }

  /** The account; asked of the server where it is not known yet, before its secret is given up. */
  private *accountOf(namespace: string, name: string): Routine<ServiceAccount | undefined> {
    const known = this.accounts.get(`${namespace}/${name}`);
    if (known) return known;
    const found = yield* this.client.get(resources.serviceAccounts, namespace, name);
    return found instanceof Refusal ? undefined : found;
  }

  private fill(secret: Secret, account: ServiceAccount): Secret {
    const { data = {}, metadata } = secret;
    const { namespace = '', name = '', uid = '' } = account.metadata;
    const ca = base64Text(this.rootCa);
    const complete = data.token && data.namespace && data['ca.crt'] === ca;
    if (complete && metadata.annotations?.[UID] === uid) return secret;
    const token = signToken(
      { simulation: this.simulation },
      {
        namespace,
        name,
        uid,
        audiences: [ISSUER],
        issuedAt: epochSeconds(this.simulation.now),
        expiresAt: undefined,
        jti: metadata.uid ?? '',
      },
    );
    return {
      ...secret,
      metadata: { ...metadata, annotations: { ...metadata.annotations, [UID]: uid } },
      data: {
        ...data,
        'ca.crt': ca,
        namespace: base64Text(namespace),
        token: data.token || base64Text(token),
      },
    };
  }
}
