// kubectl patch, replace and scale.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../../userland/libc/whole-file.ts';
import { parseYaml, YamlProblem } from '../../../userland/yaml/read.ts';
import type { Call, Command } from '../command.ts';
import { groupVersion, pathOf } from '../discovery.ts';
import { dryRunOf, fieldValidation, resultPrinter, writeQuery } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import { withLastApplied } from '../last-applied.ts';
import { throwAll } from '../manifests.ts';
import { patchedHere } from '../overrides.ts';
import { writeRaw } from '../raw.ts';
import { recordAfter, recorded } from '../record.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, hasFiles, nothingNamed, targetsOf } from '../targets.ts';
import { equal } from '../three-way.ts';

const TYPES: Readonly<Record<string, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

export const patch: Command = {
  name: 'patch',
  run: runPatch,
};

function* runPatch(call: Call): Routine<void> {
  const { values } = call;
  const dryRun = yield* dryRunOf(call);
  const contentType = TYPES[values.text('type').toLowerCase()];
  let given = values.text('patch');
  const file = values.text('patch-file');
  if (given !== '' && file !== '')
    throw failure('cannot specify --patch and --patch-file together');
  if (given === '' && file === '')
    throw failure('must specify --patch or --patch-file containing the contents of the patch');
  if (contentType === undefined)
    throw failure(`--type must be one of [json merge strategic], not "${values.text('type')}"`);
  if (file !== '') {
    const bytes = yield* readFile(call.main.process, file);
    if (isErrno(bytes))
      throw failure(`unable to read patch file: open ${file}: ${bytes.message.toLowerCase()}`);
    given = decode(bytes);
  }
  let body: unknown = given;
  try {
    body = JSON.parse(given);
  } catch {
    const read = given.trimStart().startsWith('{') ? given : parseYaml(given);
    if (read instanceof YamlProblem) throw failure(`unable to parse "${given}": ${read.message}`);
    body = read;
  }
  const failures: Failure[] = [];
  if (call.args.length === 0 && !hasFiles(call)) throw nothingNamed();
  const local = values.is('local');
  if (local && !hasFiles(call)) throw failure('cannot specify --local and server resources');
  const targets = yield* targetsOf(call, {}, failures);
  // Of a dry run patch says nothing.
  const printer = yield* resultPrinter(call, 'none');
  const client = yield* call.client();
  for (const target of targets) {
    try {
      const { resource, namespace, name, object } = target;
      const path = pathOf(resource, namespace, name, values.text('subresource'));
      const before = local && object ? object : yield* client.call('GET', path);
      if (dryRun === 'client' || local) {
        const after = patchedHere(before, body, values.text('type').toLowerCase());
        yield* printer.show(after, equal(before, after) ? 'patched (no change)' : 'patched');
        continue;
      }
      const result = yield* client.call('PATCH', path, {
        body,
        contentType,
        query: writeQuery(call, dryRun, 'kubectl-patch'),
      });
      if (dryRun === 'none') yield* recordAfter(call, pathOf(resource, namespace, name));
      yield* printer.show(
        result,
        (dryRun === 'server' ? equal : same)(before, result) && values.text('subresource') === ''
          ? 'patched (no change)'
          : 'patched',
      );
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(
        error.status?.reason === 'UnsupportedMediaType'
          ? unsupported(target, values.text('type'), error)
          : error,
      );
    }
  }
  throwAll(failures);
}

function unsupported(
  { resource }: { resource: Parameters<typeof groupVersion>[0] & { kind: string } },
  type: string,
  error: Failure,
): Failure {
  return failure(
    `${TYPES[type] ?? ''} is not supported by ${groupVersion(resource)}, Kind=${resource.kind}: ${error.status?.message ?? ''}`,
  );
}

function same(before: KubeObject, after: KubeObject): boolean {
  return (
    before.metadata?.resourceVersion === after.metadata?.resourceVersion || equal(before, after)
  );
}

