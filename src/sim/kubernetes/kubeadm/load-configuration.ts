// The configuration of a run of kubeadm: from --config or from flags, with what the machine itself says (name, address, version),
// checked as kubeadm checks it.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { formatIp, parseIp } from '../../kernel/network/address.ts';
import { resolveHost } from '../../userland/libc/resolver.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { klog } from '../component/klog.ts';
import {
  API_VERSION,
  type BootstrapToken,
  type ClusterConfiguration,
  clusterFromDocument,
  clusterFromFlags,
  CRI_SOCKET,
  DEFAULT_TOKEN,
  type InitConfiguration,
  KUBERNETES_VERSION,
} from './configuration.ts';
import { Failure } from './failure.ts';
import { sizeOf } from './networks.ts';
import type { Call } from './settings.ts';
import { parseYaml, YamlProblem } from '../../userland/yaml/read.ts';

export const TOKEN_FORM = /^[a-z0-9]{6}\.[a-z0-9]{16}$/;
const LABELS = /^(k8s-master|((latest|stable)+(-[1-9](\.[0-9]+)?)?))$|^ci\//;
const MINIMUM_MINOR = 35;
const MINIMUM_SERVICES = 10;

/** The documents of a configuration file; throws Failure. */
export function* readDocuments(main: Main, path: string): Routine<Record<string, unknown>[]> {
  const bytes = yield* readFile(main.process, path);
  if (isErrno(bytes))
    throw new Failure(
      `unable to read config from "${path}": open ${path}: ${bytes.message.toLowerCase()}`,
    );
  const texts = decode(bytes)
    .split(/^---\s*$/m)
    .filter((text) => text.trim() !== '');
  return texts.map((text) => {
    const document = parseYaml(text);
    if (document instanceof YamlProblem)
      throw new Failure(
        `could not interpret GroupVersionKind; unmarshal error: error converting YAML to JSON: ${document.message}`,
      );
    const object = (typeof document === 'object' && document !== null ? document : {}) as Record<
      string,
      unknown
    >;
    if (!object.kind || !object.apiVersion)
      throw new Failure('kind and apiVersion is mandatory information that must be specified');
    const group = String(object.apiVersion);
    if (group.startsWith('kubeadm.k8s.io/') && group !== API_VERSION)
      throw new Failure(
        `your configuration file uses an old API spec: "${group}" (kind: "${String(object.kind)}"). Please use kubeadm v1.${group.endsWith('beta3') ? '35' : '22'} instead and run 'kubeadm config migrate --old-config old-config-file --new-config new-config-file', which will write the new, similar spec using a newer API version.`,
      );
    return object;
  });
}

/** The version that a label or a number stands for; throws Failure. */
export function* resolveVersion(main: Main, wanted: string): Routine<string> {
  const version = wanted.startsWith('v') || LABELS.test(wanted) ? wanted : `v${wanted}`;
  if (/^v\d+\.\d+\.\d+([-+].*)?$/.test(version)) return version;
  if (!LABELS.test(wanted))
    throw new Failure(
      `version "${wanted}" doesn't match patterns for neither semantic version nor labels (stable, latest, ...)`,
    );
  const found = yield* resolveHost(main.process, 'dl.k8s.io');
  if (!('failure' in found)) return KUBERNETES_VERSION;
  const url = `https://dl.k8s.io/release/${wanted}.txt`;
  const why = `Get "${url}": dial tcp: lookup dl.k8s.io: no such host`;
  yield* klog(
    main,
    'W',
    'version.go:108',
    `could not fetch a Kubernetes version from the internet: unable to get URL "${url}": ${why}`,
  );
  const local = `falling back to the local client version: ${KUBERNETES_VERSION}`;
  yield* klog(main, 'W', 'version.go:109', local);
  return KUBERNETES_VERSION;
}

function defaultAddress(main: Main): string {
  const route = main.process.network.links.values();
  for (const link of route) {
    for (const { address } of link.addresses) {
      const text = formatIp(address);
      if (!text.startsWith('127.') && !/^(cni|docker|veth)/.test(link.name)) return text;
    }
  }
  return '127.0.0.1';
}

