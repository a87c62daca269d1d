// kubectl apply view-last-applied, set-last-applied and edit-last-applied.

import type { Routine } from '../../../core/wait.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import type { Call, Command } from '../command.ts';
import { pathOf } from '../discovery.ts';
import { type DryRun, dryRunOf, resultPrinter, writeQuery } from '../dry-run.ts';
import { type Failure, failure } from '../failure.ts';
import { LAST_APPLIED, lastApplied } from '../last-applied.ts';
import { throwAll } from '../manifests.ts';
import { compactJson, toJson } from '../output/json.ts';
import { fetchAll, targetsOf } from '../targets.ts';
import { equal } from '../three-way.ts';
import { editObjects } from './edit.ts';

function* view(call: Call): Routine<void> {
  const format = call.values.text('output');
  if (format !== 'yaml' && format !== 'json' && format !== '') {
    throw failure(
      `Unexpected -o output mode: ${format}, the flag 'output' must be one of yaml|json\nSee 'view-last-applied -h' for help and examples`,
    );
  }
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, {}, failures);
  for (const { object } of yield* fetchAll(call, targets, failures)) {
    const applied = lastApplied(object);
    // An object without the annotation is passed over: the error that is made of it wraps none.
    if (!applied) continue;
    yield* call.out(format === 'json' ? toJson(applied, 2) : toYaml(applied));
  }
  throwAll(failures);
}

function* set(call: Call): Routine<void> {
  const dryRun: DryRun = yield* dryRunOf(call);
  const failures: Failure[] = [];
  const client = yield* call.client();
  const printer = yield* resultPrinter(call, dryRun);
  for (const { object, resource, namespace, name } of yield* targetsOf(call, {}, failures)) {
    if (!object) continue;
    const path = pathOf(resource, namespace, name);
    const current = yield* client.call('GET', path);
    if (!lastApplied(current) && !call.values.is('create-annotation')) {
      throw failure(
        `no last-applied-configuration annotation found on resource: ${name}, to create the annotation, run the command with --create-annotation`,
      );
    }
    if (equal(lastApplied(current), object)) {
      yield* call.out(`set-last-applied ${name}: no changes required.\n`);
      continue;
    }
    // What is written is the object as it was given, without the annotations that apply would add.
    const text = `${compactJson(object)}\n`;
    const body = { metadata: { annotations: { [LAST_APPLIED]: text } } };
    const result =
      dryRun === 'client'
        ? current
        : yield* client.call('PATCH', path, {
            body,
            contentType: 'application/merge-patch+json',
            query: writeQuery(call, dryRun, 'kubectl'),
          });
    yield* printer.show(result, 'configured');
  }
  throwAll(failures);
}

function* editLast(call: Call): Routine<number | void> {
  const failures: Failure[] = [];
  const found = yield* fetchAll(call, yield* targetsOf(call, {}, failures), failures);
  throwAll(failures);
  const applied = found.flatMap((one) => {
    const object = lastApplied(one.object);
    return object ? [{ ...one, object }] : [];
  });
  if (applied.length === 0)
    throw failure(
      'no last-applied-configuration annotation found on resources, to create the annotation, use command `kubectl apply set-last-applied --create-annotation`',
    );
  return yield* editObjects(call, applied, 'last-applied');
}

export const lastAppliedCommands: readonly Command[] = [
  {
    name: 'edit-last-applied',
    run: editLast,
  },
  {
    name: 'set-last-applied',
    run: set,
  },
  {
    name: 'view-last-applied',
    run: view,
  },
];
