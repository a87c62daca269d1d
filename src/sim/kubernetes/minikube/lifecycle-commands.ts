// minikube stop, delete, pause, unpause: what ends a cluster or holds it still, over SSH.

import { removeAll } from '../../containers/containerd/daemon.ts';
import type { Routine } from '../../core/wait.ts';
import { onPrimary, partial, running } from './cluster.ts';
import { type Call, type Command, flag } from './command.ts';
import { deleteContainer, deleteNetwork, stopContainer } from './container-node.ts';
import { runOnNode } from './node-runner.ts';
import {
  deleteProfile,
  listProfiles,
  loadProfile,
  machineName,
  miniHome,
  type Profile,
  type ProfileNode,
} from './profile.ts';
import { exitWith } from './reasons.ts';
import { editKubeconfig } from './status-commands.ts';

const NAMESPACES = 'kube-system,kubernetes-dashboard,storage-gluster,istio-operator';

/** Takes a cluster's context out of the kubeconfig (kubeconfig.DeleteContext). */
function forgetContext(call: Call, name: string): Routine<void> {
  return editKubeconfig(call, (file) => {
    file.clusters = (file.clusters ?? []).filter((one) => one.name !== name);
    file.contexts = (file.contexts ?? []).filter((one) => one.name !== name);
    file.users = (file.users ?? []).filter((one) => one.name !== name);
    if (file['current-context'] === name) file['current-context'] = '';
  });
}

/** Stops the kubelet and every container that it runs. */
function stopNode(call: Call, node: ProfileNode): Routine<unknown> {
  const line = 'systemctl stop kubelet; crictl ps -q | xargs -r crictl stop >/dev/null';
  return runOnNode(call.main.process, node.IP, line);
}

function* stop(call: Call): Routine<void> {
  const { out, values, main } = call;
  const profiles = values.is('all') ? yield* listProfiles(main.process) : [yield* partial(call)];
  let count = 0;
  for (const profile of profiles) {
    for (const node of [...profile.Nodes].reverse()) {
      yield* out.step('Stopping', `Stopping node "${machineName(profile, node)}"  ...`);
      yield* stopNode(call, node);
      if (profile.Driver === 'docker') yield* stopContainer(call, machineName(profile, node));
      count++;
    }
    if (!values.is('keep-context-active')) yield* forgetContext(call, profile.Name);
  }
  yield* out.step('Stopped', `${count} node${count > 1 ? 's' : ''} stopped.`);
}

/** Takes away nodes that are containers, then forgets the cluster. */
function* removeContainers(call: Call, profile: Profile): Routine<void> {
  const { out, main } = call;
  const { Name: name, Driver } = profile;
  yield* out.step('DeletingHost', `Deleting "${name}" in ${Driver} ...`);
  for (const node of profile.Nodes) yield* deleteContainer(call, machineName(profile, node));
  yield* deleteNetwork(call, name);
  yield* out.step('DeletingHost', `Removing ${miniHome(main.process)}/machines/${name} ...`);
  deleteProfile(main.process, name);
  yield* forgetContext(call, name);
  yield* out.step('Deleted', `Removed all traces of the "${name}" cluster.`);
}

/** Takes Kubernetes off the nodes, then forgets the cluster. */
function* removeCluster(call: Call, profile: Profile): Routine<void> {
  const { out, main } = call;
  if (profile.Driver === 'docker') return yield* removeContainers(call, profile);
  const { KubernetesVersion } = profile.KubernetesConfig;
  yield* out.step('Resetting', `Uninstalling Kubernetes ${KubernetesVersion} using kubeadm ...`);
  for (const node of profile.Nodes) {
    yield* runOnNode(main.process, node.IP, 'kubeadm reset --force');
    yield* runOnNode(main.process, node.IP, 'rm -rf /etc/cni/net.d/* /etc/kubernetes/addons');
    yield* out.step(
      'DeletingHost',
      `Deleting "${machineName(profile, node)}" in ${profile.Driver} ...`,
    );
  }
  deleteProfile(main.process, profile.Name);
  yield* forgetContext(call, profile.Name);
  yield* out.step('Deleted', `Removed all traces of the "${profile.Name}" cluster.`);
}

function* remove(call: Call): Routine<void> {
  const { out, values, args, main, name } = call;
  if (args.length > 0) yield* exitWith(out, 'MK_USAGE', 'Usage: minikube delete');
  if (values.is('all')) {
    for (const profile of yield* listProfiles(main.process)) yield* removeCluster(call, profile);
    yield* out.step('DeletingHost', 'Successfully deleted all profiles');
  } else {
    const profile = yield* loadProfile(main.process, name);
    if (profile) yield* removeCluster(call, profile);
    else {
      yield* out.error('Meh', `"${name}" profile does not exist, trying anyways.`);
      yield* out.step('Deleted', `Removed all traces of the "${name}" cluster.`);
    }
  }
  if (!values.is('purge')) return;
  const home = miniHome(main.process);
  removeAll(main.process, home);
  yield* out.step('Deleted', `Successfully purged minikube directory located at - [${home}]`);
}

