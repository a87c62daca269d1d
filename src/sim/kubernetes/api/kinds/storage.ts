// PersistentVolume, PersistentVolumeClaim, and the storage.k8s.io group.

import { claimDefaults } from '../defaults/claim.ts';
import { nanoOf } from '../fields/quantity.ts';
import { fillIn, type KubeObject, replaceField, sameJson } from '../object.ts';
import { table } from '../tables/columns.ts';
import { persistentVolumeClaimTable, persistentVolumeTable } from '../tables/core.ts';
import type { PersistentVolumeClaim } from '../types/apps.ts';
import type { PersistentVolume, StorageClass } from '../types/storage.ts';
import { internalDiff } from '../validation/diff.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { dnsSubdomain } from '../validation/names.ts';
import { immutable } from '../validation/workloads.ts';
import type { KindDescriptor } from './descriptor.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

function validateModes(modes: readonly string[] | undefined, path: string): FieldError[] {
  if ((modes ?? []).length === 0) {
    return [fieldErrors.required(path, 'at least 1 access mode is required')];
  }
  return (modes ?? [])
    .filter((mode) => !ACCESS_MODES.includes(mode))
    .map((mode) => fieldErrors.notSupported(path, mode, ACCESS_MODES));
}

const asClaim = (object: KubeObject): PersistentVolumeClaim =>
  object as unknown as PersistentVolumeClaim;

function validateClaim(object: KubeObject): FieldError[] {
  const { spec } = asClaim(object);
  const errors = validateModes(spec.accessModes, 'spec.accessModes');
  const storage = spec.resources?.requests?.storage;
  if (storage === undefined) errors.push(fieldErrors.required('spec.resources[storage]'));
  else if (storage.startsWith('-') || storage === '0') {
    errors.push(
      fieldErrors.invalid('spec.resources[storage]', storage, 'must be greater than zero'),
    );
  }
  if (spec.storageClassName) {
    const path = 'spec.storageClassName';
    for (const text of dnsSubdomain(spec.storageClassName)) {
      errors.push(fieldErrors.invalid(path, spec.storageClassName, text));
    }
  }
  errors.push(...validateVolumeMode(spec.volumeMode));
  return errors;
}

const VOLUME_MODES = ['Block', 'Filesystem'];

function validateVolumeMode(mode: string | undefined): FieldError[] {
  if (mode === undefined || VOLUME_MODES.includes(mode)) return [];
  return [fieldErrors.notSupported('spec.volumeMode', mode, VOLUME_MODES)];
}

function validateClaimUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const errors = validateClaim(object);
  const now = asClaim(object).spec;
  const before = asClaim(old).spec;
  const bound = asClaim(old).status?.phase === 'Bound';
  const kept = {
    ...now,
    ...(before.volumeName ? {} : { volumeName: before.volumeName }),
    ...(bound && before.resources ? { resources: before.resources } : {}),
    ...(before.storageClassName === undefined ? { storageClassName: undefined } : {}),
  };
  if (!sameJson(kept, before)) {
    const diff = internalDiff(before, now, 'core/v1.PersistentVolumeClaimSpec');
    errors.push(
      fieldErrors.forbidden(
        'spec',
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${diff}`,
      ),
    );
  }
  const size = nanoOf(now.resources?.requests?.storage);
  const has = nanoOf(asClaim(old).status?.capacity?.storage);
  if (size < nanoOf(before.resources?.requests?.storage) && size <= has)
    errors.push(
      fieldErrors.forbidden(
        'spec.resources.requests.storage',
        'field can not be less than status.capacity',
      ),
    );
  return errors;
}

const PVC_PROTECTION = 'kubernetes.io/pvc-protection';
const PV_PROTECTION = 'kubernetes.io/pv-protection';

/** StorageObjectInUseProtection: the finalizer that keeps an object while it is used. */
function protectedBy(object: KubeObject, finalizer: string): KubeObject {
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(finalizer)) return object;
  return {
    ...object,
    metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] },
  };
}

export const persistentVolumeClaim: KindDescriptor = {
  kind: 'PersistentVolumeClaim',
  group: '',
  version: 'v1',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  namespaced: true,
  shortNames: ['pvc'],
  type: 'core/v1.PersistentVolumeClaim',
  storage: 'persistentvolumeclaims',
  hasStatus: true,
  defaults: (object) => claimDefaults(asClaim(object)) as unknown as KubeObject,
  prepareForCreate: (object) =>
    protectedBy({ ...object, status: { phase: 'Pending' } }, PVC_PROTECTION),
  validate: validateClaim,
  warnings: (object) => {
    const storage = asClaim(object).spec.resources?.requests?.storage;
    return /[munp]$/.test(storage ?? '')
      ? [
          `spec.resources.requests[storage]: fractional byte value ${JSON.stringify(storage)} is invalid, must be an integer`,
        ]
      : [];
  },
  validateUpdate: validateClaimUpdate,
  table: persistentVolumeClaimTable,
};

const asVolume = (object: KubeObject): PersistentVolume => object as unknown as PersistentVolume;

/** Fields of a volume's spec that are no source. */
const NO_SOURCE: ReadonlySet<string> = new Set([
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
  'volumeAttributesClassName',
]);
const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];

function validateVolume(object: KubeObject): FieldError[] {
  const { spec } = asVolume(object);
  const errors =
    (spec.accessModes ?? []).length === 0
      ? [fieldErrors.required('spec.accessModes')]
      : validateModes(spec.accessModes, 'spec.accessModes');
  const { capacity } = spec;
  if (Object.keys(capacity ?? {}).length === 0) {
    errors.push(fieldErrors.required('spec.capacity'));
  }
  if (!capacity?.storage || Object.keys(capacity).length > 1) {
    errors.push(fieldErrors.notSupported('spec.capacity', capacity ?? null, ['storage']));
  }
  const policy = spec.persistentVolumeReclaimPolicy ?? '';
  if (!RECLAIM_POLICIES.includes(policy)) {
    errors.push(
      fieldErrors.notSupported('spec.persistentVolumeReclaimPolicy', policy, RECLAIM_POLICIES),
    );
  }
  const sources = Object.keys(spec).filter((name) => !NO_SOURCE.has(name));
  if (sources.length === 0) {
    errors.push(fieldErrors.required('spec', 'must specify a volume type'));
  }
  if (spec.hostPath?.path === '') errors.push(fieldErrors.required('spec.hostPath.path'));
  else if (spec.hostPath?.path.split('/').includes('..')) {
    const why = "must not contain '..'";
    errors.push(fieldErrors.invalid('spec.hostPath.path', spec.hostPath.path, why));
  }
  for (const name of sources.slice(1)) {
    errors.push(fieldErrors.forbidden(`spec.${name}`, 'may not specify more than 1 volume type'));
  }
  return errors;
}

function volumeDefaults(object: KubeObject): KubeObject {
  const volume = asVolume(object);
  let spec = fillIn(volume.spec, {
    persistentVolumeReclaimPolicy: 'Retain',
    volumeMode: 'Filesystem',
  });
  if (spec.hostPath) spec = replaceField(spec, 'hostPath', fillIn(spec.hostPath, { type: '' }));
  return replaceField(object, 'spec', spec);
}

export const persistentVolume: KindDescriptor = {
  kind: 'PersistentVolume',
  group: '',
  version: 'v1',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  namespaced: false,
  shortNames: ['pv'],
  type: 'core/v1.PersistentVolume',
  storage: 'persistentvolumes',
  hasStatus: true,
  defaults: volumeDefaults,
  prepareForCreate: (object) =>
    protectedBy({ ...object, status: { phase: 'Pending' } }, PV_PROTECTION),
  validate: validateVolume,
  warnings: (object) =>
    asVolume(object).spec.persistentVolumeReclaimPolicy === 'Recycle'
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : [],
  validateUpdate: validateVolume,
  table: persistentVolumeTable,
};

const STORAGE = { group: 'storage.k8s.io', version: 'v1' } as const;
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

const asClass = (object: KubeObject): StorageClass => object as unknown as StorageClass;

/** Whether a storage class is the one for claims that name none. */
export function isDefaultClass(object: KubeObject): boolean {
  return object.metadata.annotations?.[DEFAULT_CLASS] === 'true';
}

const CLASS_POLICIES = ['Delete', 'Retain'];
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer'];

function validateClass(object: KubeObject): FieldError[] {
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode } = asClass(object);
  const errors: FieldError[] = [];
  if (!provisioner) errors.push(fieldErrors.required('provisioner'));
  if ('' in (parameters ?? {})) {
    errors.push(fieldErrors.invalid('parameters', '', 'field can not be empty.'));
  }
  if (reclaimPolicy !== undefined && !CLASS_POLICIES.includes(reclaimPolicy)) {
    errors.push(fieldErrors.notSupported('reclaimPolicy', reclaimPolicy, CLASS_POLICIES));
  }
  if (!BINDING_MODES.includes(volumeBindingMode ?? '')) {
    const mode = volumeBindingMode ?? '';
    errors.push(fieldErrors.notSupported('volumeBindingMode', mode, BINDING_MODES));
  }
  return errors;
}

export const storageClass: KindDescriptor = {
  kind: 'StorageClass',
  ...STORAGE,
  plural: 'storageclasses',
  singular: 'storageclass',
  namespaced: false,
  shortNames: ['sc'],
  type: 'storage/v1.StorageClass',
  storage: 'storageclasses',
  defaults: (object) =>
    fillIn(asClass(object), {
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
    }) as unknown as KubeObject,
  validate: validateClass,
  validateUpdate: (object, old) =>
    (['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const).flatMap(
      (field): FieldError[] => {
        const same = sameJson(asClass(object)[field] ?? null, asClass(old)[field] ?? null);
        if (same) return [];
        return field === 'reclaimPolicy' || field === 'volumeBindingMode'
          ? immutable(asClass(object)[field], asClass(old)[field], field)
          : [fieldErrors.forbidden(field, `updates to ${field} are forbidden.`)];
      },
    ),
  table: {
    columns: table(
      ['Provisioner', 'ReclaimPolicy', 'VolumeBindingMode', 'AllowVolumeExpansion', 'Age'],
      () => [],
    ).columns,
    cells: (object, now) => {
      const name = object.metadata.name ?? '';
      const cells = classCells.cells(object, now);
      return [isDefaultClass(object) ? `${name} (default)` : name, ...cells.slice(1)];
    },
  },
};

const classCells = table([], (one, age) => [
  one.text('provisioner'),
  one.text('reclaimPolicy', 'Delete'),
  one.text('volumeBindingMode', 'Immediate'),
  one.field('allowVolumeExpansion') === true,
  age(),
]);

const attachmentCells = table(['Attacher', 'PV', 'Node', 'Attached:boolean', 'Age'], (one, age) => [
  one.text('spec.attacher'),
  one.text('spec.source.persistentVolumeName'),
  one.text('spec.nodeName'),
  one.field('status.attached') === true,
  age(),
]);

export const volumeAttachment: KindDescriptor = {
  kind: 'VolumeAttachment',
  ...STORAGE,
  plural: 'volumeattachments',
  singular: 'volumeattachment',
  namespaced: false,
  type: 'storage/v1.VolumeAttachment',
  storage: 'volumeattachments',
  hasStatus: true,
  table: {
    columns: attachmentCells.columns.map((column) =>
      column.name === 'Attacher' ? { ...column, format: 'name' } : column,
    ),
    cells: attachmentCells.cells,
  },
};

export const csiNode: KindDescriptor = {
  kind: 'CSINode',
  ...STORAGE,
  plural: 'csinodes',
  singular: 'csinode',
  namespaced: false,
  type: 'storage/v1.CSINode',
  storage: 'csinodes',
  table: table(['Drivers:integer', 'Age'], (one, age) => [one.list('spec.drivers').length, age()]),
};

const flag = (value: unknown, otherwise = false): boolean =>
  typeof value === 'boolean' ? value : otherwise;

export const csiDriver: KindDescriptor = {
  kind: 'CSIDriver',
  ...STORAGE,
  plural: 'csidrivers',
  singular: 'csidriver',
  namespaced: false,
  type: 'storage/v1.CSIDriver',
  storage: 'csidrivers',
  defaults: (object) => {
    const spec = fillIn((object.spec ?? {}) as Record<string, unknown>, {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      volumeLifecycleModes: ['Persistent'],
      requiresRepublish: false,
      seLinuxMount: false,
    });
    return replaceField(object, 'spec', spec);
  },
  table: table(
    [
      'AttachRequired:boolean',
      'PodInfoOnMount:boolean',
      'StorageCapacity:boolean',
      'TokenRequests',
      'RequiresRepublish:boolean',
      'Modes',
      'Age',
    ],
    (one, age) => [
      flag(one.field('spec.attachRequired'), true),
      flag(one.field('spec.podInfoOnMount')),
      flag(one.field('spec.storageCapacity')),
      one
        .list('spec.tokenRequests')
        .map(({ audience }) => String(audience))
        .join(',') || '<unset>',
      flag(one.field('spec.requiresRepublish')),
      String(one.field('spec.volumeLifecycleModes') ?? '<none>'),
      age(),
    ],
  ),
};

export const csiStorageCapacity: KindDescriptor = {
  kind: 'CSIStorageCapacity',
  ...STORAGE,
  plural: 'csistoragecapacities',
  singular: 'csistoragecapacity',
  namespaced: true,
  type: 'storage/v1.CSIStorageCapacity',
  storage: 'csistoragecapacities',
};

export const volumeAttributesClass: KindDescriptor = {
  kind: 'VolumeAttributesClass',
  ...STORAGE,
  plural: 'volumeattributesclasses',
  singular: 'volumeattributesclass',
  namespaced: false,
  shortNames: ['vac'],
  type: 'storage/v1.VolumeAttributesClass',
  storage: 'volumeattributesclasses',
  table: table(['DriverName', 'Age'], (one, age) => [one.text('driverName'), age()]),
};
