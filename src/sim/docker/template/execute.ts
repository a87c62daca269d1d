// Go's text/template, execution: fields, variables, control structures, pipelines.

import { callFunction } from './functions.ts';
import { type Expression, type Node, parseTemplate, type Pipe, TemplateError } from './parse.ts';
import { goPrint, isGoMap, isTrue } from './values.ts';

export { TemplateError } from './parse.ts';

/** How a template is run. */
export interface TemplateOptions {
  readonly name?: string;
  /** The Go type that errors name where a field does not exist; a map's missing key is an error too where not given. */
  readonly type?: string;
}

/** A template that was parsed once. */
export interface Template {
  execute(data: unknown): string;
}

/** Parses a template; a TemplateError holds Go's words. */
export function compileTemplate(source: string, options: TemplateOptions = {}): Template {
  const nodes = parseTemplate(source, options.name ?? '');
  return {
    execute(data) {
      const run = new Run(source, data, options);
      run.nodes(nodes, data);
      return run.output.join('');
    },
  };
}

/** Fields of the API that JSON leaves out where they are nil; to a template they are there. */
const OPTIONAL = new Set([
  'Init',
  'Health',
  'Healthcheck',
  'StopTimeout',
  'Tmpfs',
  'Sysctls',
  'Annotations',
  'Mounts',
  'ExposedPorts',
  'OnBuild',
  'Shell',
]);

interface Value {
  readonly value: unknown;
  readonly field?: string | undefined;
}

class Run {
  readonly output: string[] = [];
  private readonly source: string;
  private readonly options: TemplateOptions;
  private readonly variables: { name: string; value: Value }[];

  constructor(source: string, data: unknown, options: TemplateOptions) {
    this.source = source;
    this.options = options;
    this.variables = [{ name: '$', value: { value: data } }];
  }

  nodes(nodes: readonly Node[], dot: unknown, field?: string): void {
    const mark = this.variables.length;
    for (const node of nodes) this.node(node, { value: dot, field });
    this.variables.length = mark;
  }

  private node(node: Node, dot: Value): void {
    if (node.kind === 'text') this.output.push(node.text);
    else if (node.kind === 'action') {
      const result = this.pipe(node.pipe, dot);
      if (node.pipe.variables.length === 0) this.output.push(printed(result));
    } else if (node.kind === 'range') this.range(node, dot);
    else {
      const mark = this.variables.length;
      const result = this.pipe(node.pipe, dot);
      const yes = isTrue(result.value);
      const inner = node.kind === 'with' && yes ? result : dot;
      this.nodes(yes ? node.body : node.otherwise, inner.value, inner.field);
      this.variables.length = mark;
    }
  }

  private range(node: Extract<Node, { kind: 'if' | 'range' | 'with' }>, dot: Value): void {
    const { variables } = node.pipe;
    const { value } = this.pipe({ ...node.pipe, variables: [] }, dot);
    const items: (readonly [unknown, unknown])[] = [];
    if (Array.isArray(value)) for (const [i, item] of value.entries()) items.push([i, item]);
    else if (typeof value === 'number') for (let i = 0; i < value; i++) items.push([i, i]);
    else if (value !== null && typeof value === 'object') {
      const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
      items.push(...entries);
    } else if (value !== null && value !== undefined) {
      this.fail(node.pipe.at, node.pipe.text, `range can't iterate over ${goPrint(value)}`);
    }
    if (items.length === 0) this.nodes(node.otherwise, dot.value, dot.field);
    for (const [key, item] of items) {
      const mark = this.variables.length;
      const [first, second] = variables;
      if (first !== undefined)
        this.variables.push({ name: first, value: { value: second === undefined ? item : key } });
      if (second !== undefined) this.variables.push({ name: second, value: { value: item } });
      this.nodes(node.body, item);
      this.variables.length = mark;
    }
  }

  private pipe(pipe: Pipe, dot: Value): Value {
    let result: Value | undefined;
    for (const stage of pipe.stages) result = this.stage(stage, dot, result);
    const value = result ?? { value: undefined };
    for (const name of pipe.variables) {
      const known = pipe.assigns ? this.variables.findLast((v) => v.name === name) : undefined;
      if (known) known.value = value;
      else this.variables.push({ name, value });
    }
    return value;
  }

  private stage(words: readonly Expression[], dot: Value, final: Value | undefined): Value {
    const [first, ...rest] = words;
    if (!first) return { value: undefined };
    if (first.kind === 'call') {
      const given = rest.map((word) => this.evaluate(word, dot));
      if (final) given.push(final);
      const result = callFunction(
        first.name,
        given.map((v) => v.value),
        given.map((v) => v.field),
      );
      if (typeof result === 'object' && result !== null && 'failure' in result) {
        this.fail(
          first.at,
          words.map((w) => w.text).join(' '),
          `error calling ${first.name}: ${String(result.failure)}`,
        );
      }
      return { value: result };
    }
    if (rest.length > 0 || final) {
      this.fail(first.at, first.text, `can't give argument to non-function ${first.text}`);
    }
    return this.evaluate(first, dot);
  }

  private evaluate(word: Expression, dot: Value): Value {
    switch (word.kind) {
      case 'constant':
        return { value: word.value };
      case 'field':
        return this.walk(dot, word.path, word);
      case 'variable': {
        const found = this.variables.findLast((v) => v.name === word.name);
        if (!found)
          throw new TemplateError(
            `template: ${this.options.name ?? ''}:1: undefined variable "${word.name}"`,
          );
        return this.walk(found.value, word.path, word);
      }
      case 'group':
        return this.walk(this.pipe(word.pipe, dot), word.path, word);
      case 'call':
        return this.stage([word], dot, undefined);
    }
  }

  private walk(start: Value, path: readonly string[], word: Expression): Value {
    let at = start;
    for (const name of path) {
      const { value } = at;
      if (value === null || value === undefined) {
        if (this.options.type === undefined) {
          this.fail(word.at, word.text, `nil data; no entry for key "${name}"`);
        }
        this.fail(word.at, word.text, `nil pointer evaluating ${this.options.type}.${name}`);
      }
      if (typeof value !== 'object' || Array.isArray(value)) {
        this.fail(word.at, word.text, `can't evaluate field ${name} in type ${typeName(value)}`);
      }
      const object = value as Record<string, unknown>;
      if (!(name in object) && OPTIONAL.has(name) && !isGoMap(object, at.field)) {
        at = { value: null, field: name };
        continue;
      }
      if (!(name in object) && !isGoMap(object, at.field)) {
        if (this.options.type !== undefined) {
          this.fail(
            word.at,
            word.text,
            `can't evaluate field ${name} in type ${this.options.type}`,
          );
        }
        this.fail(word.at, word.text, `map has no entry for key "${name}"`);
      }
      at = { value: object[name], field: name };
    }
    return at;
  }

  private fail(at: number, text: string, why: string): never {
    const before = this.source.slice(0, at);
    const line = before.split('\n').length;
    const column =
      at -
      (before.lastIndexOf('\n') + 1) +
      (text.startsWith('.') && text.lastIndexOf('.') > 0 ? text.lastIndexOf('.') : 0);
    const name = this.options.name ?? '';
    throw new TemplateError(
      `template: ${name}:${line}:${column}: executing "${name}" at <${text}>: ${why}`,
    );
  }
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'bool' : 'float64';
}

function printed({ value, field }: Value): string {
  if (value === null) return '<nil>';
  return goPrint(value, field);
}
