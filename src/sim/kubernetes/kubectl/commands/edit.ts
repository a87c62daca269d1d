// kubectl edit: objects as a file in an editor, again with the reasons where the server refuses, and what was changed
// as a patch (kubectl's util/editor). `apply edit-last-applied` and `create --edit` go the same way.

import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { spawn, waitFor } from '../../../userland/libc/spawn.ts';
import { readFile, writeFile } from '../../../userland/libc/whole-file.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import type { Call, Command } from '../command.ts';
import { fullName, pathOf, resourceOfKind } from '../discovery.ts';
import { fieldValidation, type ResultPrinter, resultPrinter, writeQuery } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import { LAST_APPLIED, lastAppliedText, withLastApplied } from '../last-applied.ts';
import { objectsOf, whyNoObject } from '../manifests.ts';
import { toJson } from '../output/json.ts';
import { recorded } from '../record.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, flagIs, flagText, type Target, targetsOf } from '../targets.ts';
import { equal, twoWayPatch, typeOf } from '../three-way.ts';

/** One object in the editor, and where it lives. */
export type Edited = Target & { readonly object: KubeObject };

/** What is done with what was edited. */
export type EditMode = 'normal' | 'last-applied' | 'create';

interface Reason {
  readonly head: string;
  readonly causes: readonly string[];
}

const HEADERS: Readonly<Record<EditMode, string>> = {
  normal: `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`,
  create: '',
  'last-applied': `# Please edit the 'last-applied-configuration' annotations below.
# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.
#
`,
};

export const edit: Command = { name: 'edit', run: runEdit };

function* runEdit(call: Call): Routine<number | void> {
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, { wholeTypes: true }, failures);
  const objects = yield* fetchAll(call, targets, failures);
  const [first] = failures;
  if (first) throw first;
  if (objects.length === 0) throw failure('edit cancelled, no objects found');
  return yield* editObjects(call, objects, 'normal');
}

/** Runs the editor over objects until what it leaves is accepted or given up. */
export function* editObjects(
  call: Call,
  originals: readonly Edited[],
  mode: EditMode,
): Routine<number | void> {
  const { process } = call.main;
  const json = flagText(call, 'output') === 'json';
  let reasons: Reason[] = [];
  let failed = false;
  let edited = '';
  let kept = '';
  const preserved = function* (error: Failure): Routine<never> {
    if (kept !== '' && !isErrno(process.stat(kept)))
      yield* call.err(`A copy of your changes has been stored to "${kept}"\n`);
    throw error;
  };
  for (;;) {
    const header = json ? '' : headerText(mode, reasons);
    const original = header + shownObjects(originals, json);
    const before = edited;
    const content = failed ? header + withoutComments(edited) : original;
    const path = yield* temporaryFile(call, content, json ? '.json' : '.yaml');
    const problem = yield* launch(call, path);
    if (problem !== '') yield* preserved(failure(problem));
    edited = decode((yield* readFile(process, path)) as Uint8Array);
    const earlier = kept;
    kept = path;
    if (failed && withoutComments(before) === withoutComments(edited))
      yield* preserved(failure('Edit cancelled, no valid changes were saved.'));
    if (earlier !== '') process.unlink(earlier);
    const wrong = whyNoObject(withoutComments(edited));
    if (wrong !== '') {
      failed = true;
      reasons = [invalidReason(originals[0], wrong)];
      yield* call.err(`error: ${reasonName(originals[0])} is invalid\n`);
      continue;
    }
    if (withoutComments(original) === withoutComments(edited)) {
      process.unlink(path);
      yield* call.err('Edit cancelled, no changes made.\n');
      return;
    }
    const found = objectsOf(edited, 'edited-file');
    const [wrongSyntax] = found.failures;
    if (wrongSyntax) {
      failed = true;
      reasons = [
        {
          head: `The edited file had a syntax error: ${wrongSyntax.message.replace(/^error: /, '')}`,
          causes: [],
        },
      ];
      continue;
    }
    const outcome: Outcome = { reasons: [], retryable: 0, notFound: 0 };
    try {
      const changed = found.manifests.map(({ object }) => object);
      yield* saveAll(call, originals, changed, mode, outcome);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      yield* preserved(error);
    }
    if (outcome.retryable > 0) {
      yield* call.err(`You can run \`kubectl replace -f ${path}\` to try this update again.\n`);
      return 1;
    }
    if (outcome.notFound > 0) {
      yield* call.err(`The edits you made on deleted resources have been saved to "${path}"\n`);
      return 1;
    }
    if (outcome.reasons.length === 0) {
      process.unlink(path);
      return;
    }
    reasons = outcome.reasons;
    failed = true;
  }
}

