// Names of definitions: whose they are within a group, and the conditions NamesAccepted and Established that follow.
// A name that becomes free is taken by who waits for it when that definition is next written.

import type { StrategyContext } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
} from '../types/extensions.ts';

interface Taken {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

/** The names that other definitions of the group have been given. */
function takenBy(
  others: readonly KubeObject[],
  { metadata, spec }: CustomResourceDefinition,
): Taken {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const object of others) {
    const other = object as unknown as CustomResourceDefinition;
    if (other.metadata.name === metadata.name || other.spec.group !== spec.group) continue;
    const names = other.status?.acceptedNames;
    for (const one of [names?.plural, names?.singular, ...(names?.shortNames ?? [])]) {
      if (one) resources.add(one);
    }
    for (const one of [names?.kind, names?.listKind]) if (one) kinds.add(one);
  }
  return { resources, kinds };
}

interface Naming {
  readonly acceptedNames: CustomResourceDefinitionNames;
  readonly reason: string;
  readonly message: string;
}

function acceptNames(definition: CustomResourceDefinition, taken: Taken): Naming {
  const wanted = definition.spec.names;
  const had: Partial<CustomResourceDefinitionNames> = definition.status?.acceptedNames ?? {};
  const given: Record<string, unknown> = { ...had };
  let reason = 'NoConflicts';
  let message = 'no conflicts found';
  const take = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    among: ReadonlySet<string>,
  ): void => {
    const name = wanted[field] ?? '';
    if (name !== had[field] && among.has(name)) {
      reason = `${field.charAt(0).toUpperCase()}${field.slice(1)}Conflict`;
      message = `${JSON.stringify(name)} is already in use`;
    } else given[field] = name;
  };
  take('plural', taken.resources);
  take('singular', taken.resources);
  const used = (wanted.shortNames ?? []).filter(
    (name) => !had.shortNames?.includes(name) && taken.resources.has(name),
  );
  if (used.length > 0) {
    const texts = used.map((name) => `${JSON.stringify(name)} is already in use`);
    reason = 'ShortNamesConflict';
    message = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  } else if (wanted.shortNames) given.shortNames = wanted.shortNames;
  else delete given.shortNames;
  take('kind', taken.kinds);
  take('listKind', taken.kinds);
  if (wanted.categories) given.categories = wanted.categories;
  else delete given.categories;
  const { plural = '', kind = '' } = given as { plural?: string; kind?: string };
  return { acceptedNames: { ...given, plural, kind }, reason, message };
}

/** The status of a definition that is new or changed. */
export function namingStatus(
  object: KubeObject,
  { time, list }: StrategyContext,
): CustomResourceDefinition['status'] {
  const definition = object as unknown as CustomResourceDefinition;
  const folder = 'apiextensions.k8s.io/customresourcedefinitions';
  const naming = acceptNames(definition, takenBy(list(folder), definition));
  const accepted = naming.reason === 'NoConflicts';
  const before = definition.status?.conditions ?? [];
  const established = before.some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );
  const wanted: readonly Omit<CustomResourceDefinitionCondition, 'lastTransitionTime'>[] = [
    {
      type: 'NamesAccepted',
      status: accepted ? 'True' : 'False',
      reason: naming.reason,
      message: naming.message,
    },
    established || accepted
      ? {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        }
      : {
          type: 'Established',
          status: 'False',
          reason: 'NotAccepted',
          message: 'not all names are accepted',
        },
  ];
  const conditions = wanted.map((condition) => {
    const old = before.find(({ type }) => type === condition.type);
    const kept = old?.status === condition.status ? old.lastTransitionTime : undefined;
    const { type, status, reason, message } = condition;
    return { type, status, lastTransitionTime: kept ?? time, reason, message };
  });
  const others = before.filter(({ type }) => !wanted.some((one) => one.type === type));
  const stored = definition.status?.storedVersions ?? [];
  const storage = definition.spec.versions.find((version) => version.storage)?.name;
  const versions =
    storage === undefined || stored.includes(storage) ? stored : [...stored, storage];
  return {
    conditions: [...conditions, ...others],
    acceptedNames: naming.acceptedNames,
    storedVersions: versions,
  };
}
