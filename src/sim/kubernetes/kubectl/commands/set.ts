// kubectl set image, resources and serviceaccount: changes of pod templates, and what set env shares with them.

import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { pathOf } from '../discovery.ts';
import { dryRunOf, resultPrinter, writeQuery } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import { throwAll } from '../manifests.ts';
import { recorded } from '../record.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, targetsOf } from '../targets.ts';
import { twoWayPatch, typeOf } from '../three-way.ts';
import { type EnvVar, env } from './set-env.ts';
import { selectorCommands } from './set-selector.ts';

export interface Container {
  name: string;
  image?: string;
  env?: EnvVar[];
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> };
}
export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  serviceAccountName?: string;
  serviceAccount?: string;
}

/** The pod spec within an object: its own, its template's, its job template's. */
export function podSpecOf(object: KubeObject): PodSpec | undefined {
  const spec = object.spec as
    | {
        containers?: unknown;
        template?: { spec: PodSpec };
        jobTemplate?: { spec: { template: { spec: PodSpec } } };
      }
    | undefined;
  if (spec?.containers) return spec as unknown as PodSpec;
  return spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec;
}

/** Changes each named object's pod spec and sends the difference. */
export function* change(
  call: Call,
  upTo: number,
  done: string,
  what: string,
  edit: (spec: PodSpec, object: KubeObject) => void,
): Routine<void> {
  const dryRun = yield* dryRunOf(call);
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, { upTo, wholeTypes: call.values.is('all') }, failures);
  const local = call.values.is('local');
  const objects = local
    ? targets.flatMap((target) => (target.object ? [{ ...target, object: target.object }] : []))
    : yield* fetchAll(call, targets, failures);
  const printer = yield* resultPrinter(call, dryRun);
  const client = local ? undefined : yield* call.client();
  for (const { object, resource, namespace, name } of objects) {
    try {
      const changed = JSON.parse(JSON.stringify(object)) as KubeObject;
      const spec = podSpecOf(changed);
      if (!spec)
        throw failure(
          `${resource.plural}/${name} the object is not a pod or does not have a pod template: *v1.${resource.kind}`,
        );
      edit(spec, changed);
      const after = recorded(call, changed);
      const patch = twoWayPatch(object as never, after as never, typeOf(resource));
      if (Object.keys(patch).length === 0) continue;
      if (dryRun === 'client' || !client) {
        yield* printer.show(after, done);
        continue;
      }
      const result = yield* client.call('PATCH', pathOf(resource, namespace, name), {
        body: patch,
        contentType: typeOf(resource)
          ? 'application/strategic-merge-patch+json'
          : 'application/merge-patch+json',
        query: writeQuery(call, dryRun, 'kubectl-set'),
      });
      yield* printer.show(result, done);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(
        error.status
          ? failure(`failed to patch ${what} update to pod template: ${error.status.message ?? ''}`)
          : error,
      );
    }
  }
  throwAll(failures);
}

function pairsFrom(args: readonly string[]): number {
  const at = args.findIndex((word) => word.includes('='));
  return at < 0 ? args.length : at;
}

function* image(call: Call): Routine<void> {
  const upTo = pairsFrom(call.args);
  const images = call.args
    .slice(upTo)
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const);
  if (images.length === 0) throw failure('at least one image update is required');
  yield* change(call, upTo, 'image updated', 'image', (spec) => {
    const all = [...(spec.initContainers ?? []), ...spec.containers];
    for (const [name, wanted] of images) {
      const chosen = all.filter((one) => name === '*' || one.name === name);
      if (chosen.length === 0) throw failure(`unable to find container named "${name}"`);
      for (const one of chosen) one.image = wanted;
    }
  });
}

function quantities(textual: string): Record<string, string> {
  return Object.fromEntries(
    textual
      .split(',')
      .filter((one) => one !== '')
      .map((pair) => {
        const [name = '', value] = pair.split('=');
        if (value === undefined)
          throw failure(`invalid argument syntax ${pair}, expected <resource>=<quantity>`);
        return [name, value];
      }),
  );
}

function* resources(call: Call): Routine<void> {
  const [limits, requests] = [
    quantities(call.values.text('limits')),
    quantities(call.values.text('requests')),
  ];
  if (Object.keys(limits).length === 0 && Object.keys(requests).length === 0)
    throw failure(
      'you must specify an update to requests or limits (in the form of --requests/--limits)',
    );
  yield* change(call, call.args.length, 'resource requirements updated', 'resources', (spec) => {
    const wanted = call.values.text('containers');
    for (const container of spec.containers.filter(
      (one) => wanted === '*' || one.name === wanted,
    )) {
      const own = container.resources ?? {};
      container.resources = {
        ...own,
        ...(Object.keys(limits).length > 0 ? { limits: { ...own.limits, ...limits } } : {}),
        ...(Object.keys(requests).length > 0 ? { requests: { ...own.requests, ...requests } } : {}),
      };
    }
  });
}

function* serviceAccount(call: Call): Routine<void> {
  const name = call.args[call.args.length - 1];
  if (name === undefined || call.args.length < 2) throw failure('serviceaccount is required');
  yield* change(
    call,
    call.args.length - 1,
    'serviceaccount updated',
    'ServiceAccountName',
    (spec) => {
      spec.serviceAccountName = name;
      spec.serviceAccount = name;
    },
  );
}

export const set: Command = {
  name: 'set',
  commands: [
    ...selectorCommands,
    {
      name: 'env',
      run: env,
    },
    { name: 'image', run: image },
    {
      name: 'resources',
      run: resources,
    },
    {
      name: 'serviceaccount',
      run: serviceAccount,
    },
  ],
};
