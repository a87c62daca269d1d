// Request bodies: JSON into an object of the kind that the path names, with the strictness that the client asks.

import type { HttpRequest } from '../../../userland/http/message.ts';
import { parseYaml, YamlProblem } from '../../../userland/yaml/read.ts';
import { decodeCustom } from '../custom/decode.ts';
import { decode, isObject, type JsonObject } from '../fields/decode.ts';
import { duplicateFields } from '../fields/json.ts';
import { jsonKind } from '../fields/json.ts';
import { hasStructType, type StructType, structType, typeNameOf } from '../fields/tables.ts';
import { groupVersionOf, type KindDescriptor } from '../kinds/descriptor.ts';
import type { KubeObject } from '../object.ts';
import { ApiError, apiErrors } from '../status.ts';
import { fieldErrors } from '../validation/errors.ts';
import { queryValue } from './request-info.ts';
import { MEDIA_TYPES } from './respond.ts';

/** What to do with unknown and duplicate fields. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** Reads ?fieldValidation= and ?dryRun= as create, update and patch share them. */
export function writeOptions(
  request: HttpRequest,
  kind: string,
): { validation: FieldValidation; dryRun: boolean } | ApiError {
  if (request.query.size === 0) return { validation: 'Warn', dryRun: false };
  const dryRun = request.query.get('dryRun') ?? [];
  if (dryRun.some((value) => value !== 'All')) {
    const error = fieldErrors.notSupported('dryRun', dryRun, ['All']);
    return apiErrors.invalid(kind, 'meta.k8s.io', '', [error]);
  }
  const validation = queryValue(request, 'fieldValidation') ?? '';
  if (!['', 'Ignore', 'Strict', 'Warn'].includes(validation)) {
    const error = fieldErrors.notSupported('fieldValidation', validation, [
      '',
      'Ignore',
      'Strict',
      'Warn',
    ]);
    return apiErrors.invalid(kind, 'meta.k8s.io', '', [error]);
  }
  return {
    validation: validation === '' ? 'Warn' : (validation as FieldValidation),
    dryRun: dryRun.length > 0,
  };
}

/** A request's Content-Type without its parameters; '' where it has none. */
export function contentType({ headers }: HttpRequest): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
}

/** The value that a body of YAML, or of JSON, which is YAML too, stands for. */
export function yamlValue({ body }: HttpRequest): unknown {
  return body.isObject ? body.json() : parseYaml(body.text());
}

/** The JSON of a body, before it is any kind's. */
export function readJson(request: HttpRequest, kind: string): JsonObject | ApiError {
  const type = contentType(request);
  const yaml = type === 'application/yaml';
  if (type !== 'application/json' && type !== '' && !yaml)
    return apiErrors.unsupportedMediaType(MEDIA_TYPES);
  const json = yaml ? yamlValue(request) : request.body.json();
  if (json instanceof YamlProblem) {
    const shown = hex(request.body.text());
    return apiErrors.badRequest(
      `the object provided is unrecognized (must be of type ${kind}): ${json.message} (${shown})`,
    );
  }
  if (isObject(json)) return json;
  const prefix = `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: `;
  const text = request.body.text();
  if (json === undefined) {
    const shown = text === '' ? '<empty>' : text.slice(0, 32);
    return apiErrors.badRequest(`${prefix}${syntaxError(text)} (${shown})`);
  }
  return apiErrors.badRequest(
    `${prefix}json: cannot unmarshal ${jsonKind(json)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (${hex(text)})`,
  );
}

