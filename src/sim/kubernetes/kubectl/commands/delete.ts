// kubectl delete: by file, name, selector, all; cascades, grace periods, waiting until the objects are gone.

import { SECOND } from '../../../core/time.ts';
import { type Routine, sleepUntil } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { fullName, pathOf } from '../discovery.ts';
import { dryRunOf } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import { throwAll } from '../manifests.ts';
import { nameOf } from '../output/printers.ts';
import { fetchAll, flagText, hasFiles, type Target, targetsOf } from '../targets.ts';

export const remove: Command = {
  name: 'delete',
  run: runDelete,
};

const CASCADES: Readonly<Record<string, string>> = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
  true: 'Background',
  false: 'Orphan',
};

function* runDelete(call: Call): Routine<void> {
  const { values } = call;
  const dryRun = yield* dryRunOf(call);
  const policy = CASCADES[values.text('cascade')];
  if (policy === undefined) {
    throw failure(
      `invalid cascade value (${values.text('cascade')}). Must be "background", "foreground", or "orphan"`,
    );
  }
  let grace = values.number('grace-period');
  const force = values.is('force');
  if (values.is('now')) {
    if (grace !== -1) throw failure('--now and --grace-period cannot be specified together');
    grace = 1;
  }
  if (values.is('all') && flagText(call, 'selector'))
    throw failure('setting --all with a selector is not allowed');
  const output = values.text('output');
  if (output !== '' && output !== 'name')
    throw failure(`unexpected -o output mode: ${output}. We only support '-o name'`);
  if (force && grace > 0)
    throw failure('--force and --grace-period greater than 0 cannot be specified together');
  if (force) {
    grace = 0;
    yield* call.err(
      'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
    );
  } else if (grace === 0) {
    grace = 1;
  }
  const failures: Failure[] = [];
  const targets = yield* chosenTargets(call, failures);
  const deleted: { target: Target; uid: string }[] = [];
  for (const target of targets) {
    try {
      const uid = yield* deleteOne(call, target, { policy, grace, force, dryRun });
      deleted.push({ target, uid });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (
        error.status?.reason === 'NotFound' &&
        (values.is('ignore-not-found') || values.is('all'))
      )
        continue;
      failures.push(error);
    }
  }
  if (targets.length === 0 && failures.length === 0) yield* call.out('No resources found\n');
  throwAllAfterWait(failures);
  if (values.is('wait') && dryRun === 'none') yield* waitGone(call, deleted);
}

/** Deletes objects that a command made itself, in the background; those that are gone already are passed over. */
export function* deleteTargets(
  call: Call,
  targets: readonly Target[],
  quiet: boolean,
): Routine<void> {
  const rules = { policy: 'Background', grace: -1, force: false, dryRun: 'none', quiet };
  for (const target of targets) {
    try {
      yield* deleteOne(call, target, rules);
    } catch (error) {
      if (!(error instanceof Failure) || error.status?.reason !== 'NotFound') throw error;
    }
  }
}

function throwAllAfterWait(failures: readonly Failure[]): void {
  throwAll(failures);
}

function* chosenTargets(call: Call, failures: Failure[]): Routine<Target[]> {
  const selects =
    flagText(call, 'selector') || flagText(call, 'field-selector') || call.values.is('all');
  if (call.args.length === 0 && !hasFiles(call)) {
    throw failure(`You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`);
  }
  const targets = yield* targetsOf(call, {}, failures);
  if (!selects && !targets.some(({ name }) => name === '')) return targets;
  const found = yield* fetchAll(
    call,
    targets.filter(({ name }) => name === ''),
    failures,
  );
  return [...targets.filter(({ name }) => name !== ''), ...found];
}

interface DeleteRules {
  readonly policy: string;
  readonly grace: number;
  readonly force: boolean;
  readonly dryRun: string;
  readonly quiet?: boolean;
}

function* deleteOne(call: Call, target: Target, rules: DeleteRules): Routine<string> {
  const client = yield* call.client();
  const { resource, namespace, name, source } = target;
  const path = pathOf(resource, namespace, name);
  let uid = '';
  const doing = source === undefined ? '' : `error when deleting "${source}"`;
  if (rules.dryRun === 'client') {
    yield* client.call('GET', path, { doing });
  } else {
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: rules.policy,
      ...(rules.grace >= 0 ? { gracePeriodSeconds: rules.grace } : {}),
      ...(rules.dryRun === 'server' ? { dryRun: ['All'] } : {}),
    };
    const answer = yield* client.call('DELETE', path, { body, doing });
    const details = answer.details as { uid?: string } | undefined;
    uid = answer.kind === 'Status' ? (details?.uid ?? '') : (answer.metadata?.uid ?? '');
  }
  if (rules.quiet) return uid;
  if (call.values.text('output') === 'name') {
    yield* call.out(
      `${nameOf({ apiVersion: resource.group === '' ? resource.version : `${resource.group}/${resource.version}`, kind: resource.kind, metadata: { name } })}\n`,
    );
    return uid;
  }
  const singular =
    resource.group === ''
      ? resource.singular || resource.kind.toLowerCase()
      : `${resource.singular || resource.kind.toLowerCase()}.${resource.group}`;
  const suffix =
    rules.dryRun === 'client' ? ' (dry run)' : rules.dryRun === 'server' ? ' (server dry run)' : '';
  const where = resource.namespaced ? ` from ${namespace} namespace` : '';
  yield* call.out(
    `${singular} "${name}" ${rules.force ? 'force deleted' : 'deleted'}${where}${suffix}\n`,
  );
  yield* call.main.out.flush();
  return uid;
}

/** Waits until the objects are gone, or others have taken their names. */
function* waitGone(call: Call, deleted: readonly { target: Target; uid: string }[]): Routine<void> {
  const client = yield* call.client();
  const timeout = call.values.duration('timeout');
  const until = timeout > 0 ? call.main.process.now + timeout : Number.POSITIVE_INFINITY;
  for (const { target, uid } of deleted) {
    const { resource, namespace, name } = target;
    let pause = SECOND / 10;
    for (;;) {
      try {
        const now = yield* client.call('GET', pathOf(resource, namespace, name));
        if (uid !== '' && now.metadata?.uid !== uid) break;
      } catch (error) {
        if (error instanceof Failure && error.status) break;
        throw error;
      }
      if (call.main.process.now >= until)
        throw failure(`timed out waiting for the condition on ${fullName(resource)}/${name}`);
      yield* sleepUntil(Math.min(until, call.main.process.now + pause));
      pause = Math.min(SECOND, pause * 2);
    }
  }
}
