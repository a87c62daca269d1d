// kubectl rollout: status, history, undo, pause, resume and restart of deployments, daemon sets and stateful sets.

import { rfc3339, SECOND } from '../../../core/time.ts';
import { type Routine, sleepUntil } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { templateLines } from '../describe/pod.ts';
import { Lines } from '../describe/writer.ts';
import { fullName, pathOf } from '../discovery.ts';
import { dryRunOf, resultPrinter, writeQuery } from '../dry-run.ts';
import { type Failure, failure } from '../failure.ts';
import { LAST_APPLIED } from '../last-applied.ts';
import { throwAll } from '../manifests.ts';
import { tabulate } from '../output/tabwriter.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, itemsOf, type Target, targetsOf } from '../targets.ts';

type Found = Target & { object: KubeObject };
type Fields = Readonly<Record<string, unknown>>;

function* found(call: Call): Routine<Found[]> {
  const failures: Failure[] = [];
  const objects = yield* fetchAll(call, yield* targetsOf(call, {}, failures), failures);
  throwAll(failures);
  return objects;
}

const num = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** The sentence about a rollout's progress, and whether it is over. */
function progress({ object, resource, name }: Found): { text: string; done: boolean } {
  const spec = (object.spec ?? {}) as Fields;
  const status = (object.status ?? {}) as Fields;
  const wanted = typeof spec.replicas === 'number' ? spec.replicas : 1;
  const unseen = num(object.metadata?.generation) > num(status.observedGeneration);
  switch (resource.kind) {
    case 'Deployment': {
      if (unseen)
        return { text: 'Waiting for deployment spec update to be observed...\n', done: false };
      const conditions = (status.conditions ?? []) as { type: string; reason?: string }[];
      if (
        conditions.find((one) => one.type === 'Progressing')?.reason === 'ProgressDeadlineExceeded'
      ) {
        throw failure(`deployment "${name}" exceeded its progress deadline`);
      }
      const [updated, all, available] = [
        num(status.updatedReplicas),
        num(status.replicas),
        num(status.availableReplicas),
      ];
      if (updated < wanted)
        return {
          text: `Waiting for deployment "${name}" rollout to finish: ${updated} out of ${wanted} new replicas have been updated...\n`,
          done: false,
        };
      if (all > updated)
        return {
          text: `Waiting for deployment "${name}" rollout to finish: ${all - updated} old replicas are pending termination...\n`,
          done: false,
        };
      if (available < updated)
        return {
          text: `Waiting for deployment "${name}" rollout to finish: ${available} of ${updated} updated replicas are available...\n`,
          done: false,
        };
      return { text: `deployment "${name}" successfully rolled out\n`, done: true };
    }
    case 'DaemonSet': {
      if (unseen)
        return { text: 'Waiting for daemon set spec update to be observed...\n', done: false };
      const [updated, all, available] = [
        num(status.updatedNumberScheduled),
        num(status.desiredNumberScheduled),
        num(status.numberAvailable),
      ];
      if (updated < all)
        return {
          text: `Waiting for daemon set "${name}" rollout to finish: ${updated} out of ${all} new pods have been updated...\n`,
          done: false,
        };
      if (available < all)
        return {
          text: `Waiting for daemon set "${name}" rollout to finish: ${available} of ${all} updated pods are available...\n`,
          done: false,
        };
      return { text: `daemon set "${name}" successfully rolled out\n`, done: true };
    }
    case 'StatefulSet': {
      const strategy = (spec.updateStrategy ?? {}) as {
        type?: string;
        rollingUpdate?: { partition?: number };
      };
      if (strategy.type !== 'RollingUpdate')
        throw failure(`rollout status is only available for RollingUpdate strategy type`);
      if (unseen)
        return { text: 'Waiting for statefulset spec update to be observed...\n', done: false };
      const [ready, updated] = [num(status.readyReplicas), num(status.updatedReplicas)];
      if (ready < wanted)
        return { text: `Waiting for ${wanted - ready} pods to be ready...\n`, done: false };
      const partition = strategy.rollingUpdate?.partition;
      if (partition !== undefined) {
        if (updated < wanted - partition)
          return {
            text: `Waiting for partitioned roll out to finish: ${updated} out of ${wanted - partition} new pods have been updated...\n`,
            done: false,
          };
        return {
          text: `partitioned roll out complete: ${updated} new pods have been updated...\n`,
          done: true,
        };
      }
      if (status.updateRevision !== status.currentRevision)
        return {
          text: `waiting for statefulset rolling update to complete ${updated} pods at revision ${String(status.updateRevision)}...\n`,
          done: false,
        };
      return {
        text: `statefulset rolling update complete ${num(status.currentReplicas)} pods at revision ${String(status.currentRevision)}...\n`,
        done: true,
      };
    }
    default:
      throw failure(`no status viewer has been implemented for ${resource.kind}.${resource.group}`);
  }
}

