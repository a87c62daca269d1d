// Answers: objects as JSON in the order of their types, pretty for people who ask with curl, with warnings.

import { Content } from '../../../core/content.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import type { JsonObject } from '../fields/decode.ts';
import { customInWireOrder, goJson, inWireOrder } from '../fields/json.ts';
import { structType } from '../fields/tables.ts';
import type { KindDescriptor } from '../kinds/descriptor.ts';
import type { Status } from '../status.ts';
import { queryValue } from './request-info.ts';

type Writer = (object: unknown) => string;

/** The forms in which the server reads and writes objects; the last is for its own clients. */
export const MEDIA_TYPES: readonly string[] = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
];

/** The response as YAML, for a client that would rather have that than JSON. */
export function inAskedForm(request: HttpRequest, response: HttpResponse): HttpResponse {
  if (request.headers.accept?.startsWith('application/yaml') !== true) return response;
  const { body, headers } = response;
  if (!(body instanceof Content) || headers['content-type'] !== 'application/json') return response;
  return {
    ...response,
    headers: { ...headers, 'content-type': 'application/yaml' },
    body: Content.ofText(toYaml(JSON.parse(body.text()))),
  };
}

/** Whether the client wants indented JSON: it asked for it, or it is a program that people read. */
export function wantsPretty(request: HttpRequest): boolean {
  const asked = queryValue(request, 'pretty');
  if (asked !== undefined) return asked !== 'false' && asked !== '0';
  return /^(curl|Wget|Mozilla)\//.test(request.headers['user-agent'] ?? '');
}

const orderers = new Map<string, (object: JsonObject) => JsonObject>();

/** Puts an object's fields into the order in which the server writes them. */
function ordererOf(descriptor: KindDescriptor | undefined): (object: JsonObject) => JsonObject {
  if (!descriptor || descriptor.type === '') return customInWireOrder;
  const known = orderers.get(descriptor.type);
  if (known) return known;
  const type = structType(descriptor.type);
  const made = (object: JsonObject): JsonObject => inWireOrder(object, type);
  orderers.set(descriptor.type, made);
  return made;
}

/** Writes objects of a kind. */
export function objectWriter(descriptor: KindDescriptor | undefined, pretty: boolean): Writer {
  const order = ordererOf(descriptor);
  return (object) => goJson(order(object as JsonObject), pretty);
}

/** Writes lists: the envelope first, then the items in their order. */
export function listWriter(descriptor: KindDescriptor | undefined, pretty: boolean): Writer {
  const order = ordererOf(descriptor);
  return (object) => {
    const list = object as { items: readonly JsonObject[] };
    const items = list.items.map(order);
    const typed = descriptor !== undefined && descriptor.type !== '';
    return goJson({ ...list, items: typed ? items.map(withoutType) : items }, pretty);
  };
}

/** Items of a typed list do not repeat what the list says of them. */
function withoutType({ kind: _, apiVersion: __, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** Writes an object whose fields are in their order already. */
export function plainWriter(pretty: boolean): Writer {
  return (object) => goJson(object, pretty);
}

/** A response with an object in it. */
export function respond(
  status: number,
  object: unknown,
  write: Writer,
  warnings: readonly string[] = [],
): HttpResponse {
  return { status, headers: headersFor(warnings), body: Content.ofJson(object, write) };
}

const JSON_HEADERS = { 'content-type': 'application/json' };

function headersFor(warnings: readonly string[]): Readonly<Record<string, string>> {
  if (warnings.length === 0) return JSON_HEADERS;
  const text = [...new Set(warnings)].map((warning) => `299 - ${JSON.stringify(warning)}`);
  return { ...JSON_HEADERS, warning: text.join(', ') };
}

/** A Status as the response to a request. */
export function respondStatus(
  request: HttpRequest,
  status: Status,
  warnings: readonly string[] = [],
): HttpResponse {
  const response = respond(status.code, status, plainWriter(wantsPretty(request)), warnings);
  const retry = status.details?.retryAfterSeconds;
  if (retry === undefined) return response;
  return { ...response, headers: { ...response.headers, 'retry-after': String(retry) } };
}

/** A response of plain text. */
export function respondText(status: number, text: string): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: Content.ofText(text),
  };
}
