// OpenAPI v2 and v3, made from the field tables: the schemas that kubectl explain and other clients read.
// Paths carry what clients look for there (query parameters of writes); response schemas are left out.

import { sha256 } from '../../../core/sha256.ts';
import { encode } from '../../../core/text.ts';
import type { JsonObject } from '../fields/decode.ts';
import { isObject } from '../fields/decode.ts';
import {
  type Field,
  type FieldType,
  hasStructType,
  type Scalar,
  type StructType,
  structType,
} from '../fields/tables.ts';
import type { ServerParts } from '../handlers/context.ts';
import { groupVersionOf, type KindDescriptor } from '../kinds/descriptor.ts';
import { descriptionsOf } from './descriptions.ts';
import { SCALAR_TEXTS } from './scalar-texts.ts';

const PACKAGES: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
};

/** `core/v1.Pod` as OpenAPI names it: `io.k8s.api.core.v1.Pod`. */
export function schemaName(type: string): string {
  const [group = '', rest = ''] = type.split('/');
  return `${PACKAGES[group] ?? `io.k8s.api.${group}`}.${rest}`;
}

const TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
const MICRO_TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';

const FIELDS_V1 = 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1';

const NAMED_SCALARS: Readonly<Record<string, JsonObject>> = {
  [FIELDS_V1]: { type: 'object' },
  [TIME]: { type: 'string', format: 'date-time' },
  [MICRO_TIME]: { type: 'string', format: 'date-time' },
  [QUANTITY]: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  [INT_OR_STRING]: { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' },
};

type Refer = (name: string) => JsonObject;

function scalarSchema(scalar: Scalar, refer: Refer): JsonObject {
  switch (scalar) {
    case 's':
      return { type: 'string' };
    case 'b':
      return { type: 'boolean' };
    case 'i':
      return { type: 'integer', format: 'int32' };
    case 'l':
      return { type: 'integer', format: 'int64' };
    case 'n':
      return { type: 'number', format: 'double' };
    case 'y':
      return { type: 'string', format: 'byte' };
    case 't':
      return refer(TIME);
    case 'm':
      return refer(MICRO_TIME);
    case 'q':
      return refer(QUANTITY);
    case 'x':
      return refer(INT_OR_STRING);
    case 'a':
      return { type: 'object' };
  }
}

function typeSchema(type: FieldType, refer: Refer, wrap: boolean): JsonObject {
  switch (type.kind) {
    case 'scalar':
      return wrapped(scalarSchema(type.scalar, refer), wrap);
    case 'list':
      return { type: 'array', items: typeSchema(type.of, refer, wrap) };
    case 'map':
      return { type: 'object', additionalProperties: typeSchema(type.of, refer, wrap) };
    case 'struct':
      return wrapped(refer(schemaName(type.name)), wrap);
  }
}

/** v3 puts references beside other keys into allOf. */
function wrapped(schema: JsonObject, wrap: boolean): JsonObject {
  return wrap && '$ref' in schema ? { allOf: [schema] } : schema;
}

function fieldSchema(type: StructType, field: Field, refer: Refer, v3: boolean): JsonObject {
  const description = descriptionsOf(type.name)[field.name] ?? typeMetaText(type, field);
  const sets = type.name === 'meta/v1.ManagedFieldsEntry' && field.name === 'fieldsV1';
  return {
    ...(description === undefined ? {} : { description }),
    ...(sets ? wrapped(refer(FIELDS_V1), v3) : typeSchema(field.type, refer, v3)),
    ...(field.values.length > 0 && field.type.kind === 'scalar' ? { enum: field.values } : {}),
    ...(field.topology === 'map'
      ? { 'x-kubernetes-list-map-keys': field.keys, 'x-kubernetes-list-type': 'map' }
      : {}),
    ...(field.topology === 'set' ? { 'x-kubernetes-list-type': 'set' } : {}),
    ...(field.topology === 'atomic' && field.type.kind === 'list'
      ? { 'x-kubernetes-list-type': 'atomic' }
      : {}),
    ...(field.patchKey === '' ? {} : { 'x-kubernetes-patch-merge-key': field.patchKey }),
    ...(field.patchMerge
      ? { 'x-kubernetes-patch-strategy': field.retainKeys ? 'merge,retainKeys' : 'merge' }
      : field.retainKeys
        ? { 'x-kubernetes-patch-strategy': 'retainKeys' }
        : {}),
  };
}

/** What every kind has, though nothing requires it in a schema. */
const TYPE_META = ['kind', 'apiVersion'];

/** The texts of what every kind has, which its own table leaves out. */
function typeMetaText({ fields }: StructType, { name }: Field): string | undefined {
  if (!fields.some((one) => one.name === 'metadata')) return undefined;
  return { apiVersion: API_VERSION_TEXT, kind: KIND_TEXT }[name];
}

function structSchema(type: StructType, refer: Refer, v3: boolean): JsonObject {
  const fields = [...type.fields].sort((a, b) => (a.name < b.name ? -1 : 1));
  const typed = fields.some(({ name }) => name === 'metadata');
  const required = fields
    .filter((field) => field.required && !(typed && TYPE_META.includes(field.name)))
    .map(({ name }) => name);
  const description = descriptionsOf(type.name)[''];
  return {
    ...(description === undefined ? {} : { description }),
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(
      fields.map((field) => [field.name, fieldSchema(type, field, refer, v3)]),
    ),
    ...(type.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
  };
}

/** The schemas of some kinds and of everything that they refer to. */
function schemasOf(kinds: readonly KindDescriptor[], prefix: string, v3: boolean): JsonObject {
  const schemas: Record<string, JsonObject> = {};
  const pending: string[] = [];
  const typeOf = new Map<string, string>();
  const refer: Refer = (name) => {
    if (!(name in schemas)) pending.push(name);
    return { $ref: `${prefix}${name}` };
  };
  const add = (type: StructType): void => {
    for (const field of type.fields) collect(field.type, typeOf);
    const name = schemaName(type.name);
    schemas[name] = {};
    schemas[name] = structSchema(type, refer, v3);
  };
  for (const descriptor of kinds) {
    if (descriptor.type === '') {
      const name = customSchemaName(descriptor);
      schemas[name] = { ...customSchema(descriptor), ...kindTag([descriptor]) };
      continue;
    }
    add(structType(descriptor.type));
    const name = schemaName(descriptor.type);
    schemas[name] = { ...schemas[name], ...kindTag([descriptor]) };
  }
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name in schemas) continue;
    const scalar = NAMED_SCALARS[name];
    const type = typeOf.get(name);
    if (scalar) schemas[name] = { description: SCALAR_TEXTS[name] ?? '', ...scalar };
    else if (type !== undefined && hasStructType(type)) add(structType(type));
  }
  return schemas;
}

