// CustomResourceDefinition: defaults, and what is checked before its schema is.

import { isObject } from '../fields/decode.ts';
import type { StrategyContext } from '../kinds/descriptor.ts';
import { fillIn, type KubeObject, replaceField } from '../object.ts';
import type { CustomResourceDefinition } from '../types/extensions.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { dnsLabel1035, dnsSubdomain } from '../validation/names.ts';
import { hoistedOf, internalVersion } from './internal.ts';
import { namingStatus } from './naming.ts';
import { validateOpenApiSchema } from './openapi-schema.ts';
import { validateColumns, validateConversion, validateSubresources } from './versions.ts';

const { invalid, required, notSupported } = fieldErrors;

/** A definition seen as what it is. */
export function asDefinition(object: KubeObject): CustomResourceDefinition {
  return object as unknown as CustomResourceDefinition;
}

/** Singular, list kind and conversion follow from the names. */
export function definitionDefaults(object: KubeObject): KubeObject {
  const { spec } = asDefinition(object);
  const names = fillIn(spec.names, {
    singular: (spec.names.kind ?? '').toLowerCase(),
    listKind: `${spec.names.kind}List`,
  });
  const filled = fillIn(replaceField(spec, 'names', names), { conversion: { strategy: 'None' } });
  return replaceField(object, 'spec', filled);
}

/** A new definition: its names are free or not, and it is served at once where they are. */
export function prepareDefinition(object: KubeObject, context: StrategyContext): KubeObject {
  const { status: _, ...rest } = object;
  return { ...rest, status: namingStatus(rest as KubeObject, context) } as KubeObject;
}

/** A changed definition: names, conditions and stored versions follow. */
export function prepareDefinitionUpdate(
  object: KubeObject,
  _old: KubeObject,
  context: StrategyContext,
): KubeObject {
  return { ...object, status: namingStatus(object, context) } as KubeObject;
}

/** Checks a change: scope, group and the main names stay. */
export function validateDefinitionUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const { spec, status } = asDefinition(object);
  const before = asDefinition(old).spec;
  const errors = validateSpec(object);
  const fixed: [string, string, string][] = [
    ['spec.scope', spec.scope, before.scope],
    ['spec.names.kind', spec.names.kind, before.names.kind],
    ['spec.group', spec.group, before.group],
    ['spec.names.plural', spec.names.plural, before.names.plural],
  ];
  for (const [path, value, was] of fixed) {
    if (value !== was) errors.push(invalid(path, value, 'field is immutable'));
  }
  errors.push(...validateStored(spec, status?.storedVersions ?? []));
  return errors;
}

/** Checks a definition. */
export function validateDefinition(object: KubeObject): FieldError[] {
  const { spec, metadata, status } = asDefinition(object);
  const errors: FieldError[] = [];
  if (metadata.name !== `${spec.names.plural}.${spec.group}`) {
    const why = 'must be spec.names.plural+"."+spec.group';
    errors.push(invalid('metadata.name', metadata.name ?? '', why));
  }
  errors.push(...validateSpec(object));
  errors.push(...validateStored(spec, status?.storedVersions ?? []));
  errors.push(...validateApproval(spec.group, metadata.annotations ?? {}));
  if (spec.preserveUnknownFields === true) {
    const why =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
    errors.push(invalid('spec.preserveUnknownFields', true, why));
  }
  return errors;
}

const SCOPES = ['Cluster', 'Namespaced'];

function validateSpec(object: KubeObject): FieldError[] {
  const { spec } = asDefinition(object);
  const errors: FieldError[] = [];
  const wrong = dnsSubdomain(spec.group);
  if (spec.group === '') errors.push(required('spec.group'));
  else if (wrong.length > 0) errors.push(invalid('spec.group', spec.group, wrong.join(',')));
  else if (!spec.group.includes('.')) {
    errors.push(invalid('spec.group', spec.group, 'should be a domain with at least one dot'));
  }
  if (!spec.scope) errors.push(required('spec.scope'));
  else if (!SCOPES.includes(spec.scope)) {
    errors.push(notSupported('spec.scope', spec.scope, SCOPES));
  }
  const { versions } = spec;
  const hoisted = hoistedOf(versions);
  for (const [i, version] of versions.entries()) {
    if (!isObject(version.schema?.openAPIV3Schema)) {
      errors.push(required(`spec.versions[${i}].schema.openAPIV3Schema`));
    }
  }
  for (const [i, version] of versions.entries())
    errors.push(...validateVersion(version, i, hoisted));
  const shown = versions.map((version) => internalVersion(version, hoisted));
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    errors.push(invalid('spec.versions', shown, 'must contain unique version names'));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const why = 'must have exactly one version marked as storage version';
    errors.push(invalid('spec.versions', shown, why));
  }
  errors.push(...validateNames(spec.names));
  const [first] = versions;
  const schema = first?.schema?.openAPIV3Schema;
  if (hoisted.schema && isObject(schema)) {
    errors.push(...validateOpenApiSchema(schema, 'spec.validation.openAPIV3Schema'));
  }
  if (hoisted.subresources) {
    errors.push(...validateSubresources(first?.subresources, 'spec.subresources'));
  }
  if (hoisted.columns) errors.push(...validateColumns(first?.additionalPrinterColumns, 'spec'));
  errors.push(...validateConversion(spec.conversion));
  return errors;
}

