// Go's text/template, execution: fields, variables, control structures, pipelines.

import { type Body, FUNCTIONS, goType, isFailure } from './functions.ts';
import { type Expression, type Node, parseTemplate, type Pipe, TemplateError } from './parse.ts';
import { floatText, goPrint, isGoMap, isTrue } from './values.ts';

export { TemplateError } from './parse.ts';

/** How a template is run. */
export interface TemplateOptions {
  readonly name?: string;
  /** The Go type that errors name where a field does not exist; a map's missing key is an error too where not given. */
  readonly type?: string;
  /** Functions beside Go's own; one of a name that Go has takes its place. */
  readonly functions?: Readonly<Record<string, Body>>;
  /** A key that a map has not is an error always (Option missingkey=error). */
  readonly strict?: boolean;
  /** Data are maps without types, integers are told from floats, and a missing key is no value (helm's templates). */
  readonly loose?: boolean;
  /** Templates by name, which those that are parsed here join. */
  readonly definitions?: Map<string, Definition>;
}

/** A template that others may call, with the text that it stands in. */
export interface Definition {
  readonly nodes: readonly Node[];
  readonly source: string;
  /** What errors call the text: the file. */
  readonly file: string;
}

/** A template that was parsed once. */
export interface Template {
  execute(data: unknown): string;
}

/** Parses a template; a TemplateError holds Go's words. */
export function compileTemplate(source: string, options: TemplateOptions = {}): Template {
  const file = options.name ?? '';
  const functions = options.functions ?? {};
  const parsed = parseTemplate(source, file, {
    functions: { has: (name) => Object.hasOwn(functions, name) },
    integers: options.loose === true,
  });
  const definitions = options.definitions ?? new Map<string, Definition>();
  for (const [name, nodes] of parsed.definitions) definitions.set(name, { nodes, source, file });
  const own: Definition = { nodes: parsed.nodes, source, file };
  return { execute: (data) => runDefinition(own, file, data, { ...options, definitions }) };
}

