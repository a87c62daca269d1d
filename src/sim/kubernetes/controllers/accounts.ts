// --use-service-account-credentials: each controller acts as a service account of its own in kube-system, made at its
// start; it takes a token when it first asks for something (client-builder's DynamicClientBuilder).

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { type ApiClient, clientOver, Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { ServiceAccount } from '../api/types/config.ts';
import { networkClient } from '../component/connect.ts';
import type { ConnectionConfig } from '../component/kubeconfig.ts';

const NAMESPACE = 'kube-system';

/** Accounts of controllers whose name differs from their controller's. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  'bootstrap-signer-controller': 'bootstrap-signer',
  'certificatesigningrequest-approving-controller': 'certificate-controller',
  'certificatesigningrequest-cleaner-controller': 'certificate-controller',
  'certificatesigningrequest-signing-controller': 'certificate-controller',
  'daemonset-controller': 'daemon-set-controller',
  'endpoints-controller': 'endpoint-controller',
  'endpointslice-mirroring-controller': 'endpointslicemirroring-controller',
  'garbage-collector-controller': 'generic-garbage-collector',
  'horizontal-pod-autoscaler-controller': 'horizontal-pod-autoscaler',
  'node-ipam-controller': 'node-controller',
  'node-lifecycle-controller': 'node-controller',
  'pod-garbage-collector-controller': 'pod-garbage-collector',
  'replicationcontroller-controller': 'replication-controller',
  'taint-eviction-controller': 'node-controller',
  'persistentvolume-binder-controller': 'persistent-volume-binder',
  'persistentvolume-protection-controller': 'pv-protection-controller',
  'persistentvolumeclaim-protection-controller': 'pvc-protection-controller',
  'root-ca-certificate-publisher-controller': 'root-ca-cert-publisher',
  'serviceaccount-controller': 'service-account-controller',
  'token-cleaner-controller': 'token-cleaner',
};

/** They act as the manager itself: without them there would be no tokens. */
const AS_MANAGER: ReadonlySet<string> = new Set(['serviceaccount-token-controller']);

/** Accounts of controllers that find nothing to do in what is simulated, and are left out. */
const IDLE = [
  'attachdetach-controller',
  'device-taint-eviction-controller',
  'expand-controller',
  'legacy-service-account-token-cleaner',
  'resource-claim-controller',
  'service-cidrs-controller',
  'ttl-after-finished-controller',
  'ttl-controller',
  'validatingadmissionpolicy-status-controller',
  'volumeattributesclass-protection-controller',
];

function accountOf(controller: string): string {
  return ACCOUNTS[controller] ?? controller;
}

/** Makes the accounts that are missing: every controller asks for its own when it starts. */
export function* makeAccounts(client: ApiClient, controllers: readonly string[]): Routine<void> {
  const list = yield* client.list(resources.serviceAccounts, NAMESPACE);
  if (list instanceof Refusal) return;
  const known = new Set(list.items.map(({ metadata }) => metadata.name));
  const wanted = controllers.filter((name) => !AS_MANAGER.has(name)).map(accountOf);
  for (const name of new Set([...wanted, ...IDLE])) {
    if (!known.has(name)) yield* client.create(resources.serviceAccounts, account(name));
  }
}

function account(name: string): ServiceAccount {
  return { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name, namespace: NAMESPACE } };
}

/** A token of an account; where the account has gone it is made anew. */
function* tokenOf(client: ApiClient, name: string): Routine<string | undefined> {
  const body = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {},
    spec: { expirationSeconds: 31_536_000 },
  };
  for (const last of [false, true]) {
    const answer = yield* client.post<{ status?: { token?: string } }>(
      resources.serviceAccounts,
      NAMESPACE,
      name,
      'token',
      body,
    );
    if (!(answer instanceof Refusal)) return answer.status?.token;
    if (last || answer.reason !== 'NotFound') return undefined;
    const made = yield* client.create(resources.serviceAccounts, account(name));
    if (made instanceof Refusal && made.reason !== 'AlreadyExists') return undefined;
  }
  return undefined;
}

/** The client of a controller. Where no token can be had it speaks as the manager itself. */
export function controllerClient(
  process: Process,
  config: ConnectionConfig,
  manager: ApiClient,
  controller: string,
  agent: string,
): ApiClient {
  if (AS_MANAGER.has(controller)) return manager;
  const name = accountOf(controller);
  let own: ApiClient | undefined;
  function* withToken(request: HttpRequest): Routine<HttpResponse> {
    const token = yield* tokenOf(manager, name);
    if (token !== undefined)
      own ??= networkClient(process, { ...config, certificate: undefined, token }, agent);
    return yield* (own ?? manager).request(request);
  }
  return clientOver((request) => own?.request(request) ?? withToken(request), agent);
}
