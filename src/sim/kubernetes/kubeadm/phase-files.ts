// Phases that write files: certs, kubeconfig, etcd, control-plane, and the kubelet's settings. What exists is kept, after a look
// at whether it fits.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { certificatesOf } from '../../userland/tls/certificate.ts';
import { readText } from '../component/kubeconfig.ts';
import {
  authorityAt,
  freshSeed,
  namesOf,
  nowOf,
  put,
  type RunContext,
  serverAddress,
} from './context.ts';
import { Failure } from './failure.ts';
import { clientCredentials, componentUsers, kubeconfigOf } from './kubeconfig.ts';
import { instanceConfiguration, kubeletConfiguration } from './kubelet-config.ts';
import { COMPONENTS, controlPlaneManifests } from './manifests.ts';
import {
  AUTHORITIES,
  certificatePem,
  issue,
  type KeyPair,
  keyPem,
  LEAVES,
  type LeafPlan,
  publicKeyPem,
} from './pki.ts';
import { say } from './settings.ts';

const MANIFESTS = '/etc/kubernetes/manifests';

function exists({ main }: RunContext, path: string): boolean {
  return !isErrno(main.process.stat(path));
}

function* keep({ main, certDirectory }: RunContext, base: string, pair: KeyPair): Routine<void> {
  yield* put(main, `${certDirectory}/${base}.crt`, certificatePem(pair), 0o644);
  yield* put(main, `${certDirectory}/${base}.key`, keyPem(pair), 0o600);
}

function* makeAuthority(context: RunContext, phase: string): Routine<boolean> {
  const plan = AUTHORITIES.find((one) => one.phase === phase);
  if (!plan) return false;
  const { main, certDirectory } = context;
  if (exists(context, `${certDirectory}/${plan.base}.crt`)) {
    yield* authorityAt(main, certDirectory, plan.base);
    yield* say(main, `[certs] Using existing ${plan.base} certificate authority`);
    return true;
  }
  yield* say(main, `[certs] Generating "${plan.base}" certificate and key`);
  const { commonName } = plan;
  yield* keep(context, plan.base, issue(freshSeed(main), undefined, { commonName }, nowOf(main)));
  return true;
}

/** The file of the authority that a phase makes. */
export function authorityBase(phase: string): string {
  return AUTHORITIES.find((one) => one.phase === phase)?.base ?? 'ca';
}

/** Signs a certificate. */
function* makeLeaf(context: RunContext, plan: LeafPlan): Routine<KeyPair> {
  const { main, certDirectory } = context;
  const signer = yield* authorityAt(main, certDirectory, authorityBase(plan.authority));
  const facts = plan.facts(namesOf(context));
  const pair = issue(freshSeed(main), signer.certificate, facts, nowOf(main));
  yield* keep(context, plan.base, pair);
  return pair;
}

function* makeServiceAccountKey(context: RunContext): Routine<void> {
  const { main, certDirectory } = context;
  if (exists(context, `${certDirectory}/sa.key`)) {
    yield* say(main, '[certs] Using the existing "sa" key');
    return;
  }
  yield* say(main, '[certs] Generating "sa" key and public key');
  const key = freshSeed(main);
  yield* put(main, `${certDirectory}/sa.key`, keyPem({ key }), 0o600);
  yield* put(main, `${certDirectory}/sa.pub`, publicKeyPem(key), 0o600);
}

/** One phase of certs. */
export function* certsPhase(context: RunContext, phase: string): Routine<void> {
  const { main, certDirectory } = context;
  if (phase === 'sa') return yield* makeServiceAccountKey(context);
  if (yield* makeAuthority(context, phase)) return;
  const plan = LEAVES.find((one) => one.phase === phase);
  if (!plan) return;
  const path = `${certDirectory}/${plan.base}.crt`;
  if (exists(context, path)) {
    const signer = yield* authorityAt(main, certDirectory, authorityBase(plan.authority));
    const text = yield* readText(main.process, path);
    const [found] = isErrno(text) ? [] : certificatesOf(text);
    if (found?.signedBy !== signer.key)
      throw new Failure(
        `error execution phase certs/${phase}: [certs] certificate ${plan.base} not signed by CA certificate ${authorityBase(plan.authority)}: x509: certificate signed by unknown authority`,
      );
    yield* say(main, `[certs] Using existing ${plan.base} certificate and key on disk`);
    return;
  }
  yield* say(main, `[certs] Generating "${plan.base}" certificate and key`);
  const { certificate } = yield* makeLeaf(context, plan);
  if (certificate.ipAddresses.length === 0) return;
  const names = certificate.dnsNames.join(' ');
  const addresses = certificate.ipAddresses.join(' ');
  yield* say(
    main,
    `[certs] ${plan.base} serving cert is signed for DNS names [${names}] and IPs [${addresses}]`,
  );
}