/** Runs a template that was defined under a name. */
export function runDefinition(
  definition: Definition,
  name: string,
  data: unknown,
  options: TemplateOptions,
): string {
  const run = new Run(definition, name, data, options);
  run.nodes(definition.nodes, data);
  return run.output.join('');
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
  private readonly definition: Definition;
  private readonly name: string;
  private readonly options: TemplateOptions;
  private readonly variables: { name: string; value: Value }[];
  /** A `break` or `continue` on its way to the loop. */
  private leaving: 'break' | 'continue' | undefined;

  constructor(definition: Definition, name: string, data: unknown, options: TemplateOptions) {
    this.definition = definition;
    this.name = name;
    this.options = options;
    this.variables = [{ name: '$', value: { value: data } }];
  }

  nodes(nodes: readonly Node[], dot: unknown, field?: string): void {
    const mark = this.variables.length;
    for (const node of nodes) {
      this.node(node, { value: dot, field });
      if (this.leaving !== undefined) break;
    }
    this.variables.length = mark;
  }

  private node(node: Node, dot: Value): void {
    if (node.kind === 'text') this.output.push(node.text);
    else if (node.kind === 'action') {
      const result = this.pipe(node.pipe, dot);
      if (node.pipe.variables.length === 0) this.output.push(this.printed(result));
    } else if (node.kind === 'range') this.range(node, dot);
    else if (node.kind === 'template') this.template(node, dot);
    else if (node.kind === 'break' || node.kind === 'continue') this.leaving = node.kind;
    else {
      const mark = this.variables.length;
      const result = this.pipe(node.pipe, dot);
      const yes = isTrue(result.value);
      const inner = node.kind === 'with' && yes ? result : dot;
      this.nodes(yes ? node.body : node.otherwise, inner.value, inner.field);
      this.variables.length = mark;
    }
  }

  private printed({ value, field }: Value): string {
    if (this.options.loose && typeof value === 'number') return floatText(value);
    return value === null && !this.options.loose ? '<nil>' : goPrint(value, field);
  }

  private template(node: Extract<Node, { kind: 'template' }>, dot: Value): void {
    const found = this.options.definitions?.get(node.name);
    const data = node.pipe ? this.pipe(node.pipe, dot).value : undefined;
    if (!found) this.fail(node.at, `"${node.name}"`, `template "${node.name}" not defined`);
    this.output.push(runDefinition(found, node.name, data, this.options));
  }

  private range(node: Extract<Node, { kind: 'if' | 'range' | 'with' }>, dot: Value): void {
    const { variables } = node.pipe;
    const { value } = this.pipe({ ...node.pipe, variables: [] }, dot);
    const items: (readonly [unknown, unknown])[] = [];
    const count = (i: number): unknown => (this.options.loose ? BigInt(i) : i);
    if (Array.isArray(value)) for (const [i, item] of value.entries()) items.push([count(i), item]);
    else if (typeof value === 'bigint' || (typeof value === 'number' && !this.options.loose))
      for (let i = 0; i < Number(value); i++) items.push([count(i), count(i)]);
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
      const leaving = this.leaving;
      this.leaving = undefined;
      if (leaving === 'break') break;
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
      const result = this.call(first.name, given);
      if (isFailure(result)) {
        const whole = words.map((w) => w.text).join(' ');
        const counted = /^wrong number of args/.test(result.failure);
        this.fail(
          first.at,
          counted ? first.text : whole,
          counted ? result.failure : `error calling ${first.name}: ${result.failure}`,
        );
      }
      return { value: result };
    }
    if (rest.length > 0 || final) {
      const method = this.evaluate(first, dot, true).value;
      if (typeof method === 'function') {
        const given = rest.map((word) => this.evaluate(word, dot));
        if (final) given.push(final);
        return { value: method(...given.map(({ value }) => value)) };
      }
      this.fail(first.at, first.text, `can't give argument to non-function ${first.text}`);
    }
    return this.evaluate(first, dot);
  }

  private call(name: string, given: readonly Value[]): unknown {
    const added = this.options.functions?.[name];
    const body = added ?? FUNCTIONS[name];
    const result = body?.(
      given.map((v) => v.value),
      given.map((v) => v.field),
    );
    return name === 'len' && typeof result === 'number' && this.options.loose
      ? BigInt(result)
      : result;
  }

  /** The value of an operand; a method is called, unless it is to be called with arguments. */
  private evaluate(word: Expression, dot: Value, asMethod = false): Value {
    const found = this.operand(word, dot);
    return typeof found.value === 'function' && !asMethod ? { value: found.value() } : found;
  }

  private operand(word: Expression, dot: Value): Value {
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
        if (this.options.loose)
          this.fail(word.at, word.text, `nil pointer evaluating interface {}.${name}`);
        if (this.options.type === undefined) {
          this.fail(word.at, word.text, `nil data; no entry for key "${name}"`);
        }
        this.fail(word.at, word.text, `nil pointer evaluating ${this.options.type}.${name}`);
      }
      if (typeof value !== 'object' || Array.isArray(value)) {
        this.fail(
          word.at,
          word.text,
          `can't evaluate field ${name} in type ${this.options.loose ? 'interface {}' : goType(value)}`,
        );
      }
      const object = value as Record<string, unknown>;
      if (this.options.loose) {
        at = { value: Object.hasOwn(object, name) ? object[name] : undefined, field: name };
        continue;
      }
      if (!(name in object) && OPTIONAL.has(name) && !isGoMap(object, at.field)) {
        at = { value: null, field: name };
        continue;
      }
      if (!(name in object) && (this.options.strict || !isGoMap(object, at.field))) {
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
    const before = this.definition.source.slice(0, at);
    const line = before.split('\n').length;
    const column =
      at -
      (before.lastIndexOf('\n') + 1) +
      (/^[.$]/.test(text) && text.indexOf('.', 1) > 0 ? text.indexOf('.', 1) : 0);
    throw new TemplateError(
      `template: ${this.definition.file}:${line}:${column}: executing "${this.name}" at <${text}>: ${why}`,
    );
  }
}