/** A shell line that prints the ids of containers in some namespaces, frozen or not, of containerd. */
function idsLine(namespaces: readonly string[], state: 'RUNNING' | 'PAUSED'): string {
  const label = (name: string): string => `labels."io.kubernetes.pod.namespace"==${name}`;
  const kind = 'labels."io.cri-containerd.kind"==container';
  const filters = (
    namespaces.length === 0 ? [kind] : namespaces.map((name) => `${kind},${label(name)}`)
  )
    .map((filter) => `'${filter}'`)
    .join(' ');
  return `ctr -n k8s.io containers ls -q ${filters} | sort > /tmp/minikube-ids; ctr -n k8s.io tasks ls | awk '$3 == "${state}" {print $1}' | sort | comm -12 - /tmp/minikube-ids`;
}

/** Names of docker's containers in some namespaces. */
function dockerIdsLine(namespaces: readonly string[], status: 'running' | 'paused'): string {
  const form = namespaces.length === 0 ? '' : `.*_(${namespaces.join('|')})_`;
  return `docker ps --filter status=${status} --filter name='k8s_${form}' --format '{{.ID}}'`;
}

/** The ids that are to be paused or to go on, and how that is done, by runtime. */
function freezing(
  profile: Profile,
  namespaces: readonly string[],
  action: 'pause' | 'unpause',
): { readonly ids: string; readonly verb: string } {
  const before = action === 'pause' ? 'running' : 'paused';
  if (profile.KubernetesConfig.ContainerRuntime === 'docker')
    return { ids: dockerIdsLine(namespaces, before), verb: `docker ${action}` };
  const verb = `ctr -n k8s.io tasks ${action === 'pause' ? 'pause' : 'resume'}`;
  return { ids: idsLine(namespaces, action === 'pause' ? 'RUNNING' : 'PAUSED'), verb };
}

/** The namespaces that --namespaces and --all-namespaces name; none for all of them. */
function* namespacesOf(call: Call): Routine<readonly string[]> {
  if (call.values.is('all-namespaces')) return [];
  const list = call.values.list('namespaces');
  if (list.length === 0) yield* exitWith(call.out, 'MK_USAGE', 'Use -A to specify all namespaces');
  return list;
}

function* pause(call: Call): Routine<void> {
  const profile = yield* running(call);
  const namespaces = yield* namespacesOf(call);
  yield* call.out.step('Pause', `Pausing node ${profile.Name} ... `);
  yield* onPrimary(call, profile, 'systemctl disable --now kubelet');
  const { ids: line, verb } = freezing(profile, namespaces, 'pause');
  const listed = yield* onPrimary(call, profile, line);
  const ids = listed.out.split('\n').filter((id) => id !== '');
  for (const id of ids) {
    const done = yield* onPrimary(call, profile, `${verb} ${id}`);
    if (done.status !== 0)
      yield* exitWith(
        call.out,
        'GUEST_PAUSE',
        `Pause: pausing containers: ${done.err.trim()}`,
        true,
      );
  }
  const where = namespaces.length === 0 ? '' : ` in: ${namespaces.join(', ')}`;
  yield* call.out.step('Unpause', `Paused ${ids.length} containers${where}`);
}

function* unpause(call: Call): Routine<void> {
  const profile = yield* running(call);
  const namespaces = yield* namespacesOf(call);
  yield* call.out.step('Pause', `Unpausing node ${profile.Name} ... `);
  const { ids: line, verb } = freezing(profile, namespaces, 'unpause');
  const listed = yield* onPrimary(call, profile, line);
  const ids = listed.out.split('\n').filter((id) => id !== '');
  for (const id of ids) yield* onPrimary(call, profile, `${verb} ${id}`);
  yield* onPrimary(call, profile, 'systemctl enable kubelet; systemctl start kubelet');
  const where = namespaces.length === 0 ? '' : ` in: ${namespaces.join(', ')}`;
  yield* call.out.step('Pause', `Unpaused ${ids.length} containers${where}`);
}

const PAUSE_FLAGS = [
  flag('namespaces', 'strings', NAMESPACES, 'n'),
  flag('all-namespaces', 'bool', 'false', 'A'),
  flag('output', 'string', 'text', 'o'),
];

export const LIFECYCLE_COMMANDS: readonly Command[] = [
  {
    path: 'stop',
    flags: [
      flag('all', 'bool', 'false'),
      flag('keep-context-active', 'bool', 'false'),
      flag('schedule', 'duration', '0s'),
      flag('cancel-scheduled', 'bool', 'false'),
      flag('output', 'string', 'text', 'o'),
    ],
    idle: ['schedule', 'cancel-scheduled', 'output'],
    run: stop,
  },
  {
    path: 'delete',
    flags: [
      flag('all', 'bool', 'false'),
      flag('purge', 'bool', 'false'),
      flag('output', 'string', 'text', 'o'),
    ],
    idle: ['output'],
    run: remove,
  },
  { path: 'pause', flags: PAUSE_FLAGS, idle: ['output'], run: pause },
  { path: 'unpause', flags: PAUSE_FLAGS, idle: ['output'], run: unpause },
];
