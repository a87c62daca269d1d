// minikube node add, delete, list, start, stop.

import type { Routine } from '../../core/wait.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { healthy, isReachable, partial } from './cluster.ts';
import { type Call, type Command, flag } from './command.ts';
import { deleteContainer, stopContainer } from './container-node.ts';
import { plannedWorker, startWorker, tearDownNode } from './nodes.ts';
import { machineName, type Profile, type ProfileNode, saveProfile } from './profile.ts';
import { Exit, exitWith } from './reasons.ts';

function* list(call: Call): Routine<void> {
  if (call.args.length > 0) yield* exitWith(call.out, 'MK_USAGE', 'Usage: minikube node list');
  const found = yield* partial(call);
  for (const node of found.Nodes)
    yield* call.out.plain(`${machineName(found, node)}\t${node.IP}\n`);
}

/** The node of a name, its own or its machine's; it ends the command where there is none. */
function* retrieve(
  call: Call,
  profile: Profile,
  name: string,
  reason: 'GUEST_NODE_RETRIEVE' | 'GUEST_NODE_DELETE',
): Routine<ProfileNode> {
  const found = profile.Nodes.find(
    (node) => node.Name === name || machineName(profile, node) === name,
  );
  if (found) return found;
  const what = reason === 'GUEST_NODE_DELETE' ? 'deleting node: retrieve node' : 'retrieving node';
  return yield* exitWith(call.out, reason, `${what}: Could not find node ${name}`, true);
}

/** Nodes beyond the first are containers: other machines cannot be made here. */
function* refuseOthers(call: Call, profile: Profile): Routine<void> {
  if (profile.Driver !== 'docker')
    throw new Exit(
      yield* notSimulated(call.main, `minikube node add with the driver ${profile.Driver}`),
    );
}

function* add(call: Call): Routine<void> {
  const { out, values, main } = call;
  const profile = yield* healthy(call);
  if (values.is('control-plane')) {
    yield* out.error(
      'Failure',
      "Adding a control-plane node to a non-HA (non-multi-control plane) cluster is not currently supported. Please first delete the cluster and use 'minikube start --ha' to create new one.",
    );
    throw new Exit(yield* notSimulated(main, 'minikube node add --control-plane'));
  }
  yield* refuseOthers(call, profile);
  const last = profile.Nodes.at(-1)?.Name ?? '';
  const planned = plannedWorker(profile, (last === '' ? 1 : Number(last.slice(1))) + 1);
  const roles = values.is('worker') ? '[worker]' : '[]';
  yield* out.step('Happy', `Adding node ${planned.Name} to cluster ${profile.Name} as ${roles}`);
  const isFirst = profile.Nodes.length === 1 && !profile.MultiNodeRequested;
  if (isFirst)
    yield* out.error(
      'Warning',
      'Cluster was created without any CNI, adding a node to it might cause broken networking.',
    );
  saveProfile(main.process, { ...profile, Nodes: [...profile.Nodes, planned] });
  const node = yield* startWorker(call, profile, planned, []);
  saveProfile(main.process, { ...profile, Nodes: [...profile.Nodes, node] });
  yield* out.step('Ready', `Successfully added ${node.Name} to ${profile.Name}!`);
}

function* remove(call: Call): Routine<void> {
  const { args, out, main } = call;
  const [name = ''] = args;
  if (args.length === 0) yield* exitWith(out, 'MK_USAGE', 'Usage: minikube node delete [name]');
  const profile = yield* healthy(call);
  yield* out.step('DeletingHost', `Deleting node ${name} from cluster ${profile.Name}`);
  const node = yield* retrieve(call, profile, name, 'GUEST_NODE_DELETE');
  yield* refuseOthers(call, profile);
  yield* tearDownNode(call, profile, node);
  const machine = machineName(profile, node);
  yield* stopContainer(call, machine);
  yield* out.step('DeletingHost', `Deleting "${machine}" in ${profile.Driver} ...`);
  yield* deleteContainer(call, machine, true);
  const Nodes = profile.Nodes.filter((one) => one !== node);
  saveProfile(main.process, { ...profile, Nodes });
  yield* out.step('Deleted', `Node ${name} was successfully deleted.`);
}

function* start(call: Call): Routine<void> {
  const { args, out } = call;
  const [name = ''] = args;
  if (args.length === 0) yield* exitWith(out, 'MK_USAGE', 'Usage: minikube node start [name]');
  const profile = yield* partial(call);
  const node = yield* retrieve(call, profile, name, 'GUEST_NODE_RETRIEVE');
  if (yield* isReachable(call, profile, node))
    return yield* out.step('Check', `${name} is already running`);
  yield* refuseOthers(call, profile);
  if (node.ControlPlane)
    throw new Exit(yield* notSimulated(call.main, 'minikube node start of a control plane'));
  yield* startWorker(call, profile, node, []);
  yield* out.step('Happy', `Successfully started node ${machineName(profile, node)}!`);
}

function* stop(call: Call): Routine<void> {
  const { args, out } = call;
  const [name = ''] = args;
  if (args.length === 0) yield* exitWith(out, 'MK_USAGE', 'Usage: minikube node stop [name]');
  const profile = yield* partial(call);
  const node = yield* retrieve(call, profile, name, 'GUEST_NODE_RETRIEVE');
  yield* refuseOthers(call, profile);
  const machine = machineName(profile, node);
  yield* out.step('Stopping', `Stopping node "${machine}"  ...`);
  yield* stopContainer(call, machine);
  yield* out.step('Stopped', `Successfully stopped node ${machine}`);
}

export const NODE_COMMANDS: readonly Command[] = [
  { path: 'node list', flags: [], run: list },
  {
    path: 'node add',
    flags: [
      flag('control-plane', 'bool', 'false'),
      flag('worker', 'bool', 'true'),
      flag('delete-on-failure', 'bool', 'false'),
    ],
    run: add,
  },
  { path: 'node delete', flags: [], run: remove },
  { path: 'node start', flags: [flag('delete-on-failure', 'bool', 'false')], run: start },
  { path: 'node stop', flags: [], run: stop },
];
