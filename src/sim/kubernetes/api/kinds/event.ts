// Event, as the core group and as events.k8s.io see it: one object, two views.

import { type KubeObject, withMetadata } from '../object.ts';
import { eventTable } from '../tables/core.ts';
import type { CoreEvent } from '../types/config.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import type { KindDescriptor } from './descriptor.ts';

const asEvent = (object: KubeObject): CoreEvent => object as unknown as CoreEvent;

/** An event lies in the namespace of what it is about; of what has none, in default. */
function validate(object: KubeObject): FieldError[] {
  const { metadata, involvedObject } = asEvent(object);
  const about = involvedObject.namespace ?? '';
  if (about === '' && metadata.namespace === 'default') return [];
  if (about === metadata.namespace) return [];
  if (about === '' && metadata.namespace === 'kube-system') return [];
  return [fieldErrors.invalid('involvedObject.namespace', about, 'does not match event.namespace')];
}

const reader =
  (read: (event: CoreEvent) => string | undefined) =>
  (object: KubeObject): string =>
    read(asEvent(object)) ?? '';

const selectableFields = {
  'involvedObject.kind': reader((event) => event.involvedObject.kind),
  'involvedObject.namespace': reader((event) => event.involvedObject.namespace),
  'involvedObject.name': reader((event) => event.involvedObject.name),
  'involvedObject.uid': reader((event) => event.involvedObject.uid),
  'involvedObject.apiVersion': reader((event) => event.involvedObject.apiVersion),
  'involvedObject.resourceVersion': reader((event) => event.involvedObject.resourceVersion),
  'involvedObject.fieldPath': reader((event) => event.involvedObject.fieldPath),
  reason: reader((event) => event.reason),
  reportingComponent: reader((event) => event.reportingComponent),
  source: reader((event) => event.source?.component || event.reportingComponent),
  type: reader((event) => event.type),
};

export const coreEvent: KindDescriptor = {
  kind: 'Event',
  group: '',
  version: 'v1',
  plural: 'events',
  singular: 'event',
  namespaced: true,
  shortNames: ['ev'],
  type: 'core/v1.Event',
  storage: 'events',
  createOnUpdate: true,
  validate,
  selectableFields,
  table: eventTable,
};

/** The fields that the two versions name differently: [core, events.k8s.io]. */
const RENAMED = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['count', 'deprecatedCount'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['source', 'deprecatedSource'],
] as const;

function rename(object: KubeObject, from: 0 | 1, apiVersion: string): KubeObject {
  const made: Record<string, unknown> = { ...object, apiVersion };
  for (const names of RENAMED) {
    const before = names[from];
    if (!(before in made)) continue;
    const after = names[from === 0 ? 1 : 0];
    made[after] = made[before];
    delete made[before];
  }
  return withMetadata(made as unknown as KubeObject, {});
}

export const event: KindDescriptor = {
  ...coreEvent,
  group: 'events.k8s.io',
  type: 'events/v1.Event',
  validate: (object) => validate(rename(object, 1, 'v1')),
  table: {
    columns: eventTable.columns,
    cells: (object, now) => eventTable.cells(rename(object, 1, 'v1'), now),
  },
  view: {
    of: 'events',
    fromStored: (object) => rename(object, 0, 'events.k8s.io/v1'),
    toStored: (object) => rename(object, 1, 'v1'),
  },
};
