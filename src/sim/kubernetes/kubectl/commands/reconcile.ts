// kubectl auth reconcile: roles and bindings get what a file says of them, and keep the rest unless told otherwise.

import type { Routine } from '../../../core/wait.ts';
import type { Call } from '../command.ts';
import { pathOf } from '../discovery.ts';
import { dryRunOf, resultPrinter } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import { type MappedManifest, mapManifests, readManifests, throwAll } from '../manifests.ts';
import { goText, type PolicyRule, uncovered } from '../policy-rules.ts';
import type { KubeObject } from '../rest.ts';
import { hasFiles } from '../targets.ts';
import { equal } from '../three-way.ts';

interface Subject {
  readonly kind: string;
  readonly apiGroup?: string;
  readonly name: string;
  readonly namespace?: string;
}

interface Result {
  readonly object: KubeObject;
  readonly operation: '' | 'create' | 'update' | 'recreate';
  readonly isProtected?: boolean;
  /** Heading and lines of what is added or removed. */
  readonly changes: readonly (readonly [string, readonly string[]])[];
}

const GROUP = 'rbac.authorization.k8s.io';
const PROTECTED = 'rbac.authorization.kubernetes.io/autoupdate';

export function* reconcile(call: Call): Routine<void> {
  if (!hasFiles(call)) throw failure('must specify one of -f and -k');
  if (call.args.length > 0) throw failure('no arguments are allowed');
  const dryRun = yield* dryRunOf(call);
  if (dryRun === 'server')
    throw failure('--dry-run=server for command reconcile is not supported yet');
  const { manifests, failures } = yield* readManifests(call);
  const mapped = yield* mapManifests(call, manifests, failures);
  const printer = yield* resultPrinter(call, dryRun);
  for (const [i, one] of mapped.entries()) {
    if (one.resource.group !== GROUP) continue;
    // Nothing is placed into the current namespace here: an object without one has none.
    const own = manifests[i]?.object.metadata?.namespace ?? '';
    const placed = { ...one, namespace: one.resource.namespaced ? own : '' };
    const result = yield* settle(call, placed, dryRun === 'client');
    yield* printer.show(result.object, 'reconciled');
    if (result.operation === '') continue;
    const caveat = result.isProtected ? `, but object opted out (${PROTECTED}: false)` : '';
    const lines = result.changes
      .filter(([, list]) => list.length > 0)
      .map(([title, list]) => `\t${title}:\n${list.map((line) => `\t\t${line}\n`).join('')}`);
    yield* call.err(`\treconciliation required ${result.operation}${caveat}\n${lines.join('')}`);
  }
  throwAll(failures);
}

function* settle(call: Call, manifest: MappedManifest, dry: boolean): Routine<Result> {
  const client = yield* call.client();
  const { resource, namespace, object } = manifest;
  const name = object.metadata?.name ?? '';
  const missing = resource.namespaced && namespace === '';
  let existing: KubeObject | undefined;
  try {
    if (!missing) existing = yield* client.call('GET', pathOf(resource, namespace, name));
  } catch (error) {
    if (!(error instanceof Failure) || error.status?.reason !== 'NotFound') throw error;
  }
  const binds = resource.kind.endsWith('Binding');
  const result = !existing
    ? created(object, binds)
    : binds
      ? mergedBinding(call, existing, object)
      : mergedRole(call, existing, object);
  if (dry || result.isProtected || result.operation === '') return result;
  if (missing) throw failure('resource name may not be empty');
  const path = pathOf(resource, namespace);
  if (result.operation === 'recreate') yield* client.call('DELETE', `${path}/${name}`);
  const body = result.object;
  const saved =
    result.operation === 'update'
      ? yield* client.call('PUT', `${path}/${name}`, { body })
      : yield* client.call('POST', path, { body });
  return { ...result, object: saved };
}

function created(object: KubeObject, binds: boolean): Result {
  return {
    object,
    operation: 'create',
    changes: binds
      ? [['missing subjects added', subjectsOf(object).map(subjectText)]]
      : [['missing rules added', rulesOf(object).map((rule) => goText(rule))]],
  };
}

function rulesOf(object: KubeObject): readonly PolicyRule[] {
  return (object.rules ?? []) as PolicyRule[];
}

function subjectsOf(object: KubeObject): readonly Subject[] {
  return (object.subjects ?? []) as Subject[];
}

function subjectText({ kind, apiGroup = '', name, namespace = '' }: Subject): string {
  return `{Kind:${kind} APIGroup:${apiGroup} Name:${name} Namespace:${namespace}}`;
}

/** The existing object with the wanted annotations and labels where it has none of its own. */
function withMetadata(existing: KubeObject, wanted: KubeObject): KubeObject {
  const { metadata = {} } = existing;
  const merged = (field: 'annotations' | 'labels'): object => {
    const both = { ...wanted.metadata?.[field], ...metadata[field] };
    return Object.keys(both).length > 0 ? { [field]: both } : {};
  };
  return { ...existing, metadata: { ...metadata, ...merged('annotations'), ...merged('labels') } };
}

function mergedRole(call: Call, existing: KubeObject, wanted: KubeObject): Result {
  const remove = call.values.is('remove-extra-permissions');
  const extra = uncovered(rulesOf(wanted), rulesOf(existing));
  const missing = uncovered(rulesOf(existing), rulesOf(wanted));
  let object = withMetadata(existing, wanted);
  if (remove && missing.length + extra.length > 0) object = { ...object, rules: wanted.rules };
  else if (missing.length > 0) object = { ...object, rules: [...rulesOf(existing), ...missing] };
  if (wanted.aggregationRule === undefined && existing.aggregationRule !== undefined) {
    const { aggregationRule: _, ...rest } = object;
    object = rest;
  } else if (!equal(wanted.aggregationRule, existing.aggregationRule))
    object = { ...object, aggregationRule: wanted.aggregationRule };
  return {
    object,
    operation: equal(object, existing) ? '' : 'update',
    isProtected: existing.metadata?.annotations?.[PROTECTED] === 'false',
    changes: [
      ['missing rules added', missing.map((rule) => goText(rule))],
      ['extra rules removed', remove ? extra.map((rule) => goText(rule)) : []],
    ],
  };
}

function mergedBinding(call: Call, existing: KubeObject, wanted: KubeObject): Result {
  const isProtected = existing.metadata?.annotations?.[PROTECTED] === 'false';
  if (!equal(wanted.roleRef, existing.roleRef))
    return { object: wanted, operation: 'recreate', isProtected, changes: [] };
  const remove = call.values.is('remove-extra-subjects');
  const without = (list: readonly Subject[], others: readonly Subject[]): Subject[] =>
    list.filter((one) => !others.some((other) => subjectText(other) === subjectText(one)));
  const missing = without(subjectsOf(wanted), subjectsOf(existing));
  const extra = without(subjectsOf(existing), subjectsOf(wanted));
  let object = withMetadata(existing, wanted);
  if (remove && missing.length + extra.length > 0)
    object = { ...object, subjects: wanted.subjects };
  else if (missing.length > 0)
    object = { ...object, subjects: [...subjectsOf(existing), ...missing] };
  return {
    object,
    operation: equal(object, existing) ? '' : 'update',
    isProtected,
    changes: [
      ['missing subjects added', missing.map(subjectText)],
      ['extra subjects removed', remove ? extra.map(subjectText) : []],
    ],
  };
}
