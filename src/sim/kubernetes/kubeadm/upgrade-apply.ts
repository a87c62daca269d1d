// kubeadm upgrade apply and node. Only the version that is modelled can be reached, so the control plane's manifests change
// only where somebody changed them; what is applied is applied again all the same. Left out: dry runs, and single phases.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { resources } from '../api/client-resources.ts';
import { klog } from '../component/klog.ts';
import { readText } from '../component/kubeconfig.ts';
import { KUBERNETES_VERSION } from './configuration.ts';
import { answered, apply, put } from './context.ts';
import { Failure } from './failure.ts';
import { instanceConfiguration } from './kubelet-config.ts';
import { resolveVersion } from './load-configuration.ts';
import { imagesOf } from './manifests.ts';
import { bootstrapRoles } from './objects.ts';
import { addonPhase, uploadConfigPhase } from './phase-cluster.ts';
import { pullImages } from './preflight.ts';
import { type Call, say } from './settings.ts';
import { checkHealth, MANIFESTS, numbersOf, readCluster, type Upgrade } from './upgrade.ts';
import { stampOf, TMP, upgradeManifests } from './upgrade-manifests.ts';

const OLDEST_MINOR = 35;

/** What stands against a version: errors that nothing helps against, and those that --force does. */
function skew(cluster: string, wanted: string): { fatal: string[]; mild: string[] } {
  const [minor = 0, patch = 0] = numbersOf(wanted) ?? [];
  const [now = 0] = numbersOf(cluster) ?? [];
  const [own = 0, ownPatch = 0] = numbersOf(KUBERNETES_VERSION) ?? [];
  const fatal: string[] = [];
  const mild: string[] = [];
  const to = `Specified version to upgrade to "${wanted}" is`;
  if (minor > now + 1)
    fatal.push(`${to} too high; kubeadm can upgrade only 1 minor version at a time`);
  if (minor > own)
    fatal.push(
      `${to} at least one minor release higher than the kubeadm minor release (${minor} > ${own}). Such an upgrade is not supported`,
    );
  else if (minor === own && patch > ownPatch)
    mild.push(
      `${to} higher than the kubeadm version "${KUBERNETES_VERSION}". Upgrade kubeadm first using the tool you used to install kubeadm`,
    );
  if (minor < own)
    mild.push(
      `Kubeadm version ${KUBERNETES_VERSION} can only be used to upgrade to Kubernetes version 1.${own}`,
    );
  return { fatal, mild };
}

function* checkVersion(call: Call, cluster: string, wanted: string): Routine<void> {
  const { main, flags } = call;
  const version = yield* resolveVersion(main, wanted);
  const preflight = 'error execution phase preflight:';
  if ((numbersOf(version)?.[0] ?? 0) < OLDEST_MINOR)
    throw new Failure(
      `${preflight} this version of kubeadm only supports deploying clusters with the control plane version >= 1.${OLDEST_MINOR}.0. Current version: ${version}`,
    );
  yield* say(
    main,
    `[upgrade/preflight] You have chosen to upgrade the cluster version to "${version}"`,
  );
  yield* say(main, `[upgrade/versions] Cluster version: ${cluster}`);
  yield* say(main, `[upgrade/versions] kubeadm version: ${KUBERNETES_VERSION}`);
  const { fatal, mild } = skew(cluster, version);
  const list = (errors: readonly string[]): string => errors.map((one) => `\t- ${one}\n`).join('');
  if (fatal.length > 0)
    throw new Failure(
      `${preflight} the version argument is invalid due to these fatal errors:\n\n${list(fatal)}\nPlease fix the misalignments highlighted above and try upgrading again`,
    );
  if (mild.length > 0 && !flags.is('force'))
    throw new Failure(
      `${preflight} the version argument is invalid due to these errors:\n\n${list(mild)}\nCan be bypassed if you pass the --force flag`,
    );
  if (flags.is('yes') || flags.is('force')) return;
  main.out.put('[upgrade] Are you sure you want to proceed? [y/N]: ');
  yield* main.out.flush();
  if ((yield* main.input.line())?.trim().toLowerCase() !== 'y')
    throw new Failure(
      `${preflight} won't proceed; the user didn't answer (Y|y) in order to continue`,
    );
}

function* pull({ context, cluster }: Upgrade): Routine<void> {
  const { main, init } = context;
  for (const line of [
    'Pulling images required for setting up a Kubernetes cluster',
    'This might take a minute or two, depending on the speed of your internet connection',
    "You can also perform this action beforehand using 'kubeadm config images pull'",
  ])
    yield* say(main, `[upgrade/preflight] ${line}`);
  yield* pullImages(main, init.nodeRegistration.criSocket, imagesOf(cluster), function* () {});
}

