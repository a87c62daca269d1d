// kubeadm config: print defaults, list and pull images, validate and migrate a file. And kubeadm version.

import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { writeFile } from '../../userland/libc/whole-file.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import { CONTROL_PLANE_TAINT } from './cluster-objects.ts';
import {
  API_VERSION,
  CRI_SOCKET,
  DEFAULT_CLUSTER,
  DEFAULT_TOKEN,
  KUBERNETES_VERSION,
  TIMEOUTS,
} from './configuration.ts';
import { Failure } from './failure.ts';
import { discoveryOf } from './join-discovery.ts';
import { kubeProxyConfiguration } from './kube-proxy-config.ts';
import { kubeletConfiguration } from './kubelet-config.ts';
import { loadConfiguration } from './load-configuration.ts';
import { imagesOf } from './manifests.ts';
import { pullImages } from './preflight.ts';
import { CONTROL_PLANE_TIMEOUT, type Reading, readDocuments } from './read-documents.ts';
import { type Call, say } from './settings.ts';

const REGISTRATION = {
  criSocket: CRI_SOCKET,
  imagePullPolicy: 'IfNotPresent',
  imagePullSerial: true,
};
const CA_PATH = '/etc/kubernetes/pki/ca.crt';
const RESET = { certificatesDir: DEFAULT_CLUSTER.certificatesDir, criSocket: CRI_SOCKET };
const TOKEN = 'abcdef.0123456789abcdef';
const UPGRADE = {
  certificateRenewal: true,
  etcdUpgrade: true,
  imagePullPolicy: 'IfNotPresent',
  imagePullSerial: true,
};

function kind(name: string, rest: object): string {
  return toYaml({ apiVersion: API_VERSION, kind: name, ...rest });
}

/** What `config print` prints, by its commands. */
function defaults(what: string, hostname: string): string {
  switch (what) {
    case 'init':
      return [
        kind('InitConfiguration', {
          bootstrapTokens: [{ ...DEFAULT_TOKEN, token: TOKEN }],
          localAPIEndpoint: { advertiseAddress: '1.2.3.4', bindPort: 6443 },
          nodeRegistration: { ...REGISTRATION, name: 'node', taints: null },
          timeouts: TIMEOUTS,
        }),
        kind('ClusterConfiguration', { ...DEFAULT_CLUSTER, kubernetesVersion: '1.36.0' }),
      ].join('---\n');
    case 'join':
      return kind('JoinConfiguration', {
        caCertPath: CA_PATH,
        discovery: {
          bootstrapToken: {
            apiServerEndpoint: 'kube-apiserver:6443',
            token: TOKEN,
            unsafeSkipCAVerification: true,
          },
          tlsBootstrapToken: TOKEN,
        },
        nodeRegistration: { ...REGISTRATION, name: hostname, taints: null },
        timeouts: TIMEOUTS,
      });
    case 'reset':
      return kind('ResetConfiguration', { ...RESET, timeouts: TIMEOUTS });
    default:
      return kind('UpgradeConfiguration', {
        apply: UPGRADE,
        diff: {},
        node: UPGRADE,
        plan: { etcdUpgrade: true },
        timeouts: TIMEOUTS,
      });
  }
}

/** The configurations of other components that init's defaults can be printed with. */
const COMPONENTS: Readonly<Record<string, () => string>> = {
  KubeProxyConfiguration: () => kubeProxyConfiguration(DEFAULT_CLUSTER),
  KubeletConfiguration: () => kubeletConfiguration(DEFAULT_CLUSTER, '', 'systemd'),
};

/** kubeadm config print …-defaults. */
export function printDefaults(what: string): (call: Call) => Routine<number> {
  // biome-ignore lint/correctness/useYield: a command is a routine
  return function* ({ main, flags }) {
    const wanted = flags.list('component-configs');
    const parts = wanted.map((name) => COMPONENTS[name]?.());
    if (parts.includes(undefined))
      throw new Failure(
        `--component-configs needs to contain some of [${Object.keys(COMPONENTS).join(' ')}]`,
      );
    // Components are sorted by their group, and kubelet's comes first.
    main.out.put([defaults(what, main.process.hostname), ...parts.sort()].join('---\n'));
    return 0;
  };
}

/** kubeadm config images list. */
export function* listImages(call: Call): Routine<number> {
  const { main, flags } = call;
  const { cluster } = yield* loadConfiguration(call);
  const images = imagesOf(cluster);
  const output = flags.text('output');
  const document = { apiVersion: 'output.kubeadm.k8s.io/v1alpha3', images, kind: 'Images' };
  if (output === 'json')
    main.out.put(
      `${JSON.stringify({ kind: document.kind, apiVersion: document.apiVersion, images }, null, 4)}\n`,
    );
  else if (output === 'yaml') main.out.put(toYaml(document));
  else if (output === 'text' || output === '')
    main.out.put(images.map((one) => `${one}\n`).join(''));
  else return yield* notSimulated(main, `kubeadm config images list -o ${output}`);
  return 0;
}

/** kubeadm config images pull. */
export function* pullConfiguredImages(call: Call): Routine<number> {
  const { cluster } = yield* loadConfiguration(call);
  const socket = call.flags.text('cri-socket') || CRI_SOCKET;
  yield* pullImages(call.main, socket, imagesOf(cluster), function* (image) {
    yield* say(call.main, `[config/images] Pulled ${image}`);
  });
  return 0;
}

