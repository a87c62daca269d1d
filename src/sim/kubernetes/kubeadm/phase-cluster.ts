// Phases that talk to the new cluster: upload-config, upload-certs, mark-control-plane, bootstrap-token, addon, and what is said
// at the end. Encrypting the uploaded certificates is left out: the secret holds them as they are.

import { rfc3339, SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil } from '../../core/wait.ts';
import { parseDuration } from '../../etcd/cobra/flags.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { type ApiClient, Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { KubeObject } from '../api/object.ts';
import { coreDnsObjects, kubeProxyObjects } from './addons.ts';
import { CONTROL_PLANE_LABELS, CONTROL_PLANE_TAINT } from './cluster-objects.ts';
import type { BootstrapToken } from './configuration.ts';
import { apply, authorityAt, clientAt, type RunContext, serverAddress } from './context.ts';
import { Failure } from './failure.ts';
import {
  adminObjects,
  bootstrapRoles,
  clusterInfoObjects,
  kubeadmConfigObjects,
  kubeletConfigObjects,
  tokenSecret,
} from './objects.ts';
import { certificatePem, publicKeyPin } from './pki.ts';
import { say } from './settings.ts';

/** The new cluster as its administrator; the first use gives the administrators their rights. */
function* clusterClient(context: RunContext): Routine<ApiClient> {
  const { main, kubeconfigDirectory, call } = context;
  const given = call.flags.text('kubeconfig');
  const superAdmin = `${kubeconfigDirectory}/super-admin.conf`;
  if (given === '' || given === '/etc/kubernetes/admin.conf') {
    if (main.process.exists(superAdmin))
      yield* apply(yield* clientAt(main, superAdmin), adminObjects());
  }
  return yield* clientAt(main, given || `${kubeconfigDirectory}/admin.conf`);
}

/** The phase upload-config: kubeadm's part, or the kubelets'. */
export function* uploadConfigPhase(context: RunContext, phase: string): Routine<void> {
  const { main, cluster } = context;
  const client = yield* clusterClient(context);
  if (phase === 'kubeadm') {
    yield* say(
      main,
      '[upload-config] Storing the configuration used in ConfigMap "kubeadm-config" in the "kube-system" Namespace',
    );
    yield* apply(client, kubeadmConfigObjects(cluster));
    return;
  }
  yield* say(
    main,
    '[kubelet] Creating a ConfigMap "kubelet-config" in namespace kube-system with the configuration for the kubelets in the cluster',
  );
  yield* apply(client, kubeletConfigObjects(cluster));
}

/** The phase mark-control-plane. */
export function* markControlPlanePhase(context: RunContext): Routine<void> {
  const { main, init } = context;
  const name = init.nodeRegistration.name;
  const marking = `[mark-control-plane] Marking the node ${name} as control-plane by adding the`;
  yield* say(main, `${marking} labels: [${Object.keys(CONTROL_PLANE_LABELS).join(' ')}]`);
  const taints = init.nodeRegistration.taints ?? [CONTROL_PLANE_TAINT];
  const shown = taints.map(({ key, effect }) => `${key}:${effect}`);
  if (taints.length > 0) yield* say(main, `${marking} taints [${shown.join(' ')}]`);
  const client = yield* clusterClient(context);
  const until = main.process.now + 60 * SECOND;
  for (;;) {
    const node = yield* client.get(resources.nodes, '', name);
    if (!(node instanceof Refusal)) {
      const others = (node.spec.taints ?? []).filter(
        (one) => !taints.some(({ key }) => key === one.key),
      );
      const done = yield* client.patch(resources.nodes, '', name, 'merge', {
        metadata: { labels: CONTROL_PLANE_LABELS },
        spec: { taints: [...others, ...taints] },
      });
      if (!(done instanceof Refusal)) return;
    }
    if (main.process.now > until) throw new Failure(`nodes "${name}" not found`);
    yield* sleepUntil(main.process.now + SECOND / 2);
  }
}