/** This node's kubelet configuration out of the cluster's, with what is its own, after the old one was put aside. */
function* upgradeKubelet({ context, client }: Upgrade): Routine<void> {
  const { main, init } = context;
  const own = '/var/lib/kubelet/config.yaml';
  const directory = `${TMP}/kubeadm-kubelet-config-${stampOf(main.process.now)}`;
  const using = `Using temporary directory ${directory} for kubelet config. To override it set the environment variable KUBEADM_UPGRADE_DRYRUN_DIR`;
  yield* klog(main, 'W', 'postupgrade.go:105', using);
  yield* say(main, `[upgrade] Backing up kubelet config file to ${directory}/config.yaml`);
  const old = yield* readText(main.process, own);
  if (!isErrno(old)) yield* put(main, `${directory}/config.yaml`, old, 0o600);
  const map = answered(yield* client.get(resources.configMaps, 'kube-system', 'kubelet-config'));
  const endpoint = /^containerRuntimeEndpoint: .*$/m;
  const [line = ''] = endpoint.exec(instanceConfiguration(init.nodeRegistration.criSocket)) ?? [];
  yield* say(
    main,
    '[patches] Applied patch of type "application/strategic-merge-patch+json" to target "kubeletconfiguration"',
  );
  yield* say(main, `[kubelet-start] Writing kubelet configuration to file "${own}"`);
  yield* put(main, own, (map.data?.kubelet ?? '').replace(endpoint, line), 0o644);
  yield* say(
    main,
    '[upgrade/kubelet-config] The kubelet configuration for this node was successfully upgraded!',
  );
}

function* upgradeAddons({ context }: Upgrade): Routine<void> {
  for (const addon of ['coredns', 'kube-proxy']) yield* addonPhase(context, addon);
}

const DONE = {
  controlPlane:
    '[upgrade/control-plane] The control plane instance for this node was successfully upgraded!',
  kubeconfig: '[upgrade/kubeconfig] The kubeconfig files for this node were successfully upgraded!',
};

/** kubeadm upgrade apply. */
export function* applyUpgrade(call: Call): Routine<number> {
  const { main, args, flags } = call;
  if (flags.is('dry-run')) return yield* notSimulated(main, 'kubeadm upgrade apply --dry-run');
  const [wanted] = args;
  if (wanted === undefined)
    throw new Failure('missing one or more required arguments. Required arguments: [version]');
  const upgrade = yield* readCluster(call, 'upgrade');
  yield* say(main, '[upgrade/preflight] Running preflight checks');
  yield* checkHealth(upgrade);
  const { kubernetesVersion: version } = upgrade.cluster;
  yield* checkVersion(call, version, wanted);
  if ((yield* resolveVersion(main, wanted)) !== KUBERNETES_VERSION)
    return yield* notSimulated(main, `kubeadm upgrade apply ${wanted}`);
  yield* pull(upgrade);
  yield* say(
    main,
    `[upgrade/control-plane] Upgrading your static Pod-hosted control plane to version "${version}" (timeout: 5m0s)...`,
  );
  yield* upgradeManifests(call, upgrade);
  yield* say(main, DONE.controlPlane);
  for (const part of ['kubeadm', 'kubelet']) yield* uploadConfigPhase(upgrade.context, part);
  yield* say(main, DONE.kubeconfig);
  yield* upgradeKubelet(upgrade);
  yield* say(
    main,
    '[upgrade/bootstrap-token] Configuring bootstrap token and cluster-info RBAC rules',
  );
  for (const [line, objects] of bootstrapRoles()) {
    yield* apply(upgrade.client, objects);
    yield* say(main, `[bootstrap-token] ${line}`);
  }
  yield* upgradeAddons(upgrade);
  yield* say(
    main,
    `\n[upgrade] SUCCESS! A control plane node of your cluster was upgraded to "${version}".\n\n[upgrade] Now please proceed with upgrading the rest of the nodes by following the right order.`,
  );
  return 0;
}

/** kubeadm upgrade node. */
export function* upgradeNode(call: Call): Routine<number> {
  const { main, flags } = call;
  if (flags.is('dry-run')) return yield* notSimulated(main, 'kubeadm upgrade node --dry-run');
  const isWorker = isErrno(main.process.stat(`${MANIFESTS}/kube-apiserver.yaml`));
  const kubelet = isWorker ? '/etc/kubernetes/kubelet.conf' : undefined;
  const upgrade = yield* readCluster(call, 'upgrade', kubelet);
  yield* say(main, '[upgrade/preflight] Running pre-flight checks');
  const skip = function* (phase: string): Routine<void> {
    yield* say(main, `[upgrade/${phase}] Skipping phase. Not a control plane node.`);
  };
  if (isWorker) {
    yield* say(main, '[upgrade/preflight] Skipping prepull. Not a control plane node.');
    for (const phase of ['control-plane', 'kubeconfig']) yield* skip(phase);
  } else {
    yield* pull(upgrade);
    yield* say(
      main,
      `[upgrade/control-plane] Upgrading your Static Pod-hosted control plane instance to version "${upgrade.cluster.kubernetesVersion}"...`,
    );
    yield* upgradeManifests(call, upgrade);
    yield* say(main, DONE.controlPlane);
    yield* say(main, DONE.kubeconfig);
  }
  yield* upgradeKubelet(upgrade);
  if (isWorker)
    for (const addon of ['coredns', 'kube-proxy'])
      yield* say(
        main,
        `[upgrade/addon] Skipping the addon/${addon} phase. Not a control plane node.`,
      );
  else yield* upgradeAddons(upgrade);
  return 0;
}