type Spec = CustomResourceDefinition['spec'];

function validateVersion(
  version: Spec['versions'][number],
  i: number,
  hoisted: ReturnType<typeof hoistedOf>,
): FieldError[] {
  const at = `spec.versions[${i}]`;
  const errors: FieldError[] = [];
  const wrong = dnsLabel1035(version.name);
  if (wrong.length > 0) errors.push(invalid(`${at}.name`, version.name, wrong.join(',')));
  const { deprecated, deprecationWarning: warning } = version;
  if (!deprecated && warning !== undefined) {
    const why = 'can only be set for deprecated versions';
    errors.push(invalid(`${at}.deprecationWarning`, warning, why));
  } else if (warning === '') {
    errors.push(invalid(`${at}.deprecationWarning`, warning, 'must not be an empty string'));
  } else if ((warning ?? '').length > 256) {
    errors.push(invalid(`${at}.deprecationWarning`, warning, 'must be <= 256 characters long'));
  }
  const schema = version.schema?.openAPIV3Schema;
  if (!hoisted.schema && isObject(schema)) {
    errors.push(...validateOpenApiSchema(schema, `${at}.schema.openAPIV3Schema`));
  }
  if (!hoisted.subresources) {
    errors.push(...validateSubresources(version.subresources, `${at}.subresources`));
  }
  if (!hoisted.columns) errors.push(...validateColumns(version.additionalPrinterColumns, at));
  return errors;
}

function validateNames(names: Spec['names']): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if (!names[field]) errors.push(required(`spec.names.${field}`));
  }
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    const value = names[field] ?? '';
    const isKind = field === 'kind' || field === 'listKind';
    const wrong = dnsLabel1035(isKind ? value.toLowerCase() : value);
    if (value === '' || wrong.length === 0) continue;
    const words = isKind ? 'may have mixed case, but should otherwise match: ' : '';
    errors.push(invalid(`spec.names.${field}`, value, `${words}${wrong.join(',')}`));
  }
  for (const field of ['shortNames', 'categories'] as const) {
    for (const [i, value] of (names[field] ?? []).entries()) {
      const wrong = dnsLabel1035(value);
      if (wrong.length > 0) {
        errors.push(invalid(`spec.names.${field}[${i}]`, value, wrong.join(',')));
      }
    }
  }
  if (names.kind && names.kind === names.listKind) {
    const why = 'kind and listKind may not be the same';
    errors.push(invalid('spec.names.listKind', names.listKind, why));
  }
  return errors;
}

function validateStored({ versions }: Spec, stored: readonly string[]): FieldError[] {
  const path = 'status.storedVersions';
  if (stored.length === 0) {
    return [invalid(path, null, 'must have at least one stored version')];
  }
  const left = new Map(stored.map((name, i) => [name, i]));
  const errors: FieldError[] = [];
  for (const { name, storage } of versions) {
    const known = left.delete(name);
    if (storage && !known) {
      errors.push(invalid(path, stored, `must have the storage version ${name}`));
    }
  }
  for (const [name, i] of left) {
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(`${path}[${i}]`, name, why));
  }
  return errors;
}

const APPROVED = 'api-approved.kubernetes.io';

/** Groups of the project itself need somebody's approval. */
function validateApproval(
  group: string,
  annotations: Readonly<Record<string, string>>,
): FieldError[] {
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group)) return [];
  const path = `metadata.annotations[${APPROVED}]`;
  const value = annotations[APPROVED] ?? '';
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (value === '') {
    const why = `protected groups must have approval annotation "${APPROVED}", ${see}`;
    return [required(path, why)];
  }
  if (value.startsWith('unapproved') || /^https?:\/\/[^/]+/.test(value)) return [];
  const why = `protected groups must have approval annotation "${APPROVED}" with either a URL or a reason starting with "unapproved", ${see}`;
  return [invalid(path, value, why)];
}
