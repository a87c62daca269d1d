// The kinds of storage that the scheduler looks at, by their own types.

export type { PersistentVolumeClaim } from '../api/types/apps.ts';
export type { PersistentVolume, StorageClass } from '../api/types/storage.ts';
