// What every namespace gets: the service account `default`, and the config map with the cluster's root certificate
// (serviceaccount-controller and root-ca-certificate-publisher-controller).

import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import type { ConfigMap, Namespace, ServiceAccount } from '../../api/types/config.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';

const ROOT_CA = 'kube-root-ca.crt';
const ROOT_CA_NOTE =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** kube-controller-manager's serviceaccount-controller. */
export class ServiceAccountController implements Controller {
  readonly name: string = 'serviceaccount-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly client: ApiClient;
  private readonly namespaces: Informer<Namespace>;
  private readonly accounts: Informer<ServiceAccount>;

  constructor(context: ControllerContext) {
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.namespaces = context.informer(resources.namespaces);
    this.accounts = context.informer(resources.serviceAccounts);
    this.namespaces.onChange((after) => after && this.queue.add(keyOf(after)));
    this.accounts.onChange((after, before) => {
      if (!after && before?.metadata.name === 'default')
        this.queue.add(before.metadata.namespace ?? '');
    });
  }

  *sync(namespace: string): Routine<SyncResult> {
    if (this.namespaces.get(namespace)?.status?.phase === 'Terminating') return undefined;
    if (!this.namespaces.get(namespace) || this.accounts.get(`${namespace}/default`))
      return undefined;
    const account: ServiceAccount = {
      kind: 'ServiceAccount',
      apiVersion: 'v1',
      metadata: { name: 'default', namespace },
    };
    const made = yield* this.client.create(resources.serviceAccounts, account);
    if (!(made instanceof Refusal) || made.reason === 'AlreadyExists') return undefined;
    return made.reason === 'NotFound' ? undefined : made.message;
  }
}

/** kube-controller-manager's root-ca-certificate-publisher-controller. */
export class RootCaPublisher implements Controller {
  readonly name = 'root-ca-certificate-publisher-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly client: ApiClient;
  private readonly namespaces: Informer<Namespace>;
  private readonly maps: Informer<ConfigMap>;
  private readonly certificate: string;

  /** `certificate`: the text of --root-ca-file. */
  constructor(context: ControllerContext, certificate: string) {
    this.client = context.client;
    this.certificate = certificate;
    this.queue = new WorkQueue(context.simulation);
    this.namespaces = context.informer(resources.namespaces);
    this.maps = context.informer(resources.configMaps);
    this.namespaces.onChange((after) => after && this.queue.add(keyOf(after)));
    this.maps.onChange((after, before) => {
      const map = after ?? before;
      if (map?.metadata.name === ROOT_CA) this.queue.add(map.metadata.namespace ?? '');
    });
  }

  *sync(namespace: string): Routine<SyncResult> {
    const found = this.namespaces.get(namespace);
    if (!found || found.status?.phase === 'Terminating') return undefined;
    const current = this.maps.get(`${namespace}/${ROOT_CA}`);
    const data = { 'ca.crt': this.certificate };
    if (current?.data?.['ca.crt'] === this.certificate) return undefined;
    const annotations = { 'kubernetes.io/description': ROOT_CA_NOTE };
    const map: ConfigMap = current
      ? { ...current, data }
      : {
          kind: 'ConfigMap',
          apiVersion: 'v1',
          metadata: { name: ROOT_CA, namespace, annotations },
          data,
        };
    const written = current
      ? yield* this.client.update(resources.configMaps, map)
      : yield* this.client.create(resources.configMaps, map);
    if (!(written instanceof Refusal) || written.reason === 'NotFound') return undefined;
    return written.reason === 'AlreadyExists' ? undefined : written.message;
  }
}
