// kubectl set image, resources and serviceaccount: changes of pod templates, and what set env shares with them.

import type { Routine } from '../../../core/wait.ts';
import { canonicalQuantity, QuantityError } from '../../api/fields/quantity.ts';
import type { Call, Command } from '../command.ts';
import { pathOf } from '../discovery.ts';
import { dryRunOf, resultPrinter, writeQuery } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import { throwAll } from '../manifests.ts';
import { recorded } from '../record.ts';
import type { KubeObject } from '../rest.ts';
import { checkTogether, fetchAll, flagText, hasFiles, type Target, targetsOf } from '../targets.ts';
import { twoWayPatch, typeOf } from '../three-way.ts';
import { type EnvVar, env, matches } from './set-env.ts';
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
  failed: string,
  edit: (spec: PodSpec, target: Target) => Routine<void>,
): Routine<void> {
  const dryRun = yield* dryRunOf(call);
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, { upTo, wholeTypes: call.values.is('all') }, failures);
  const local = call.values.is('local');
  const objects = local
    ? targets.flatMap((target) => (target.object ? [{ ...target, object: target.object }] : []))
    : yield* fetchAll(call, targets, failures);
  const printer = yield* resultPrinter(call, dryRun, true);
  const client = local ? undefined : yield* call.client();
  for (const target of objects) {
    const { object, resource, namespace, name } = target;
    try {
      const changed = JSON.parse(JSON.stringify(object)) as KubeObject;
      const spec = podSpecOf(changed);
      if (!spec)
        throw failure(
          `${resource.plural}/${name} the object is not a pod or does not have a pod template: *v1.${resource.kind}`,
        );
      yield* edit(spec, target);
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
        error.status ? failure(`failed to patch ${failed} ${error.status.message ?? ''}`) : error,
      );
    }
  }
  throwAll(failures);
}

/** The words before the first `NAME=value` are resources (GetResourcesAndPairs). */
function pairsFrom(args: readonly string[]): number {
  const isPair = (word: string): boolean =>
    word.indexOf('=') > 0 || (word.endsWith('-') && word !== '-');
  const at = args.findIndex(isPair);
  if (at < 0) return args.length;
  const late = args.slice(at).find((word) => !isPair(word));
  if (late !== undefined)
    throw failure(`all resources must be specified before image changes: ${late}`);
  return at;
}

/** Refuses words that the server would have to look up, with --local. */
function checkLocal(call: Call, upTo: number): void {
  if (call.values.is('local') && upTo > 0)
    throw failure(
      "error: you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
    );
}

function* image(call: Call): Routine<void> {
  const upTo = pairsFrom(call.args);
  const pairs = call.args.slice(upTo);
  const invalid = pairs.filter((word) => word.indexOf('=') < 1);
  if (invalid.length > 0) throw failure(`invalid image format: ${invalid.join(', ')}`);
  const images = new Map(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  checkLocal(call, upTo);
  // The objects are read before anything else is looked at.
  const failures: Failure[] = [];
  if (upTo > 0 || hasFiles(call)) {
    const rules = { upTo, wholeTypes: call.values.is('all') };
    const targets = yield* targetsOf(call, rules, failures);
    if (!call.values.is('local')) yield* fetchAll(call, targets, failures);
    throwAll(failures);
  }
  const mistakes: string[] = [];
  if (call.values.is('all') && flagText(call, 'selector') !== '')
    mistakes.push('cannot set --all and --selector at the same time');
  if (upTo === 0 && !hasFiles(call))
    mistakes.push(
      'one or more resources must be specified as <resource> <name> or <resource>/<name>',
    );
  if (images.size === 0) mistakes.push('at least one image update is required');
  else if (images.size > 1 && images.has('*'))
    mistakes.push(
      'all containers are already specified by *, but saw more than one container_name=container_image pairs',
    );
  throwAll(mistakes.map((one) => failure(one)));
  yield* change(call, upTo, 'image updated', 'image update to pod template:', function* (spec) {
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
        const [name = '', value, ...more] = pair.split('=');
        if (value === undefined || more.length > 0)
          throw failure(`invalid argument syntax ${pair}, expected <resource>=<quantity>`);
        const quantity = canonicalQuantity(value);
        if (quantity instanceof QuantityError) throw failure(quantity.message);
        return [name, quantity];
      }),
  );
}

function* resources(call: Call): Routine<void> {
  const asked = [call.values.text('limits'), call.values.text('requests')];
  checkLocal(call, call.args.length);
  const failures: Failure[] = [];
  const rules = { wholeTypes: call.values.is('all') };
  const targets = yield* targetsOf(call, rules, failures);
  if (!call.values.is('local')) yield* fetchAll(call, targets, failures);
  throwAll(failures);
  checkTogether(call);
  if (asked.every((text) => text === ''))
    throw failure(
      'you must specify an update to requests or limits (in the form of --requests/--limits)',
    );
  const [limits = {}, requests = {}] = asked.map(quantities);
  yield* change(
    call,
    call.args.length,
    'resource requirements updated',
    'resources update to pod template',
    function* (spec) {
      const wanted = call.values.text('containers');
      const chosen = [...spec.containers, ...(spec.initContainers ?? [])].filter(({ name }) =>
        matches(name, wanted),
      );
      if (chosen.length === 0) throw failure(`unable to find container named ${wanted}`);
      for (const container of chosen) {
        const own = container.resources ?? {};
        const merged = {
          ...own,
          limits: { ...own.limits, ...limits },
          requests: { ...own.requests, ...requests },
        };
        container.resources = Object.fromEntries(
          Object.entries(merged).filter(([, value]) => Object.keys(value).length > 0),
        );
      }
    },
  );
}

function* serviceAccount(call: Call): Routine<void> {
  checkTogether(call);
  const name = call.args[call.args.length - 1];
  if (name === undefined) throw failure('serviceaccount is required');
  yield* change(
    call,
    call.args.length - 1,
    'serviceaccount updated',
    'ServiceAccountName',
    function* (spec) {
      spec.serviceAccountName = name;
      if (spec.serviceAccount !== undefined) spec.serviceAccount = name;
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
