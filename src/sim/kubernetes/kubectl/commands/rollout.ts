// kubectl rollout: history, undo, pause, resume and restart of deployments, daemon sets and stateful sets.

import { rfc3339 } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { templateLines } from '../describe/pod.ts';
import { Lines } from '../describe/writer.ts';
import { type ApiResource, fullName, pathOf } from '../discovery.ts';
import { dryRunOf, resultPrinter, writeQuery } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import { LAST_APPLIED } from '../last-applied.ts';
import { throwAll } from '../manifests.ts';
import { tabulate } from '../output/tabwriter.ts';
import type { KubeObject } from '../rest.ts';
import { flagText, itemsOf } from '../targets.ts';
import {
  type Fields,
  type Found,
  found,
  groupKind,
  num,
  REVISION,
  status,
} from './rollout-status.ts';

interface Revision {
  readonly number: number;
  readonly cause: string;
  readonly object: KubeObject;
  readonly template: Fields;
}

/** The revisions of an object, oldest first: replica sets of deployments, controller revisions of the others. */
function* revisions(call: Call, { object, resource, namespace }: Found): Routine<Revision[]> {
  const discovery = yield* call.discovery();
  const client = yield* call.client();
  const plural = resource.kind === 'Deployment' ? 'replicasets' : 'controllerrevisions';
  const kept = discovery.resources.find((one) => one.plural === plural);
  if (!kept) return [];
  const items = itemsOf(yield* client.call('GET', pathOf(kept, namespace)), kept).filter((item) =>
    ((item.metadata?.ownerReferences ?? []) as { uid: string }[]).some(
      ({ uid }) => uid === object.metadata?.uid,
    ),
  );
  const list = items.map((item): Revision => {
    const number =
      plural === 'replicasets'
        ? Number(item.metadata?.annotations?.[REVISION] ?? 0)
        : num(item.revision);
    const spec = (plural === 'replicasets' ? item.spec : (item.data as Fields | undefined)?.spec) as
      | { template?: Fields }
      | undefined;
    return {
      number,
      cause: item.metadata?.annotations?.['kubernetes.io/change-cause'] ?? '<none>',
      object: item,
      template: spec?.template ?? {},
    };
  });
  return list.sort((a, b) => a.number - b.number);
}

/** A deployment's template with the cause of its revision among the annotations. */
function withCause({ object, template, cause }: Revision): Fields {
  if (object.kind !== 'ReplicaSet' || cause === '<none>') return template;
  const metadata = (template.metadata ?? {}) as { annotations?: object };
  const annotations = { ...metadata.annotations, 'kubernetes.io/change-cause': cause };
  return { ...template, metadata: { ...metadata, annotations } };
}

const ROLLED = new Set(['Deployment', 'DaemonSet', 'StatefulSet']);
/** The kinds that kubectl visits, though it has nothing to do for them. */
const VISITED = new Set(['Job', 'Pod', 'ReplicaSet', 'ReplicationController', 'CronJob']);

function checkRolled(resource: ApiResource, what: string, doing: string): void {
  const { kind, group } = resource;
  if (ROLLED.has(kind)) return;
  const name = groupKind(resource);
  throw failure(
    VISITED.has(kind)
      ? `${what} has been implemented for "${name}"`
      : `error ${doing} for "${name}", no visitor method exists for {${group} ${kind}}`,
  );
}

