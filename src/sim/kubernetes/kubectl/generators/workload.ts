// kubectl create deployment, job and cronjob.

import type { Routine } from '../../../core/wait.ts';
import type { Call } from '../command.ts';
import type { Generator } from '../commands/create.ts';
import { needResource, pathOf } from '../discovery.ts';
import { failure } from '../failure.ts';
import type { KubeObject } from '../rest.ts';

function command(call: Call): string[] {
  return call.dash === undefined ? [] : call.args.slice(call.dash);
}

/** The last part of an image's name without tag and digest. */
function imageBase(image: string): string {
  return (image.slice(image.lastIndexOf('/') + 1).split(/[:@]/)[0] ?? '').replaceAll('_', '-');
}

function* deployment(call: Call, name: string): Routine<KubeObject> {
  const { values } = call;
  const images = values.list('image');
  const words = command(call);
  if (images.length > 1 && words.length > 0)
    throw failure('cannot specify multiple --image options and command');
  const port = values.number('port');
  const seen = new Set<string>();
  const containers = images.map((image) => {
    let base = imageBase(image);
    if (seen.has(base)) base = `${base}-${seen.size}`;
    seen.add(base);
    return {
      image,
      name: base,
      ...(words.length > 0 ? { command: words } : {}),
      ...(port > 0 ? { ports: [{ containerPort: port }] } : {}),
      resources: {},
    };
  });
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { labels, name },
    spec: {
      replicas: values.number('replicas'),
      selector: { matchLabels: labels },
      strategy: {},
      template: { metadata: { labels }, spec: { containers } },
    },
    status: {},
  };
}

function* job(call: Call, name: string): Routine<KubeObject> {
  const { values } = call;
  const [image, from] = [values.text('image'), values.text('from')];
  if ((image === '') === (from === '')) throw failure('either --image or --from must be specified');
  if (from !== '') return yield* jobFrom(call, name, from);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      template: {
        metadata: {},
        spec: { containers: [containerOf(call, name, image)], restartPolicy: 'Never' },
      },
    },
    status: {},
  };
}

function containerOf(call: Call, name: string, image: string): object {
  const words = command(call);
  return { ...(words.length > 0 ? { command: words } : {}), image, name, resources: {} };
}

function* jobFrom(call: Call, name: string, from: string): Routine<KubeObject> {
  const [type = '', source = ''] = from.split('/');
  const resource = needResource(yield* call.discovery(), type);
  const client = yield* call.client();
  const found = yield* client.call('GET', pathOf(resource, yield* call.namespace(), source));
  if (resource.plural !== 'cronjobs')
    throw failure(`unknown object type *${resource.version}.${resource.kind}`);
  const template = (
    found.spec as { jobTemplate: { metadata?: Record<string, unknown>; spec: object } }
  ).jobTemplate;
  const owner = {
    apiVersion: found.apiVersion,
    kind: found.kind,
    name: source,
    uid: found.metadata?.uid,
    controller: true,
  };
  const annotations = {
    'cronjob.kubernetes.io/instantiate': 'manual',
    ...(template.metadata?.annotations as object | undefined),
  };
  const labels = template.metadata?.labels as Record<string, string> | undefined;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations, ...(labels ? { labels } : {}), ownerReferences: [owner] },
    spec: template.spec,
    status: {},
  };
}

function* cronJob(call: Call, name: string): Routine<KubeObject> {
  const { values } = call;
  const spec = {
    containers: [containerOf(call, name, values.text('image'))],
    restartPolicy: values.text('restart') || 'OnFailure',
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: {
      jobTemplate: { metadata: { name }, spec: { template: { metadata: {}, spec } } },
      schedule: values.text('schedule'),
    },
    status: {},
  };
}

export const workloadGenerators: readonly Generator[] = [
  {
    name: 'deployment',
    make: deployment,
  },
  {
    name: 'job',
    make: job,
  },
  {
    name: 'cronjob',
    make: cronJob,
  },
];
