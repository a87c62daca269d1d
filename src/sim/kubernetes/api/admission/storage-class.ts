// What claims for storage have to do with their class: those that name none get the default one (DefaultStorageClass), and
// a bound one grows only where its class allows it (PersistentVolumeClaimResize).

import type { Routine } from '../../../core/wait.ts';
import { isDefaultClass } from '../kinds/storage.ts';
import { nanoOf } from '../fields/quantity.ts';
import type { KubeObject } from '../object.ts';
import { type ApiError, apiErrors } from '../status.ts';
import type { PersistentVolumeClaim } from '../types/apps.ts';
import type { AdmissionPlugin, Attributes } from './admission.ts';

const ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

function admit({ object, operation, subresource, server }: Attributes): KubeObject | undefined {
  if (operation !== 'CREATE' || subresource !== '' || !object) return undefined;
  const { spec } = object as unknown as PersistentVolumeClaim;
  const named = object.metadata.annotations?.[ANNOTATION] !== undefined;
  if (spec.storageClassName !== undefined || named) return undefined;
  const defaults = server.storage.cache('storageclasses').list('').filter(isDefaultClass);
  const newest = [...defaults].sort((a, b) =>
    (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''),
  )[0];
  if (!newest) return undefined;
  return { ...object, spec: { ...spec, storageClassName: newest.metadata.name } };
}

export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  resources: new Set(['persistentvolumeclaims']),
  admit,
};

const CLAIMS = { group: '', resource: 'persistentvolumeclaims' };

// biome-ignore lint/correctness/useYield: plugins that validate are routines
function* growth(attributes: Attributes): Routine<ApiError | undefined> {
  const { object, old, operation, subresource, server, name } = attributes;
  if (operation !== 'UPDATE' || subresource !== '' || !object || !old) return undefined;
  const now = object as unknown as PersistentVolumeClaim;
  const before = old as unknown as PersistentVolumeClaim;
  const sizeOf = ({ spec }: PersistentVolumeClaim): bigint =>
    nanoOf(spec.resources?.requests?.storage);
  if (sizeOf(now) <= sizeOf(before)) return undefined;
  const refuse = (why: string): ApiError => apiErrors.forbidden(CLAIMS, name, why);
  if (before.status?.phase !== 'Bound')
    return refuse('Only bound persistent volume claims can be expanded');
  const named = now.spec.storageClassName ?? '';
  const found = server.storage.cache('storageclasses').get('', named);
  if (found && (found as { allowVolumeExpansion?: boolean }).allowVolumeExpansion) return undefined;
  return refuse(
    'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
  );
}

export const claimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  resources: new Set(['persistentvolumeclaims']),
  validate: growth,
};
