// kubectl debug: an ephemeral container in a pod, a copy of a pod with a container more, or a pod on a node. Profiles of
// one's own (--custom) are left out.

import type { Routine } from '../../../core/wait.ts';
import { LATE } from '../../../userland/http/deadline.ts';
import { NOT_SIMULATED } from '../../../userland/libc/stdio.ts';
import type { Pod } from '../../api/types/pod.ts';
import type { Call, Command } from '../command.ts';
import {
  type DebugContainer,
  type DebugPod,
  type DebugStyle,
  PROFILES,
} from '../debug-profiles.ts';
import { needResource, pathOf } from '../discovery.ts';
import { Failure, failure, refusal } from '../failure.ts';
import { IMAGE } from '../image-name.ts';
import { followPod } from '../pods.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, targetsOf } from '../targets.ts';
import { attachTo } from './attach.ts';
import { printLog } from './run-attached.ts';

export const debug: Command = {
  name: 'debug',
  run: runDebug,
};

const SUFFIX = 'bcdfghjklmnpqrstvwxz2456789';

function* runDebug(call: Call): Routine<void> {
  const { values } = call;
  const words = call.dash === undefined ? [] : call.args.slice(call.dash);
  const names = call.args.slice(0, call.dash);
  if (values.changed('custom'))
    throw new Failure('drydock: kubectl debug --custom is not simulated', NOT_SIMULATED);
  if (!(values.text('profile') in PROFILES))
    throw failure(`unknown profile: ${values.text('profile')}`);
  yield* check(call, names, words);
  const failures: Failure[] = [];
  const named = { ...call, args: names };
  const targets = yield* targetsOf(named, { defaultType: 'pods' }, failures);
  const found = yield* fetchAll(call, targets, failures);
  for (const { object } of found) {
    const made = yield* visit(call, object, words);
    const attach = values.changed('attach') ? values.is('attach') : values.is('stdin');
    if (attach && made.container !== '') yield* attachWhenRunning(call, made.pod, made.container);
  }
  if (failures[0]) throw failures[0];
}

/** The values of a flag that takes `name=value,…`. */
function pairsOf(call: Call, flag: string): [string, string][] {
  return call.values
    .all(flag)
    .flatMap((text) => text.split(','))
    .map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)];
    });
}

function* check(call: Call, names: readonly string[], words: readonly string[]): Routine<void> {
  const { values } = call;
  const image = values.text('image');
  const container = values.text('container');
  const images = pairsOf(call, 'set-image');
  if (values.changed('attach') && values.is('attach') && image === '' && container === '')
    throw failure(
      'you must specify --container or create a new container using --image in order to attach.',
    );
  if (values.text('copy-to') !== '') {
    if (image === '' && images.length === 0 && words.length === 0)
      throw failure('you must specify --image, --set-image or command arguments.');
    if (words.length > 0 && container === '' && image === '')
      throw failure('you must specify an existing container or a new image when specifying args.');
  } else {
    if (values.is('replace')) throw failure('--replace may only be used with --copy-to.');
    if (values.is('same-node')) throw failure('--same-node may only be used with --copy-to.');
    if (images.length > 0) throw failure('--set-image may only be used with --copy-to.');
    if (image === '') throw failure('you must specify --image when not using --copy-to.');
  }
  if (image !== '' && !IMAGE.test(image))
    throw failure(`invalid image name ${JSON.stringify(image)}: invalid reference format`);
  if (names.length === 0 && values.all('filename').length === 0)
    throw failure('NAME or filename is required for debug');
  const policy = values.text('image-pull-policy');
  if (!['Always', 'IfNotPresent', 'Never', ''].includes(policy))
    throw failure(`invalid image pull policy: ${policy}`);
  yield* checkTarget(call);
}

function* checkTarget(call: Call): Routine<void> {
  const { values } = call;
  const target = values.text('target');
  if (target !== '') {
    if (values.text('copy-to') !== '')
      throw failure('--target is incompatible with --copy-to. Use --share-processes instead.');
    if (!values.is('quiet'))
      yield* call.out(
        `Targeting container ${JSON.stringify(target)}. If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`,
      );
  }
  if (values.is('tty') && !values.is('stdin'))
    throw failure('-i/--stdin is required for containers with -t/--tty=true');
  if (values.text('profile') === 'legacy')
    yield* call.err(
      '--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other profile, for example "--profile=general".\n',
    );
}

