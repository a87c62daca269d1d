// Whether a configuration has the shape of its type (structured-merge-diff's validating walker), before it is applied: fields
// that the schema does not declare, values of another kind, elements of lists without their keys.

import { goQuoted } from '../../../etcd/cobra/flags.ts';
import { isObject, type JsonObject } from '../fields/decode.ts';
import type { Field, FieldType, Scalar, StructType } from '../fields/tables.ts';

/** A value as Go prints it with %v. */
function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const pairs = Object.keys(value)
    .sort()
    .map((key) => `${key}:${goText(value[key])}`);
  return `map[${pairs.join(' ')}]`;
}

/** A value as Go prints it with %#v. */
function goSyntaxOf(value: unknown): string {
  if (typeof value === 'string') return goQuoted(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntaxOf).join(', ')}}`;
  if (!isObject(value)) return String(value);
  const pairs = Object.keys(value)
    .sort()
    .map((key) => `${goQuoted(key)}:${goSyntaxOf(value[key])}`);
  return `map[string]interface {}{${pairs.join(', ')}}`;
}

function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** What is wrong with a scalar; undefined where nothing is. */
function scalarProblem(scalar: Scalar, value: unknown): string | undefined {
  switch (scalar) {
    case 'i':
    case 'l':
    case 'n':
      return typeof value === 'number'
        ? undefined
        : `expected numeric (int or float), got ${goTypeOf(value)}`;
    case 's':
    case 'y':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntaxOf(value)}}`;
    case 'b':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goText(value)}}`;
    case 'a':
      return undefined;
    default:
      return typeof value === 'object' ? `expected any scalar, got &{${goText(value)}}` : undefined;
  }
}

/** Keys that have a default. */
const KEY_DEFAULTS: Readonly<Record<string, unknown>> = { protocol: 'TCP' };

/** An element of a list in a path: by its keys, its value or its place. */
function elementPath(field: Field | undefined, item: unknown, index: number): string {
  if (field?.topology === 'map' && isObject(item)) {
    const keys = field.keys
      .filter((key) => (item[key] ?? KEY_DEFAULTS[key]) !== undefined)
      .sort()
      .map((key) => `${key}=${JSON.stringify(item[key] ?? KEY_DEFAULTS[key])}`);
    return `[${keys.join(',')}]`;
  }
  return field?.topology === 'set' ? `[=${JSON.stringify(item)}]` : `[${index}]`;
}

/** Why an element cannot be told from the others; undefined where it can. */
function elementProblem(field: Field | undefined, item: unknown): string | undefined {
  if (field?.topology !== 'map') return undefined;
  if (item === null) return 'associative list with keys may not have a null element';
  return isObject(item) ? undefined : 'associative list with keys may not have non-map elements';
}

function list(type: FieldType, items: readonly unknown[], path: string, field?: Field): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const [i, item] of items.entries()) {
    const problem = elementProblem(field, item);
    if (problem !== undefined) return [...problems, `${path}: element ${i}: ${problem}`];
    const step = elementPath(field, item, i);
    if (seen.has(step)) problems.push(`${path}: duplicate entries for key ${step}`);
    seen.add(step);
    problems.push(...walk(type, item, `${path}${step}`));
  }
  return problems;
}

function walk(type: FieldType, value: unknown, path: string, field?: Field): string[] {
  if (value === null || value === undefined) return [];
  const at = (problem: string): string[] => [path === '' ? problem : `${path}: ${problem}`];
  if (type.kind === 'scalar') {
    const problem = scalarProblem(type.scalar, value);
    return problem === undefined ? [] : at(problem);
  }
  if (type.kind === 'list')
    return Array.isArray(value)
      ? list(type.of, value, path, field)
      : at(`expected list, got &{${goText(value)}}`);
  if (!isObject(value)) return at(`expected map, got &{${goText(value)}}`);
  if (type.kind === 'struct') return struct(type.struct, value, path);
  return Object.entries(value).flatMap(([key, item]) => walk(type.of, item, `${path}.${key}`));
}

function struct({ byName }: StructType, value: JsonObject, path: string): string[] {
  return Object.entries(value).flatMap(([key, item]) => {
    const field = byName.get(key);
    const place = `${path}.${key}`;
    return field
      ? walk(field.type, item, place, field)
      : [`${place}: field not declared in schema`];
  });
}

/** What is wrong with the shape of a configuration; undefined where nothing is. */
export function shapeProblem(value: JsonObject, type: StructType): string | undefined {
  const problems = struct(type, value, '');
  const [first, ...more] = problems;
  if (first === undefined || more.length === 0) return first;
  return ['errors:', ...problems.map((one) => `  ${one}`)].join('\n');
}
