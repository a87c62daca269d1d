// Answers of the Engine API: JSON objects, errors as `{"message": …}`, streams.

import { Content } from '../../../core/content.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import { goJson } from '../../../userland/template/values.ts';
import type { ApiError, Dockerd } from '../model.ts';

const HEADERS = {
  'api-version': '1.51',
  'docker-experimental': 'false',
  ostype: 'linux',
  server: 'Docker/29.0.0 (linux)',
};

/** What a handler works with. */
export interface Context {
  readonly daemon: Dockerd;
  readonly request: HttpRequest;
  readonly process: Process;
  /** What the path's placeholders matched. */
  readonly parts: readonly string[];
}

export type Handler = (context: Context) => Routine<HttpResponse>;

/** A JSON answer. */
export function json(object: unknown, status = 200): HttpResponse {
  return {
    status,
    headers: { ...HEADERS, 'content-type': 'application/json' },
    body: Content.ofJson(object, (value) => `${goJson(value)}\n`),
  };
}

export function refuse({ status, message }: ApiError): HttpResponse {
  return json({ message }, status);
}

/** 204, or the refusal. */
export function done(failure?: ApiError): HttpResponse {
  return failure ? refuse(failure) : { status: 204, headers: HEADERS };
}

/** Bytes of a content type. */
export function bytes(content: Uint8Array, type: string): HttpResponse {
  return {
    status: 200,
    headers: { ...HEADERS, 'content-type': type },
    body: Content.ofBytes(content),
  };
}

export function streaming(
  type: string,
  next: () => Routine<Content | undefined>,
  close: () => void = () => {},
): HttpResponse {
  return { status: 200, headers: { ...HEADERS, 'content-type': type }, stream: { next, close } };
}

/** The first value of a query's parameter. */
export function query({ request }: Context, name: string): string {
  return request.query.get(name)?.[0] ?? '';
}

/** True as the API reads booleans. */
export function isOn(context: Context, name: string): boolean {
  return /^(1|true|True|TRUE|t|T|yes|on)$/.test(query(context, name));
}

/** The body as an object. */
export function body<T>({ request }: Context): T {
  return (request.body.json() ?? {}) as T;
}

/** The `filters` parameter: `{"name":{"web":true}}` or `{"name":["web"]}`. */
export function filtersOf(context: Context): ReadonlyMap<string, readonly string[]> {
  const text = query(context, 'filters');
  if (text === '') return new Map();
  const object = JSON.parse(text) as Record<string, readonly string[] | Record<string, boolean>>;
  return new Map(
    Object.entries(object).map(([name, values]) => [
      name,
      Array.isArray(values) ? values : Object.keys(values),
    ]),
  );
}
