// The API's plugins: there are none.

import { ApiError } from '../model.ts';
import { filtersOf, type Handler, json, refuse } from './answer.ts';

const FILTERS = ['enabled', 'capability'];

const list: Handler = function* (context) {
  const unknown = [...filtersOf(context).keys()].find((name) => !FILTERS.includes(name));
  return unknown === undefined
    ? json([])
    : refuse(new ApiError(400, `invalid filter '${unknown}'`));
};

const missing: Handler = function* ({ parts }) {
  return refuse(
    new ApiError(404, `plugin ${JSON.stringify(decodeURIComponent(parts[0] ?? ''))} not found`),
  );
};

/** Method, path, handler. */
export const pluginRoutes: readonly (readonly [string, string, Handler])[] = [
  ['GET', '/plugins', list],
  ['GET', '/plugins/**/json', missing],
  ['POST', '/plugins/**/enable', missing],
  ['POST', '/plugins/**/disable', missing],
  ['POST', '/plugins/**/set', missing],
  ['DELETE', '/plugins/**', missing],
];