const KINDS = ['ClusterConfiguration', 'InitConfiguration'];
const DOCUMENTS: Reading = { onlyKnown: true };

/** kubeadm config migrate: the file as this version would write it, with all that is taken where nothing is said. */
export function* migrateConfig(call: Call): Routine<number> {
  const { main, flags } = call;
  const path = flags.text('old-config');
  if (path === '') throw new Failure('the --old-config flag is mandatory');
  const how = { ...DOCUMENTS, migrates: true };
  const documents = yield* readDocuments(main, path, how);
  const out: string[] = [];
  if (documents.some((one) => KINDS.includes(String(one.kind)))) {
    const { init, cluster } = yield* loadConfiguration(call, true, how, path);
    // Where no older ClusterConfiguration says the control plane's time-out, it is lost.
    const lost = documents.find((one) => one.kind === KINDS[0])?.[CONTROL_PLANE_TIMEOUT] ?? '0s';
    const timeouts = { ...TIMEOUTS, ...init.timeouts, controlPlaneComponentHealthCheck: lost };
    const taints = init.nodeRegistration.taints ?? [CONTROL_PLANE_TAINT];
    const nodeRegistration = { ...REGISTRATION, ...init.nodeRegistration, taints };
    out.push(
      kind(KINDS[1] ?? '', { ...init, nodeRegistration, timeouts }),
      kind(KINDS[0] ?? '', cluster),
    );
  }
  for (const { kind: name, apiVersion, ...rest } of documents) {
    if (KINDS.includes(String(name)) || !String(apiVersion).startsWith('kubeadm.')) continue;
    out.push(kind(String(name), withDefaults(String(name), rest, main.process.hostname)));
  }
  const text = out.join('---\n');
  const target = flags.text('new-config');
  if (target === '') main.out.put(text);
  else {
    const failed = yield* writeFile(main.process, target, encode(text), 0o644);
    if (failed)
      throw new Failure(
        `failed to write the new configuration to the file "${target}": open ${target}: ${failed.message.toLowerCase()}`,
      );
  }
  return 0;
}

/** What a document of the other kinds says, with what is taken where it says nothing. */
function withDefaults(name: string, rest: Record<string, unknown>, hostname: string): object {
  const over = (usual: object, field: string): object => ({
    ...usual,
    ...(rest[field] as object | undefined),
  });
  const timeouts = over(TIMEOUTS, 'timeouts');
  if (name === 'UpgradeConfiguration')
    return {
      apply: over(UPGRADE, 'apply'),
      diff: over({}, 'diff'),
      node: over(UPGRADE, 'node'),
      plan: over({ etcdUpgrade: true }, 'plan'),
      timeouts,
    };
  if (name === 'ResetConfiguration') return { ...RESET, ...rest, timeouts };
  const found: { bootstrapToken?: { token?: string } } = over({}, 'discovery');
  const token = found.bootstrapToken?.token;
  return {
    caCertPath: CA_PATH,
    ...rest,
    discovery: token === undefined ? found : { tlsBootstrapToken: token, ...found },
    nodeRegistration: over({ ...REGISTRATION, name: hostname, taints: null }, 'nodeRegistration'),
    timeouts,
  };
}

/** kubeadm config validate. */
export function* validateConfig(call: Call): Routine<number> {
  const { main, flags } = call;
  if (flags.text('config') === '') throw new Failure('the --config flag is mandatory');
  const documents = yield* readDocuments(main, flags.text('config'), DOCUMENTS);
  const again = { ...DOCUMENTS, migrates: true };
  if (documents.some((one) => KINDS.includes(String(one.kind))))
    yield* loadConfiguration(call, true, again);
  if (documents.some((one) => one.kind === 'JoinConfiguration')) yield* discoveryOf(call, again);
  yield* say(main, 'ok');
  return 0;
}

const VERSION_FIELDS: Readonly<Record<string, string>> = {
  major: '1',
  minor: '36',
  gitVersion: KUBERNETES_VERSION,
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-07-15T00:00:00Z',
  goVersion: 'go1.26.8',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** kubeadm version. */
export function* version({ main, flags }: Call): Routine<number> {
  const output = flags.text('output');
  const field = (name: string): string => VERSION_FIELDS[name] ?? '';
  if (output === 'short') main.out.put(`${KUBERNETES_VERSION}\n`);
  else if (output === 'yaml') main.out.put(`${toYaml({ clientVersion: VERSION_FIELDS })}\n`);
  else if (output === 'json')
    main.out.put(`${JSON.stringify({ clientVersion: VERSION_FIELDS }, null, 2)}\n`);
  else if (output !== '') throw new Failure(`invalid output format: ${output}`);
  else
    main.out.put(
      `kubeadm version: &version.Info{Major:"1", Minor:"36", EmulationMajor:"", EmulationMinor:"", MinCompatibilityMajor:"", MinCompatibilityMinor:"", GitVersion:"${KUBERNETES_VERSION}", GitCommit:"${field('gitCommit')}", GitTreeState:"clean", BuildDate:"${field('buildDate')}", GoVersion:"${field('goVersion')}", Compiler:"gc", Platform:"linux/amd64"}\n`,
    );
  return 0;
}