function hex(text: string): string {
  return [...text.slice(0, 32)].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

/** What Go's JSON scanner says of a text that is no JSON. */
export function syntaxError(text: string): string {
  const trimmed = text.trim();
  const bad = /^\{\s*([^"}\s])/.exec(trimmed)?.[1];
  if (bad !== undefined) {
    return `invalid character '${bad}' looking for beginning of object key string`;
  }
  const first = trimmed[0];
  if (first !== undefined && !'{["-0123456789tfn'.includes(first)) {
    return `invalid character '${first}' looking for beginning of value`;
  }
  return 'unexpected end of JSON input';
}

/** An object that was read, and what strictness has against it. */
export interface Body {
  readonly object: KubeObject;
  readonly strict: readonly string[];
}

/** Reads the body as an object of the descriptor's kind, with defaults applied. */
export function readBody(
  request: HttpRequest,
  descriptor: KindDescriptor,
  validation: FieldValidation,
): Body | ApiError {
  const json = readJson(request, descriptor.kind);
  if (json instanceof ApiError) return json;
  const body = decodeObject(json, descriptor);
  if (body instanceof ApiError || validation === 'Ignore' || request.body.isObject) return body;
  if (contentType(request) === 'application/yaml') return body;
  const duplicates = duplicateFields(request.body.text());
  return duplicates.length === 0 ? body : { ...body, strict: [...body.strict, ...duplicates] };
}

/** Turns a JSON object into one of the kind: typed, canonical, with its defaults. */
export function decodeObject(json: JsonObject, descriptor: KindDescriptor): Body | ApiError {
  const typed = withType(json, descriptor);
  if (typed instanceof ApiError) return typed;
  if (descriptor.type === '') return decodeCustom(typed, descriptor);
  return decodeTyped(typed, descriptor, structType(descriptor.type));
}

function decodeTyped(
  json: JsonObject,
  descriptor: KindDescriptor,
  type: StructType,
): Body | ApiError {
  const decoded = decode(json, type);
  if (decoded.error !== undefined) return cannotBeHandled(descriptor, decoded.error);
  const object = decoded.value as KubeObject;
  return {
    object: descriptor.defaults ? descriptor.defaults(object) : object,
    strict: decoded.unknown,
  };
}

/** `Pod in version "v1" cannot be handled as a Pod: …` */
export function cannotBeHandled(descriptor: KindDescriptor, why: string): ApiError {
  const { kind, version } = descriptor;
  return apiErrors.badRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`,
  );
}

/** Strict decoding errors as an error, as warnings, or as nothing. */
export function applyStrictness(
  strict: readonly string[],
  validation: FieldValidation,
  descriptor: KindDescriptor,
  warnings: string[],
): ApiError | undefined {
  if (strict.length === 0 || validation === 'Ignore') return undefined;
  if (validation === 'Strict') {
    return cannotBeHandled(descriptor, `strict decoding error: ${strict.join(', ')}`);
  }
  warnings.push(...strict);
  return undefined;
}

function withType(json: JsonObject, descriptor: KindDescriptor): JsonObject | ApiError {
  const apiVersion = groupVersionOf(descriptor);
  const { kind } = descriptor;
  if (json.kind === kind && json.apiVersion === apiVersion) return json;
  const givenKind = json.kind === undefined || json.kind === '' ? kind : String(json.kind);
  const given = json.apiVersion === undefined || json.apiVersion === '';
  const givenVersion = given ? apiVersion : String(json.apiVersion);
  if (givenKind === kind && givenVersion === apiVersion) return { ...json, kind, apiVersion };
  const version = givenVersion.slice(givenVersion.indexOf('/') + 1);
  const known = hasStructType(typeNameOf(givenVersion, givenKind));
  return apiErrors.badRequest(
    known
      ? `${givenKind} in version "${version}" cannot be handled as a ${kind}: converting (${version}.${givenKind}) to (${internalPackage(descriptor)}.${kind}): unknown conversion`
      : `${givenKind} in version "${version}" cannot be handled as a ${kind}: no kind "${givenKind}" is registered for version "${givenVersion}" in scheme "pkg/runtime/scheme.go:111"`,
  );
}

function internalPackage(descriptor: KindDescriptor): string {
  return descriptor.group === '' ? 'core' : (descriptor.group.split('.')[0] ?? '');
}