function* status(call: Call): Routine<void> {
  const timeout = call.values.duration('timeout');
  const until = timeout > 0 ? call.main.process.now + timeout : Number.POSITIVE_INFINITY;
  const client = yield* call.client();
  for (const target of yield* found(call)) {
    let last = '';
    for (let { object } = target; ; ) {
      const { text, done } = progress({ ...target, object });
      if (text !== last) yield* call.out(text);
      yield* call.main.out.flush();
      last = text;
      if (done || !call.values.is('watch')) break;
      if (call.main.process.now >= until) throw failure('timed out waiting for the condition');
      yield* sleepUntil(Math.min(until, call.main.process.now + SECOND / 20));
      object = yield* client.call('GET', pathOf(target.resource, target.namespace, target.name));
    }
  }
}

interface Revision {
  readonly number: number;
  readonly cause: string;
  readonly object: KubeObject;
  readonly template: Fields;
}

const REVISION = 'deployment.kubernetes.io/revision';

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

const ROLLED = new Set(['Deployment', 'DaemonSet', 'StatefulSet']);

function* history(call: Call): Routine<void> {
  const wanted = call.values.number('revision');
  for (const target of yield* found(call)) {
    const { resource, name } = target;
    if (!ROLLED.has(resource.kind))
      throw failure(`no history viewer has been implemented for "${resource.kind}"`);
    const list = yield* revisions(call, target);
    const title = `${resource.kind.toLowerCase()}.${resource.group}/${name}`;
    if (wanted > 0) {
      const one = list.find(({ number }) => number === wanted);
      if (!one) throw failure(`unable to find the specified revision`);
      const out = new Lines();
      templateLines(out, one.template as never);
      yield* call.out(`${title} with revision #${wanted}\n${out.unaligned()}\n`);
      continue;
    }
    const rows = list.map(({ number, cause }) => `${number}\t${cause}\n`).join('');
    yield* call.out(
      `${title} \n${tabulate(`REVISION\tCHANGE-CAUSE\n${rows}`, { minimum: 0, padding: 2 })}\n`,
    );
  }
}

function* undo(call: Call): Routine<void> {
  const client = yield* call.client();
  const wanted = call.values.number('to-revision');
  const dryRun = yield* dryRunOf(call);
  const printer = yield* resultPrinter(call, dryRun);
  for (const target of yield* found(call)) {
    const { object, resource, namespace, name } = target;
    if (object.metadata?.annotations?.[LAST_APPLIED] !== undefined)
      yield* call.err(appliedWarning(`${resource.plural}/${name}`));
    if (!ROLLED.has(resource.kind))
      throw failure(`no rollbacker has been implemented for "${resource.kind}"`);
    const list = yield* revisions(call, target);
    const latest = list[list.length - 1];
    const chosen =
      wanted > 0 ? list.find(({ number }) => number === wanted) : list[list.length - 2];
    if (!chosen)
      throw failure(
        wanted > 0
          ? `unable to find specified revision ${wanted} in history`
          : `no rollout history found for ${resource.kind.toLowerCase()} "${name}"`,
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
        `skipped rollback (current template already matches revision ${chosen.number})`,
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

/** pause, resume and restart: one patch each. */
function changer(verb: 'paused' | 'resumed' | 'restarted'): (call: Call) => Routine<void> {
  return function* (call) {
    const client = yield* call.client();
    const printer = yield* resultPrinter(call, 'none');
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
      const annotations = { 'kubectl.kubernetes.io/restartedAt': rfc3339(call.main.process.now) };
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
