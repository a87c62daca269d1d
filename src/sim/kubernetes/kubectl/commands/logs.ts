// kubectl logs: the output of a pod's containers, now or as it comes.

import type { Routine } from '../../../core/wait.ts';
import { wholeBody } from '../../../userland/http/client.ts';
import { matches, parseLabelSelector, SelectorError, selectorText } from '../../api/selectors.ts';
import type { Call, Command } from '../command.ts';
import { fullName, needResource, pathOf } from '../discovery.ts';
import { Failure, failure, refusal } from '../failure.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, flagText, itemsOf, type Target, targetsOf } from '../targets.ts';

export const logs: Command = {
  name: 'logs',
  run: runLogs,
};

interface PodSpec {
  readonly containers: readonly { readonly name: string }[];
  readonly initContainers?: readonly { readonly name: string }[];
}

function* runLogs(call: Call): Routine<void> {
  const { values } = call;
  const selector = flagText(call, 'selector');
  if (call.args.length === 0 && selector === '') {
    throw new Failure(
      "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples",
    );
  }
  if (selector !== '' && call.args.length > 0)
    throw failure('only a selector (-l) or a POD name is allowed');
  for (const pod of yield* podsOf(call, selector)) {
    const spec = pod.object.spec as PodSpec;
    const wanted = flagText(call, 'container') || (call.args[1] ?? '');
    const all = [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name);
    const chosen = values.is('all-containers')
      ? all
      : [wanted === '' ? yield* defaultContainer(call, pod, spec) : wanted];
    for (const container of chosen) {
      if (!all.includes(container))
        throw failure(`container ${container} is not valid for pod ${pod.name}`);
      yield* printLog(call, pod, container);
    }
  }
}

type Pod = Target & { object: KubeObject };

function* podsOf(call: Call, selector: string): Routine<Pod[]> {
  const discovery = yield* call.discovery();
  const resource = needResource(discovery, 'pods');
  const namespace = yield* call.namespace();
  const client = yield* call.client();
  const list = function* (): Routine<Pod[]> {
    const all = itemsOf(yield* client.call('GET', pathOf(resource, namespace)), resource);
    return all.map((object) => ({
      object,
      resource,
      namespace,
      name: object.metadata?.name ?? '',
    }));
  };
  const having = (pods: readonly Pod[], text: string): Pod[] => {
    const wanted = parseLabelSelector(text);
    if (wanted instanceof SelectorError) throw failure(wanted.message);
    return pods.filter(({ object }) => matches(wanted, object.metadata?.labels));
  };
  if (selector !== '') {
    const found = having(yield* list(), selector);
    if (found.length === 0) yield* call.err(`No resources found in ${namespace} namespace.\n`);
    return found;
  }
  const failures: Failure[] = [];
  const [target] = yield* targetsOf(call, { upTo: 1, defaultType: 'pods' }, failures);
  if (!target) return [];
  const [found] = yield* fetchAll(call, [target], failures);
  if (!found) {
    if (failures[0]?.status?.reason === 'NotFound' && target.resource.plural === 'pods') {
      throw new Failure(
        `error: error from server (NotFound): pods "${target.name}" not found in namespace "${namespace}"`,
      );
    }
    throw failures[0] ?? failure('nothing found');
  }
  if (found.resource.plural === 'pods') return [found];
  const spec = (found.object.spec ?? {}) as { selector?: object };
  if (!spec.selector)
    throw failure(`cannot get the logs from ${fullName(found.resource)}: selector is not defined`);
  const plain = ['services', 'replicationcontrollers'].includes(found.resource.plural);
  const pods = having(
    yield* list(),
    selectorText((plain ? { matchLabels: spec.selector } : spec.selector) as never),
  );
  const [first] = pods;
  if (!first) throw failure('timed out waiting for the condition');
  if (pods.length > 1 && !call.values.is('all-pods'))
    yield* call.err(`Found ${pods.length} pods, using pod/${first.name}\n`);
  return call.values.is('all-pods') ? pods : [first];
}

function* defaultContainer(call: Call, pod: Pod, spec: PodSpec): Routine<string> {
  const marked = pod.object.metadata?.annotations?.['kubectl.kubernetes.io/default-container'];
  if (marked !== undefined) return marked;
  const first = spec.containers[0]?.name ?? '';
  const all = [
    ...spec.containers,
    ...(spec.initContainers ?? []).map(({ name }) => ({ name: `${name} (init)` })),
  ];
  if (all.length > 1)
    yield* call.err(
      `Defaulted container "${first}" out of: ${all.map(({ name }) => name).join(', ')}\n`,
    );
  return first;
}

function* printLog(call: Call, pod: Pod, container: string): Routine<void> {
  const { values } = call;
  const client = yield* call.client();
  const flag = (name: string): string | undefined => (values.is(name) ? 'true' : undefined);
  const tail = values.changed('tail')
    ? values.number('tail')
    : flagText(call, 'selector') !== ''
      ? 10
      : -1;
  const seconds = values.changed('since')
    ? String(Math.ceil(values.duration('since') / 1e9))
    : undefined;
  const query = {
    container,
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    tailLines: tail >= 0 ? String(tail) : undefined,
    sinceSeconds: seconds,
    sinceTime: values.text('since-time') || undefined,
    limitBytes: values.number('limit-bytes') > 0 ? values.text('limit-bytes') : undefined,
  };
  const answer = yield* client.raw('GET', pathOf(pod.resource, pod.namespace, pod.name, 'log'), {
    query,
    accept: '*/*',
  });
  if (answer.status >= 400) throw refusal((yield* wholeBody(answer)).json() as never);
  const prefix =
    values.is('prefix') || values.is('all-pods') ? `[pod/${pod.name}/${container}] ` : '';
  const put = (piece: string): string =>
    prefix === '' ? piece : piece.replace(/^(?=.)/gm, prefix);
  if (!answer.stream) {
    yield* call.out(put((yield* wholeBody(answer)).text()));
    return;
  }
  for (;;) {
    const piece = yield* answer.stream.next();
    if (piece === undefined) return;
    yield* call.out(put(piece.text()));
    yield* call.main.out.flush();
  }
}