function* history(call: Call): Routine<void> {
  const failures: Failure[] = [];
  for (const target of yield* found(call)) {
    try {
      yield* historyOf(call, target);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  throwAll(failures);
}

function* historyOf(call: Call, target: Found): Routine<void> {
  const wanted = call.values.number('revision');
  const { resource, name } = target;
  checkRolled(resource, 'no history viewer', 'retrieving history');
  const list = yield* revisions(call, target);
  if (flagText(call, 'output') !== '') {
    const printer = yield* resultPrinter(call, 'none', true);
    const chosen = list.filter(({ number }) => wanted === 0 || number === wanted);
    if (chosen.length === 0) throw failure('unable to find the specified revision');
    for (const { object } of chosen) yield* printer.show(object, '');
    return;
  }
  const title = `${resource.kind.toLowerCase()}.${resource.group}/${name}`;
  if (wanted > 0) {
    const one = list.find(({ number }) => number === wanted);
    if (!one) throw failure(`unable to find the specified revision`);
    const out = new Lines();
    templateLines(out, withCause(one) as never);
    yield* call.out(`${title} with revision #${wanted}\n${out.unaligned()}\n`);
    return;
  }
  const rows = list.map(({ number, cause }) => `${number}\t${cause}\n`).join('');
  yield* call.out(
    `${title} \n${tabulate(`REVISION\tCHANGE-CAUSE\n${rows}`, { minimum: 0, padding: 2 })}\n`,
  );
}

function* undo(call: Call): Routine<void> {
  const client = yield* call.client();
  const wanted = call.values.number('to-revision');
  const dryRun = yield* dryRunOf(call);
  const printer = yield* resultPrinter(call, dryRun, true);
  for (const target of yield* found(call)) {
    const { object, resource, namespace, name } = target;
    if (object.metadata?.annotations?.[LAST_APPLIED] !== undefined)
      yield* call.err(appliedWarning(`${resource.plural}/${name}`));
    checkRolled(resource, 'no rollbacker', 'retrieving rollbacker');
    const list = yield* revisions(call, target);
    const latest = list[list.length - 1];
    const chosen =
      wanted !== 0 ? list.find(({ number }) => number === wanted) : list[list.length - 2];
    if (!chosen)
      throw failure(
        wanted !== 0
          ? `unable to find specified revision ${wanted} in history`
          : resource.kind === 'Deployment'
            ? `no rollout history found for deployment "${name}"`
            : 'no last revision to roll back to',
      );
    if (dryRun === 'client') {
      const out = new Lines();
      templateLines(out, chosen.template as never);
      yield* printer.show(object, out.unaligned());
      continue;
    }
    if ((object.spec as Fields).paused)
      throw failure(
        `you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`,
      );
    if (chosen === latest) {
      yield* printer.show(
        object,
        `skipped rollback (current template already matches revision ${wanted})`,
      );
      continue;
    }
    const body = rollbackPatch(target, chosen);
    const result = yield* client.call('PATCH', pathOf(resource, namespace, name), {
      body,
      contentType: 'application/json-patch+json',
      query: writeQuery(call, dryRun, 'kubectl-rollout'),
    });
    yield* printer.show(result, 'rolled back');
  }
}

function appliedWarning(what: string): string {
  return `Warning: resource ${what} was previously managed with 'kubectl apply'. Rolling back will not update the ${LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.\n`;
}

/** Annotations that stay the deployment's own when it is rolled back; the others come from the replica set. */
const OWN_ANNOTATIONS = new Set([
  LAST_APPLIED,
  REVISION,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]);

/** The JSON patch that brings a template back and, for a deployment, the annotations of that revision. */
function rollbackPatch({ object, resource }: Found, chosen: Revision): object[] {
  const { metadata = {}, spec } = chosen.template as {
    metadata?: { labels?: Record<string, string> };
    spec?: unknown;
  };
  const { 'pod-template-hash': _, ...labels } = metadata.labels ?? {};
  const template = { metadata: { ...metadata, labels }, spec };
  const restored = { op: 'replace', path: '/spec/template', value: template };
  if (resource.kind !== 'Deployment') return [restored];
  const own = Object.entries(object.metadata?.annotations ?? {});
  const kept = Object.entries(chosen.object.metadata?.annotations ?? {});
  const annotations = Object.fromEntries([
    ...own.filter(([key]) => OWN_ANNOTATIONS.has(key)),
    ...kept.filter(([key]) => !OWN_ANNOTATIONS.has(key)),
  ]);
  return [restored, { op: 'replace', path: '/metadata/annotations', value: annotations }];
}

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

function restartedAt({ spec }: KubeObject): string | undefined {
  const { template } = (spec ?? {}) as { template?: KubeObject };
  return template?.metadata?.annotations?.[RESTARTED_AT];
}

/** pause, resume and restart: one patch each. */
function changer(verb: 'paused' | 'resumed' | 'restarted'): (call: Call) => Routine<void> {
  return function* (call) {
    const client = yield* call.client();
    const printer = yield* resultPrinter(call, 'none', true);
    const failures: Failure[] = [];
    for (const { object, resource, namespace, name } of yield* found(call)) {
      const paused = (object.spec as Fields | undefined)?.paused === true;
      const doing = { paused: 'pausing', resumed: 'resuming', restarted: 'restarting' }[verb];
      if (verb === 'restarted' ? !ROLLED.has(resource.kind) : resource.kind !== 'Deployment')
        throw failure(`${fullName(resource)} "${name}" ${doing} is not supported`);
      if (verb !== 'restarted' && paused === (verb === 'paused')) {
        failures.push(
          failure(
            `${fullName(resource)} "${name}" ${verb === 'paused' ? 'is already paused' : 'is not paused'}`,
          ),
        );
        continue;
      }
      if (verb === 'restarted' && paused)
        throw failure(
          `${fullName(resource)} "${name}" can't restart paused deployment (run rollout resume first)`,
        );
      const annotations = { [RESTARTED_AT]: rfc3339(call.main.process.now) };
      if (verb === 'restarted' && restartedAt(object) === annotations[RESTARTED_AT])
        throw failure(
          `failed to create patch for ${name}: if restart has already been triggered within the past second, please wait before attempting to trigger another`,
        );
      const body =
        verb === 'restarted'
          ? { spec: { template: { metadata: { annotations } } } }
          : { spec: { paused: verb === 'paused' ? true : null } };
      const result = yield* client.call('PATCH', pathOf(resource, namespace, name), {
        body,
        contentType: 'application/strategic-merge-patch+json',
        query: { fieldManager: 'kubectl-rollout' },
      });
      yield* printer.show(result, verb);
    }
    throwAll(failures);
  };
}

export const rollout: Command = {
  name: 'rollout',
  commands: [
    {
      name: 'history',
      run: history,
    },
    {
      name: 'pause',
      run: changer('paused'),
    },
    { name: 'restart', run: changer('restarted') },
    { name: 'resume', run: changer('resumed') },
    {
      name: 'status',
      run: status,
    },
    {
      name: 'undo',
      run: undo,
    },
  ],
};
