// What the phases of a run share: the configuration, where files go, the cluster's client once there is one.

import { encode } from '../../core/text.ts';
import { epochMilliseconds } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { dirName, writeFile } from '../../userland/libc/whole-file.ts';
import { certificatesOf } from '../../userland/tls/certificate.ts';
import { type ApiClient, Refusal } from '../api/client.ts';
import type { KubeObject } from '../api/object.ts';
import { networkClient } from '../component/connect.ts';
import { loadKubeconfig, readText } from '../component/kubeconfig.ts';
import { createAll } from './apply.ts';
import type { ClusterConfiguration, InitConfiguration } from './configuration.ts';
import { Failure } from './failure.ts';
import { serviceAddress } from './networks.ts';
import type { KeyPair, PkiNames } from './pki.ts';
import type { Call } from './settings.ts';

export interface RunContext {
  readonly call: Call;
  readonly main: Main;
  readonly cluster: ClusterConfiguration;
  readonly init: InitConfiguration;
  readonly certDirectory: string;
  readonly kubeconfigDirectory: string;
  readonly ignored: ReadonlySet<string>;
  /** Set by upload-certs, for the join command. */
  certificateKey?: string;
}

export function contextOf(
  call: Call,
  cluster: ClusterConfiguration,
  init: InitConfiguration,
): RunContext {
  const { flags, main } = call;
  return {
    call,
    main,
    cluster,
    init,
    certDirectory: cluster.certificatesDir,
    kubeconfigDirectory: flags.text('kubeconfig-dir') || '/etc/kubernetes',
    ignored: new Set(flags.list('ignore-preflight-errors').map((name) => name.toLowerCase())),
  };
}

/** `https://192.168.56.10:6443`: the endpoint for all, or this API server's own. */
export function serverAddress({ cluster, init }: RunContext, local = false): string {
  const { advertiseAddress, bindPort } = init.localAPIEndpoint;
  const endpoint = cluster.controlPlaneEndpoint;
  if (endpoint === undefined || local) return `https://${advertiseAddress}:${bindPort}`;
  return `https://${endpoint}${/:\d+$/.test(endpoint) ? '' : `:${bindPort}`}`;
}

/** Whom the certificates are for. */
export function namesOf({ cluster, init }: RunContext): PkiNames {
  const { local } = cluster.etcd;
  return {
    nodeName: init.nodeRegistration.name,
    address: init.localAPIEndpoint.advertiseAddress,
    dnsDomain: cluster.networking.dnsDomain,
    serviceAddress: serviceAddress(cluster.networking.serviceSubnet, 1),
    endpoint: cluster.controlPlaneEndpoint?.replace(/:\d+$/, ''),
    extraNames: cluster.apiServer.certSANs ?? [],
    etcdServerNames: local?.serverCertSANs ?? [],
    etcdPeerNames: local?.peerCertSANs ?? [],
  };
}

/** Milliseconds since 1970. */
export function nowOf(main: Main): number {
  return epochMilliseconds(main.process.now);
}

/** Randomness for a new key. */
export function freshSeed(main: Main): string {
  return `rsa:2048/${main.process.entropyKey()}`;
}

/** Makes a file with the directories above it. */
export function* put(main: Main, path: string, text: string, mode: number): Routine<void> {
  const parts = dirName(path)
    .split('/')
    .filter((part) => part !== '');
  parts.forEach((_, i) => main.process.mkdir(`/${parts.slice(0, i + 1).join('/')}`, 0o755));
  const failure = yield* writeFile(main.process, path, encode(text), mode);
  if (failure) throw new Failure(`open ${path}: ${failure.message.toLowerCase()}`);
}

/** The authority of a certificate directory; throws Failure with the reason that phases give. */
export function* authorityAt(main: Main, directory: string, base = 'ca'): Routine<KeyPair> {
  const path = `${directory}/${base}.crt`;
  const text = yield* readText(main.process, path);
  if (isErrno(text))
    throw new Failure(
      `failed to load certificate: couldn't load the certificate file ${path}: open ${path}: ${text.message.toLowerCase()}`,
    );
  const [certificate] = certificatesOf(text);
  if (!certificate)
    throw new Failure(
      `failed to load certificate: couldn't load the certificate file ${path}: error reading ${path}: data does not contain any valid RSA or ECDSA certificates`,
    );
  return { certificate, key: certificate.key };
}

/** The client of a kubeconfig; throws Failure. */
export function* clientAt(main: Main, path: string): Routine<ApiClient> {
  const config = yield* loadKubeconfig(main.process, path);
  if (typeof config === 'string')
    throw new Failure(`failed to load admin kubeconfig: ${config.replace(/^stat /, 'open ')}`);
  return networkClient(main.process, config, 'kubeadm');
}

/** The administrator's kubeconfig: --kubeconfig, else /etc/kubernetes/admin.conf, else the user's own. */
export function* adminClient(call: Call): Routine<ApiClient> {
  const { main, flags } = call;
  const usual = '/etc/kubernetes/admin.conf';
  const wanted = flags.text('kubeconfig') || usual;
  const found = !isErrno(main.process.stat(wanted));
  const own = main.process.environment.get('KUBECONFIG') ?? '/root/.kube/config';
  return yield* clientAt(main, found || wanted !== usual ? wanted : own);
}

/** Makes objects; throws Failure where one is refused. */
export function* apply(client: ApiClient, objects: readonly KubeObject[]): Routine<void> {
  const [problem] = yield* createAll(client, objects);
  if (problem !== undefined) throw new Failure(problem);
}

/** The answer, or throws Failure with the server's words. */
export function answered<T>(answer: T | Refusal, what = ''): T {
  if (answer instanceof Refusal) throw new Failure(`${what}${answer.message}`);
  return answer;
}
