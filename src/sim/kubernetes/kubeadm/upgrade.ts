// kubeadm upgrade plan and diff: what the cluster runs, what it could run, and what its manifests would change to. Left out:
// versions that only the internet knows of beyond the one that is modelled.

import { MILLISECOND, SECOND, START_OF_TIME } from '../../core/time.ts';
import { type Routine, sleepUntil } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { unifiedDiff } from '../../userland/programs/text/diff-output.ts';
import { editScript } from '../../userland/programs/text/diff-script.ts';
import { parseYaml } from '../../userland/yaml/read.ts';
import { Refusal, type ApiClient } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import type { Node } from '../api/types/node.ts';
import { klog } from '../component/klog.ts';
import { readText } from '../component/kubeconfig.ts';
import { tabulate } from '../kubectl/output/tabwriter.ts';
import {
  type ClusterConfiguration,
  clusterFromDocument,
  CRI_SOCKET,
  KUBERNETES_VERSION,
} from './configuration.ts';
import { adminClient, answered, clientAt, contextOf, type RunContext } from './context.ts';
import { Failure } from './failure.ts';
import { defaultAddress, resolveVersion } from './load-configuration.ts';
import { COMPONENTS, controlPlaneManifests, imagesOf } from './manifests.ts';
import { runChecks } from './preflight.ts';
import { type Call, say } from './settings.ts';

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';
export const MANIFESTS = '/etc/kubernetes/manifests';

/** What an upgrade starts from. */
export interface Upgrade {
  readonly context: RunContext;
  readonly client: ApiClient;
  readonly cluster: ClusterConfiguration;
}

function* nodesOf({ client }: Upgrade): Routine<readonly Node[]> {
  return answered(yield* client.list(resources.nodes)).items;
}

/** Reads the cluster's configuration, saying so with a prefix, as the administrator or as the node; throws Failure. */
export function* readCluster(call: Call, prefix: string, kubeconfig?: string): Routine<Upgrade> {
  const { main } = call;
  const client = yield* kubeconfig ? clientAt(main, kubeconfig) : adminClient(call);
  yield* say(
    main,
    `[${prefix}] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...`,
  );
  yield* say(
    main,
    `[${prefix}] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.`,
  );
  const map = answered(yield* client.get(resources.configMaps, 'kube-system', 'kubeadm-config'));
  const document = parseYaml(map.data?.ClusterConfiguration ?? '');
  const cluster = clusterFromDocument(document as Partial<ClusterConfiguration>);
  const name = main.process.hostname.toLowerCase();
  const context = contextOf(call, cluster, {
    bootstrapTokens: [],
    localAPIEndpoint: { advertiseAddress: defaultAddress(main), bindPort: 6443 },
    nodeRegistration: { name, criSocket: CRI_SOCKET, imagePullPolicy: 'IfNotPresent' },
  });
  return { context, client, cluster };
}

