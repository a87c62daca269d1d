// kubectl create: from files, or from flags by one generator per kind.

import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { type ApiResource, pathOf, resourceOfKind } from '../discovery.ts';
import { dryRunOf, fieldValidation, resultPrinter, writeQuery } from '../dry-run.ts';
import { Failure, failure, Unreachable } from '../failure.ts';
import { GENERATORS } from '../generators/index.ts';
import { createToken } from '../generators/token.ts';
import { structText, withLastApplied } from '../last-applied.ts';
import { mapManifests, readManifests, throwAll } from '../manifests.ts';
import { writeRaw } from '../raw.ts';
import { recorded } from '../record.ts';
import type { KubeObject } from '../rest.ts';
import { hasFiles } from '../targets.ts';
import { editObjects } from './edit.ts';

/** What a generator makes of a command line. */
export interface Generator {
  readonly name: string;
  /** How the kind is called where the server refuses: `failed to create configmap: …`. */
  readonly called?: string;
  make?(call: Call, name: string): Routine<KubeObject>;
  readonly below?: readonly Generator[];
}

const TOKEN: Command = {
  name: 'token',
  run: createToken,
};

export const create: Command = {
  name: 'create',
  commands: [...GENERATORS.map(commandOf), TOKEN],
  run: createFromFiles,
};

function commandOf(generator: Generator): Command {
  const { name, below } = generator;
  if (below) return { name, commands: below.map(commandOf) };
  return { name, run: (call) => generate(call, generator) };
}

function* createFromFiles(call: Call): Routine<number | void> {
  if (call.values.text('raw') !== '') return yield* writeRaw(call);
  if (!hasFiles(call)) {
    if (call.args.length > 0) {
      throw new Failure(
        `error: Unexpected args: [${call.args.join(' ')}]\nSee 'kubectl create -h' for help and examples`,
      );
    }
    throw failure('must specify one of -f and -k');
  }
  if (call.args.length > 0)
    throw new Failure(
      `error: Unexpected args: [${call.args.join(' ')}]\nSee 'kubectl create -h' for help and examples`,
    );
  const dryRun = yield* dryRunOf(call);
  const { manifests, failures } = yield* readManifests(call);
  const mapped = yield* mapManifests(call, manifests, failures);
  if (mapped.length === 0 && failures.length === 0) throw failure('no objects passed to create');
  if (call.values.is('edit')) {
    throwAll(failures);
    for (const one of mapped) {
      const name = one.object.metadata?.name ?? '';
      const code = yield* editObjects(call, [{ ...one, name }], 'create');
      if (code) return code;
    }
    return;
  }
  const printer = yield* resultPrinter(call, dryRun);
  const client = yield* call.client();
  const query = {
    ...writeQuery(call, dryRun, 'kubectl-create'),
    fieldValidation: fieldValidation(call),
  };
  for (const { resource, namespace, object, source } of mapped) {
    const { resourceVersion: _, ...metadata } = object.metadata ?? {};
    const fresh = { ...object, metadata };
    const body = recorded(call, call.values.is('save-config') ? withLastApplied(fresh) : fresh);
    try {
      const doing = `error when creating "${source}"`;
      const made =
        dryRun === 'client'
          ? body
          : yield* client.call('POST', pathOf(resource, namespace), { query, body, doing });
      yield* printer.show(made, 'created');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  throwAll(failures);
}

function* generate(call: Call, generator: Generator): Routine<void> {
  const dryRun = yield* dryRunOf(call);
  const [name, ...more] = call.dash === undefined ? call.args : call.args.slice(0, call.dash);
  if (name === undefined || more.length > 0) {
    const count = (name === undefined ? 0 : 1) + more.length;
    throw new Failure(
      `error: exactly one NAME is required, got ${count}\nSee '${call.path} -h' for help and examples`,
    );
  }
  if (!generator.make) throw new Error(`${generator.name} makes nothing`);
  const object = yield* generator.make(call, name);
  yield* sendGenerated(call, object, dryRun, generator.called ?? generator.name);
}

/** Creates an object that was made of flags, and says so. */
export function* sendGenerated(
  call: Call,
  made: KubeObject,
  dryRun: string,
  called: string,
): Routine<void> {
  const printer = yield* resultPrinter(call, dryRun as 'none', true);
  yield* printer.show(yield* createGenerated(call, made, dryRun, called), 'created');
}

/** Creates an object that a command made of its flags; what is there then, or would be. */
export function* createGenerated(
  call: Call,
  made: KubeObject,
  dryRun: string,
  called: string,
): Routine<KubeObject> {
  let object = made;
  const resource = yield* resourceFor(call, object, dryRun);
  if (resource?.namespaced && call.values.changed('namespace')) {
    object = {
      ...object,
      metadata: { ...object.metadata, namespace: call.values.text('namespace') },
    };
  }
  if (call.values.changed('save-config') && call.values.is('save-config'))
    object = withLastApplied(object, structText(object));
  object = recorded(call, object);
  if (dryRun === 'client' || !resource) return object;
  const client = yield* call.client();
  const namespace = resource.namespaced ? yield* call.namespace() : '';
  const query = {
    ...writeQuery(call, dryRun as 'none', 'kubectl-create'),
    fieldValidation: call.values.changed('validate') ? fieldValidation(call) : 'Strict',
  };
  try {
    return yield* client.call('POST', pathOf(resource, namespace), { query, body: object });
  } catch (error) {
    if (!(error instanceof Failure) || called === '') throw error;
    const why = error instanceof Unreachable ? error.detail : error.status?.message;
    if (why === undefined) throw error;
    // Secrets are the one kind whose name has no colon after it.
    const what = called === 'secret' ? called : `${called}:`;
    throw failure(`failed to create ${what} ${why}`);
  }
}

function* resourceFor(
  call: Call,
  object: KubeObject,
  dryRun: string,
): Routine<ApiResource | undefined> {
  if (dryRun === 'client') {
    const cluster = ['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'PriorityClass'].includes(
      object.kind ?? '',
    );
    return cluster ? undefined : ({ namespaced: true } as ApiResource);
  }
  return resourceOfKind(yield* call.discovery(), object.apiVersion ?? '', object.kind ?? '');
}
