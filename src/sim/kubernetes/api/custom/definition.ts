// CustomResourceDefinition: defaults, what is checked, and the conditions that a new one is given.

import { isObject } from '../fields/decode.ts';
import type { StrategyContext } from '../kinds/descriptor.ts';
import { fillIn, type KubeObject, replaceField } from '../object.ts';
import type { CustomResourceDefinition } from '../types/extensions.ts';
import { type FieldError, fieldErrors } from '../validation/errors.ts';
import { dnsLabel1035, dnsSubdomain } from '../validation/names.ts';

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

/** A new definition: its names are free, and it is served at once. */
export function prepareDefinition(object: KubeObject, { time }: StrategyContext): KubeObject {
  const { spec } = asDefinition(object);
  const stored = spec.versions.filter(({ storage }) => storage).map(({ name }) => name);
  const conditions = [
    {
      type: 'NamesAccepted',
      status: 'True',
      lastTransitionTime: time,
      reason: 'NoConflicts',
      message: 'no conflicts found',
    },
    {
      type: 'Established',
      status: 'True',
      lastTransitionTime: time,
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    },
  ];
  return {
    ...object,
    status: { conditions, acceptedNames: spec.names, storedVersions: stored },
  };
}

/** A version as the server's internal structure prints it. */
function internalVersion(version: CustomResourceDefinition['spec']['versions'][number]): object {
  return {
    Name: version.name,
    Served: version.served,
    Storage: version.storage,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  };
}

/** Checks a change: scope and group stay. */
export function validateDefinitionUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const errors = validateDefinition(object);
  for (const field of ['scope', 'group'] as const) {
    const value = asDefinition(object).spec[field];
    if (value === asDefinition(old).spec[field]) continue;
    errors.push(fieldErrors.invalid(`spec.${field}`, value, 'field is immutable'));
  }
  return errors;
}

const SCOPES = ['Cluster', 'Namespaced'];

/** Checks a definition. */
export function validateDefinition(object: KubeObject): FieldError[] {
  const { spec, metadata } = asDefinition(object);
  const errors: FieldError[] = [];
  const wanted = `${spec.names.plural}.${spec.group}`;
  if (metadata.name !== wanted) {
    errors.push(
      fieldErrors.invalid(
        'metadata.name',
        metadata.name ?? '',
        'must be spec.names.plural+"."+spec.group',
      ),
    );
  }
  if (spec.group === '') errors.push(fieldErrors.required('spec.group'));
  else {
    errors.push(
      ...dnsSubdomain(spec.group).map((text) =>
        fieldErrors.invalid('spec.group', spec.group, text),
      ),
    );
    if (!spec.group.includes('.')) {
      errors.push(
        fieldErrors.invalid('spec.group', spec.group, 'should be a domain with at least one dot'),
      );
    }
  }
  if (!SCOPES.includes(spec.scope)) {
    errors.push(fieldErrors.notSupported('spec.scope', spec.scope, SCOPES));
  }
  const storing = spec.versions.filter(({ storage }) => storage).length;
  if (storing !== 1) {
    errors.push(
      fieldErrors.invalid(
        'spec.versions',
        spec.versions.map(internalVersion),
        'must have exactly one version marked as storage version',
      ),
    );
  }
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    const value = spec.names[field] ?? '';
    if (value === '') errors.push(fieldErrors.required(`spec.names.${field}`));
    else {
      errors.push(
        ...dnsLabel1035(value.toLowerCase()).map((text) =>
          fieldErrors.invalid(`spec.names.${field}`, value, text),
        ),
      );
    }
  }
  for (const [i, version] of spec.versions.entries()) {
    const schema = version.schema?.openAPIV3Schema;
    const at = `spec.versions[${i}].schema.openAPIV3Schema`;
    if (!isObject(schema)) {
      errors.push(fieldErrors.required(at, 'schemas are required'));
    } else if (schema.type === undefined) {
      errors.push(fieldErrors.required(`${at}.type`, 'must not be empty at the root'));
    } else if (schema.type !== 'object') {
      errors.push(fieldErrors.invalid(`${at}.type`, schema.type, 'must be object at the root'));
    }
  }
  return errors;
}