interface Made {
  readonly pod: Pod;
  /** The container to attach to; empty for none. */
  readonly container: string;
}

function* visit(call: Call, object: KubeObject, words: readonly string[]): Routine<Made> {
  if (object.kind === 'Node') return yield* debugNode(call, object, words);
  if (object.kind !== 'Pod')
    throw failure(
      `${JSON.stringify(`${object.apiVersion}, Kind=${object.kind}`)} not supported by debug`,
    );
  const pod = JSON.parse(JSON.stringify(object)) as DebugPod;
  if (call.values.text('copy-to') !== '') return yield* debugByCopy(call, pod, words);
  return yield* debugByEphemeralContainer(call, pod, words);
}

function applyProfile(
  call: Call,
  pod: DebugPod,
  container: DebugContainer,
  style: DebugStyle,
): void {
  const keep = (what: string): boolean => call.values.is(`keep-${what}`);
  PROFILES[call.values.text('profile')]?.(pod, container, style, {
    labels: keep('labels'),
    annotations: keep('annotations'),
    liveness: keep('liveness'),
    readiness: keep('readiness'),
    startup: keep('startup'),
    initContainers: keep('init-containers'),
  });
}

function newContainer(call: Call, name: string, words: readonly string[]): DebugContainer {
  const { values } = call;
  const env = pairsOf(call, 'env').map(([key, value]) => ({ name: key, value }));
  const policy = values.text('image-pull-policy');
  return {
    name,
    image: values.text('image'),
    terminationMessagePolicy: 'File',
    ...(env.length > 0 ? { env } : {}),
    ...(policy ? { imagePullPolicy: policy } : {}),
    ...(values.is('stdin') ? { stdin: true } : {}),
    ...(values.is('tty') ? { tty: true } : {}),
    ...(words.length > 0 ? { [values.is('arguments-only') ? 'args' : 'command']: words } : {}),
  };
}

function suffix(call: Call): string {
  const { simulation, pid, now } = call.main.process;
  return simulation.random.fork(`debug ${pid} ${now}`).letters(5, SUFFIX);
}

function* containerName(call: Call): Routine<string> {
  const given = call.values.text('container');
  if (given !== '') return given;
  const name = `debugger-${suffix(call)}`;
  if (!call.values.is('quiet')) yield* call.out(`Defaulting debug container name to ${name}.\n`);
  yield* call.main.out.flush();
  return name;
}

function* create(call: Call, pod: DebugPod): Routine<Pod> {
  const client = yield* call.client();
  const pods = needResource(yield* call.discovery(), 'pods');
  const namespace = pod.metadata?.namespace ?? (yield* call.namespace());
  const body = { ...pod, apiVersion: 'v1', kind: 'Pod' };
  return (yield* client.call('POST', pathOf(pods, namespace), { body })) as unknown as Pod;
}

function* debugNode(call: Call, node: KubeObject, words: readonly string[]): Routine<Made> {
  const on = node.metadata?.name ?? '';
  const name = `node-debugger-${on}-${suffix(call)}`;
  const container = newContainer(call, call.values.text('container') || 'debugger', words);
  if (!call.values.is('quiet'))
    yield* call.out(
      `Creating debugging pod ${name} with container ${container.name} on node ${on}.\n`,
    );
  yield* call.main.out.flush();
  const pod: DebugPod = {
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' } },
    spec: {
      containers: [container],
      nodeName: on,
      restartPolicy: 'Never',
      tolerations: [{ operator: 'Exists' }],
    },
  };
  applyProfile(call, pod, container, 'node');
  return { pod: yield* create(call, pod), container: container.name };
}

