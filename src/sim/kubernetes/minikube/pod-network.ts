// The pod network of a cluster (pkg/minikube/cni): which one minikube chooses, and how it is put in place.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { readText } from '../component/kubeconfig.ts';
import type { Call } from './command.ts';
import { kindnetManifest } from './kindnet.ts';
import { BRIDGE_CNI } from './kubeadm-config.ts';
import type { Ran } from './node-runner.ts';
import type { Profile } from './profile.ts';

const KUBECTL = 'KUBECONFIG=/etc/kubernetes/admin.conf kubectl';
const MANIFEST = '/var/tmp/minikube/cni.yaml';
const FLANNEL = 'https://github.com/flannel-io/flannel/releases/latest/download/kube-flannel.yml';

/** The network of a cluster: a bridge serves one node with docker; several nodes, and nodes with another runtime in containers, take kindnet. */
export function networkName({
  Driver,
  KubernetesConfig: { CNI, ContainerRuntime },
  MultiNodeRequested = false,
}: Profile): string {
  if (CNI !== '' && CNI !== 'auto') return CNI === 'true' ? 'kindnet' : CNI;
  if (MultiNodeRequested) return 'kindnet';
  return Driver === 'docker' && ContainerRuntime !== 'docker' ? 'kindnet' : 'bridge';
}

const TITLES: Readonly<Record<string, string>> = {
  bridge: 'bridge CNI',
  flannel: 'Flannel',
  kindnet: 'CNI',
};

/** Says which network is put in place. */
export function* tellNetworkName(call: Call, profile: Profile): Routine<void> {
  const name = networkName(profile);
  if (name === 'false') return;
  const title = TITLES[name] ?? name;
  yield* call.out.step('CNI', `Configuring ${title} (Container Networking Interface) ...`);
}

/** Puts the network in place; `run` runs a line on the first node, or ends the command. */
export function* configureNetwork(
  call: Call,
  profile: Profile,
  run: (line: string, input?: string) => Routine<Ran>,
): Routine<void> {
  const name = networkName(profile);
  if (name === 'false') return;
  yield* tellNetworkName(call, profile);
  if (name === 'flannel') {
    yield* run(`${KUBECTL} apply -f ${FLANNEL}`);
    return;
  }
  if (name === 'bridge') {
    yield* run('cat > /etc/cni/net.d/1-k8s.conflist', BRIDGE_CNI);
    return;
  }
  const manifest =
    name === 'kindnet' ? kindnetManifest() : yield* readText(call.main.process, name);
  if (isErrno(manifest)) return;
  yield* run(`cat > ${MANIFEST}`, manifest);
  yield* run(`${KUBECTL} apply -f ${MANIFEST}`);
}
