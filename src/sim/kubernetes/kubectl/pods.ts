// Pods as commands pick them: a pod for what selects pods (polymorphichelpers), a container of a pod (podcmd), and waiting
// until a pod is as it should be.

import type { Routine } from '../../core/wait.ts';
import { LATE, withDeadline } from '../../userland/http/deadline.ts';
import { selectorText } from '../api/selectors.ts';
import type { Container } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import type { Call } from './command.ts';
import { startWatch } from './commands/watch.ts';
import { needResource, pathOf } from './discovery.ts';
import { type Failure, failure, usageFailure } from './failure.ts';
import type { KubeObject } from './rest.ts';
import { fetchAll, itemsOf, type Target, targetsOf } from './targets.ts';

/** The pod of the command's first argument, or the best one of what selects pods (`deploy/web`, `svc/web`). */
export function* attachablePod(call: Call, timeout: number): Routine<Pod> {
  const { object } = yield* namedObject(call);
  return yield* podFor(call, object, timeout, 'cannot attach to');
}

/** The object that the command's first argument or file names; a bare word is a pod. */
export function* namedObject(call: Call): Routine<Target & { object: KubeObject }> {
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, { upTo: 1, defaultType: 'pods' }, failures);
  const [found] = yield* fetchAll(call, targets.slice(0, 1), failures);
  if (!found) throw failures[0] ?? failure('nothing found');
  return found;
}

/** The pod for an object: itself, or the first of those that it selects; waits for one to be there. */
export function* podFor(
  call: Call,
  object: KubeObject,
  timeout: number,
  doing: string,
): Routine<Pod> {
  if (object.kind === 'Pod') return object as unknown as Pod;
  const selector = selectorFor(object, doing);
  const { namespace = '' } = object.metadata ?? {};
  const [best] = yield* podsSelected(call, namespace, selector, timeout, 'fewest restarts');
  return best as Pod;
}

/** The selector of what selects pods, in Go's words where there is none. */
export function selectorFor(object: KubeObject, doing: string): string {
  const type = `*v1.${object.kind ?? ''}`;
  const spec = (object.spec ?? {}) as { selector?: Record<string, unknown> };
  switch (object.kind) {
    case 'Service':
      if (Object.keys(spec.selector ?? {}).length === 0)
        throw failure(
          `${doing} ${type}: invalid service '${object.metadata?.name ?? ''}': Service is defined without a selector`,
        );
      return selectorText({ matchLabels: spec.selector } as never);
    case 'ReplicationController':
      return selectorText({ matchLabels: spec.selector ?? {} } as never);
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'Job':
      return selectorText((spec.selector ?? {}) as never);
    default:
      throw failure(`${doing} ${type}: selector for ${type} not implemented`);
  }
}

/** The pods of a selector, the best first; waits for one until `timeout` nanoseconds have gone. */
export function* podsSelected(
  call: Call,
  namespace: string,
  labelSelector: string,
  timeout: number,
  order: 'fewest restarts' | 'most restarts',
): Routine<Pod[]> {
  const resource = needResource(yield* call.discovery(), 'pods');
  const client = yield* call.client();
  const query = { labelSelector };
  const list = yield* client.call('GET', pathOf(resource, namespace), { query });
  const pods = itemsOf(list, resource) as unknown as Pod[];
  if (pods.length > 0) return pods.sort((a, b) => compare(a, b, order));
  const version = String(list.metadata?.resourceVersion ?? '');
  const target = { resource, namespace, name: '' };
  const events = yield* startWatch(call, target, version, 'application/json', query);
  const until = call.main.process.now + timeout;
  for (;;) {
    const event = yield* withDeadline(call.main.process, events.next(), until);
    if (event === LATE || event === undefined) {
      events.close();
      throw failure('timed out waiting for the condition');
    }
    if (event.type !== 'ADDED' && event.type !== 'MODIFIED') continue;
    events.close();
    return [event.object as unknown as Pod];
  }
}

const PHASES: readonly string[] = ['Running', 'Unknown', 'Pending'];

function phaseRank(pod: Pod): number {
  const phase = pod.status?.phase ?? '';
  return phase === 'Pending' ? 2 : phase === 'Unknown' ? 1 : PHASES.indexOf('Running');
}