function* debugByEphemeralContainer(
  call: Call,
  pod: DebugPod,
  words: readonly string[],
): Routine<Made> {
  const target = call.values.text('target');
  const container = {
    ...newContainer(call, yield* containerName(call), words),
    ...(target ? { targetContainerName: target } : {}),
  };
  applyProfile(call, pod, container, 'ephemeral');
  const client = yield* call.client();
  const pods = needResource(yield* call.discovery(), 'pods');
  const { namespace = '', name = '' } = pod.metadata ?? {};
  const made = yield* client.call('PATCH', pathOf(pods, namespace, name, 'ephemeralcontainers'), {
    body: { spec: { ephemeralContainers: [container] } },
    contentType: 'application/strategic-merge-patch+json',
  });
  return { pod: made as unknown as Pod, container: container.name };
}

function* debugByCopy(call: Call, pod: DebugPod, words: readonly string[]): Routine<Made> {
  const { values } = call;
  const { namespace, name, labels, annotations } = pod.metadata ?? {};
  const copy: DebugPod = {
    metadata: {
      name: values.text('copy-to'),
      ...(namespace ? { namespace } : {}),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
    },
    spec: pod.spec,
  };
  const { spec } = copy;
  delete spec.ephemeralContainers;
  if (values.changed('share-processes')) spec.shareProcessNamespace = values.is('share-processes');
  if (!values.is('same-node')) delete spec.nodeName;
  const images = new Map(pairsOf(call, 'set-image'));
  for (const one of spec.containers)
    one.image = images.get(one.name) ?? images.get('*') ?? one.image;
  const container = yield* containerOfCopy(call, spec.containers, words, images.size > 0);
  if (container) applyProfile(call, copy, container, 'copy');
  const made = yield* create(call, copy);
  if (values.is('replace')) {
    const client = yield* call.client();
    const pods = needResource(yield* call.discovery(), 'pods');
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 };
    yield* client.call('DELETE', pathOf(pods, namespace ?? '', name ?? ''), { body });
  }
  return { pod: made, container: container?.name ?? '' };
}

/** The container of a copy that is debugged: one that it has, changed, or a new one. */
function* containerOfCopy(
  call: Call,
  containers: DebugContainer[],
  words: readonly string[],
  imagesOnly: boolean,
): Routine<DebugContainer | undefined> {
  const { values } = call;
  const existing = containers.find(({ name }) => name === values.text('container'));
  if (!existing) {
    if (values.text('image') === '') {
      if (imagesOnly) return undefined;
      throw failure('you must specify image when creating new container');
    }
    const made = newContainer(call, yield* containerName(call), words);
    containers.push(made);
    return made;
  }
  const { image, ...asked } = newContainer(call, existing.name, words);
  if (words.length > 0 && !values.is('arguments-only')) delete existing.args;
  Object.assign(existing, asked, image === '' ? {} : { image });
  existing.stdin = values.is('stdin');
  existing.tty = values.is('tty');
  return existing;
}

/** Attaches once the container runs; shows its log where it has ended already. */
function* attachWhenRunning(call: Call, { metadata }: Pod, name: string): Routine<void> {
  const { values } = call;
  const quiet = values.is('quiet');
  const stateOf = (pod: Pod) => {
    const { containerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
    return [...containerStatuses, ...ephemeralContainerStatuses].find((one) => one.name === name)
      ?.state;
  };
  const found = yield* followPod(
    call,
    metadata.namespace ?? '',
    metadata.name ?? '',
    (pod) => stateOf(pod)?.running !== undefined || stateOf(pod)?.terminated !== undefined,
    undefined,
    function* (pod) {
      const message = stateOf(pod)?.waiting?.message ?? '';
      if (!quiet && message !== '') yield* call.err(`Warning: container ${name}: ${message}\n`);
    },
  );
  if (!found || found === LATE)
    throw refusal({ reason: 'NotFound', message: 'pods "" not found' } as never);
  const options = { stdin: values.is('stdin'), tty: values.is('tty'), quiet, container: name };
  if (stateOf(found)?.terminated) return yield* printLog(call, found, options);
  try {
    yield* attachTo(call, found, options);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const why = error.status?.message ?? error.message.replace(/^error: /, '');
    yield* call.err(
      `warning: couldn't attach to pod/${metadata.name}, falling back to streaming logs: ${why}\n`,
    );
    yield* printLog(call, found, options);
  }
}