function shownObjects(originals: readonly Edited[], json: boolean): string {
  const bare = originals.map(({ object }) => withoutManagedFields(object));
  const whole =
    bare.length === 1
      ? bare[0]
      : { apiVersion: 'v1', items: bare, kind: 'List', metadata: {} as object };
  return json ? toJson(whole) : toYaml(whole);
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

function headerText(mode: EditMode, reasons: readonly Reason[]): string {
  const lines = (text: string): string => text.replace(/\n(?=[^#])/g, '\n# ');
  const shown = reasons.map(({ head, causes }) => {
    const list = causes.map((cause) => `# * ${lines(cause)}\n`).join('');
    return `# ${lines(head)}${causes.length > 0 ? ':' : ''}\n${list}#\n`;
  });
  return (mode === 'create' ? HEADERS.normal : HEADERS[mode]) + shown.join('');
}

function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n');
}

function* temporaryFile(call: Call, content: string, suffix: string): Routine<string> {
  const { process } = call.main;
  const directory = process.environment.get('TMPDIR') || '/tmp';
  const random = process.simulation.random.fork(`kubectl edit ${process.pid} ${process.now}`);
  const path = `${directory}/kubectl-edit-${random.int(0xffffffff)}${suffix}`;
  const wrong = yield* writeFile(process, path, encode(content), 0o600);
  if (wrong) throw failure(`open ${path}: ${wrong.message.toLowerCase()}`);
  return path;
}

/** Runs $KUBE_EDITOR, $EDITOR or vi on a file; what went wrong, or ''. */
function* launch(call: Call, path: string): Routine<string> {
  const { process } = call.main;
  yield* call.main.out.flush();
  const name = process.environment.get('KUBE_EDITOR') || process.environment.get('EDITOR') || 'vi';
  const shell = /["'\\]/.test(name) && name.includes(' ');
  const words = shell
    ? [process.environment.get('SHELL') || '/bin/bash', '-c', name]
    : name.split(' ');
  const argv = shell ? [...words.slice(0, 2), `${name} "${path}"`] : [...words, path];
  const child = spawn(process, argv);
  if (isErrno(child)) return `unable to launch the editor "${words.join(' ')}"`;
  const { code, signal } = yield* waitFor(process, child);
  if (code === 127) return `unable to launch the editor "${words.join(' ')}"`;
  return code !== 0 || signal !== 0
    ? `there was a problem with the editor "${words.join(' ')}"`
    : '';
}

interface Outcome {
  readonly reasons: Reason[];
  retryable: number;
  notFound: number;
}

function reasonName(target: Edited | undefined): string {
  return target ? `${fullName(target.resource)} "${target.name}"` : '';
}

function invalidReason(target: Edited | undefined, wrong: string): Reason {
  return {
    head: `${reasonName(target)} was not valid`,
    causes: [`<nil>: Invalid value: "The edited file failed validation": ${wrong}`],
  };
}

function* saveAll(
  call: Call,
  originals: readonly Edited[],
  edited: readonly KubeObject[],
  mode: EditMode,
  outcome: Outcome,
): Routine<void> {
  const printer = yield* resultPrinter(call, 'none');
  for (const changed of edited) {
    const object = flagIs(call, 'save-config') ? withLastApplied(changed) : changed;
    if (mode === 'create') {
      yield* createEdited(call, object, printer);
      continue;
    }
    const original = originals.find((one) => one.object.metadata?.uid === object.metadata?.uid);
    if (!original) throw failure(`no original object found for ${toJson(object).trim()}`);
    if (equal(withoutManagedFields(original.object), object)) {
      yield* printer.show(object, 'skipped');
      continue;
    }
    const sent =
      mode === 'normal'
        ? patchOf(original, recorded(call, object))
        : { metadata: { annotations: { [LAST_APPLIED]: lastAppliedText(object) } } };
    if (flagIs(call, 'output-patch')) yield* call.out(`Patch: ${JSON.stringify(sent)}\n`);
    yield* savePatch(call, original, sent, mode, printer, outcome);
  }
}

function patchOf(original: Edited, edited: KubeObject): KubeObject {
  const before = withoutManagedFields(original.object);
  const same =
    before.apiVersion === edited.apiVersion &&
    before.kind === edited.kind &&
    before.metadata?.name === edited.metadata?.name;
  if (!same) throw failure('At least one of apiVersion, kind and name was changed');
  return twoWayPatch(before, edited, typeOf(original.resource));
}

function* savePatch(
  call: Call,
  original: Edited,
  body: KubeObject,
  mode: EditMode,
  printer: ResultPrinter,
  outcome: Outcome,
): Routine<void> {
  const client = yield* call.client();
  const { resource, namespace, name } = original;
  const strategic = mode === 'normal' && typeOf(resource) !== undefined;
  try {
    const path = pathOf(resource, namespace, name, flagText(call, 'subresource'));
    const result = yield* client.call('PATCH', path, {
      body,
      contentType: `application/${strategic ? 'strategic-merge' : 'merge'}-patch+json`,
      query: {
        ...writeQuery(call, 'none', 'kubectl-edit'),
        fieldValidation: fieldValidation(call),
      },
    });
    yield* printer.show(result, 'edited');
  } catch (error) {
    if (!(error instanceof Failure) || !error.status) throw error;
    const { reason, message = '', details } = error.status;
    const what = reasonName(original);
    if (reason === 'Invalid') {
      const causes = (details?.causes ?? []).map(
        (one) => `${one.field ?? ''}: ${one.message ?? ''}`,
      );
      outcome.reasons.push({ head: `${what} was not valid`, causes });
      yield* call.err(`error: ${what} is invalid\n`);
    } else if (reason === 'NotFound') {
      outcome.notFound++;
      yield* call.err(`error: ${what} could not be found on the server\n`);
    } else {
      outcome.retryable++;
      yield* call.err(`error: ${what} could not be patched: ${message}\n`);
    }
  }
}

function* createEdited(call: Call, object: KubeObject, printer: ResultPrinter): Routine<void> {
  const client = yield* call.client();
  const discovery = yield* call.discovery();
  const resource = resourceOfKind(discovery, object.apiVersion ?? '', object.kind ?? '');
  if (!resource)
    throw failure(
      `no matches for kind "${object.kind ?? ''}" in version "${object.apiVersion ?? ''}"`,
    );
  const namespace = object.metadata?.namespace ?? (yield* call.namespace());
  const result = yield* client.call('POST', pathOf(resource, namespace), {
    body: object,
    query: {
      ...writeQuery(call, 'none', 'kubectl-create'),
      fieldValidation: fieldValidation(call),
    },
  });
  yield* printer.show(result, 'created');
}