function check(cluster: ClusterConfiguration): void {
  const problems: string[] = [];
  const { podSubnet, serviceSubnet } = cluster.networking;
  const services = sizeOf(serviceSubnet);
  const invalid = (field: string, value: string, why: string): void => {
    problems.push(`networking.${field}: Invalid value: "${value}": ${why}`);
  };
  if (services === undefined) invalid('serviceSubnet', serviceSubnet, "couldn't parse subnet");
  else if (services < MINIMUM_SERVICES)
    invalid(
      'serviceSubnet',
      serviceSubnet,
      `subnet with ${services} address(es) is too small, the minimum is ${MINIMUM_SERVICES}`,
    );
  if (podSubnet !== undefined && sizeOf(podSubnet) === undefined)
    invalid('podSubnet', podSubnet, "couldn't parse subnet");
  if (problems.length > 1) throw new Failure(`[${problems.join(', ')}]`);
  if (problems[0] !== undefined) throw new Failure(problems[0]);
}

/** A random token of the generator's form. */
export function randomToken(main: Main): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  let out = '';
  for (let seed = 0; out.length < 22; seed++) {
    let key = main.process.entropyKey();
    for (let i = 0; i < 4; i++) {
      out += letters.charAt(Math.abs(key) % letters.length);
      key = Math.floor(key / letters.length);
    }
  }
  return `${out.slice(0, 6)}.${out.slice(6, 22)}`;
}

/** What init and its phases are configured with. */
export interface Configuration {
  readonly cluster: ClusterConfiguration;
  readonly init: InitConfiguration;
}

function tokensOf(call: Call, given: readonly BootstrapToken[] | undefined): BootstrapToken[] {
  const { main, flags } = call;
  const listed = given?.map((token) => ({
    ...DEFAULT_TOKEN,
    ...token,
    token: token.token ?? randomToken(main),
  }));
  const typed = flags.text('token');
  const ttl = flags.text('token-ttl');
  const usual: BootstrapToken[] = listed ?? [
    {
      ...DEFAULT_TOKEN,
      token: typed || randomToken(main),
      ...(ttl ? { ttl } : {}),
      description: "The default bootstrap token generated by 'kubeadm init'.",
    },
  ];
  for (const { token } of usual)
    if (!TOKEN_FORM.test(token))
      throw new Failure(
        `the bootstrap token "${token}" was not of the form "\\\\A([a-z0-9]{6})\\\\.([a-z0-9]{16})\\\\z"`,
      );
  return usual;
}

/** Reads the configuration; throws Failure. */
export function* loadConfiguration(call: Call, exact = true): Routine<Configuration> {
  const { main, flags } = call;
  const path = flags.text('config');
  const documents = path === '' ? [] : yield* readDocuments(main, path);
  const find = (kind: string): Record<string, unknown> | undefined =>
    documents.find((one) => one.kind === kind);
  if (path !== '' && !find('ClusterConfiguration') && !find('InitConfiguration'))
    throw new Failure(`no kind "InitConfiguration" or "ClusterConfiguration" in "${path}"`);
  const cluster =
    path === '' ? clusterFromFlags(flags) : clusterFromDocument(find('ClusterConfiguration') ?? {});
  const given = (find('InitConfiguration') ?? {}) as Partial<InitConfiguration>;
  const address =
    flags.text('apiserver-advertise-address') || given.localAPIEndpoint?.advertiseAddress;
  if (address && parseIp(address) === undefined)
    throw new Failure(
      `couldn't use "${address}" as "apiserver-advertise-address", must be ipv4 or ipv6 address`,
    );
  const tokens = tokensOf(call, given.bootstrapTokens);
  const version = yield* resolveVersion(main, cluster.kubernetesVersion);
  if (exact && Number(/^v1\.(\d+)/.exec(version)?.[1]) < MINIMUM_MINOR)
    throw new Failure(
      `this version of kubeadm only supports deploying clusters with the control plane version >= 1.${MINIMUM_MINOR}.0. Current version: ${version}`,
    );
  check(cluster);
  const registration = given.nodeRegistration;
  return {
    cluster: { ...cluster, kubernetesVersion: version },
    init: {
      ...given,
      bootstrapTokens: tokens,
      localAPIEndpoint: {
        advertiseAddress: address || defaultAddress(main),
        bindPort: Number(
          given.localAPIEndpoint?.bindPort || flags.text('apiserver-bind-port') || 6443,
        ),
      },
      nodeRegistration: {
        imagePullPolicy: 'IfNotPresent',
        ...registration,
        name: flags.text('node-name') || registration?.name || main.process.hostname.toLowerCase(),
        criSocket: flags.text('cri-socket') || registration?.criSocket || CRI_SOCKET,
      },
    },
  };
}