/** When a token given now expires: RFC 3339, undefined for never. */
export function expiryOf(main: Main, { ttl }: BootstrapToken): string | undefined {
  const lasts = parseDuration(ttl ?? '24h0m0s') ?? 0;
  return lasts === 0 ? undefined : rfc3339(main.process.now + lasts);
}

/** The phase bootstrap-token. */
export function* bootstrapTokenPhase(context: RunContext): Routine<void> {
  const { main, init } = context;
  const tokens = init.bootstrapTokens.map(({ token }) => token);
  if (!context.call.flags.is('skip-token-print')) {
    const what = tokens.length === 1 ? `token: ${tokens[0]}` : `tokens: [${tokens.join(' ')}]`;
    yield* say(main, `[bootstrap-token] Using ${what}`);
  }
  yield* say(
    main,
    '[bootstrap-token] Configuring bootstrap tokens, cluster-info ConfigMap, RBAC Roles',
  );
  const client = yield* clusterClient(context);
  yield* apply(
    client,
    init.bootstrapTokens.map((token) => tokenSecret(token, expiryOf(main, token))),
  );
  for (const [line, objects] of bootstrapRoles()) {
    yield* apply(client, objects);
    yield* say(main, `[bootstrap-token] ${line}`);
  }
  yield* say(
    main,
    '[bootstrap-token] Creating the "cluster-info" ConfigMap in the "kube-public" namespace',
  );
  const authority = yield* authorityAt(main, context.certDirectory);
  const server = serverAddress(context);
  yield* apply(client, clusterInfoObjects(server, certificatePem(authority)));
}

/** The phase addon: CoreDNS, or kube-proxy. */
export function* addonPhase(context: RunContext, phase: string): Routine<void> {
  const { main, cluster } = context;
  const client = yield* clusterClient(context);
  const options = { cluster, server: serverAddress(context), coreDnsReplicas: 2 };
  const objects: readonly KubeObject[] =
    phase === 'coredns' ? coreDnsObjects(options) : kubeProxyObjects(options);
  if (phase === 'kube-proxy' && cluster.proxy.disabled) return;
  yield* apply(client, objects);
  const name = phase === 'coredns' ? 'CoreDNS' : 'kube-proxy';
  yield* say(main, `[addons] Applied essential addon: ${name}`);
}

/** What a worker runs to join: on two lines, as init prints it. */
export function* joinCommand(context: RunContext, token: string): Routine<string> {
  const { certificate } = yield* authorityAt(context.main, context.certDirectory);
  const server = serverAddress(context).replace('https://', '');
  return `kubeadm join ${server} --token ${token} \\\n\t--discovery-token-ca-cert-hash ${publicKeyPin(certificate)} `;
}

/** The phase show-join-command. */
export function* showJoinCommandPhase(context: RunContext): Routine<void> {
  const { main, cluster, init, kubeconfigDirectory, call } = context;
  const hidden = call.flags.is('skip-token-print');
  const token = hidden ? '<value withheld>' : (init.bootstrapTokens[0]?.token ?? '');
  const worker = yield* joinCommand(context, token);
  const admin = `${kubeconfigDirectory}/admin.conf`;
  const more = cluster.controlPlaneEndpoint
    ? `You can now join any number of control-plane nodes by copying certificate authorities\nand service account keys on each node and then running the following as root:\n\n  ${worker}\\\n\t--control-plane \n\n`
    : '';
  yield* say(
    main,
    `
Your Kubernetes control-plane has initialized successfully!

To start using your cluster, you need to run the following as a regular user:

  mkdir -p $HOME/.kube
  sudo cp -i ${admin} $HOME/.kube/config
  sudo chown $(id -u):$(id -g) $HOME/.kube/config

Alternatively, if you are the root user, you can run:

  export KUBECONFIG=/etc/kubernetes/admin.conf

You should now deploy a pod network to the cluster.
Run "kubectl apply -f [podnetwork].yaml" with one of the options listed at:
  https://kubernetes.io/docs/concepts/cluster-administration/addons/

${more}Then you can join any number of worker nodes by running the following on each as root:

${worker}`,
  );
}
