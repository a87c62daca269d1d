// Rendering a chart's templates (pkg/engine): Go's templates with Sprig's functions, include, tpl, required, fail and lookup, and
// the errors as helm 4 prints them.

import type { Body } from '../../userland/template/functions.ts';
import {
  compileTemplate,
  type Definition,
  runDefinition,
  TemplateError,
  type TemplateOptions,
} from '../../userland/template/execute.ts';
import { goMaps } from '../../userland/template/values.ts';
import { toText, type Values } from './convert.ts';
import { DATA_FUNCTIONS } from './data-functions.ts';
import { TEXT_FUNCTIONS } from './text-functions.ts';

/** A template of a chart: its path with the chart's name, its text, the data of its chart. */
export interface ChartTemplate {
  readonly path: string;
  readonly text: string;
  readonly data: Values;
  readonly basePath: string;
}

export class RenderError extends Error {}

/** How rendering may go. */
export interface RenderOptions {
  /** Missing values pass. */
  readonly lint?: boolean;
  /** What `lookup` finds in a cluster; nothing where none is asked. */
  readonly lookup?: (version: string, kind: string, namespace: string, name: string) => unknown;
}

const WARN = 'HELM_ERR_START';
const WARN_END = 'HELM_ERR_END';
const MOST_INCLUDES = 1000;

/** How many arguments functions take at least, for those that are often called with too few. */
const COUNTS: Readonly<Record<string, number>> = {
  indent: 2,
  nindent: 2,
  trunc: 2,
  replace: 3,
  quote: 0,
  contains: 2,
  trimSuffix: 2,
  trimPrefix: 2,
  hasKey: 2,
  ternary: 3,
  include: 2,
  tpl: 2,
  required: 2,
  repeat: 2,
};

function counted(name: string, body: Body): Body {
  const want = COUNTS[name];
  if (!want) return (args, fields) => goMaps(body(args, fields));
  return (args, fields) =>
    args.length < want
      ? { failure: `wrong number of args for ${name}: want ${want} got ${args.length}` }
      : goMaps(body(args, fields));
}

/** The functions of one rendering. */
function functionsOf(
  definitions: Map<string, Definition>,
  { lint = false, lookup }: RenderOptions,
): TemplateOptions {
  const depth = new Map<string, number>();
  const warn = (text: unknown): unknown => ({ failure: `${WARN}${toText(text)}${WARN_END}` });
  const own: Record<string, Body> = {
    include: ([name, data]) => {
      const found = definitions.get(toText(name));
      if (!found)
        return {
          failure: `template: no template ${JSON.stringify(name)} associated with template "gotpl"`,
        };
      const level = (depth.get(toText(name)) ?? 0) + 1;
      if (level > MOST_INCLUDES)
        return {
          failure: `rendering template has a nested reference name: ${toText(name)}: unable to execute template`,
        };
      depth.set(toText(name), level);
      const text = runDefinition(found, toText(name), data, options);
      depth.set(toText(name), level - 1);
      return text;
    },
    tpl: ([text, data]) =>
      compileTemplate(toText(text), {
        ...options,
        name: 'gotpl',
        definitions: new Map(definitions),
      })
        .execute(data)
        .replaceAll('<no value>', ''),
    required: ([text, value]) =>
      (value === null || value === undefined || value === '') && !lint ? warn(text) : (value ?? ''),
    fail: ([text]) => (lint ? '' : warn(text)),
    lookup: ([version, kind, namespace, name]) =>
      lookup?.(toText(version), toText(kind), toText(namespace), toText(name)) ?? {},
    getHostByName: () => '',
  };
  const all = Object.entries({ ...TEXT_FUNCTIONS, ...DATA_FUNCTIONS, ...own });
  const functions = Object.fromEntries(all.map(([name, body]) => [name, counted(name, body)]));
  const options: TemplateOptions = { loose: true, functions, definitions };
  return options;
}

function parseProblem(text: string): string {
  const tokens = text.split(': ');
  return `parse error at (${tokens[1] ?? ''}): ${tokens.at(-1) ?? ''}`;
}

/** The one part of an error that a template of Go's says: where, what, why. */
function traced(text: string): string | undefined {
  const rest = text.slice('template: '.length);
  if (rest.startsWith('no template ')) return `${text}\n`;
  const match = /^(.*?): executing "(.*?)" at <(.*?)>: ([\s\S]*)$/.exec(rest);
  if (!match) return undefined;
  const [, location = '', name = '', at = '', message = ''] = match;
  const own = message.replace(/ template:[\s\S]*$/, '');
  return `${location}\n  executing "${name}" at <${at}>:\n    ${own}\n`;
}

/** helm 4's form of an execution error. */
function executionProblem(text: string): string {
  const tokens = text.split(': ');
  const warned = new RegExp(`${WARN}([\\s\\S]*)${WARN_END}`).exec(text);
  if (warned) return `execution error at (${tokens[1] ?? ''}): ${warned[1] ?? ''}`;
  const chain: string[] = [];
  let at: number = 0;
  for (;;) {
    const part = traced(text.slice(at));
    if (part === undefined) break;
    chain.push(part);
    const next = text.indexOf('template: ', at + 1);
    if (next < 0) return chain.join('').trim();
    at = next;
  }
  return text;
}

/** True where Go wraps the cause of a failed call as an error of a template, which helm then takes apart. */
function isNested(text: string): boolean {
  return !/error calling/.test(text) || /error calling \w+: template: /.test(text);
}

/** Renders; the texts by path. Throws RenderError. */
export function renderTemplates(
  templates: readonly ChartTemplate[],
  rendering: RenderOptions = {},
): Map<string, string> {
  const definitions = new Map<string, Definition>();
  const options = functionsOf(definitions, rendering);
  const sorted = [...templates].sort(
    (a, b) => b.path.split('/').length - a.path.split('/').length || (a.path < b.path ? 1 : -1),
  );
  const compiled = new Map<string, (data: unknown) => string>();
  for (const { path, text } of sorted) {
    try {
      const template = compileTemplate(text, { ...options, name: path });
      compiled.set(path, (data) => template.execute(data));
    } catch (problem) {
      if (!(problem instanceof TemplateError)) throw problem;
      throw new RenderError(parseProblem(problem.message));
    }
  }
  const rendered = new Map<string, string>();
  for (const { path, data, basePath } of sorted) {
    if ((path.split('/').pop() ?? '').startsWith('_')) continue;
    data.Template = goMaps({ Name: path, BasePath: basePath });
    goMaps(data);
    try {
      rendered.set(path, (compiled.get(path)?.(data) ?? '').replaceAll('<no value>', ''));
    } catch (problem) {
      if (!(problem instanceof TemplateError)) throw problem;
      const { message } = problem;
      const warned = message.includes(WARN);
      throw new RenderError(warned || isNested(message) ? executionProblem(message) : message);
    }
  }
  return rendered;
}
