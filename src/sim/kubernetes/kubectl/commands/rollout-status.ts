// kubectl rollout status, and what the commands of kubectl rollout share: their objects, and how far a rollout is.

import { SECOND } from '../../../core/time.ts';
import { type Routine, sleepUntil } from '../../../core/wait.ts';
import type { Call } from '../command.ts';
import { type ApiResource, pathOf } from '../discovery.ts';
import { type Failure, failure } from '../failure.ts';
import { throwAll } from '../manifests.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, hasFiles, type Target, targetsOf } from '../targets.ts';

export type Found = Target & { object: KubeObject };
export type Fields = Readonly<Record<string, unknown>>;

/** The objects of the command line: a bare type means all of it. Revisions are no negative numbers. */
export function* found(call: Call): Routine<Found[]> {
  if (call.args.length === 0 && !hasFiles(call)) throw failure('required resource not specified');
  const revision = call.values.changed('revision') ? call.values.number('revision') : 0;
  if (revision < 0) throw failure(`revision must be a positive integer: ${revision}`);
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, { wholeTypes: true }, failures);
  const objects = yield* fetchAll(call, targets, failures);
  throwAll(failures);
  return objects;
}

/** The annotation that counts a deployment's revisions. */
export const REVISION = 'deployment.kubernetes.io/revision';

/** A number, 0 where there is none. */
export const num = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** `Deployment.apps`, and a kind of the core group alone (schema.GroupKind). */
export function groupKind({ kind, group }: ApiResource): string {
  return group === '' ? kind : `${kind}.${group}`;
}

/** The strategy of a daemon or stateful set, which has to replace its pods by itself. */
function checkRolling(spec: Fields): { rollingUpdate?: { partition?: number } } {
  const strategy = (spec.updateStrategy ?? {}) as {
    type?: string;
    rollingUpdate?: { partition?: number };
  };
  if (strategy.type !== 'RollingUpdate')
    throw failure('rollout status is only available for RollingUpdate strategy type');
  return strategy;
}

/** The sentence about a rollout's progress, and whether it is over. */
function progress(
  { object, resource, name }: Found,
  revision: number,
): { text: string; done: boolean } {
  const spec = (object.spec ?? {}) as Fields;
  const status = (object.status ?? {}) as Fields;
  const wanted = typeof spec.replicas === 'number' ? spec.replicas : 1;
  const unseen = num(object.metadata?.generation) > num(status.observedGeneration);
  switch (resource.kind) {
    case 'Deployment': {
      const running = Number(object.metadata?.annotations?.[REVISION] ?? 0);
      if (revision > 0 && revision !== running)
        throw failure(
          `desired revision (${revision}) is different from the running revision (${running})`,
        );
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
      checkRolling(spec);
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
      const strategy = checkRolling(spec);
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
      throw failure(`no status viewer has been implemented for ${groupKind(resource)}`);
  }
}

/** Runs `kubectl rollout status`. */
export function* status(call: Call): Routine<void> {
  const timeout = call.values.duration('timeout');
  const until = timeout > 0 ? call.main.process.now + timeout : Number.POSITIVE_INFINITY;
  const client = yield* call.client();
  for (const target of yield* found(call)) {
    let last = '';
    for (let { object } = target; ; ) {
      const { text, done } = progress({ ...target, object }, call.values.number('revision'));
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
