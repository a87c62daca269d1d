// kubeadm join for workers: discovery by a token (cluster-info, which its signature and the authority's pin vouch for), the
// cluster's settings, then the kubelet's TLS bootstrap. Left out: further control planes, phases on their own.

import { SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { certificatesOf } from '../../userland/tls/certificate.ts';
import { textOfBase64 } from '../../core/base64.ts';
import { Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { ConfigMap } from '../api/types/config.ts';
import { networkClient } from '../component/connect.ts';
import type { ConnectionConfig } from '../component/kubeconfig.ts';
import { detachedSignature } from '../controllers/bootstrap/jws.ts';
import { put } from './context.ts';
import { Failure } from './failure.ts';
import { type Discovery, discoveryOf } from './join-discovery.ts';
import { kubeconfigOf } from './kubeconfig.ts';
import { instanceConfiguration } from './kubelet-config.ts';
import { kubeletUnit, startKubelet, waitForKubelet } from './phase-kubelet.ts';
import { publicKeyPin } from './pki.ts';
import { joinChecks, runChecks } from './preflight.ts';
import { type Call, say } from './settings.ts';

const CA = '/etc/kubernetes/pki/ca.crt';
const PATIENCE = 300 * SECOND;

function insecure(server: string): ConnectionConfig {
  return {
    server,
    authorities: [],
    insecure: true,
    certificate: undefined,
    token: undefined,
    namespace: 'default',
  };
}

const INFO_FAILED = "couldn't validate the identity of the API Server: ";

/** Fetches cluster-info and checks it; the cluster's server and the authority's PEM. */
function* discover(
  call: Call,
  discovery: Discovery,
): Routine<{ server: string; authority: string }> {
  const { main } = call;
  const server = `https://${discovery.endpoint}`;
  const client = networkClient(main.process, insecure(server), 'kubeadm');
  const [id = '', secret = ''] = discovery.token.split('.');
  const until = main.process.now + PATIENCE;
  let problem = '';
  while (main.process.now < until) {
    const map = yield* client.get(resources.configMaps, 'kube-public', 'cluster-info');
    if (map instanceof Refusal)
      problem = `failed to request the cluster-info ConfigMap: ${map.message}`;
    else {
      const found = readInfo(map, id, secret);
      if (typeof found !== 'string') return pinned(found, discovery);
      problem = found;
    }
    yield* sleepUntil(main.process.now + 5 * SECOND);
  }
  throw new Failure(`error execution phase preflight: ${INFO_FAILED}${problem}`);
}

function readInfo(
  map: ConfigMap,
  id: string,
  secret: string,
): { server: string; authority: string } | string {
  const kubeconfig = map.data?.kubeconfig ?? '';
  const signature = map.data?.[`jws-kubeconfig-${id}`];
  if (signature === undefined)
    return `could not find a JWS signature in the cluster-info ConfigMap for token ID "${id}"`;
  if (signature !== detachedSignature(kubeconfig, id, secret))
    return `failed to verify JWS signature of received cluster info object, can't trust this API Server`;
  return {
    server: /server: (\S+)/.exec(kubeconfig)?.[1] ?? '',
    authority: textOfBase64(/certificate-authority-data: (\S+)/.exec(kubeconfig)?.[1] ?? ''),
  };
}

function pinned(
  found: { server: string; authority: string },
  { hashes, unsafe }: Discovery,
): { server: string; authority: string } {
  if (unsafe) return found;
  const [certificate] = certificatesOf(found.authority);
  const pin = certificate ? publicKeyPin(certificate) : '';
  const wrong = hashes.find((hash) => !/^sha256:[0-9a-fA-F]{64}$/.test(hash));
  if (wrong !== undefined)
    throw new Failure(
      `error execution phase preflight: ${INFO_FAILED}invalid discovery token CA certificate hash: invalid hash "${wrong}", expected a 32 byte SHA-256 hash, found ${Math.floor(wrong.replace(/^.*:/, '').length / 2)} bytes`,
    );
  if (hashes.includes(pin)) return found;
  throw new Failure(
    `error execution phase preflight: ${INFO_FAILED}cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "${pin}" are pinned`,
  );
}

/** The kubelets' configuration out of the cluster. */
function* kubeletConfig(call: Call, config: ConnectionConfig): Routine<string> {
  const client = networkClient(call.main.process, config, 'kubeadm');
  const map = yield* client.get(resources.configMaps, 'kube-system', 'kubelet-config');
  if (map instanceof Refusal)
    throw new Failure(
      `error execution phase preflight: unable to fetch the kubeadm-config ConfigMap: failed to get config map: ${map.message}`,
    );
  return map.data?.kubelet ?? '';
}

const DONE = `
This node has joined the cluster:
* Certificate signing request was sent to apiserver and a response was received.
* The Kubelet was informed of the new secure connection details.

Run 'kubectl get nodes' on the control-plane to see this node join the cluster.
`;

/** Writes the kubelet's files and starts it. */
function* startNode(
  call: Call,
  discovery: Discovery,
  found: { server: string; authority: string },
  text: string,
): Routine<void> {
  const { main } = call;
  const cluster = { server: found.server, name: 'kubernetes' };
  const bootstrap = kubeconfigOf(found.authority, cluster, 'tls-bootstrap-token-user', {
    token: discovery.token,
  });
  yield* put(main, '/etc/kubernetes/bootstrap-kubelet.conf', bootstrap, 0o600);
  if (!main.process.exists(CA)) yield* put(main, CA, found.authority, 0o644);
  yield* kubeletUnit(main, 'stop');
  const directory = '/var/lib/kubelet';
  yield* say(
    main,
    `[kubelet-start] Writing kubelet configuration to file "${directory}/instance-config.yaml"`,
  );
  yield* put(
    main,
    `${directory}/instance-config.yaml`,
    instanceConfiguration(discovery.socket),
    0o644,
  );
  yield* say(
    main,
    '[patches] Applied patch of type "application/strategic-merge-patch+json" to target "kubeletconfiguration"',
  );
  yield* say(
    main,
    `[kubelet-start] Writing kubelet configuration to file "${directory}/config.yaml"`,
  );
  const own = text.replace(
    'containerRuntimeEndpoint: ""',
    `containerRuntimeEndpoint: ${discovery.socket}`,
  );
  yield* put(main, `${directory}/config.yaml`, own, 0o644);
  yield* say(
    main,
    `[kubelet-start] Writing kubelet environment file with flags to file "${directory}/kubeadm-flags.env"`,
  );
  const named = discovery.nodeName !== main.process.hostname.toLowerCase();
  const args = named ? `--hostname-override=${discovery.nodeName}` : '';
  yield* put(main, `${directory}/kubeadm-flags.env`, `KUBELET_KUBEADM_ARGS="${args}"\n`, 0o644);
  yield* startKubelet(main);
}

/** Waits until the kubelet has a kubeconfig of its own. */
function* waitForBootstrap(call: Call): Routine<void> {
  const { main } = call;
  yield* say(main, '[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap');
  const until = main.process.now + PATIENCE;
  while (isErrno(main.process.stat('/etc/kubernetes/kubelet.conf'))) {
    if (main.process.now > until)
      throw new Failure('error execution phase kubelet-wait-bootstrap: context deadline exceeded');
    yield* sleepUntil(main.process.now + SECOND / 2);
  }
  main.process.unlink('/etc/kubernetes/bootstrap-kubelet.conf');
}

/** kubeadm join. */
export function* runJoin(call: Call): Routine<number> {
  const { main, flags } = call;
  const file = flags.text('discovery-file');
  if (file !== '') {
    if (!file.startsWith('https://') && isErrno(main.process.stat(file)))
      throw new Failure(
        `discovery.file.kubeConfigPath: Invalid value: "${file}": not a valid HTTPS URL or a file on disk`,
      );
    return yield* notSimulated(main, 'kubeadm join --discovery-file');
  }
  const discovery = yield* discoveryOf(call);
  for (const name of ['control-plane', 'dry-run'])
    if (flags.is(name)) return yield* notSimulated(main, `kubeadm join --${name}`);
  yield* say(main, '[preflight] Running pre-flight checks');
  const ignored = new Set(flags.list('ignore-preflight-errors').map((name) => name.toLowerCase()));
  try {
    yield* runChecks(main, joinChecks(discovery.nodeName, discovery.socket, CA), ignored);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    throw new Failure(`error execution phase preflight: ${failure.text}`);
  }
  const found = yield* discover(call, discovery);
  yield* say(
    main,
    '[preflight] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...',
  );
  yield* say(
    main,
    "[preflight] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.",
  );
  const config: ConnectionConfig = {
    server: found.server,
    authorities: certificatesOf(found.authority),
    insecure: false,
    certificate: undefined,
    token: discovery.token,
    namespace: 'default',
  };
  const text = yield* kubeletConfig(call, config);
  yield* startNode(call, discovery, found, text);
  yield* waitForKubelet(main);
  yield* waitForBootstrap(call);
  yield* say(main, DONE);
  return 0;
}
