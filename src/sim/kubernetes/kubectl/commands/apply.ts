// kubectl apply: client side by a three-way patch over the last-applied annotation, or server side by managers.

import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { fullName, pathOf } from '../discovery.ts';
import { type DryRun, dryRunOf, fieldValidation, resultPrinter, writeQuery } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import {
  ALL,
  bool,
  DRY_RUN,
  fileFlags,
  int,
  list,
  manager,
  PRINT_FLAGS,
  SELECTOR,
  VALIDATE,
} from '../flags.ts';
import { lastApplied, withLastApplied } from '../last-applied.ts';
import { type MappedManifest, mapManifests, readManifests, throwAll } from '../manifests.ts';
import type { KubeObject } from '../rest.ts';
import { flagText, hasFiles } from '../targets.ts';
import { threeWayPatch, typeOf } from '../three-way.ts';
import { lastAppliedCommands } from './last-applied.ts';

export const apply: Command = {
  name: 'apply',
  operands: '(-f FILENAME | -k DIRECTORY) [options]',
  short: 'Apply a configuration to a resource by file name or stdin',
  flags: [
    ...fileFlags('that contains the configuration to apply'),
    ...PRINT_FLAGS,
    DRY_RUN,
    VALIDATE,
    manager('kubectl-client-side-apply'),
    ALL,
    SELECTOR,
    bool('force-conflicts', 'If true, server-side apply will force the changes against conflicts.'),
    bool(
      'openapi-patch',
      'If true, use openapi to calculate diff when the openapi presents and the resource can be found in the openapi spec. Otherwise, fall back to use baked-in types.',
      'true',
    ),
    bool(
      'overwrite',
      'Automatically resolve conflicts between the modified and live configuration by using values from the modified configuration',
      'true',
    ),
    bool(
      'prune',
      'Automatically delete resource objects, that do not appear in the configs and are created by either apply or create --save-config. Should be used with either -l or --all.',
    ),
    list(
      'prune-allowlist',
      'Overwrite the default allowlist with <group/version/kind> for --prune',
    ),
    bool('server-side', 'If true, apply runs in the server instead of the client.'),
    bool(
      'force',
      'If true, immediately remove resources from API and bypass graceful deletion. Note that immediate deletion of some resources may result in inconsistency or data loss and requires confirmation.',
    ),
    int(
      'grace-period',
      'Period of time in seconds given to the resource to terminate gracefully. Ignored if negative. Set to 1 for immediate shutdown. Can only be set to 0 when --force is true (force deletion).',
      '-1',
    ),
    {
      name: 'cascade',
      kind: 'string',
      value: 'background',
      bare: 'background',
      usage:
        'Must be "background", "orphan", or "foreground". Selects the deletion cascading strategy for the dependents (e.g. Pods created by a ReplicationController). Defaults to background.',
    },
    {
      name: 'timeout',
      kind: 'duration',
      value: '0s',
      usage:
        'The length of time to wait before giving up on a delete, zero means determine a timeout from the size of the object',
    },
    bool(
      'wait',
      'If true, wait for resources to be gone before returning. This waits for finalizers.',
    ),
    {
      name: 'subresource',
      kind: 'string',
      value: '',
      usage:
        'If specified, apply will operate on the subresource of the requested object.  Only allowed when using --server-side.',
    },
  ],
  commands: lastAppliedCommands,
  run: runApply,
};

