// A CEL expression made ready: parsed, its names and fields checked, kept by its text. Types of operands are left to
// evaluation.

import { isObject, type JsonObject } from '../fields/decode.ts';
import { evaluate, type Result } from './evaluate.ts';
import { type Expression, parseExpression } from './parse.ts';

/** An expression that can be evaluated. */
export interface Program {
  readonly source: string;
  /** True where it looks at a variable of this name. */
  mentions(name: string): boolean;
  run(names: Readonly<Record<string, Result>>): Result;
}

/** Variables with the schema of what they hold; {} for any. */
export type Variables = Readonly<Record<string, JsonObject>>;

const parsed = new Map<string, ReturnType<typeof parseExpression>>();

/** Compiles an expression; the compiler's complaint where it cannot. */
export function compile(source: string, variables: Variables): Program | string {
  const tree = parsed.get(source) ?? parseExpression(source);
  parsed.set(source, tree);
  if ('problem' in tree) return complaint(source, tree.at, tree.problem);
  const wrong = check(tree, variables);
  if (wrong) return complaint(source, wrong.at, wrong.problem);
  const names = new Set<string>();
  collect(tree, names);
  return {
    source,
    mentions: (name) => names.has(name),
    run: (given) =>
      evaluate(tree, { get: (name) => (Object.hasOwn(given, name) ? given[name] : undefined) }),
  };
}

/** `ERROR: <input>:1:6: …` with the line and a mark under the place. */
function complaint(source: string, at: number, problem: string): string {
  const before = source.slice(0, at).split('\n');
  const column = before.at(-1)?.length ?? 0;
  const line = source.split('\n')[before.length - 1] ?? '';
  return `ERROR: <input>:${before.length}:${column + 1}: ${problem}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

interface Wrong {
  readonly at: number;
  readonly problem: string;
}

const NAMESPACES = new Set(['cel', 'optional', 'math', 'sets', 'strings', 'base64', 'authorizer']);
const TYPES = new Set([
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'list',
  'map',
  'null_type',
]);

function check(tree: Expression, variables: Variables): Wrong | undefined {
  switch (tree.kind) {
    case 'literal':
      return undefined;
    case 'name':
      if (tree.name in variables || TYPES.has(tree.name)) return undefined;
      return { at: tree.at, problem: `undeclared reference to '${tree.name}' (in container '')` };
    case 'select': {
      const inner = check(tree.of, variables);
      if (inner) return inner;
      return knows(schemaOf(tree.of, variables), tree.field)
        ? undefined
        : { at: tree.at, problem: `undefined field '${tree.field}'` };
    }
    case 'index':
      return check(tree.of, variables) ?? check(tree.index, variables);
    case 'list':
      return first(tree.items, variables);
    case 'map':
      return first(tree.entries.flat(), variables);
    case 'call':
      return checkCall(tree, variables);
  }
}

function first(trees: readonly Expression[], variables: Variables): Wrong | undefined {
  for (const one of trees) {
    const wrong = check(one, variables);
    if (wrong) return wrong;
  }
  return undefined;
}

const MACROS = new Set([
  'all',
  'exists',
  'exists_one',
  'existsOne',
  'map',
  'filter',
  'optMap',
  'optFlatMap',
  'bind',
]);

function checkCall(
  tree: Extract<Expression, { kind: 'call' }>,
  variables: Variables,
): Wrong | undefined {
  const [variable, second] = tree.args;
  const space = tree.target?.kind === 'name' && NAMESPACES.has(tree.target.name);
  const target = tree.target && !space ? check(tree.target, variables) : undefined;
  if (target) return target;
  if (!tree.target || !MACROS.has(tree.name) || variable?.kind !== 'name') {
    return first(tree.args, variables);
  }
  const item = schemaOf(tree.target, variables)?.items;
  const names: Record<string, JsonObject> = {
    ...variables,
    [variable.name]: isObject(item) ? item : {},
  };
  let rest = tree.args.slice(1);
  if (
    tree.args.length === 3 &&
    second?.kind === 'name' &&
    !['map', 'filter', 'bind'].includes(tree.name)
  ) {
    names[second.name] = isObject(item) ? item : {};
    names[variable.name] = {};
    rest = rest.slice(1);
  }
  return first(rest, names);
}

/** The schema of what a chain of fields leads to; undefined where it is not known. */
function schemaOf(tree: Expression, variables: Variables): JsonObject | undefined {
  if (tree.kind === 'name') return variables[tree.name];
  const of =
    tree.kind === 'select' || tree.kind === 'index' ? schemaOf(tree.of, variables) : undefined;
  if (!of) return undefined;
  const inner =
    tree.kind === 'index'
      ? (of.items ?? of.additionalProperties)
      : tree.kind === 'select' && isObject(of.properties)
        ? (of.properties[tree.field] ?? of.additionalProperties)
        : of.additionalProperties;
  return isObject(inner) ? inner : undefined;
}

function knows(schema: JsonObject | undefined, field: string): boolean {
  if (!schema || schema.type !== 'object' || !isObject(schema.properties)) return true;
  if (schema.additionalProperties !== undefined) return true;
  return Object.hasOwn(schema.properties, field) || field.includes('__');
}

/** All names in an expression, those that macros bind too. */
function collect(tree: Expression, names: Set<string>): void {
  if (tree.kind === 'name') names.add(tree.name);
  for (const one of partsOf(tree)) collect(one, names);
}

function partsOf(tree: Expression): readonly Expression[] {
  switch (tree.kind) {
    case 'select':
      return [tree.of];
    case 'index':
      return [tree.of, tree.index];
    case 'list':
      return tree.items;
    case 'map':
      return tree.entries.flat();
    case 'call':
      return tree.target ? [tree.target, ...tree.args] : tree.args;
    default:
      return [];
  }
}
