// From client-side to server-side apply: the annotation gets a manager of its own, and what kubectl updated before becomes what
// it applies (csaupgrade).

import type { Routine } from '../../core/wait.ts';
import type { Call } from './command.ts';
import { pathOf } from './discovery.ts';
import { LAST_APPLIED } from './last-applied.ts';
import type { MappedManifest } from './manifests.ts';
import type { KubeObject } from './rest.ts';

const MANAGER = 'kubectl';
const ANNOTATION_MANAGER = 'kubectl-last-applied';
const APPLY_PATCH = 'application/apply-patch+yaml';

interface FieldSet {
  readonly [element: string]: FieldSet;
}
interface Entry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly subresource?: string;
  readonly fieldsV1?: FieldSet;
}
type Query = Readonly<Record<string, string>>;

const entriesOf = (object: KubeObject): readonly Entry[] =>
  (object.metadata?.managedFields ?? []) as readonly Entry[];

function ownsAnnotation({ fieldsV1 }: Entry): boolean {
  return fieldsV1?.['f:metadata']?.['f:annotations']?.[`f:${LAST_APPLIED}`] !== undefined;
}

/** Upgrades an object after kubectl applied it; the object as it is then. `apply` sends the configuration once more. */
export function* migrated(
  call: Call,
  manifest: MappedManifest,
  applied: KubeObject,
  query: Query,
  apply: () => Routine<KubeObject>,
): Routine<KubeObject> {
  const annotation = applied.metadata?.annotations?.[LAST_APPLIED];
  const manager = query.fieldManager ?? '';
  const client = yield* call.client();
  const { resource, namespace } = manifest;
  const name = applied.metadata?.name ?? '';
  const path = pathOf(resource, namespace, name);
  let object = applied;
  const owned = entriesOf(object).some((one) => one.operation === 'Apply' && ownsAnnotation(one));
  if (manager === MANAGER && annotation !== undefined && !owned) {
    const { apiVersion, kind } = object;
    const metadata = {
      name,
      ...(namespace === '' ? {} : { namespace }),
      annotations: { [LAST_APPLIED]: annotation },
    };
    object = yield* client.call('PATCH', path, {
      query: { ...query, force: 'false', fieldManager: ANNOTATION_MANAGER },
      body: JSON.stringify({ apiVersion, kind, metadata }),
      contentType: APPLY_PATCH,
    });
  }
  const managedFields = upgraded(entriesOf(object), manager);
  if (!managedFields) return object;
  yield* client.call('PATCH', path, {
    query: { ...query, force: '' },
    body: [
      { op: 'replace', path: '/metadata/managedFields', value: managedFields },
      {
        op: 'replace',
        path: '/metadata/resourceVersion',
        value: object.metadata?.resourceVersion,
      },
    ],
    contentType: 'application/json-patch+json',
  });
  return yield* apply();
}

/** The entries with those that updated the annotation joined to the one that applies; undefined where there are none. */
function upgraded(entries: readonly Entry[], manager: string): readonly Entry[] | undefined {
  const main = (one: Entry): boolean => (one.subresource ?? '') === '';
  const updating = new Set(
    entries
      .filter((one) => one.operation === 'Update' && ownsAnnotation(one))
      .map((one) => one.manager),
  );
  const gone = entries.filter(
    (one) => one.operation === 'Update' && updating.has(one.manager) && main(one),
  );
  if (gone.length === 0) return undefined;
  return entries.flatMap((one) => {
    if (gone.includes(one)) return [];
    if (one.operation !== 'Apply' || one.manager !== manager || !main(one)) return [one];
    const same = gone.filter(({ apiVersion }) => apiVersion === one.apiVersion);
    const fieldsV1 = same.reduce(
      (set, { fieldsV1 = {} }) => union(set, fieldsV1),
      one.fieldsV1 ?? {},
    );
    return [{ ...one, fieldsV1 }];
  });
}

function union(a: FieldSet, b: FieldSet): FieldSet {
  const out: Record<string, FieldSet> = { ...a };
  for (const [element, inner] of Object.entries(b)) {
    const own = out[element];
    out[element] = own ? union(own, inner) : inner;
  }
  return out;
}
