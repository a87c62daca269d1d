// kubectl label, annotate and taint's likes: key=value and key- over many objects.

import type { Routine } from '../../../core/wait.ts';
import { labelValue } from '../../api/validation/names.ts';
import type { Call, Command } from '../command.ts';
import { pathOf } from '../discovery.ts';
import { dryRunOf, resultPrinter, writeQuery } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import { throwAll } from '../manifests.ts';
import { recorded } from '../record.ts';
import type { KubeObject } from '../rest.ts';
import { checkTogether, fetchAll, hasFiles, targetsOf } from '../targets.ts';

interface Words {
  readonly verb: 'label' | 'annotate';
  readonly field: 'labels' | 'annotations';
  readonly one: 'label' | 'annotation';
}

export const label: Command = {
  name: 'label',
  run: (call) => change(call, { verb: 'label', field: 'labels', one: 'label' }),
};

export const annotate: Command = {
  name: 'annotate',
  run: (call) => change(call, { verb: 'annotate', field: 'annotations', one: 'annotation' }),
};

interface Changes {
  readonly add: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
  readonly resources: number;
}

/** A word that changes something: `key=value`, `key-`. */
function isChange(word: string): boolean {
  return word.includes('=') ? !word.startsWith('=') : word.endsWith('-') && word !== '-';
}

/** What kubectl itself refuses of `key=value`. */
function checkLabel(word: string): void {
  const [, value = '', ...more] = word.split('=');
  if (more.length > 0) throw failure(`invalid label spec: ${word}`);
  const wrong = labelValue(value);
  if (wrong.length > 0)
    throw failure(`invalid label value: ${JSON.stringify(word)}: ${wrong.join(';')}`);
}

function changesOf(args: readonly string[], words: Words): Changes {
  let resources = args.findIndex(isChange);
  if (resources < 0) resources = args.length;
  const add = new Map<string, string>();
  const remove: string[] = [];
  for (const word of args.slice(resources)) {
    if (!isChange(word))
      throw failure(`all resources must be specified before ${words.one} changes: ${word}`);
    const at = word.indexOf('=');
    if (at > 0 && words.verb === 'label') checkLabel(word);
    if (at > 0) add.set(word.slice(0, at), word.slice(at + 1));
    else remove.push(word.slice(0, -1));
  }
  const both = remove.find((key) => add.has(key));
  if (both !== undefined) {
    throw failure(
      words.verb === 'label'
        ? 'can not both modify and remove a label in the same command'
        : `can not both modify and remove the following annotation(s) in the same command: ${remove.filter((key) => add.has(key)).join(', ')}`,
    );
  }
  return { add, remove, resources };
}

function* change(call: Call, words: Words): Routine<void> {
  const { values } = call;
  const dryRun = yield* dryRunOf(call);
  const { add, remove, resources } = changesOf(call.args, words);
  checkTogether(call);
  if (values.is('local') && resources > 0)
    throw failure(
      'can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set',
    );
  if (resources === 0 && !hasFiles(call))
    throw failure(
      'one or more resources must be specified as <resource> <name> or <resource>/<name>',
    );
  if (add.size === 0 && remove.length === 0 && !values.is('list'))
    throw failure(`at least one ${words.one} update is required`);
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, { upTo: resources }, failures);
  const objects = values.is('local')
    ? targets.flatMap((target) => (target.object ? [{ ...target, object: target.object }] : []))
    : yield* fetchAll(call, targets, failures);
  if (values.text('resource-version') !== '' && targets.length > 1)
    throw failure('--resource-version may only be used with a single resource');
  const printer = yield* resultPrinter(call, dryRun);
  const done = words.verb === 'label' ? 'labeled' : 'annotated';
  for (const { object, resource, namespace, name } of objects) {
    try {
      const before = (object.metadata?.[words.field] ?? {}) as Record<string, string>;
      refuseOverwrites(before, add, values.is('overwrite'), words);
      let operation = done;
      const gone = remove.filter((key) => before[key] !== undefined);
      if (words.verb === 'label') {
        for (const key of remove)
          if (!gone.includes(key)) yield* call.out(`label "${key}" not found.\n`);
        const changed = [...add].some(([key, value]) => before[key] !== value) || gone.length > 0;
        if (!changed) operation = 'not labeled';
        else if (add.size === 0) operation = 'unlabeled';
      }
      const patch: Record<string, string | null> = Object.fromEntries(add);
      for (const key of gone) patch[key] = null;
      const result =
        dryRun === 'client' || values.is('local')
          ? locally(object, words.field, patch)
          : operation === 'not labeled' || Object.keys(patch).length === 0
            ? object
            : yield* send();
      if (!values.is('list')) {
        yield* printer.show(result, operation);
        continue;
      }
      const now = (result.metadata?.[words.field] ?? {}) as Record<string, string>;
      if (values.text('output') === '' && objects.length > 1)
        yield* call.out(`Listing ${words.field} for ${resource.kind}.${resource.group}/${name}:\n`);
      for (const [key, value] of Object.entries(now).sort())
        yield* call.out(`${objects.length > 1 ? ' ' : ''}${key}=${value}\n`);
      function* send(): Routine<KubeObject> {
        const client = yield* call.client();
        const version = values.text('resource-version');
        const body = {
          metadata: { [words.field]: patch, ...(version ? { resourceVersion: version } : {}) },
        };
        return yield* client.call('PATCH', pathOf(resource, namespace, name), {
          body: recorded(call, body),
          contentType: 'application/merge-patch+json',
          query: writeQuery(call, dryRun, `kubectl-${words.verb}`),
        });
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  throwAll(failures);
}

function refuseOverwrites(
  before: Readonly<Record<string, string>>,
  add: ReadonlyMap<string, string>,
  overwrite: boolean,
  words: Words,
): void {
  if (overwrite) return;
  const clashes = [...add].filter(
    ([key, value]) =>
      before[key] !== undefined && (words.verb === 'annotate' || before[key] !== value),
  );
  if (clashes.length === 0) return;
  const texts = clashes.map(([key]) => `'${key}' already has a value (${before[key] ?? ''})`);
  if (words.verb === 'label') throw failure(`${texts[0] ?? ''}, and --overwrite is false`);
  throw failure(
    `--overwrite is false but found the following declared annotation(s): ${texts.join('; ')}`,
  );
}

function locally(
  object: KubeObject,
  field: string,
  patch: Readonly<Record<string, string | null>>,
): KubeObject {
  const merged = { ...(object.metadata?.[field] as object | undefined), ...patch };
  const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
  return { ...object, metadata: { ...object.metadata, [field]: kept } };
}