export const replace: Command = {
  name: 'replace',
  run: runReplace,
};

function* runReplace(call: Call): Routine<void> {
  const { values } = call;
  if (values.text('raw') !== '') return yield* writeRaw(call);
  const dryRun = yield* dryRunOf(call);
  if (!hasFiles(call)) throw failure('must specify one of -f and -k');
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, {}, failures);
  const printer = yield* resultPrinter(call, dryRun);
  const client = yield* call.client();
  if (values.is('force'))
    for (const { resource, namespace, name } of targets)
      yield* forceDelete(call, resource, namespace, name);
  for (const { resource, namespace, name, object, source } of targets) {
    try {
      if (!object) continue;
      const body = recorded(call, values.is('save-config') ? withLastApplied(object) : object);
      const query = {
        ...writeQuery(call, dryRun, 'kubectl-replace'),
        fieldValidation: fieldValidation(call),
      };
      if (values.is('force')) {
        const made = yield* client.call('POST', pathOf(resource, namespace), { body, query });
        yield* printer.show(made, 'replaced');
        continue;
      }
      const doing = `error when replacing "${source ?? ''}"`;
      const path = pathOf(resource, namespace, name, values.text('subresource'));
      const result =
        dryRun === 'client' ? body : yield* client.call('PUT', path, { body, query, doing });
      yield* printer.show(result, 'replaced');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  throwAll(failures);
}

function* forceDelete(
  call: Call,
  resource: Parameters<typeof pathOf>[0],
  namespace: string,
  name: string,
): Routine<void> {
  const client = yield* call.client();
  try {
    yield* client.call('DELETE', pathOf(resource, namespace, name), {
      body: {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        gracePeriodSeconds: 0,
        propagationPolicy: 'Background',
      },
    });
    const where = resource.namespaced ? ` from ${namespace} namespace` : '';
    yield* call.out(`${resource.singular} "${name}" deleted${where}\n`);
  } catch (error) {
    if (!(error instanceof Failure) || error.status?.reason !== 'NotFound') throw error;
  }
}

export const scale: Command = {
  name: 'scale',
  run: runScale,
};

function* runScale(call: Call): Routine<void> {
  const { values } = call;
  const dryRun = yield* dryRunOf(call);
  const replicas = values.number('replicas');
  if (replicas < 0)
    throw failure(
      'The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0',
    );
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, { wholeTypes: true }, failures);
  const objects = yield* fetchAll(call, targets, failures);
  const printer = yield* resultPrinter(call, dryRun);
  const client = yield* call.client();
  for (const { resource, namespace, name, object } of objects) {
    try {
      const path = pathOf(resource, namespace, name, 'scale');
      // No field manager is named: the server takes the client's own name, kubectl.
      const query = dryRun === 'server' ? { dryRun: 'All' } : {};
      if (dryRun !== 'client') {
        const expected = values.number('current-replicas');
        if (expected >= 0 || values.text('resource-version') !== '') {
          const now = yield* client.call('GET', path);
          const size = (now.spec as { replicas?: number } | undefined)?.replicas ?? 0;
          if (expected >= 0 && size !== expected)
            throw failure(`Expected replicas to be ${expected}, was ${size}`);
          const version = values.text('resource-version');
          if (version !== '' && now.metadata?.resourceVersion !== version) {
            throw failure(
              `Expected resource version to be ${version}, was ${now.metadata?.resourceVersion ?? ''}`,
            );
          }
        }
        yield* client.call('PATCH', path, {
          body: { spec: { replicas } },
          contentType: TYPES.merge ?? '',
          query,
        });
        if (dryRun === 'none') yield* recordAfter(call, pathOf(resource, namespace, name));
      }
      yield* printer.show(object, 'scaled');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  if (objects.length === 0 && failures.length === 0) throw failure('no objects passed to scale');
  throwAll(failures);
}