function readySince(pod: Pod): string | undefined {
  const ready = (pod.status?.conditions ?? []).find(({ type }) => type === 'Ready');
  return ready?.status === 'True' ? (ready.lastTransitionTime ?? '') : undefined;
}

function restartsOf(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((one) => one.restartCount ?? 0));
}

/** Assigned, running, ready, not being deleted, longest ready, by restarts, oldest. */
function compare(a: Pod, b: Pod, order: 'fewest restarts' | 'most restarts'): number {
  const one = (pod: Pod): number[] => [
    pod.spec.nodeName ? 0 : 1,
    phaseRank(pod),
    readySince(pod) === undefined ? 1 : 0,
    order === 'fewest restarts' && pod.metadata.deletionTimestamp ? 1 : 0,
  ];
  const [left, right] = [one(a), one(b)];
  for (const [i, rank] of left.entries()) if (rank !== right[i]) return rank - (right[i] ?? 0);
  const since = (readySince(a) ?? '').localeCompare(readySince(b) ?? '');
  if (since !== 0) return since;
  const more = restartsOf(a) - restartsOf(b);
  if (more !== 0) return order === 'fewest restarts' ? more : -more;
  return (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '');
}

/** Every container of a pod: regular ones, init, ephemeral. */
export function containersOf(pod: Pod): readonly Container[] {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  return [...containers, ...initContainers, ...(ephemeralContainers as readonly Container[])];
}

/** `a, b, debugger (ephem), setup (init)`. */
export function containerNames(pod: Pod): string {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  return [
    ...containers.map(({ name }) => name),
    ...ephemeralContainers.map(({ name }) => `${name} (ephem)`),
    ...initContainers.map(({ name }) => `${name} (init)`),
  ].join(', ');
}

/** The container of that name; refused in the command's words where the pod has none. */
export function containerNamed(pod: Pod, name: string, doing = ''): Container {
  const found = containersOf(pod).find((one) => one.name === name);
  if (found) return found;
  throw failure(
    `${doing}container ${name} is not valid for pod ${pod.metadata.name} out of: ${containerNames(pod)}`,
  );
}

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/** The container that is meant where none is named: the annotated one or the first, which is said where there are more. */
export function* defaultContainer(call: Call, pod: Pod, quiet: boolean): Routine<Container> {
  const marked = pod.metadata.annotations?.[DEFAULT_CONTAINER] ?? '';
  if (marked !== '') return containerNamed(pod, marked);
  const [first] = pod.spec.containers;
  const { namespace, name } = pod.metadata;
  if (!first) throw failure(`pod ${namespace}/${name} does not have any containers`);
  if (!quiet && containersOf(pod).length > 1)
    yield* call.err(`Defaulted container "${first.name}" out of: ${containerNames(pod)}\n`);
  return first;
}

/** Follows a pod until `done`, telling `unready` of every other state that it goes through; undefined where it was deleted before, LATE where the time was over. */
export function* followPod(
  call: Call,
  namespace: string,
  name: string,
  done: (pod: Pod) => boolean,
  until?: number,
  unready?: (pod: Pod) => Routine<void>,
): Routine<Pod | undefined | typeof LATE> {
  const resource = needResource(yield* call.discovery(), 'pods');
  const client = yield* call.client();
  const found = yield* client.call('GET', pathOf(resource, namespace, name));
  let pod = found as unknown as Pod;
  if (done(pod)) return pod;
  const version = String(found.metadata?.resourceVersion ?? '');
  const events = yield* startWatch(call, { resource, namespace, name }, version);
  try {
    for (;;) {
      const event = yield* withDeadline(call.main.process, events.next(), until);
      if (event === LATE) return LATE;
      if (event === undefined || event.type === 'DELETED') return undefined;
      pod = event.object as unknown as Pod;
      if (done(pod)) return pod;
      if (unready) yield* unready(pod);
    }
  } finally {
    events.close();
  }
}

/** The value of --pod-running-timeout in nanoseconds. */
export function runningTimeoutOf(call: Call): number {
  const timeout = call.values.duration('pod-running-timeout');
  if (timeout <= 0) throw usageFailure(call.path, '--pod-running-timeout must be higher than zero');
  return timeout;
}
