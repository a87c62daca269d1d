// kubeadm config: print defaults, list and pull images, validate and migrate a file. And kubeadm version.

import type { Routine } from '../../core/wait.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import {
  API_VERSION,
  CRI_SOCKET,
  DEFAULT_CLUSTER,
  DEFAULT_TOKEN,
  KUBERNETES_VERSION,
  TIMEOUTS,
} from './configuration.ts';
import { Failure } from './failure.ts';
import { loadConfiguration, readDocuments } from './load-configuration.ts';
import { imagesOf } from './manifests.ts';
import { pullImages } from './preflight.ts';
import { type Call, say } from './settings.ts';

const REGISTRATION = {
  criSocket: CRI_SOCKET,
  imagePullPolicy: 'IfNotPresent',
  imagePullSerial: true,
};
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
        caCertPath: '/etc/kubernetes/pki/ca.crt',
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
      return kind('ResetConfiguration', {
        certificatesDir: DEFAULT_CLUSTER.certificatesDir,
        criSocket: CRI_SOCKET,
        timeouts: TIMEOUTS,
      });
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

/** kubeadm config print …-defaults. */
export function printDefaults(what: string): (call: Call) => Routine<number> {
  return function* ({ main, flags }) {
    if (flags.list('component-configs').length > 0)
      return yield* notSimulated(main, 'kubeadm config print --component-configs');
    main.out.put(defaults(what, main.process.hostname));
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

/** kubeadm config migrate: without a file it is refused; the older forms of the API are not known here. */
export function* migrateConfig({ main, flags }: Call): Routine<number> {
  if (flags.text('old-config') === '') throw new Failure('the --old-config flag is mandatory');
  return yield* notSimulated(main, 'kubeadm config migrate');
}

/** kubeadm config validate. */
export function* validateConfig(call: Call): Routine<number> {
  const { main, flags } = call;
  if (flags.text('config') === '') throw new Failure('the --config flag is mandatory');
  const documents = yield* readDocuments(main, flags.text('config'));
  const known = ['ClusterConfiguration', 'InitConfiguration'];
  if (documents.some((one) => known.includes(String(one.kind)))) yield* loadConfiguration(call);
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
