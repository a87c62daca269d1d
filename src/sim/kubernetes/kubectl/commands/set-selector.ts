// kubectl set selector and set subject: what a service selects, and whom a binding is for.

import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { pathOf } from '../discovery.ts';
import { dryRunOf, resultPrinter, writeQuery } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import { toLabelSelector } from '../label-selector.ts';
import { throwAll } from '../manifests.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, flagText, type Target, targetsOf } from '../targets.ts';
import { equal } from '../three-way.ts';

/** The objects of the command line: from the server, or as their files say with --local. */
function* objectsOf(
  call: Call,
  upTo: number | undefined,
  failures: Failure[],
): Routine<(Target & { object: KubeObject })[]> {
  const rules = { wholeTypes: call.values.is('all'), ...(upTo === undefined ? {} : { upTo }) };
  const targets = yield* targetsOf(call, rules, failures);
  if (!call.values.is('local')) return yield* fetchAll(call, targets, failures);
  return targets.flatMap((one) => (one.object ? [{ ...one, object: one.object }] : []));
}

function* setSelector(call: Call): Routine<void> {
  const dryRun = yield* dryRunOf(call);
  const text = call.args[call.args.length - 1];
  if (text === undefined) throw failure('one selector is required');
  const at = call.args.length - 1;
  const { matchLabels: selector, matchExpressions } = toLabelSelector(text);
  const failures: Failure[] = [];
  const printer = yield* resultPrinter(call, dryRun, true);
  for (const { object, resource, namespace, name } of yield* objectsOf(call, at, failures)) {
    if (object.kind !== 'Service')
      throw failure('setting a selector is only supported for Services');
    if (matchExpressions.length > 0) {
      const told = matchExpressions.map(
        ({ key, operator, values = [] }) => `{${key} ${operator} [${values.join(' ')}]}`,
      );
      throw failure(`match expression [${told.join(' ')}] not supported on this object`);
    }
    const old = ((object.spec ?? {}) as { selector?: Record<string, string> }).selector ?? {};
    const gone = Object.keys(old).filter((key) => !(key in selector));
    const changed = { ...object, spec: { ...(object.spec as object), selector } };
    const body = {
      spec: { selector: { ...selector, ...Object.fromEntries(gone.map((key) => [key, null])) } },
    };
    const path = pathOf(resource, namespace, name);
    yield* printer.show(
      yield* sent(call, path, changed, body, dryRun !== 'client', dryRun),
      'selector updated',
    );
  }
  throwAll(failures);
}

function* sent(
  call: Call,
  path: string,
  changed: KubeObject,
  body: object,
  toServer: boolean,
  dryRun: 'none' | 'client' | 'server',
): Routine<KubeObject> {
  if (!toServer || call.values.is('local')) return changed;
  const client = yield* call.client();
  return yield* client.call('PATCH', path, {
    body,
    contentType: 'application/strategic-merge-patch+json',
    query: writeQuery(call, dryRun, 'kubectl-set'),
  });
}

const GROUP = 'rbac.authorization.k8s.io';

function* setSubject(call: Call): Routine<void> {
  const { values } = call;
  const dryRun = yield* dryRunOf(call);
  if (values.is('local') && dryRun === 'server')
    throw failure('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
  if (values.is('all') && flagText(call, 'selector') !== '')
    throw failure('cannot set --all and --selector at the same time');
  const [users, groups, accounts] = ['user', 'group', 'serviceaccount'].map((flag) =>
    [...new Set(values.list(flag))].sort(),
  );
  const failures: Failure[] = [];
  const objects = yield* objectsOf(call, undefined, failures);
  throwAll(failures);
  if (![users, groups, accounts].some((list) => list?.length))
    throw failure('you must specify at least one value of user, group or serviceaccount');
  const here = yield* call.namespace();
  const subjects: object[] = [
    ...(users ?? []).map((name) => ({ apiGroup: GROUP, kind: 'User', name })),
    ...(groups ?? []).map((name) => ({ apiGroup: GROUP, kind: 'Group', name })),
    ...(accounts ?? []).map((account) => {
      const [namespace = '', name = '', ...more] = account.split(':');
      if (name === '' || more.length > 0)
        throw failure('serviceaccount must be <namespace>:<name>');
      if (namespace === '' && objects.some(({ object }) => object.kind === 'ClusterRoleBinding'))
        throw failure('serviceaccount must be <namespace>:<name>, namespace must be specified');
      return { kind: 'ServiceAccount', name, namespace: namespace || here };
    }),
  ];
  const printer = yield* resultPrinter(call, dryRun, true);
  for (const { object, resource, namespace, name } of objects) {
    if (resource.group !== GROUP || !resource.kind.endsWith('Binding')) {
      failures.push(
        new Failure(
          `error: ${resource.plural}/${name} setting subjects is only supported for RoleBinding/ClusterRoleBinding\n`,
        ),
      );
      continue;
    }
    const old = (object.subjects ?? []) as object[];
    const added = subjects.filter((one) => !old.some((other) => equal(one, other)));
    if (added.length === 0) continue;
    const body = { subjects: [...old, ...added] };
    const path = pathOf(resource, namespace, name);
    yield* printer.show(
      yield* sent(call, path, { ...object, ...body }, body, dryRun !== 'client', dryRun),
      'subjects updated',
    );
  }
  throwAll(failures);
}

export const selectorCommands: readonly Command[] = [
  { name: 'selector', run: setSelector },
  { name: 'subject', run: setSubject },
];