/** The job that shows whether pods run at all, and whether nodes and manifests are in order; throws Failure. */
export function* checkHealth(upgrade: Upgrade): Routine<void> {
  const { context, client, cluster } = upgrade;
  const { main, ignored } = context;
  yield* say(main, '[upgrade] Running cluster health checks');
  const problem = yield* runJob();
  const sick = (yield* nodesOf(upgrade))
    .filter(({ metadata }) => metadata.labels?.[CONTROL_PLANE] !== undefined)
    .filter(
      ({ status }) => !status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
    )
    .map(({ metadata }) => metadata.name ?? '');
  const lost = [...COMPONENTS].filter((name) =>
    isErrno(main.process.stat(`${MANIFESTS}/${name}.yaml`)),
  );
  const result = function* (name: string, error: string | undefined) {
    return { name, errors: error === undefined ? [] : [error] };
  };
  try {
    yield* runChecks(
      main,
      [
        () => result('CreateJob', problem),
        () =>
          result(
            'ControlPlaneNodesReady',
            sick[0] === undefined
              ? undefined
              : `there are NotReady control-planes in the cluster: [${sick.join(' ')}]`,
          ),
        () =>
          result(
            'StaticPodManifest',
            lost[0] === undefined
              ? undefined
              : `missing static Pod manifests: [${lost.map((name) => `${MANIFESTS}/${name}.yaml`).join(' ')}]`,
          ),
      ],
      ignored,
    );
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    throw new Failure(`[upgrade/health] FATAL: ${failure.text}`);
  }

  function* runJob(): Routine<string | undefined> {
    const { now } = main.process;
    const prefix = 'upgrade-health-check';
    const name = `${prefix}-${START_OF_TIME + Math.floor(now / MILLISECOND)}`;
    const made = yield* client.create(resources.jobs, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, namespace: 'kube-system' },
      spec: {
        backoffLimit: 0,
        ttlSecondsAfterFinished: 65,
        activeDeadlineSeconds: 65,
        template: {
          spec: {
            restartPolicy: 'Never',
            securityContext: { runAsUser: 999, runAsGroup: 999, runAsNonRoot: true },
            tolerations: [{ key: CONTROL_PLANE, effect: 'NoSchedule' }],
            containers: [
              {
                name: prefix,
                image: imagesOf(cluster).find((image) => image.includes('/pause:')) ?? '',
                args: ['-v'],
              },
            ],
          },
        },
      },
    });
    if (made instanceof Refusal)
      return `could not create Job "${name}" in the namespace "kube-system": ${made.message}`;
    const until = now + 60 * SECOND;
    let problem: string | undefined = 'no condition of type Complete';
    while (problem !== undefined && main.process.now < until) {
      yield* sleepUntil(main.process.now + SECOND);
      const job = yield* client.get(resources.jobs, 'kube-system', name);
      if (!(job instanceof Refusal) && job.status?.conditions?.some((c) => c.type === 'Complete'))
        problem = undefined;
    }
    yield* client.delete(resources.jobs, 'kube-system', name, { propagationPolicy: 'Foreground' });
    return (
      problem && `Job "${name}" in the namespace "kube-system" did not complete in 1m0s: ${problem}`
    );
  }
}

/** A version's numbers, or undefined. */
export function numbersOf(version: string): readonly [number, number] | undefined {
  const found = /^v?1\.(\d+)\.(\d+)/.exec(version);
  return found ? [Number(found[1]), Number(found[2])] : undefined;
}

function isNewer(version: string, than: string): boolean {
  const [minor = 0, patch = 0] = numbersOf(version) ?? [];
  const [otherMinor = 0, otherPatch = 0] = numbersOf(than) ?? [];
  return minor !== otherMinor ? minor > otherMinor : patch > otherPatch;
}

const RULE = '_____________________________________________________________________\n\n';

function planText(cluster: ClusterConfiguration, nodes: readonly Node[], target: string): string {
  const [minor] = numbersOf(cluster.kubernetesVersion) ?? [36];
  const table = { minimum: 10, padding: 3 };
  const head = 'COMPONENT\tNODE\tCURRENT\tTARGET\n';
  const row = (...cells: readonly string[]): string => `${cells.join('\t')}\n`;
  const kubelets = nodes.map(({ metadata, status }) =>
    row('kubelet', metadata.name ?? '', status?.nodeInfo?.kubeletVersion ?? '', target),
  );
  const masters = nodes.filter(({ metadata }) => metadata.labels?.[CONTROL_PLANE] !== undefined);
  const version = cluster.kubernetesVersion;
  const tagOf = (name: string, of: ClusterConfiguration): string =>
    imagesOf(of)
      .find((image) => image.includes(`/${name}:`))
      ?.split(':')
      .at(-1) ?? '';
  const each = (name: string, current: string, next: string): string =>
    masters.map(({ metadata }) => row(name, metadata.name ?? '', current, next)).join('');
  const after = { ...cluster, kubernetesVersion: target };
  const components = [
    ...COMPONENTS.map((name) => each(name, version, target)),
    row('kube-proxy', '', version.slice(1), target),
    row('CoreDNS', '', tagOf('coredns', cluster), tagOf('coredns', after)),
    each('etcd', tagOf('etcd', cluster), tagOf('etcd', after)),
  ];
  const note = isNewer(target, KUBERNETES_VERSION)
    ? `Note: Before you can perform this upgrade, you have to update kubeadm to ${target}.\n\n`
    : '';
  const states = [
    'API GROUP\tCURRENT VERSION\tPREFERRED VERSION\tMANUAL UPGRADE REQUIRED\n',
    'kubeproxy.config.k8s.io\tv1alpha1\tv1alpha1\tno\n',
    'kubelet.config.k8s.io\tv1beta1\tv1beta1\tno\n',
  ];
  return `Components that must be upgraded manually after you have upgraded the control plane with 'kubeadm upgrade apply':
${tabulate(head + kubelets.join(''), table)}
Upgrade to the latest version in the v1.${minor} series:

${tabulate(head + components.join(''), table)}
You can now apply the upgrade by executing the following command:

\tkubeadm upgrade apply ${target}

${note}${RULE}
The table below shows the current state of component configs as understood by this version of kubeadm.
Configs that have a "yes" mark in the "MANUAL UPGRADE REQUIRED" column require manual config upgrade or
resetting to kubeadm defaults before a successful upgrade can be performed. The version to manually
upgrade to is denoted in the "PREFERRED VERSION" column.

${tabulate(states.join(''), table)}${RULE}`;
}

