// kubectl run and expose: a pod, or a service for what selects pods.

import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { dryRunOf, resultPrinter } from '../dry-run.ts';
import { Failure, failure, usageFailure } from '../failure.ts';
import { IMAGE } from '../image-name.ts';
import { throwAll } from '../manifests.ts';
import { overridden } from '../overrides.ts';
import { runningTimeoutOf } from '../pods.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, targetsOf } from '../targets.ts';
import { createGenerated, sendGenerated } from './create.ts';
import { runAttached } from './run-attached.ts';

export const run: Command = {
  name: 'run',
  run: runPod,
};

function* runPod(call: Call): Routine<void> {
  const { values } = call;
  const dryRun = yield* dryRunOf(call);
  const [name, ...words] = call.args;
  if (name === undefined || call.dash === 0)
    throw new Failure(
      "error: NAME is required for run\nSee 'kubectl run -h' for help and examples",
    );
  runningTimeoutOf(call);
  const image = values.text('image');
  if (image === '') throw failure('--image is required');
  if (!IMAGE.test(image)) throw failure(`Invalid image name "${image}": invalid reference format`);
  const attached = values.changed('attach') ? values.is('attach') : values.is('stdin');
  checkFlags(call, attached, dryRun);
  const pod = overridden(call, podOf(call, name, image, words));
  const created = [yield* createGenerated(call, pod, dryRun, '')];
  const printer = yield* resultPrinter(call, dryRun, true);
  if (values.is('expose')) {
    const service = yield* createGenerated(call, serviceFor(call, name), dryRun, '');
    yield* printer.show(service, 'created');
    if (values.text('output') === 'yaml') yield* call.out('---\n');
    created.push(service);
  }
  if (attached) yield* runAttached(call, created);
  else yield* printer.show(created[0] as KubeObject, 'created');
}

function checkFlags(call: Call, attached: boolean, dryRun: string): void {
  const { values, path } = call;
  if (values.is('tty') && !values.is('stdin'))
    throw usageFailure(path, '-i/--stdin is required for containers with -t/--tty=true');
  if (values.is('expose') && values.text('port') === '')
    throw usageFailure(path, '--port must be set when exposing a service');
  const restart = values.text('restart');
  if (!['Always', 'OnFailure', 'Never', ''].includes(restart))
    throw usageFailure(path, `invalid restart policy: ${restart}`);
  if (values.is('rm') && !attached)
    throw usageFailure(path, '--rm should only be used for attached containers');
  if (attached && dryRun !== 'none')
    throw usageFailure(
      path,
      "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
    );
  const policy = values.text('image-pull-policy');
  if (!['Always', 'IfNotPresent', 'Never', ''].includes(policy))
    throw usageFailure(path, `invalid image pull policy: ${policy}`);
}

function pairs(text: string, what: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(',')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const at = pair.indexOf('=');
        if (at < 1) throw failure(`unexpected ${what} spec: ${pair}`);
        return [pair.slice(0, at), pair.slice(at + 1)];
      }),
  );
}

function podOf(call: Call, name: string, image: string, words: readonly string[]): KubeObject {
  const { values } = call;
  const port = values.text('port');
  if (!/^([+-]?\d+)?$/.test(port))
    throw failure(`strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`);
  const env = values.all('env').map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw failure(`invalid env: ${pair}`);
    return { name: pair.slice(0, at), value: pair.slice(at + 1) };
  });
  const policy = values.text('image-pull-policy');
  const container = {
    ...(words.length > 0 ? { [values.is('command') ? 'command' : 'args']: words } : {}),
    ...(env.length > 0 ? { env } : {}),
    image,
    ...(policy ? { imagePullPolicy: policy } : {}),
    name,
    ...(port ? { ports: [{ containerPort: Number(port) }] } : {}),
    resources: {},
    ...(values.is('privileged') ? { securityContext: { privileged: true } } : {}),
    ...(values.is('stdin') ? { stdin: true } : {}),
    ...(values.is('stdin') && !values.is('leave-stdin-open') ? { stdinOnce: true } : {}),
    ...(values.is('tty') ? { tty: true } : {}),
  };
  const labels = values.changed('labels') ? pairs(values.text('labels'), 'label') : { run: name };
  const annotations = Object.assign(
    {},
    ...values.all('annotations').map((pair) => pairs(pair, 'annotation')),
  ) as Record<string, string>;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { labels, name, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: {
      containers: [container],
      dnsPolicy: 'ClusterFirst',
      restartPolicy: values.text('restart'),
    },
    status: {},
  };
}

function serviceFor(call: Call, name: string): KubeObject {
  const port = Number(call.values.text('port'));
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ port, protocol: 'TCP', targetPort: port }], selector: { run: name } },
    status: { loadBalancer: {} },
  };
}