function* runApply(call: Call): Routine<void> {
  const { values } = call;
  const dryRun = yield* dryRunOf(call);
  const serverSide = values.is('server-side');
  if (call.args.length > 0)
    throw new Failure(
      `error: Unexpected args: [${call.args.join(' ')}]\nSee 'kubectl apply -h' for help and examples`,
    );
  if (values.is('force-conflicts') && !serverSide)
    throw failure('--force-conflicts only works with --server-side');
  if (dryRun === 'client' && serverSide)
    throw failure(
      "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
    );
  if (!hasFiles(call)) throw failure('must specify one of -f and -k');
  if (values.is('prune')) throw new Failure('drydock: kubectl apply --prune is not simulated', 125);
  const { manifests, failures } = yield* readManifests(call);
  const mapped = yield* mapManifests(call, manifests, failures);
  const chosen =
    flagText(call, 'selector') === ''
      ? mapped
      : mapped.filter((one) => hasLabels(one.object, flagText(call, 'selector')));
  if (chosen.length === 0 && failures.length === 0) throw failure('no objects passed to apply');
  const printer = yield* resultPrinter(call, dryRun);
  for (const manifest of chosen) {
    try {
      const { object, operation } = serverSide
        ? yield* applyServerSide(call, manifest, dryRun)
        : yield* applyOne(call, manifest, dryRun);
      yield* printer.show(object, operation);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  throwAll(failures);
}

/** Equality-based selectors over labels in a file. */
function hasLabels(object: KubeObject, selector: string): boolean {
  const labels = object.metadata?.labels ?? {};
  return selector.split(',').every((part) => {
    const [key = '', value = ''] = part.split(/==?/);
    return labels[key.replace(/!$/, '')] === value;
  });
}

interface Applied {
  readonly object: KubeObject;
  readonly operation: string;
}

function* applyServerSide(call: Call, manifest: MappedManifest, dryRun: DryRun): Routine<Applied> {
  const client = yield* call.client();
  const { resource, namespace, object } = manifest;
  const name = object.metadata?.name ?? '';
  const query = {
    ...writeQuery(call, dryRun, 'kubectl'),
    force: call.values.is('force-conflicts') ? 'true' : 'false',
    fieldValidation: fieldValidation(call),
  };
  try {
    const body = JSON.stringify(object);
    const path = pathOf(resource, namespace, name, call.values.text('subresource'));
    const result = yield* client.call('PATCH', path, {
      query,
      body,
      contentType: 'application/apply-patch+yaml',
    });
    return { object: result, operation: 'serverside-applied' };
  } catch (error) {
    if (!(error instanceof Failure) || error.status?.reason !== 'Conflict') throw error;
    throw failure(`${error.status.message ?? ''}\n${CONFLICT_ADVICE}`);
  }
}

const CONFLICT_ADVICE = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;

function* applyOne(call: Call, manifest: MappedManifest, dryRun: DryRun): Routine<Applied> {
  const client = yield* call.client();
  const { resource, namespace, object, source } = manifest;
  const name = object.metadata?.name ?? '';
  if (name === '' && object.metadata?.generateName) {
    throw failure(`from ${object.metadata.generateName}: cannot use generate name with apply`);
  }
  if (name === '')
    throw failure(
      `error when retrieving current configuration of:\nResource: "${resource.group === '' ? '' : `${resource.group}/`}${resource.version}, Resource=${resource.plural}", GroupVersionKind: "${resource.group === '' ? '' : `${resource.group}/`}${resource.version}, Kind=${resource.kind}"\nName: "", Namespace: "${namespace}"\nfrom server for: "${source}": resource name may not be empty`,
    );
  const modified = withLastApplied(object);
  const current = yield* existing(call, manifest, name);
  const query = {
    ...writeQuery(call, dryRun, 'kubectl-client-side-apply'),
    fieldValidation: fieldValidation(call),
  };
  if (!current) {
    if (dryRun === 'client') return { object: modified, operation: 'created' };
    const doing = `error when creating "${source}"`;
    return {
      object: yield* client.call('POST', pathOf(resource, namespace), {
        query,
        body: modified,
        doing,
      }),
      operation: 'created',
    };
  }
  const original = lastApplied(current);
  if (!original && !call.values.is('server-side')) {
    yield* call.err(
      `Warning: resource ${fullName(resource)}/${name} is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`,
    );
  }
  const type = typeOf(resource);
  const patch = threeWayPatch(original ?? {}, modified, current, type);
  if (Object.keys(patch).length === 0) return { object: current, operation: 'unchanged' };
  if (dryRun === 'client') return { object: current, operation: 'configured' };
  const contentType = type
    ? 'application/strategic-merge-patch+json'
    : 'application/merge-patch+json';
  const doing = `error when applying patch:\n${JSON.stringify(patch)}\nto:\nResource: "${groupOf(manifest)}, Resource=${resource.plural}", GroupVersionKind: "${groupOf(manifest)}, Kind=${resource.kind}"\nName: "${name}", Namespace: "${namespace}"\nfor: "${source}": error when patching "${source}"`;
  const result = yield* client.call('PATCH', pathOf(resource, namespace, name), {
    query,
    body: patch,
    contentType,
    doing,
  });
  return { object: result, operation: 'configured' };
}

function groupOf({ resource }: MappedManifest): string {
  return resource.group === '' ? `/${resource.version}` : `${resource.group}/${resource.version}`;
}

function* existing(
  call: Call,
  { resource, namespace }: MappedManifest,
  name: string,
): Routine<KubeObject | undefined> {
  const client = yield* call.client();
  try {
    return yield* client.call('GET', pathOf(resource, namespace, name));
  } catch (error) {
    if (error instanceof Failure && error.status?.reason === 'NotFound') return undefined;
    throw error;
  }
}