/** kubeadm upgrade plan. */
export function* planUpgrade(call: Call): Routine<number> {
  const { main, args } = call;
  yield* say(main, '[preflight] Running pre-flight checks.');
  const upgrade = yield* readCluster(call, 'upgrade/config');
  yield* checkHealth(upgrade);
  const { kubernetesVersion } = upgrade.cluster;
  const [minor = 0] = numbersOf(kubernetesVersion) ?? [];
  yield* say(main, '[upgrade] Fetching available versions to upgrade to');
  yield* say(main, `[upgrade/versions] Cluster version: ${kubernetesVersion.slice(1)}`);
  yield* say(main, `[upgrade/versions] kubeadm version: ${KUBERNETES_VERSION}`);
  const wanted = args[0] ?? (yield* resolveVersion(main, 'stable'));
  const series = `version in the v1.${minor} series`;
  if (numbersOf(wanted) === undefined) {
    const why = `could not parse "${wanted}" as version`;
    const warning = '[upgrade/versions] WARNING:';
    yield* klog(
      main,
      'W',
      'compute.go:114',
      `${warning} Couldn't parse version stable version: ${why}`,
    );
    const falling = 'Falling back to current kubeadm version as latest stable version';
    yield* klog(main, 'W', 'compute.go:115', `${warning} ${falling}`);
    yield* klog(main, 'W', 'compute.go:178', `${warning} Couldn't parse version ${series}: ${why}`);
    yield* say(main, '');
    return 0;
  }
  yield* say(main, `[upgrade/versions] Target version: ${wanted}`);
  const latest = args[0] ?? (yield* resolveVersion(main, `stable-1.${minor}`));
  if (!isNewer(kubernetesVersion, latest))
    yield* say(main, `[upgrade/versions] Latest ${series}: ${latest}`);
  yield* say(main, '');
  if (isNewer(latest, kubernetesVersion))
    main.out.put(planText(upgrade.cluster, yield* nodesOf(upgrade), latest));
  return 0;
}

/** The control plane's manifests of a version, by file name. */
export function manifestsOf(
  { context, cluster }: Upgrade,
  version: string,
): ReadonlyMap<string, string> {
  const { nodeRegistration, localAPIEndpoint } = context.init;
  return controlPlaneManifests({
    cluster: { ...cluster, kubernetesVersion: version },
    nodeName: nodeRegistration.name,
    address: localAPIEndpoint.advertiseAddress,
    securePort: localAPIEndpoint.bindPort,
  });
}

/** kubeadm upgrade diff: what a version would change in the manifests here. */
export function* diffUpgrade(call: Call): Routine<number> {
  const { main, args, flags } = call;
  const upgrade = yield* readCluster(call, 'upgrade/diff');
  const version = args[0] ?? upgrade.cluster.kubernetesVersion;
  if (numbersOf(version) === undefined)
    throw new Failure(`could not parse ${JSON.stringify(version)} as version`);
  const made = manifestsOf(upgrade, version);
  for (const name of COMPONENTS) {
    const path = `${MANIFESTS}/${name}.yaml`;
    const text = yield* readText(main.process, path);
    if (isErrno(text)) throw new Failure(`open ${path}: ${text.message.toLowerCase()}`);
    const old = linesOf(text);
    const young = linesOf(made.get(`${name}.yaml`) ?? '');
    const changes = editScript(old, young);
    if (changes.length === 0) continue;
    const context = Number(flags.text('context-lines'));
    const hunks = unifiedDiff({ old, young, changes, counts: () => true }, context);
    main.out.put(`--- ${path}\n+++ new manifest\n${hunks}`);
  }
  return 0;
}

/** Lines with their ends, and an empty one behind the last, as the differ of Go programs has them. */
function linesOf(text: string): string[] {
  return text.split('\n').map((line) => `${line}\n`);
}
