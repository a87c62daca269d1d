// The types by which field ownership is told apart: the field tables, and a deduced type for custom resources.

import { zeroStruct } from '../fields/decode.ts';
import { type Field, type FieldType, type StructType, structReference } from '../fields/tables.ts';
import type { KindDescriptor } from '../kinds/descriptor.ts';

export type { Field, FieldType };

/** Anything: objects field by field, lists as a whole. */
const DEDUCED: FieldType = {
  kind: 'map',
  get of() {
    return DEDUCED;
  },
};

function deducedField(name: string, type: FieldType): Field {
  return {
    name,
    element: `f:${name}`,
    type,
    required: false,
    always: false,
    pointer: false,
    topology: 'granular',
    keys: [],
    patchMerge: false,
    patchKey: '',
    retainKeys: false,
    values: [],
  };
}

const CUSTOM_FIELDS = [
  deducedField('metadata', structReference('meta/v1.ObjectMeta')),
  ...['spec', 'status', 'data'].map((name) => deducedField(name, DEDUCED)),
];

/** A custom resource: any field, metadata by its type. */
const customStruct: StructType = {
  name: 'custom',
  fields: CUSTOM_FIELDS,
  byName: new (class extends Map<string, Field> {
    override get(name: string): Field {
      return super.get(name) ?? deducedField(name, DEDUCED);
    }
  })(CUSTOM_FIELDS.map((field) => [field.name, field])),
  always: [],
  atomic: false,
};

const CUSTOM: FieldType = { kind: 'struct', name: 'custom', struct: customStruct };

/** The type of a kind's objects. */
export function typeOfKind(descriptor: KindDescriptor): FieldType {
  return descriptor.type === '' ? CUSTOM : structReference(descriptor.type);
}

/** What a field that is always written holds before anybody sets it; undefined for plain values. */
export function zeroOfType(field: Field): object | null | undefined {
  if (field.type.kind === 'struct') return field.pointer ? null : zeroStruct(field.type.struct);
  return field.type.kind === 'scalar' ? undefined : null;
}
