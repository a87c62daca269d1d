// A descriptor for every served version of a custom resource definition.

import { timeText } from '../clock.ts';
import { isObject } from '../fields/decode.ts';
import { objectAge } from '../handlers/table.ts';
import type { Cell, KindDescriptor, TableForm } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import { ageText } from '../tables/ages.ts';
import { fieldAt } from '../tables/columns.ts';
import type { CustomResourceDefinition } from '../types/extensions.ts';
import type { FieldError } from '../validation/errors.ts';
import { schemaDefaults } from './schema-defaults.ts';
import { validateSchema, validateStatus } from './schema-validate.ts';

type Version = CustomResourceDefinition['spec']['versions'][number];

/** The kinds that a definition adds; none before its names are accepted. */
export function descriptorsOf(definition: CustomResourceDefinition): readonly KindDescriptor[] {
  if (definition.metadata.deletionTimestamp !== undefined) return [];
  const established = (definition.status?.conditions ?? []).some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );
  if (!established) return [];
  return definition.spec.versions
    .filter(({ served }) => served)
    .map((version) => descriptorOf(definition, version));
}

function descriptorOf(definition: CustomResourceDefinition, version: Version): KindDescriptor {
  const { group, scope } = definition.spec;
  const names = definition.status?.acceptedNames ?? definition.spec.names;
  const given = version.schema?.openAPIV3Schema;
  const schema = isObject(given) ? given : {};
  const scale = version.subresources?.scale;
  const path = (text: string): string => text.replace(/^\./, '');
  const validate = (object: KubeObject): FieldError[] => validateSchema(object, schema);
  const validateUpdate = (object: KubeObject, old: KubeObject): FieldError[] =>
    validateSchema(object, schema, old);
  return {
    kind: names.kind,
    group,
    version: version.name,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    namespaced: scope === 'Namespaced',
    ...(names.shortNames ? { shortNames: names.shortNames } : {}),
    ...(names.categories ? { categories: names.categories } : {}),
    type: '',
    storage: `${group}/${names.plural}`,
    hasStatus: version.subresources?.status !== undefined,
    generation: true,
    custom: schema,
    defaults: (object) => schemaDefaults(object, schema),
    ...(version.subresources?.status !== undefined ? { prepareForCreate: withoutStatus } : {}),
    ...(scale
      ? {
          scale: {
            specReplicas: path(scale.specReplicasPath),
            statusReplicas: path(scale.statusReplicasPath),
            selector: (object: KubeObject) => {
              const found = fieldAt(object, path(scale.labelSelectorPath ?? ''));
              return typeof found === 'string' ? found : undefined;
            },
          },
        }
      : {}),
    validate,
    validateUpdate,
    validateStatusUpdate: (object, old) => validateStatus(object, schema, old),
    ...(version.deprecated
      ? {
          deprecation:
            version.deprecationWarning ?? `${group}/${version.name} ${names.kind} is deprecated`,
        }
      : {}),
    selectableFields: Object.fromEntries(
      (version.selectableFields ?? []).map(({ jsonPath }) => [
        path(jsonPath),
        (object: KubeObject) => String(fieldAt(object, path(jsonPath)) ?? ''),
      ]),
    ),
    table: tableOf(version),
  };
}

function withoutStatus({ status: _, ...object }: KubeObject): KubeObject {
  return object as KubeObject;
}

function tableOf({ additionalPrinterColumns: given = [] }: Version): TableForm {
  const name = { name: 'Name', format: 'name' };
  if (given.length === 0) {
    return {
      columns: [name, { name: 'Age', type: 'date' }],
      cells: (object, now) => [object.metadata.name ?? '', objectAge(object, now)],
    };
  }
  return {
    columns: [
      name,
      ...given.map((column) => ({
        name: column.name,
        type: column.type as 'string',
        ...(column.format === undefined ? {} : { format: column.format }),
        ...(column.description === undefined ? {} : { description: column.description }),
        priority: column.priority ?? 0,
      })),
    ],
    cells: (object, now) => [
      object.metadata.name ?? '',
      ...given.map(({ jsonPath, type }) => cellOf(object, jsonPath, type, now)),
    ],
  };
}

/** The value at a JSON path, in the form of its column. */
function cellOf(object: KubeObject, jsonPath: string, type: string, now: number): Cell {
  const found = valuesAt(object, jsonPath);
  const [first] = found;
  if (first === undefined || first === null) return null;
  if (type === 'date') return ageText(String(first), timeText(now));
  if (type === 'integer' || type === 'number') return typeof first === 'number' ? first : null;
  if (type === 'boolean') return typeof first === 'boolean' ? first : null;
  const texts = found.map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one)));
  return texts.join(',');
}

const STEP = /\.?([\w-]+|\['[^']*'\])|\[(\*|\d+)\]|\[\?\(@\.([\w.]+)\s*==\s*"([^"]*)"\)\]/g;

function valuesAt(object: object, jsonPath: string): unknown[] {
  let values: unknown[] = [object];
  for (const [, name, index, filter, wanted] of jsonPath.matchAll(STEP)) {
    values = values.flatMap((value) => {
      if (name !== undefined) {
        const key = name.replace(/^\['|'\]$/g, '').replaceAll('\\.', '.');
        return isObject(value) && value[key] !== undefined ? [value[key]] : [];
      }
      if (!Array.isArray(value)) return [];
      if (filter !== undefined) {
        return value.filter((item) => isObject(item) && fieldAt(item, filter) === wanted);
      }
      return index === '*' ? value : value.slice(Number(index), Number(index) + 1);
    });
  }
  return values;
}
