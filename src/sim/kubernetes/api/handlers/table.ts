// The Table form (meta.k8s.io/v1): rows of cells made by the server, which kubectl only aligns.

import { rfc3339 } from '../../../core/time.ts';
import type { Cell, Column, KindDescriptor, TableForm } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import { ageText } from '../tables/ages.ts';

const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';

/** The columns of kinds that have none of their own. */
const DEFAULT_TABLE: TableForm = {
  columns: [
    { name: 'Name', format: 'name' },
    { name: 'Created At', type: 'date' },
  ],
  cells: (object) => [object.metadata.name ?? '', object.metadata.creationTimestamp ?? ''],
};

/** How much of each object rows carry: nothing, its metadata, all of it. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableRow {
  readonly cells: readonly Cell[];
  readonly conditions?: readonly object[];
  readonly object: object | null;
}

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: object;
  readonly columnDefinitions: readonly object[] | null;
  readonly rows: readonly TableRow[];
}

/** The Table of some objects; `now` is virtual nanoseconds. */
export function tableOf(
  descriptor: KindDescriptor,
  objects: readonly KubeObject[],
  metadata: object,
  now: number,
  include: IncludeObject,
): Table {
  const form = descriptor.table ?? DEFAULT_TABLE;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: form.columns.map(columnDefinition),
    rows: objects.map((object) => rowOf(form, object, now, include)),
  };
}

function columnDefinition(column: Column): object {
  return {
    name: column.name,
    type: column.type ?? 'string',
    format: column.format ?? '',
    description: column.description ?? (column.name === 'Name' ? NAME_DESCRIPTION : ''),
    priority: column.priority ?? 0,
  };
}

function rowOf(form: TableForm, object: KubeObject, now: number, include: IncludeObject): TableRow {
  const cells = form.cells(object, now);
  const conditions = form.conditions?.(object) ?? [];
  const shown = include === 'None' ? null : include === 'Object' ? object : partialMetadata(object);
  return conditions.length === 0 ? { cells, object: shown } : { cells, conditions, object: shown };
}

/** An object reduced to its metadata. */
export function partialMetadata(object: KubeObject): object {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata,
  };
}

/** The time since an object was made, as tables show it. */
export function objectAge(object: KubeObject, now: number): string {
  return ageText(object.metadata.creationTimestamp, rfc3339(now));
}