export const expose: Command = {
  name: 'expose',
  run: runExpose,
};

interface PodPort {
  readonly containerPort?: number;
  readonly port?: number;
  readonly protocol?: string;
}
interface Exposable {
  readonly selector?: {
    readonly matchLabels?: Record<string, string>;
    readonly matchExpressions?: object[];
  } & Record<string, unknown>;
  readonly template?: {
    readonly spec: { readonly containers: readonly { readonly ports?: readonly PodPort[] }[] };
  };
  readonly containers?: readonly { readonly ports?: readonly PodPort[] }[];
  readonly ports?: readonly PodPort[];
}

const EXPOSABLE = new Set(['Pod', 'Service', 'ReplicationController', 'Deployment', 'ReplicaSet']);

function* runExpose(call: Call): Routine<void> {
  const { values } = call;
  const dryRun = yield* dryRunOf(call);
  const failures: Failure[] = [];
  const objects = yield* fetchAll(
    call,
    yield* targetsOf(call, { selectorIsOther: true }, failures),
    failures,
  );
  throwAll(failures);
  for (const { object, resource, name } of objects) {
    if (!EXPOSABLE.has(resource.kind)) throw failure(`cannot expose a ${resource.kind}`);
    const spec = (object.spec ?? {}) as Exposable;
    const service = values.text('name') || name.slice(0, 63);
    const selector = values.text('selector')
      ? pairs(values.text('selector'), 'selector')
      : selectorOf(object, spec);
    const ports = portsOf(call, spec, resource.kind);
    const labels = values.text('labels')
      ? pairs(values.text('labels'), 'label')
      : object.metadata?.labels;
    const type = values.text('type');
    const [affinity, external, cluster, balancer] = [
      'session-affinity',
      'external-ip',
      'cluster-ip',
      'load-balancer-ip',
    ].map((flag) => values.text(flag));
    const made: KubeObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service, ...(labels ? { labels } : {}) },
      spec: {
        ports,
        selector,
        ...(type ? { type } : {}),
        ...(affinity ? { sessionAffinity: affinity } : {}),
        ...(external ? { externalIPs: [external] } : {}),
        ...(cluster ? { clusterIP: cluster } : {}),
        ...(balancer ? { loadBalancerIP: balancer } : {}),
      },
      status: { loadBalancer: {} },
    };
    const exposed = {
      ...call,
      *out(words: string): Routine<void> {
        yield* call.out(words.replace(/ created( \((server )?dry run\))?\n$/, ' exposed$1\n'));
      },
    };
    yield* sendGenerated(exposed, overridden(call, made), dryRun, '');
  }
}

function selectorOf(object: KubeObject, spec: Exposable): Record<string, string> {
  switch (object.kind) {
    case 'Pod':
      if (!object.metadata?.labels)
        throw failure(
          "couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed",
        );
      return object.metadata.labels;
    case 'Service':
    case 'ReplicationController':
      if (!spec.selector)
        throw failure(
          `couldn't retrieve selectors via --selector flag or introspection: no pod selector defined for the ${object.kind === 'Service' ? 'service and it' : 'replication controller and it'} cannot be exposed`,
        );
      return spec.selector as Record<string, string>;
    default:
      if (spec.selector?.matchExpressions?.length)
        throw failure(
          `couldn't retrieve selectors via --selector flag or introspection: couldn't convert expressions - "${JSON.stringify(spec.selector.matchExpressions)}" to map-based selector format`,
        );
      return spec.selector?.matchLabels ?? {};
  }
}

function portsOf(call: Call, spec: Exposable, kind: string): object[] {
  const { values } = call;
  const given = values.text('port');
  const found =
    kind === 'Service'
      ? (spec.ports ?? [])
      : (spec.template?.spec.containers ?? spec.containers ?? []).flatMap(
          (container) => container.ports ?? [],
        );
  const numbers =
    given === '' ? found.map((port) => String(port.containerPort ?? port.port)) : given.split(',');
  if (numbers.length === 0) throw failure("couldn't find port via --port flag or introspection");
  const target = values.text('target-port');
  return numbers.map((text, i) => {
    const port = Number(text);
    if (!/^\d+$/.test(text)) throw failure(`strconv.Atoi: parsing "${text}": invalid syntax`);
    const known = found.find((one) => (one.containerPort ?? one.port) === port);
    const protocol = values.text('protocol').toUpperCase() || (known?.protocol ?? 'TCP');
    const targetPort = target === '' ? port : /^\d+$/.test(target) ? Number(target) : target;
    return { ...(numbers.length > 1 ? { name: `port-${i + 1}` } : {}), port, protocol, targetPort };
  });
}
