// kubectl apply: client side by a three-way patch over the last-applied annotation, or server side by managers.

import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { pathOf } from '../discovery.ts';
import { type DryRun, dryRunOf, fieldValidation, resultPrinter, writeQuery } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import { lastApplied, withLastApplied } from '../last-applied.ts';
import {
  hasLabels,
  type MappedManifest,
  mapManifests,
  readManifests,
  throwAll,
} from '../manifests.ts';
import { migrated } from '../migrate.ts';
import { compactJson } from '../output/json.ts';
import { recorded } from '../record.ts';
import type { KubeObject } from '../rest.ts';
import { flagText, hasFiles } from '../targets.ts';
import { threeWayPatch, typeOf } from '../three-way.ts';
import { lastAppliedCommands } from './last-applied.ts';
import { checkAllowlist, checkPrune, prune, type Visited } from './prune.ts';

export const apply: Command = {
  name: 'apply',
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
  if (!hasFiles(call)) throw failure('must specify one of -f and -k');
  checkAllowlist(call);
  if (values.is('force-conflicts') && !serverSide)
    throw failure('--force-conflicts only works with --server-side');
  if (dryRun === 'client' && serverSide)
    throw failure(
      "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
    );
  if (serverSide && values.is('force')) throw failure('--force cannot be used with --server-side');
  if (dryRun === 'server' && values.is('force'))
    throw failure('--dry-run=server cannot be used with --force');
  checkPrune(call);
  if (values.text('subresource') !== '' && !serverSide)
    throw failure('--subresource can only be specified for --server-side');
  if (values.all('filename').length > 0 && values.text('kustomize') !== '')
    throw failure('only one of -f or -k can be specified');
  const { manifests, failures } = yield* readManifests(call);
  const mapped = yield* mapManifests(call, manifests, failures);
  const chosen =
    flagText(call, 'selector') === ''
      ? mapped
      : mapped.filter((one) => hasLabels(one.object, flagText(call, 'selector')));
  if (chosen.length === 0 && failures.length === 0) throw failure('no objects passed to apply');
  // Several objects that are asked for in a form of their own are one list.
  const listed: KubeObject[] | undefined =
    chosen.length > 1 && !['', 'name'].includes(flagText(call, 'output')) ? [] : undefined;
  const printer = yield* resultPrinter(call, dryRun, listed !== undefined);
  const visited: Visited = { uids: new Set(), namespaces: new Set() };
  for (const manifest of chosen) {
    try {
      const { object, operation } = serverSide
        ? yield* applyServerSide(call, manifest, dryRun)
        : yield* applyOne(call, manifest, dryRun);
      visited.uids.add(object.metadata?.uid ?? '');
      if (manifest.resource.namespaced) visited.namespaces.add(manifest.namespace);
      if (listed) listed.push(object);
      else yield* printer.show(object, operation);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  if (listed && listed.length > 0)
    yield* printer.show({ kind: 'List', apiVersion: 'v1', metadata: {}, items: listed }, '');
  throwAll(failures);
  if (values.is('prune')) yield* prune(call, visited, dryRun);
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
    const body = JSON.stringify(recorded(call, object));
    const path = pathOf(resource, namespace, name, call.values.text('subresource'));
    const send = (): Routine<KubeObject> =>
      client.call('PATCH', path, { query, body, contentType: 'application/apply-patch+yaml' });
    const result = yield* migrated(call, manifest, yield* send(), query, send);
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
  const modified = withLastApplied(recorded(call, object));
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
      `Warning: resource ${resource.plural}/${name} is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`,
    );
  }
  const type = typeOf(resource);
  const patch = threeWayPatch(original ?? {}, modified, current, type);
  if (Object.keys(patch).length === 0) return { object: current, operation: 'unchanged' };
  if (dryRun === 'client') return { object: current, operation: 'configured' };
  const contentType = type
    ? 'application/strategic-merge-patch+json'
    : 'application/merge-patch+json';
  const doing = `error when applying patch:\n${compactJson(patch)}\nto:\nResource: "${groupOf(manifest)}, Resource=${resource.plural}", GroupVersionKind: "${groupOf(manifest)}, Kind=${resource.kind}"\nName: "${name}", Namespace: "${namespace}"\nfor: "${source}": error when patching "${source}"`;
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
