// What a kubelet says of its node: registration, status with conditions, capacity and images, and the lease that is renewed
// every ten seconds.

import { isRpcError, type RpcError } from '../../containers/rpc.ts';
import { MINUTE, rfc3339, rfc3339Fraction, SECOND } from '../../core/time.ts';
import { type Routine, sleepUntil } from '../../core/wait.ts';
import { Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import { KUBERNETES_VERSION } from '../api/discovery/version.ts';
import { sameJson } from '../api/object.ts';
import type { Lease, Node, NodeCondition, NodeStatus } from '../api/types/node.ts';
import type { Informer } from '../controllers/machinery/informer.ts';
import type { KubeletContext } from './context.ts';
import type { RuntimeCondition } from './cri.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
const RENEW = 10 * SECOND;
/** Without a change the status is written this often. */
const REPORT = 5 * MINUTE;
/** Images are listed in every sixth round. */
const IMAGE_ROUNDS = 6;
const DISK = 263_112_704;

function idOf(context: KubeletContext, what: string): string {
  return context.simulation.random.fork(`${what} ${context.settings.nodeName}`).uuid();
}

/** What the node has, and what of it pods may have. */
export function capacityOf(context: KubeletContext): {
  capacity: Record<string, string>;
  allocatable: Record<string, string>;
} {
  const { kernel } = context.process.task;
  const memory = Math.floor(kernel.memory.total / 1024);
  const common = {
    cpu: String(kernel.processors.count),
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
  };
  const pods = String(context.settings.maxPods);
  return {
    capacity: { ...common, 'ephemeral-storage': `${DISK}Ki`, memory: `${memory}Ki`, pods },
    allocatable: {
      ...common,
      'ephemeral-storage': String(Math.floor(DISK * 1024 * 0.9)),
      memory: `${memory - 100 * 1024}Ki`,
      pods,
    },
  };
}

const PRESSURES: readonly (readonly [string, string, string])[] = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
];

/** Why the runtime can give pods no network; empty where it can. */
export function networkProblem(
  runtime: RpcError | { readonly conditions: readonly RuntimeCondition[] },
): string {
  if (isRpcError(runtime)) return '';
  const network = runtime.conditions.find(({ type }) => type === 'NetworkReady');
  if (!network || network.status) return '';
  return `container runtime network not ready: NetworkReady=false reason:${network.reason} message:${network.message}`;
}

function* conditionsOf(
  context: KubeletContext,
  before: readonly NodeCondition[],
): Routine<NodeCondition[]> {
  const now = rfc3339(context.simulation.now);
  const runtime = yield* context.cri.status();
  context.runtime.networkProblem = networkProblem(runtime);
  const problems = isRpcError(runtime)
    ? ['container runtime is down']
    : runtime.conditions
        .filter(({ type, status }) => !status && /Ready$/.test(type))
        .map(({ type, reason, message }) =>
          type === 'NetworkReady'
            ? networkProblem(runtime)
            : `container runtime not ready: ${reason}: ${message}`,
        );
  const ready: NodeCondition =
    problems.length === 0
      ? {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'kubelet is posting ready status',
        }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: problems.join(', ') };
  const all: NodeCondition[] = [
    ...PRESSURES.map(([type, reason, message]) => ({ type, status: 'False', reason, message })),
    ready,
  ];
  return all.map((condition) => {
    const old = before.find(({ type }) => type === condition.type);
    const lastTransitionTime =
      old?.status === condition.status ? (old.lastTransitionTime ?? now) : now;
    return { ...condition, lastHeartbeatTime: now, lastTransitionTime };
  });
}

/** The largest images of the node with their names. */
function* imagesOf(context: KubeletContext): Routine<NonNullable<NodeStatus['images']>> {
  const images = yield* context.cri.images();
  const listed = isRpcError(images)
    ? []
    : [...images].sort((a, b) => Number(b.size) - Number(a.size)).slice(0, 50);
  return listed.map(({ repoTags, repoDigests, size }) => ({
    names: [...repoDigests, ...repoTags],
    sizeBytes: Number(size),
  }));
}

