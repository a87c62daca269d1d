// A definition as the server's internal structure prints it in errors, and where its parts stand there: what all versions
// say alike is said once for all of them.

import { isObject, type JsonObject } from '../fields/decode.ts';
import { sameJson } from '../object.ts';
import type { CustomResourceDefinition } from '../types/extensions.ts';

export type Version = CustomResourceDefinition['spec']['versions'][number];

/** What all versions say alike, hoisted from them. */
export interface Hoisted {
  readonly schema: boolean;
  readonly subresources: boolean;
  readonly columns: boolean;
}

/** Which parts the versions have in common. */
export function hoistedOf(versions: readonly Version[]): Hoisted {
  const [first] = versions;
  const alike = (part: (version: Version) => unknown): boolean =>
    first !== undefined &&
    part(first) !== undefined &&
    versions.every((one) => sameJson(part(one), part(first)));
  return {
    schema: alike(({ schema }) => schema),
    subresources: alike(({ subresources }) => subresources),
    columns: alike(({ additionalPrinterColumns: columns }) =>
      columns?.length ? columns : undefined,
    ),
  };
}

/** A version as errors print it. */
export function internalVersion(version: Version, hoisted: Hoisted): object {
  const { schema, subresources } = version;
  const columns = version.additionalPrinterColumns;
  return {
    Name: version.name,
    Served: version.served,
    Storage: version.storage,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: hoisted.schema || !schema ? null : internalValidation(schema.openAPIV3Schema),
    Subresources:
      hoisted.subresources || !subresources
        ? null
        : {
            Status: subresources.status === undefined ? null : {},
            Scale: subresources.scale
              ? {
                  SpecReplicasPath: subresources.scale.specReplicasPath,
                  StatusReplicasPath: subresources.scale.statusReplicasPath,
                  LabelSelectorPath: subresources.scale.labelSelectorPath ?? null,
                }
              : null,
          },
    AdditionalPrinterColumns:
      hoisted.columns || !columns?.length
        ? null
        : columns.map((one) => ({
            Name: one.name,
            Type: one.type,
            Format: one.format ?? '',
            Description: one.description ?? '',
            Priority: one.priority ?? 0,
            JSONPath: one.jsonPath,
          })),
    SelectableFields: version.selectableFields?.length
      ? version.selectableFields.map(({ jsonPath }) => ({ JSONPath: jsonPath }))
      : null,
  };
}

function internalValidation(schema: unknown): object {
  return { OpenAPIV3Schema: isObject(schema) ? internalSchema(schema) : null };
}

/** The fields of a schema in their order, by the name that they have in JSON, with what they hold when empty. */
const FIELDS: readonly (readonly [string, string, unknown])[] = [
  ['ID', 'id', ''],
  ['Schema', '$schema', ''],
  ['Ref', '$ref', null],
  ['Description', 'description', ''],
  ['Type', 'type', ''],
  ['Nullable', 'nullable', false],
  ['Format', 'format', ''],
  ['Title', 'title', ''],
  ['Default', 'default', null],
  ['Maximum', 'maximum', null],
  ['ExclusiveMaximum', 'exclusiveMaximum', false],
  ['Minimum', 'minimum', null],
  ['ExclusiveMinimum', 'exclusiveMinimum', false],
  ['MaxLength', 'maxLength', null],
  ['MinLength', 'minLength', null],
  ['Pattern', 'pattern', ''],
  ['MaxItems', 'maxItems', null],
  ['MinItems', 'minItems', null],
  ['UniqueItems', 'uniqueItems', false],
  ['MultipleOf', 'multipleOf', null],
  ['Enum', 'enum', null],
  ['MaxProperties', 'maxProperties', null],
  ['MinProperties', 'minProperties', null],
  ['Required', 'required', null],
  ['Items', 'items', null],
  ['AllOf', 'allOf', null],
  ['OneOf', 'oneOf', null],
  ['AnyOf', 'anyOf', null],
  ['Not', 'not', null],
  ['Properties', 'properties', null],
  ['AdditionalProperties', 'additionalProperties', null],
  ['PatternProperties', 'patternProperties', null],
  ['Dependencies', 'dependencies', null],
  ['AdditionalItems', 'additionalItems', null],
  ['Definitions', 'definitions', null],
  ['ExternalDocs', 'externalDocs', null],
  ['Example', 'example', null],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields', null],
  ['XEmbeddedResource', 'x-kubernetes-embedded-resource', false],
  ['XIntOrString', 'x-kubernetes-int-or-string', false],
  ['XListMapKeys', 'x-kubernetes-list-map-keys', null],
  ['XListType', 'x-kubernetes-list-type', null],
  ['XMapType', 'x-kubernetes-map-type', null],
  ['XValidations', 'x-kubernetes-validations', null],
];

function internalSchema(schema: JsonObject): object {
  return Object.fromEntries(
    FIELDS.map(([name, key, empty]) => [name, internalPart(key, schema[key]) ?? empty]),
  );
}

function internalPart(key: string, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (key === 'properties' && isObject(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      entries.map(([name, inner]) => [name, isObject(inner) ? internalSchema(inner) : null]),
    );
  }
  if (key === 'items') {
    return { Schema: isObject(value) ? internalSchema(value) : null, JSONSchemas: null };
  }
  if (key === 'additionalProperties') {
    return isObject(value)
      ? { Allows: true, Schema: internalSchema(value) }
      : { Allows: value, Schema: null };
  }
  if (key === 'not') return isObject(value) ? internalSchema(value) : null;
  if (/^(?:any|all|one)Of$/.test(key) && Array.isArray(value)) {
    return value.filter(isObject).map(internalSchema);
  }
  return value;
}
