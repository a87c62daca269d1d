// kubectl taint.

import type { Routine } from '../../../core/wait.ts';
import { labelValue, qualifiedName } from '../../api/validation/names.ts';
import type { Call, Command } from '../command.ts';
import { pathOf } from '../discovery.ts';
import { dryRunOf, resultPrinter, writeQuery } from '../dry-run.ts';
import { type Failure, failure, usageFailure } from '../failure.ts';
import { throwAll } from '../manifests.ts';
import { fetchAll, targetsOf } from '../targets.ts';

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect?: string;
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** A taint from `key=value:effect`, `key:effect` or `key`; a text: what is wrong with it. */
function parseTaint(word: string): Taint | string {
  const [pair = '', effect, ...more] = word.split(':');
  if (more.length > 0) return `invalid taint spec: ${word}`;
  if (effect === undefined) {
    const wrong = qualifiedName(pair);
    return wrong.length > 0 ? `invalid taint spec: ${word}, ${wrong.join('; ')}` : { key: pair };
  }
  if (!EFFECTS.includes(effect)) {
    return `invalid taint effect: ${effect}, unsupported taint effect`;
  }
  const [key = '', value = '', ...rest] = pair.split('=');
  if (rest.length > 0) return `invalid taint spec: ${word}`;
  const wrong = [...labelValue(value), ...qualifiedName(key)];
  if (wrong.length > 0) return `invalid taint spec: ${word}, ${wrong.join('; ')}`;
  return { key, effect, ...(value ? { value } : {}) };
}

function* taints(call: Call): Routine<void> {
  const dryRun = yield* dryRunOf(call);
  const at = call.args.findIndex(
    (word) => word.includes('=') || word.includes(':') || word.endsWith('-'),
  );
  const words = at < 0 ? [] : call.args.slice(at);
  if (at === 0)
    throw failure(
      'one or more resources must be specified as <resource> <name> or <resource>/<name>',
    );
  if (words.length === 0) throw failure('at least one taint update is required');
  const add: Taint[] = [];
  const remove: Taint[] = [];
  for (const word of words) {
    const removing = word.endsWith('-');
    const taint = parseTaint(removing ? word.slice(0, -1) : word);
    if (typeof taint === 'string') throw usageFailure(call.path, taint);
    const { key, value, effect } = taint;
    if (!removing) {
      if (!effect) throw usageFailure(call.path, `invalid taint spec: ${word}`);
      if (add.some((one) => one.key === key && one.effect === effect)) {
        const shown = `{${key} ${value ?? ''} ${effect} <nil>}`;
        throw usageFailure(call.path, `duplicated taints with the same key and effect: ${shown}`);
      }
    }
    if (removing) remove.push({ key, ...(effect ? { effect } : {}) });
    else add.push(taint);
  }
  const both = remove.filter(({ key, effect }) =>
    add.some((one) => one.key === key && (effect === undefined || one.effect === effect)),
  );
  if (both.length > 0) {
    const listed = both.map(({ key, effect = '' }) => `${key}=${effect}`).join(', ');
    throw failure(
      `can not both modify and remove the following taint(s) in the same command: ${listed}`,
    );
  }
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, { upTo: at }, failures);
  const other = targets.some(({ resource }) => resource.kind !== 'Node');
  if (other)
    throw failure(`invalid resource type ${call.args[0] ?? ''}, only node types are supported`);
  const printer = yield* resultPrinter(call, dryRun);
  const client = yield* call.client();
  for (const { object, resource, namespace, name } of yield* fetchAll(call, targets, failures)) {
    const before = (object.spec as { taints?: Taint[] } | undefined)?.taints ?? [];
    const clash = add.find((one) =>
      before.some((old) => old.key === one.key && old.effect === one.effect),
    );
    if (clash && !call.values.is('overwrite')) {
      failures.push(
        failure(
          `node ${name} already has ${clash.key} taint(s) with same effect(s) and --overwrite is false`,
        ),
      );
      continue;
    }
    const gone = (old: Taint): boolean =>
      remove.some(
        (one) => one.key === old.key && (one.effect === undefined || one.effect === old.effect),
      );
    const missing = remove.find(
      (one) =>
        !before.some(
          (old) => old.key === one.key && (one.effect === undefined || one.effect === old.effect),
        ),
    );
    if (missing) {
      failures.push(
        failure(`taint "${missing.key}${missing.effect ? `:${missing.effect}` : ''}" not found`),
      );
      continue;
    }
    const kept = before.filter(
      (old) => !gone(old) && !add.some((one) => one.key === old.key && one.effect === old.effect),
    );
    const body = { spec: { taints: [...add, ...kept] } };
    const result =
      dryRun === 'client'
        ? object
        : yield* client.call('PATCH', pathOf(resource, namespace, name), {
            body,
            contentType: 'application/merge-patch+json',
            query: writeQuery(call, dryRun, 'kubectl-taint'),
          });
    yield* printer.show(
      result,
      add.length === 0 ? 'untainted' : remove.length > 0 || clash ? 'modified' : 'tainted',
    );
  }
  throwAll(failures);
}

export const taint: Command = {
  name: 'taint',
  run: taints,
};