function collect(type: FieldType, typeOf: Map<string, string>): void {
  if (type.kind === 'list' || type.kind === 'map') collect(type.of, typeOf);
  else if (type.kind === 'struct') typeOf.set(schemaName(type.name), type.name);
}

function kindTag(kinds: readonly KindDescriptor[]): JsonObject {
  const tags = kinds.map(({ group, kind, version }) => ({ group, kind, version }));
  return { 'x-kubernetes-group-version-kind': tags };
}

/** `sea.example/v1 Boat` as OpenAPI names it: `example.sea.v1.Boat`. */
function customSchemaName({ group, version, kind }: KindDescriptor): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

const META = { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };

function customSchema(descriptor: KindDescriptor): JsonObject {
  const schema = isObject(descriptor.custom) ? descriptor.custom : {};
  const properties = isObject(schema.properties) ? schema.properties : {};
  const type = structType('meta/v1.ObjectMeta');
  const texts = descriptionsOf(type.name);
  return {
    ...schema,
    properties: {
      apiVersion: { type: 'string', description: texts.apiVersion ?? API_VERSION_TEXT },
      kind: { type: 'string', description: KIND_TEXT },
      metadata: { allOf: [META] },
      ...Object.fromEntries(
        Object.entries(properties).filter(
          ([name]) => !['apiVersion', 'kind', 'metadata'].includes(name),
        ),
      ),
    },
  };
}

const API_VERSION_TEXT =
  'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources';
const KIND_TEXT =
  'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds';

/** The OpenAPI v3 documents there are, by path. */
export function openApiIndex({ kinds }: ServerParts): object {
  const versions = new Set(kinds.all().map(groupVersionOf));
  const paths = ['.well-known/openid-configuration', 'api', 'apis', 'openid/v1/jwks', 'version'];
  for (const { group } of kinds.all()) if (group !== '') paths.push(`apis/${group}`);
  for (const version of versions)
    paths.push(version.includes('/') ? `apis/${version}` : `api/${version}`);
  const sorted = [...new Set(paths)].sort();
  const entry = (path: string): object => ({
    serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(path, kinds.all())}`,
  });
  return { paths: Object.fromEntries(sorted.map((path) => [path, entry(path)])) };
}

function hashOf(path: string, kinds: readonly KindDescriptor[]): string {
  const names = kinds.map((one) => `${groupVersionOf(one)}/${one.kind}`).join(' ');
  return sha256(encode(`${path} ${names}`)).toUpperCase();
}

/** One OpenAPI document: `v2`, or `v3/apis/apps/v1`. */
export function openApiDocument({ kinds }: ServerParts, name: string): object | undefined {
  const info = { title: 'Kubernetes', version: 'v1.36.3' };
  if (name === 'v2') {
    return {
      swagger: '2.0',
      info,
      paths: pathsOf(kinds.all()),
      definitions: schemasOf(kinds.all(), '#/definitions/', false),
    };
  }
  const version = /^v3\/apis?\/(.+)$/.exec(name)?.[1];
  const own = kinds.all().filter((descriptor) => groupVersionOf(descriptor) === version);
  if (own.length === 0) return undefined;
  return {
    openapi: '3.0.0',
    info,
    paths: pathsOf(own),
    components: { schemas: schemasOf(own, '#/components/schemas/', true) },
  };
}

const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
}));

function pathsOf(kinds: readonly KindDescriptor[]): JsonObject {
  const entries = kinds.flatMap((descriptor) => {
    const version = groupVersionOf(descriptor);
    const root = descriptor.group === '' ? `/api/${version}` : `/apis/${version}`;
    const scope = descriptor.namespaced ? '/namespaces/{namespace}' : '';
    const collection = `${root}${scope}/${descriptor.plural}`;
    const { group, kind } = descriptor;
    const tag = {
      'x-kubernetes-group-version-kind': { group, kind, version: descriptor.version },
    };
    const get = { ...tag, 'x-kubernetes-action': 'list' };
    const write = { ...tag, parameters: WRITE_PARAMETERS };
    return [
      [collection, { get, post: { ...write, 'x-kubernetes-action': 'post' } }],
      [
        `${collection}/{name}`,
        {
          get: { ...tag, 'x-kubernetes-action': 'get' },
          put: { ...write, 'x-kubernetes-action': 'put' },
          patch: { ...write, 'x-kubernetes-action': 'patch' },
        },
      ],
    ] as const;
  });
  return Object.fromEntries(entries);
}