/** What of a node's status stays as it is while the kubelet runs. */
function constantStatus(context: KubeletContext): NodeStatus {
  const { settings, process, runtime } = context;
  return {
    ...capacityOf(context),
    addresses: [
      { type: 'InternalIP', address: settings.nodeIp },
      { type: 'Hostname', address: settings.nodeName },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: idOf(context, 'machine id').replaceAll('-', ''),
      systemUUID: idOf(context, 'system uuid'),
      bootID: process.task.kernel.bootId,
      kernelVersion: '6.1.0-44-cloud-amd64',
      osImage: 'Debian GNU/Linux 12 (bookworm)',
      containerRuntimeVersion: `${runtime.name}://${runtime.version}`,
      kubeletVersion: KUBERNETES_VERSION,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    runtimeHandlers: runtime.handlers,
    features: { supplementalGroupsPolicy: true },
  };
}

function* statusOf(
  context: KubeletContext,
  constant: NodeStatus,
  before: NodeStatus | undefined,
  again = false,
): Routine<NodeStatus> {
  const images = again && before?.images ? before.images : yield* imagesOf(context);
  const conditions = yield* conditionsOf(context, before?.conditions ?? []);
  return { ...constant, conditions, images };
}

function* nodeObject(context: KubeletContext, constant: NodeStatus): Routine<Node> {
  const { nodeName, nodeLabels, registerWithTaints } = context.settings;
  const labels = {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
    ...nodeLabels,
  };
  return {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: {
      name: nodeName,
      labels,
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: registerWithTaints.length > 0 ? { taints: registerWithTaints } : {},
    status: yield* statusOf(context, constant, undefined),
  };
}

/** Plugins in the kubelet whose work CSI drivers have taken over. */
const MIGRATED = [
  'aws-ebs',
  'azure-disk',
  'azure-file',
  'cinder',
  'gce-pd',
  'portworx-volume',
  'vsphere-volume',
];

/** The node's CSINode, which lists the storage drivers on it: none yet. */
function* registerStorage({ client }: KubeletContext, node: Node): Routine<void> {
  const { name = '', uid = '' } = node.metadata;
  const plugins = MIGRATED.map((plugin) => `kubernetes.io/${plugin}`).join(',');
  yield* client.create(resources.csiNodes, {
    kind: 'CSINode',
    apiVersion: 'storage.k8s.io/v1',
    metadata: {
      name,
      annotations: { 'storage.alpha.kubernetes.io/migrated-plugins': plugins },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: { drivers: null },
  });
}

/** Registers the node, trying until the API server answers; the object. */
function* register(context: KubeletContext, constant: NodeStatus): Routine<Node> {
  const { client, settings, simulation } = context;
  for (let wait = 100_000_000; ; wait = Math.min(wait * 2, 7 * SECOND)) {
    const made = yield* client.create(resources.nodes, yield* nodeObject(context, constant));
    if (!(made instanceof Refusal)) {
      yield* registerStorage(context, made);
      return made;
    }
    if (made.reason === 'AlreadyExists') {
      const known = yield* client.get(resources.nodes, '', settings.nodeName);
      if (!(known instanceof Refusal)) return known;
    }
    context.log(
      'E',
      'kubelet_node_status.go:107',
      `"Unable to register node with API server" err="${made.message}" node="${settings.nodeName}"`,
    );
    yield* sleepUntil(simulation.now + wait);
  }
}

/** Conditions without their heartbeats. */
function essence(conditions: NodeStatus['conditions']): unknown {
  return conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]);
}

/** What of a status counts as a change: everything but heartbeats. */
function isSameStatus(status: NodeStatus, before: NodeStatus): boolean {
  const names = Object.keys(status) as (keyof NodeStatus)[];
  if (names.length !== Object.keys(before).length) return false;
  return names.every((name) => {
    if (name === 'conditions')
      return sameJson(essence(status.conditions), essence(before.conditions));
    return status[name] === before[name] || sameJson(status[name], before[name]);
  });
}

/** Registers the node and keeps its status for ever; `nodes` is the node as the API server has it. */
export function* keepNode(context: KubeletContext, nodes: Informer<Node>): Routine<void> {
  const { client, simulation, settings, recorder } = context;
  const { cause } = simulation;
  const { nodeName } = settings;
  const about = { kind: 'Node', name: nodeName, uid: nodeName, apiVersion: 'v1' };
  recorder.event(about, 'Normal', 'Starting', 'Starting kubelet.');
  const constant = constantStatus(context);
  const first = yield* register(context, constant);
  for (const [reason, what] of [
    ['NodeHasSufficientMemory', 'NodeHasSufficientMemory'],
    ['NodeHasNoDiskPressure', 'NodeHasNoDiskPressure'],
    ['NodeHasSufficientPID', 'NodeHasSufficientPID'],
  ] as const) {
    recorder.event(about, 'Normal', reason, `Node ${nodeName} status is now: ${what}`);
  }
  recorder.event(
    about,
    'Normal',
    'NodeAllocatableEnforced',
    'Updated Node Allocatable limit across pods',
  );
  let written = first.status;
  let ready = written?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  let cordoned = false;
  let at = 0;
  for (let round = 0; ; round++) {
    simulation.cause = cause;
    const status = yield* statusOf(context, constant, written, round % IMAGE_ROUNDS !== 0);
    if (simulation.now - at >= REPORT || !isSameStatus(status, written ?? {})) {
      const done = yield* client.patch(
        resources.nodes,
        '',
        nodeName,
        'strategic',
        { status },
        { subresource: 'status' },
      );
      if (!(done instanceof Refusal)) {
        written = status;
        at = simulation.now;
      } else if (done.reason === 'NotFound') {
        written = (yield* register(context, constant)).status;
      }
    }
    const { unschedulable = false } = nodes.get(nodeName)?.spec ?? {};
    if (unschedulable !== cordoned) {
      const what = unschedulable ? 'NodeNotSchedulable' : 'NodeSchedulable';
      recorder.event(about, 'Normal', what, `Node ${nodeName} status is now: ${what}`);
      cordoned = unschedulable;
    }
    const isReady = status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
    if (isReady !== ready) {
      const what = isReady ? 'NodeReady' : 'NodeNotReady';
      recorder.event(about, 'Normal', what, `Node ${nodeName} status is now: ${what}`);
      ready = isReady;
    }
    yield* sleepUntil(simulation.now + 10 * SECOND);
  }
}

/** Renews the node's lease for ever. */
export function* keepLease(context: KubeletContext): Routine<void> {
  const { client, simulation, settings } = context;
  const { cause } = simulation;
  const { nodeName } = settings;
  let lease: Lease | undefined;
  for (;;) {
    simulation.cause = cause;
    const spec = {
      holderIdentity: nodeName,
      leaseDurationSeconds: 40,
      renewTime: rfc3339Fraction(simulation.now, 6),
    };
    lease = yield* renew(context, lease, spec);
    yield* sleepUntil(simulation.now + (lease ? RENEW : SECOND));
  }

  function* renew(
    at: KubeletContext,
    known: Lease | undefined,
    spec: Lease['spec'],
  ): Routine<Lease | undefined> {
    let current = known;
    if (!current) {
      const found = yield* client.get(resources.leases, LEASE_NAMESPACE, nodeName);
      if (!(found instanceof Refusal)) current = found;
      else if (found.reason !== 'NotFound') return undefined;
    }
    if (current) {
      const updated = yield* client.update(resources.leases, { ...current, spec });
      return updated instanceof Refusal ? undefined : updated;
    }
    const node = yield* client.get(resources.nodes, '', nodeName);
    if (node instanceof Refusal) return undefined;
    const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata.uid ?? '' };
    const made = yield* at.client.create(resources.leases, {
      kind: 'Lease',
      apiVersion: 'coordination.k8s.io/v1',
      metadata: { name: nodeName, namespace: LEASE_NAMESPACE, ownerReferences: [owner] },
      spec,
    });
    return made instanceof Refusal ? undefined : made;
  }
}
