// Hollow nodes (kubemark): nodes that register, renew their leases and report pods as running, without a machine below
// them. For clusters of thousands of nodes, where the control plane is what is looked at.

import type { Simulation } from '../../core/simulation.ts';
import { rfc3339, rfc3339Fraction, SECOND } from '../../core/time.ts';
import { Fiber } from '../../core/fiber.ts';
import type { Routine } from '../../core/wait.ts';
import { resources } from '../api/client-resources.ts';
import { type ApiClient, Refusal } from '../api/client.ts';
import type { Lease, Node } from '../api/types/node.ts';
import type { Pod } from '../api/types/pod.ts';
import type { ControllerContext } from '../controllers/context.ts';

export interface HollowOptions {
  readonly nodes: number;
  /** Nanoseconds from a pod's binding to its running. */
  readonly startDelay?: number;
  /** Leases are renewed as kubelets do, every ten seconds. */
  readonly renewLeases?: boolean;
}

const CAPACITY = { cpu: '32', memory: '256Gi', pods: '110', 'ephemeral-storage': '100Gi' };
const RENEW = 10 * SECOND;

/** Registers hollow nodes and keeps their pods' statuses. Returns when all are registered. */
export function* hollowNodes(context: ControllerContext, options: HollowOptions): Routine<void> {
  const { simulation, client } = context;
  const names = Array.from({ length: options.nodes }, (_, i) => `hollow-node-${i}`);
  for (const name of names) yield* register(simulation, client, name, options.renewLeases ?? false);
  const own = new Set(names);
  const delay = options.startDelay ?? SECOND;
  const state = new HollowState();
  context.informer(resources.pods).onChange((after, before) => {
    const pod = after ?? before;
    if (!pod?.spec.nodeName || !own.has(pod.spec.nodeName)) return;
    const act = state.react(after);
    if (!act) return;
    simulation.after(act === 'start' ? delay : 0, () => {
      const routine = act === 'start' ? run(simulation, client, pod, state) : finish(client, pod);
      new Fiber(simulation, routine);
    });
  });
}

/** What was already begun for a pod, by its uid. */
class HollowState {
  private readonly begun = new Map<string, 'start' | 'stop'>();
  private addresses = 0;

  react(pod: Pod | undefined): 'start' | 'stop' | undefined {
    const uid = pod?.metadata.uid ?? '';
    if (!pod) return undefined;
    const wanted = pod.metadata.deletionTimestamp ? 'stop' : 'start';
    const before = this.begun.get(uid);
    if (before === wanted || before === 'stop') return undefined;
    this.begun.set(uid, wanted);
    return wanted;
  }

  /** The next free address of 10.128.0.0/9. */
  address(): string {
    const n = this.addresses++;
    return `10.${128 + ((n >> 16) & 127)}.${(n >> 8) & 255}.${n & 255}`;
  }
}

function* run(
  simulation: Simulation,
  client: ApiClient,
  pod: Pod,
  state: HollowState,
): Routine<void> {
  const now = rfc3339(simulation.now);
  const condition = (type: string): object => ({
    type,
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: now,
  });
  const status = {
    phase: 'Running',
    startTime: now,
    podIP: state.address(),
    conditions: [
      'PodReadyToStartContainers',
      'Initialized',
      'Ready',
      'ContainersReady',
      'PodScheduled',
    ].map(condition),
    containerStatuses: pod.spec.containers.map(({ name, image = '' }) => ({
      name,
      image,
      imageID: image,
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: now } },
    })),
  };
  const { namespace = '', name = '' } = pod.metadata;
  yield* client.patch(
    resources.pods,
    namespace,
    name,
    'merge',
    { status },
    { subresource: 'status' },
  );
}

function* finish(client: ApiClient, pod: Pod): Routine<void> {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  yield* client.delete(resources.pods, namespace, name, {
    gracePeriodSeconds: 0,
    preconditions: { uid },
  });
}

function* register(
  simulation: Simulation,
  client: ApiClient,
  name: string,
  renew: boolean,
): Routine<void> {
  const now = rfc3339(simulation.now);
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    message: 'kubelet is posting ready status',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  const node: Node = {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
    spec: {},
    status: { capacity: CAPACITY, allocatable: CAPACITY, conditions: [ready] },
  };
  const made = yield* client.create(resources.nodes, node);
  if (made instanceof Refusal) throw new Error(made.message);
  if (!renew) return;
  const lease: Lease = {
    kind: 'Lease',
    apiVersion: 'coordination.k8s.io/v1',
    metadata: { name, namespace: 'kube-node-lease' },
    spec: {
      holderIdentity: name,
      leaseDurationSeconds: 40,
      renewTime: rfc3339Fraction(simulation.now, 6),
    },
  };
  const created = yield* client.create(resources.leases, lease);
  if (!(created instanceof Refusal)) renewFor(simulation, client, created);
}

function renewFor(simulation: Simulation, client: ApiClient, lease: Lease): void {
  const { cause } = simulation;
  simulation.after(RENEW, () => {
    simulation.cause = cause;
    const spec = { ...lease.spec, renewTime: rfc3339Fraction(simulation.now, 6) };
    new Fiber(
      simulation,
      (function* (): Routine<void> {
        const updated = yield* client.update(resources.leases, { ...lease, spec });
        renewFor(simulation, client, updated instanceof Refusal ? lease : updated);
      })(),
    );
  });
}
