// kubectl delete: by file, name, selector, all; cascades, grace periods, waiting until the objects are gone.

import { SECOND } from '../../../core/time.ts';
import { type Routine, sleepUntil } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { kindName, pathOf } from '../discovery.ts';
import { dryRunOf } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import { throwAll } from '../manifests.ts';
import { nameOf } from '../output/printers.ts';
import { deleteRaw } from '../raw.ts';
import { fetchAll, flagText, hasFiles, nothingNamed, type Target, targetsOf } from '../targets.ts';

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

function* cascadeOf(call: Call): Routine<string> {
  const text = call.values.text('cascade');
  const policy = CASCADES[text];
  if (policy === undefined) {
    throw failure(
      `invalid cascade value (${text}). Must be "background", "foreground", or "orphan"`,
    );
  }
  if (text === 'true' || text === 'false')
    yield* call.err(
      `warning: --cascade=${text} is deprecated (boolean value) and can be replaced with --cascade=${policy.toLowerCase()}.\n`,
    );
  return policy;
}

/** --grace-period as --now and --force change it; 0 without --force is 1. */
function graceOf({ values }: Call): number {
  const grace = values.number('grace-period');
  const force = values.is('force');
  if (values.is('now')) {
    if (grace !== -1) throw failure('--now and --grace-period cannot be specified together');
    return 1;
  }
  if (grace === 0 && !force) return 1;
  return force && grace < 0 ? 0 : grace;
}

function* validate(call: Call, grace: number): Routine<void> {
  const { values } = call;
  const output = values.text('output');
  if (output !== '' && output !== 'name')
    throw failure(`unexpected -o output mode: ${output}. We only support '-o name'`);
  if (!values.is('force')) return;
  if (grace > 0)
    throw failure('--force and --grace-period greater than 0 cannot be specified together');
  yield* call.err(
    'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
  );
}

function* runDelete(call: Call): Routine<void> {
  const { values } = call;
  const policy = yield* cascadeOf(call);
  const grace = graceOf(call);
  const dryRun = yield* dryRunOf(call);
  if (values.text('raw') !== '') {
    yield* validate(call, grace);
    return yield* deleteRaw(call);
  }
  const failures: Failure[] = [];
  const named = yield* namedTargets(call, failures);
  yield* validate(call, grace);
  const targets = yield* chosenTargets(call, named, failures);
  if (values.is('interactive') && !(yield* confirmed(call, targets, failures))) return;
  const deleted: { target: Target; uid: string }[] = [];
  const rules = { policy, grace, force: grace === 0, dryRun };
  yield* warnOfScope(call, targets);
  for (const target of targets) {
    try {
      const uid = yield* deleteOne(call, target, rules);
      deleted.push({ target, uid });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.status?.reason !== 'NotFound' || !ignoresMissing(call)) failures.push(error);
    }
  }
  if (targets.length === 0 && failures.length === 0) yield* call.out('No resources found\n');
  throwAll(failures);
  if (values.is('wait') && dryRun === 'none') yield* waitGone(call, deleted);
}

/** True where what is not there is no mistake: always where a selector has chosen. */
function ignoresMissing(call: Call): boolean {
  if (call.values.changed('ignore-not-found')) return call.values.is('ignore-not-found');
  return selects(call);
}

function selects(call: Call): boolean {
  const { values } = call;
  return (
    values.is('all') || flagText(call, 'selector') !== '' || flagText(call, 'field-selector') !== ''
  );
}

/** A namespace on the command line means nothing for what has none. */
function* warnOfScope(call: Call, targets: readonly Target[]): Routine<void> {
  if (!call.values.changed('namespace') || call.values.is('all-namespaces')) return;
  if (targets.every(({ resource }) => resource.namespaced)) return;
  yield* call.err(
    'Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n',
  );
}

/** --interactive: shows what would be deleted and asks. */
function* confirmed(
  call: Call,
  targets: readonly Target[],
  failures: readonly Failure[],
): Routine<boolean> {
  throwAll(failures);
  if (targets.length === 0) {
    yield* call.out('No resources found\n');
    return false;
  }
  yield* call.out(`You are about to delete the following ${targets.length} resource(s):\n`);
  for (const { resource, name } of targets) yield* call.out(`${kindName(resource)}/${name}\n`);
  yield* call.out('Do you want to continue? (y/N): ');
  yield* call.main.out.flush();
  const line = yield* call.main.input.line();
  if (line?.trim().toLowerCase() === 'y') return true;
  yield* call.out('deletion is cancelled\n');
  return false;
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

/** What the command line names (the builder's part), before anything of it is asked for. */
function* namedTargets(call: Call, failures: Failure[]): Routine<Target[]> {
  if (
    call.values.is('all') &&
    (flagText(call, 'selector') !== '' || flagText(call, 'field-selector') !== '')
  )
    throw failure("setting 'all' parameter but found a non empty selector. ");
  if (call.args.length === 0 && !hasFiles(call)) throw nothingNamed();
  if (call.args.length > 1 && selects(call)) {
    throw failure(
      call.args.some((word) => word.includes('/'))
        ? 'selectors and the all flag cannot be used when passing resource/name arguments'
        : 'name cannot be provided when a selector is specified',
    );
  }
  if (call.args[0]?.includes('/') && selects(call))
    throw failure('selectors and the all flag cannot be used when passing resource/name arguments');
  return yield* targetsOf(call, {}, failures);
}

/** The objects themselves: whole collections are listed. */
function* chosenTargets(
  call: Call,
  targets: readonly Target[],
  failures: Failure[],
): Routine<Target[]> {
  const whole = targets.filter(({ name }) => name === '');
  if (whole.length === 0) return [...targets];
  const found = yield* fetchAll(call, whole, failures);
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
  if (rules.dryRun !== 'client') {
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
  const suffix =
    rules.dryRun === 'client' ? ' (dry run)' : rules.dryRun === 'server' ? ' (server dry run)' : '';
  const where = resource.namespaced ? ` from ${namespace} namespace` : '';
  yield* call.out(
    `${kindName(resource)} "${name}" ${rules.force ? 'force deleted' : 'deleted'}${where}${suffix}\n`,
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
        throw failure(`timed out waiting for the condition on ${resource.plural}/${name}`);
      yield* sleepUntil(Math.min(until, call.main.process.now + pause));
      pause = Math.min(SECOND, pause * 2);
    }
  }
}
