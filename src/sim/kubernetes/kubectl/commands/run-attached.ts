// kubectl run with -i, -t or --attach: waiting for the pod, attaching to it, its exit status, and --rm.

import type { Routine } from '../../../core/wait.ts';
import { wholeBody } from '../../../userland/http/client.ts';
import { LATE } from '../../../userland/http/deadline.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { Call } from '../command.ts';
import { needResource, pathOf } from '../discovery.ts';
import { Failure, failure, refusal } from '../failure.ts';
import { followPod, runningTimeoutOf } from '../pods.ts';
import type { KubeObject } from '../rest.ts';
import { type AttachOptions, attachTo, containerFor } from './attach.ts';
import { deleteTargets } from './delete.ts';

/** Attaches to the pod that was made; what was made goes again where --rm says so. */
export function* runAttached(call: Call, created: readonly KubeObject[]): Routine<void> {
  const pod = created.find(({ kind }) => kind === 'Pod') as unknown as Pod;
  try {
    yield* attachAndWait(call, pod);
  } finally {
    if (call.values.is('rm')) yield* removeCreated(call, created);
  }
}

function* attachAndWait(call: Call, { metadata }: Pod): Routine<void> {
  const { values } = call;
  const timeout = runningTimeoutOf(call);
  const { namespace = '', name = '' } = metadata;
  yield* attachToNew(call, namespace, name, timeout, {
    stdin: values.is('stdin'),
    tty: values.is('tty'),
    quiet: values.is('quiet'),
    container: '',
  });
  const restart = values.text('restart');
  if (values.is('leave-stdin-open') || (restart !== 'Never' && restart !== 'OnFailure')) return;
  const over = restart === 'Never' ? ['Succeeded', 'Failed'] : ['Succeeded'];
  const done = (one: Pod): boolean => over.includes(one.status?.phase ?? '');
  const ended = yield* wait(call, namespace, name, timeout, done);
  if (ended.status?.phase === 'Succeeded') return;
  const state = ended.status?.containerStatuses?.[0]?.state?.terminated;
  if (!state?.exitCode) throw failure(`pod ${namespace}/${name} failed with unknown exit code`);
  const { reason = '', message = '', exitCode } = state;
  throw new Failure(`pod ${namespace}/${name} terminated (${reason})\n${message}`, exitCode);
}

/** Waits for a state of a pod that must come within a time. */
function* wait(
  call: Call,
  namespace: string,
  name: string,
  timeout: number,
  done: (pod: Pod) => boolean,
): Routine<Pod> {
  const found = yield* followPod(call, namespace, name, done, call.main.process.now + timeout);
  if (found === LATE) throw failure('timed out waiting for the condition');
  if (found) return found;
  const message = 'pods "" not found';
  throw refusal({ reason: 'NotFound', message } as never);
}

function isOver(pod: Pod): boolean {
  return ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '');
}

function isReady(pod: Pod): boolean {
  const ready = (pod.status?.conditions ?? []).find(({ type }) => type === 'Ready');
  return pod.status?.phase === 'Running' && ready?.status === 'True';
}

/** Attaches once the pod is ready; shows its log where it has ended before. */
function* attachToNew(
  call: Call,
  namespace: string,
  name: string,
  timeout: number,
  options: AttachOptions,
): Routine<void> {
  const pod = yield* wait(call, namespace, name, timeout, (one) => isOver(one) || isReady(one));
  if (isOver(pod)) return yield* printLog(call, pod, options);
  // What was printed before we attach is in the log already.
  try {
    yield* printLog(call, pod, options);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    yield* call.err(`warning: couldn't fetch pre-attach logs: ${words(error)}\n`);
  }
  try {
    yield* attachTo(call, pod, options);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    yield* call.err(
      `warning: couldn't attach to pod/${name}, falling back to streaming logs: ${words(error)}\n`,
    );
    yield* printLog(call, pod, options);
  }
}

function words(error: Failure): string {
  return error.status?.message ?? error.message.replace(/^error: /, '');
}

/** Prints the log of the container that would be attached to. */
export function* printLog(call: Call, pod: Pod, options: AttachOptions): Routine<void> {
  const { name: container } = yield* containerFor(call, pod, options);
  const client = yield* call.client();
  const resource = needResource(yield* call.discovery(), 'pods');
  const { namespace = '', name = '' } = pod.metadata;
  const path = pathOf(resource, namespace, name, 'log');
  const answer = yield* client.raw('GET', path, { query: { container }, accept: '*/*' });
  const body = yield* wholeBody(answer);
  if (answer.status >= 400) throw refusal(body.json() as never);
  yield* call.out(body.text());
  yield* call.main.out.flush();
}

function* removeCreated(call: Call, created: readonly KubeObject[]): Routine<void> {
  const discovery = yield* call.discovery();
  const targets = created.map(({ kind, metadata }) => ({
    resource: needResource(discovery, kind === 'Pod' ? 'pods' : 'services'),
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
  }));
  yield* deleteTargets(call, targets, call.values.is('quiet'));
}
