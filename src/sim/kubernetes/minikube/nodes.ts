// The nodes of a cluster beside its first: made, joined by kubeadm, woken, put to sleep, taken out (pkg/minikube/node).

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { dirName } from '../../userland/libc/whole-file.ts';
import { onPrimary, primaryOf } from './cluster.ts';
import type { Call } from './command.ts';
import { createContainer, wakeContainer } from './container-node.ts';
import { KUBELET_DROP_IN, kubeletDropIn } from './files.ts';
import { type Ran, runOnNode } from './node-runner.ts';
import { machineName, type Profile, type ProfileNode } from './profile.ts';
import { exitWith } from './reasons.ts';
import { endpointOf, setUpRuntime, tellRuntime } from './runtime-setup.ts';
import { MINIKUBE_VERSION } from './versions.ts';

const READY_WITHIN = 4 * 60 * SECOND;

/** `m02`: the second node is the first that has a name. */
export function nodeName(index: number): string {
  return `m${String(index).padStart(2, '0')}`;
}

/** A worker before it is made. */
export function plannedWorker(profile: Profile, index: number): ProfileNode {
  const { KubernetesVersion, ContainerRuntime } = profile.KubernetesConfig;
  const { Port } = primaryOf(profile);
  return {
    Name: nodeName(index),
    IP: '',
    Port,
    KubernetesVersion,
    ContainerRuntime,
    ControlPlane: false,
    Worker: true,
  };
}

/** Runs a line on a node, or ends the command. */
function* must(call: Call, node: ProfileNode, line: string, input = ''): Routine<Ran> {
  const ran = yield* runOnNode(call.main.process, node.IP, line, input);
  if (ran.status === 0) return ran;
  const said = (ran.err || ran.out).trim();
  return yield* exitWith(
    call.out,
    'GUEST_START',
    `adding node: joining cp: error joining worker node to cluster: kubeadm join: ${line}: ${said}`,
    true,
  );
}

const KUBECTL = 'KUBECONFIG=/etc/kubernetes/admin.conf kubectl';

/** kubeadm join on a new node. */
function* join(call: Call, profile: Profile, node: ProfileNode): Routine<void> {
  const name = machineName(profile, node);
  const { ContainerRuntime } = profile.KubernetesConfig;
  const token = yield* onPrimary(
    call,
    profile,
    'kubeadm token create --print-join-command --ttl=0',
  );
  const dropIn = kubeletDropIn(name, node.IP, {}, ContainerRuntime);
  const write = `mkdir -p ${dirName(KUBELET_DROP_IN)} /etc/cni/net.d && cat > ${KUBELET_DROP_IN} && systemctl daemon-reload`;
  yield* must(call, node, write, dropIn);
  const command = token.out.trim();
  const flags = `--ignore-preflight-errors=all --cri-socket ${endpointOf(ContainerRuntime)} --node-name=${name}`;
  yield* must(call, node, `${command} ${flags}`);
  yield* must(call, node, 'systemctl enable kubelet');
  yield* onPrimary(
    call,
    profile,
    `${KUBECTL} label --overwrite nodes ${name} minikube.k8s.io/name=${profile.Name} minikube.k8s.io/primary=false minikube.k8s.io/version=${MINIKUBE_VERSION}`,
  );
}

/** Waits until a node is ready. */
function* waitForNode(call: Call, profile: Profile, node: ProfileNode): Routine<void> {
  const { process } = call.main;
  yield* call.out.step('HealthCheck', 'Verifying Kubernetes components...');
  const until = process.now + READY_WITHIN;
  const ready = `${KUBECTL} get node ${machineName(profile, node)} -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'`;
  for (;;) {
    const ran = yield* onPrimary(call, profile, ready);
    if (ran.out.trim() === 'True') return;
    if (process.now > until)
      yield* exitWith(
        call.out,
        'GUEST_START',
        'adding node: wait 6m0s for node: wait node condition: context deadline exceeded',
        true,
      );
    yield* process.sleep(SECOND);
  }
}

/** The addresses that a proxy must not be asked for: those of the nodes that were started before. */
function* tellNetwork(call: Call, excluded: readonly string[]): Routine<void> {
  if (excluded.length === 0) return;
  yield* call.out.step('Internet', 'Found network options:');
  yield* call.out.step('Option', `NO_PROXY=${excluded.join(',')}`);
}

/** Starts a worker, a new one or one that sleeps; `before` are the addresses of nodes started by this command. The node as it is. */
export function* startWorker(
  call: Call,
  profile: Profile,
  node: ProfileNode,
  before: readonly string[],
): Routine<ProfileNode> {
  const name = machineName(profile, node);
  const what = `"${name}" worker node in "${profile.Name}" cluster`;
  yield* call.out.step('ThumbsUp', `Starting ${what}`);
  const isNew = node.IP === '';
  const IP = isNew ? yield* createContainer(call, profile, node) : node.IP;
  const placed = { ...node, IP };
  if (!isNew) yield* wakeContainer(call, profile, placed);
  yield* tellNetwork(call, before);
  if (isNew) yield* setUpRuntime(call, profile, placed);
  yield* tellRuntime(call, profile, placed);
  for (let i = 1; i <= before.length; i++)
    yield* call.out.step('Option', `env NO_PROXY=${before.slice(0, i).join(',')}`);
  if (isNew) yield* join(call, profile, placed);
  else yield* runOnNode(call.main.process, IP, 'systemctl enable kubelet; systemctl start kubelet');
  yield* waitForNode(call, profile, placed);
  return placed;
}

/** Takes a node out of the cluster: drained, reset, its object deleted. */
export function* tearDownNode(call: Call, profile: Profile, node: ProfileNode): Routine<void> {
  const name = machineName(profile, node);
  yield* onPrimary(
    call,
    profile,
    `${KUBECTL} drain ${name} --force --grace-period=1 --skip-wait-for-delete-timeout=1 --disable-eviction --ignore-daemonsets --delete-emptydir-data`,
  );
  const socket = endpointOf(profile.KubernetesConfig.ContainerRuntime);
  yield* runOnNode(
    call.main.process,
    node.IP,
    `kubeadm reset --force --ignore-preflight-errors=all --cri-socket=${socket}`,
  );
  yield* onPrimary(call, profile, `${KUBECTL} delete node ${name}`);
}
