// DefaultStorageClass: claims that name no class get the default one.

import { isDefaultClass } from '../kinds/storage.ts';
import type { KubeObject } from '../object.ts';
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
