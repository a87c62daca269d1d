// Volumes of a pod: one source each, names, and what each source needs.

import type { DownwardAPIVolumeFile, NFSVolumeSource, Volume } from '../types/volume.ts';
import { nanoOf } from '../fields/quantity.ts';
import { invalidEach, validateFieldPath, validateResourceField } from './containers.ts';
import { type FieldError, fieldErrors } from './errors.ts';
import { validateLocalPath } from './local-path.ts';
import { dnsLabel } from './names.ts';

/** Checks a pod's volumes; the names of those that are right, which containers may mount. */
export function validateVolumes(
  volumes: readonly Volume[],
  path: string,
): { readonly volumes: ReadonlySet<string>; readonly errors: FieldError[] } {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, volume] of volumes.entries()) {
    const at = `${path}[${i}]`;
    const found = validateSource(volume, at);
    const { name = '' } = volume;
    if (name === '') found.push(fieldErrors.required(`${at}.name`));
    else found.push(...invalidEach(`${at}.name`, name, dnsLabel(name)));
    if (names.has(name)) found.push(fieldErrors.duplicate(`${at}.name`, name));
    if (found.length === 0) names.add(name);
    errors.push(...found);
  }
  return { volumes: names, errors };
}

function validateSource(volume: Volume, path: string): FieldError[] {
  const sources = Object.keys(volume).filter((name) => name !== 'name');
  if (sources.length === 0) return [fieldErrors.required(path, 'must specify a volume type')];
  const errors = sources
    .slice(1)
    .map((name) =>
      fieldErrors.forbidden(`${path}.${name}`, 'may not specify more than 1 volume type'),
    );
  const { hostPath, secret, configMap, persistentVolumeClaim: claim } = volume;
  const { emptyDir, nfs, downwardAPI } = volume;
  if (emptyDir?.sizeLimit !== undefined && nanoOf(emptyDir.sizeLimit) < 0n) {
    const why = 'SizeLimit field must be a valid resource quantity';
    errors.push(fieldErrors.forbidden(`${path}.emptyDir.sizeLimit`, why));
  }
  if (nfs) errors.push(...validateNfs(nfs, `${path}.nfs`));
  if (downwardAPI) {
    errors.push(...validateMode(downwardAPI, `${path}.downwardAPI`));
    for (const item of downwardAPI.items ?? []) {
      errors.push(...validateDownward(item, `${path}.downwardAPI`));
    }
  }
  if (hostPath) {
    if ((hostPath.path ?? '') === '') errors.push(fieldErrors.required(`${path}.hostPath.path`));
    else if (hostPath.path.split('/').includes('..')) {
      errors.push(
        fieldErrors.invalid(`${path}.hostPath.path`, hostPath.path, "must not contain '..'"),
      );
    }
    const type = hostPath.type ?? '';
    if (!HOST_PATH_TYPES.includes(type)) {
      errors.push(fieldErrors.notSupported(`${path}.hostPath.type`, type, HOST_PATH_TYPES));
    }
  }
  if (secret) {
    if ((secret.secretName ?? '') === '') {
      errors.push(fieldErrors.required(`${path}.secret.secretName`));
    }
    errors.push(
      ...validateItems(secret.items, `${path}.secret`),
      ...validateMode(secret, `${path}.secret`),
    );
  }
  if (configMap) {
    if ((configMap.name ?? '') === '') errors.push(fieldErrors.required(`${path}.configMap.name`));
    errors.push(
      ...validateItems(configMap.items, `${path}.configMap`),
      ...validateMode(configMap, `${path}.configMap`),
    );
  }
  if (claim && (claim.claimName ?? '') === '') {
    errors.push(fieldErrors.required(`${path}.persistentVolumeClaim.claimName`));
  }
  return errors;
}

function validateNfs(nfs: NFSVolumeSource, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!nfs.server) errors.push(fieldErrors.required(`${path}.server`));
  if (!nfs.path) errors.push(fieldErrors.required(`${path}.path`));
  if (!nfs.path?.startsWith('/')) {
    errors.push(fieldErrors.invalid(`${path}.path`, nfs.path, 'must be an absolute path'));
  }
  return errors;
}

/** A file of the downward API. The real server leaves its index out. */
function validateDownward(item: DownwardAPIVolumeFile, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!item.path) errors.push(fieldErrors.required(`${path}.path`));
  errors.push(...validateLocalPath(item.path ?? '', `${path}.path`));
  const { fieldRef, resourceFieldRef } = item;
  if (fieldRef) {
    errors.push(...validateFieldPath(fieldRef.fieldPath, `${path}.fieldRef`, 'volume'));
    if (resourceFieldRef) {
      const why = 'fieldRef and resourceFieldRef can not be specified simultaneously';
      errors.push(fieldErrors.invalid(path, 'resource', why));
    }
  } else if (resourceFieldRef) {
    const at = `${path}.resourceFieldRef`;
    if (!resourceFieldRef.containerName) errors.push(fieldErrors.required(`${at}.containerName`));
    else errors.push(...validateResourceField(resourceFieldRef.resource, at));
  } else {
    errors.push(fieldErrors.required(path, 'one of fieldRef and resourceFieldRef is required'));
  }
  return errors;
}

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

interface Item {
  readonly key: string;
  readonly path: string;
}

function validateItems(items: readonly Item[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, item] of (items ?? []).entries()) {
    const at = `${path}.items[${i}]`;
    if ((item.key ?? '') === '') errors.push(fieldErrors.required(`${at}.key`));
    if ((item.path ?? '') === '') errors.push(fieldErrors.required(`${at}.path`));
    else errors.push(...validateLocalPath(item.path, `${at}.path`));
  }
  return errors;
}

function validateMode(source: { readonly defaultMode?: number }, path: string): FieldError[] {
  const mode = source.defaultMode;
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [
    fieldErrors.invalid(
      `${path}.defaultMode`,
      mode,
      'must be a number between 0 and 0777 (octal), both inclusive',
    ),
  ];
}