export const KUBECONFIG_PHASES: Readonly<Record<string, string>> = {
  admin: 'admin.conf',
  'super-admin': 'super-admin.conf',
  kubelet: 'kubelet.conf',
  'controller-manager': 'controller-manager.conf',
  scheduler: 'scheduler.conf',
};

/** One phase of kubeconfig. */
export function* kubeconfigPhase(context: RunContext, phase: string): Routine<void> {
  const { main, kubeconfigDirectory, cluster } = context;
  const file = KUBECONFIG_PHASES[phase] ?? '';
  const user = componentUsers(context.init.nodeRegistration.name)[file];
  if (!user) return;
  const path = `${kubeconfigDirectory}/${file}`;
  let authority: KeyPair;
  try {
    authority = yield* authorityAt(main, context.certDirectory);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    throw new Failure(
      `couldn't create a kubeconfig; the CA files couldn't be loaded: ${failure.text}`,
    );
  }
  if (exists(context, path)) {
    yield* say(main, `[kubeconfig] Using existing kubeconfig file: "${path}"`);
    return;
  }
  yield* say(main, `[kubeconfig] Writing "${file}" kubeconfig file`);
  const local = phase === 'controller-manager' || phase === 'scheduler';
  const where = { server: serverAddress(context, local), name: cluster.clusterName };
  const credentials = clientCredentials(freshSeed(main), authority.certificate, user, nowOf(main));
  const text = kubeconfigOf(certificatePem(authority), where, user.name, credentials);
  yield* put(main, path, text, 0o600);
}

/** The manifests of some components. */
export function* manifestPhase(context: RunContext, names: readonly string[]): Routine<void> {
  const { main, cluster, init } = context;
  const all = controlPlaneManifests({
    cluster,
    nodeName: init.nodeRegistration.name,
    address: init.localAPIEndpoint.advertiseAddress,
    securePort: init.localAPIEndpoint.bindPort,
  });
  for (const name of names) {
    if (name === 'etcd')
      yield* say(main, `[etcd] Creating static Pod manifest for local etcd in "${MANIFESTS}"`);
    else yield* say(main, `[control-plane] Creating static Pod manifest for "${name}"`);
  }
  for (const name of names)
    yield* put(main, `${MANIFESTS}/${name}.yaml`, all.get(`${name}.yaml`) ?? '', 0o600);
}

/** The phase etcd/local. */
export function* etcdPhase(context: RunContext): Routine<void> {
  const directory = context.cluster.etcd.local?.dataDir;
  if (directory !== undefined) context.main.process.mkdir(directory, 0o700);
  yield* manifestPhase(context, ['etcd']);
}

/** The phase control-plane: all components, or one. */
export function* controlPlanePhase(context: RunContext, phase: string): Routine<void> {
  const one = COMPONENTS.filter((name) => name === `kube-${phase}`);
  yield* manifestPhase(context, one.length > 0 ? one : COMPONENTS);
}

/** Writes /var/lib/kubelet as the phase kubelet-start does. */
export function* writeKubeletFiles(context: RunContext): Routine<void> {
  const { main, cluster, init } = context;
  const directory = '/var/lib/kubelet';
  const extra = (init.nodeRegistration.kubeletExtraArgs ?? []).map(
    ({ name, value }) => `--${name}=${value}`,
  );
  const named = init.nodeRegistration.name !== main.process.hostname.toLowerCase();
  const args = [...(named ? [`--hostname-override=${init.nodeRegistration.name}`] : []), ...extra];
  const writing = '[kubelet-start] Writing kubelet';
  yield* say(
    main,
    `${writing} environment file with flags to file "${directory}/kubeadm-flags.env"`,
  );
  yield* put(
    main,
    `${directory}/kubeadm-flags.env`,
    `KUBELET_KUBEADM_ARGS="${args.join(' ')}"\n`,
    0o644,
  );
  const socket = init.nodeRegistration.criSocket;
  yield* say(main, `${writing} configuration to file "${directory}/instance-config.yaml"`);
  yield* put(main, `${directory}/instance-config.yaml`, instanceConfiguration(socket), 0o644);
  yield* say(
    main,
    '[patches] Applied patch of type "application/strategic-merge-patch+json" to target "kubeletconfiguration"',
  );
  yield* say(main, `${writing} configuration to file "${directory}/config.yaml"`);
  yield* put(main, `${directory}/config.yaml`, kubeletConfiguration(cluster, socket), 0o644);
}
