// --use-service-account-credentials: each controller acts as a service account of its own in kube-system, which it makes and
// takes a token for when it first asks for something (client-builder's DynamicClientBuilder).

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { type ApiClient, clientOver, Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
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

function* tokenOf(client: ApiClient, name: string): Routine<string | undefined> {
  const made = yield* client.create(resources.serviceAccounts, {
    kind: 'ServiceAccount',
    apiVersion: 'v1',
    metadata: { name, namespace: NAMESPACE },
  });
  if (made instanceof Refusal && made.reason !== 'AlreadyExists') return undefined;
  const body = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {},
    spec: { expirationSeconds: 31_536_000 },
  };
  const answer = yield* client.post<{ status?: { token?: string } }>(
    resources.serviceAccounts,
    NAMESPACE,
    name,
    'token',
    body,
  );
  return answer instanceof Refusal ? undefined : answer.status?.token;
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
  const account = ACCOUNTS[controller] ?? controller;
  let own: ApiClient | undefined;
  return clientOver(function* (request: HttpRequest): Routine<HttpResponse> {
    if (!own) {
      const token = yield* tokenOf(manager, account);
      if (token !== undefined)
        own = networkClient(process, { ...config, certificate: undefined, token }, agent);
    }
    return yield* (own ?? manager).request(request);
  }, agent);
}
