// Bootstrap tokens: those that may sign put a signature of the cluster-info ConfigMap into it, by which a joining node knows
// that it talks to the right cluster (bootstrap-signer-controller); those that have run out are deleted
// (token-cleaner-controller).

import type { Simulation } from '../../../core/simulation.ts';
import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { textOfBase64 } from '../../../core/base64.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import type { ConfigMap, Secret } from '../../api/types/config.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';
import { detachedSignature } from './jws.ts';

const TYPE = 'bootstrap.kubernetes.io/token';
const CLUSTER_INFO = 'kube-public/cluster-info';
const SIGNATURE = 'jws-kubeconfig-';

function field(secret: Secret, name: string): string {
  return textOfBase64(secret.data?.[name] ?? '');
}

function isToken(secret: Secret | undefined): boolean {
  return secret?.type === TYPE && secret.metadata.namespace === 'kube-system';
}

/** Milliseconds until a token runs out; undefined: it does not. */
function lifeLeft(secret: Secret, simulation: Simulation): number | undefined {
  const text = field(secret, 'expiration');
  return text === '' ? undefined : Date.parse(text) - epochMilliseconds(simulation.now);
}

/** kube-controller-manager's bootstrap-signer-controller. */
export class BootstrapSigner implements Controller {
  readonly name = 'bootstrap-signer-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly secrets: Informer<Secret>;
  private readonly maps: Informer<ConfigMap>;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.secrets = context.informer(resources.secrets);
    this.maps = context.informer(resources.configMaps);
    this.secrets.onChange((after, before) => {
      if (isToken(after ?? before)) this.queue.add(CLUSTER_INFO);
    });
    this.maps.onChange((after) => {
      if (after && keyOf(after) === CLUSTER_INFO) this.queue.add(CLUSTER_INFO);
    });
  }

  *sync(key: string): Routine<SyncResult> {
    const map = this.maps.get(key);
    const kubeconfig = map?.data?.kubeconfig;
    if (!map || kubeconfig === undefined) return undefined;
    const data: Record<string, string> = {};
    for (const [name, value] of Object.entries(map.data ?? {}))
      if (!name.startsWith(SIGNATURE)) data[name] = value;
    for (const secret of this.secrets.inNamespace('kube-system')) {
      const signs = isToken(secret) && field(secret, 'usage-bootstrap-signing') === 'true';
      if (!signs || (lifeLeft(secret, this.simulation) ?? 1) <= 0) continue;
      const id = field(secret, 'token-id');
      data[`${SIGNATURE}${id}`] = detachedSignature(kubeconfig, id, field(secret, 'token-secret'));
    }
    if (sameJson(data, map.data ?? {})) return undefined;
    const updated = yield* this.client.update(resources.configMaps, { ...map, data });
    return updated instanceof Refusal ? updated.message : undefined;
  }
}

/** kube-controller-manager's token-cleaner-controller. */
export class TokenCleaner implements Controller {
  readonly name = 'token-cleaner-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly simulation: Simulation;
  private readonly client: ApiClient;
  private readonly secrets: Informer<Secret>;

  constructor(context: ControllerContext) {
    this.simulation = context.simulation;
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.secrets = context.informer(resources.secrets);
    this.secrets.onChange((after) => {
      if (after && isToken(after)) this.queue.add(keyOf(after));
    });
  }

  *sync(key: string): Routine<SyncResult> {
    const secret = this.secrets.get(key);
    const left = secret && lifeLeft(secret, this.simulation);
    if (!secret || left === undefined || Number.isNaN(left)) return undefined;
    if (left > 0) return left * 1e6;
    const { namespace = '', name = '' } = secret.metadata;
    const deleted = yield* this.client.delete(resources.secrets, namespace, name);
    return deleted instanceof Refusal && deleted.reason !== 'NotFound'
      ? deleted.message
      : undefined;
  }
}
