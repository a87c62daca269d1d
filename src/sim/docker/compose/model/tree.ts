// The tree that a Compose file is while it is loaded: plain values, the paths of compose-go that rules are bound to, and
// the refusal that ends loading.

export type Value = null | boolean | number | string | Value[] | Mapping;
export interface Mapping {
  [key: string]: Value;
}

/** What is wrong with a Compose file, in compose's words. Thrown within the loader, caught where it is called. */
export class ComposeProblem extends Error {}

export function isMapping(value: Value | undefined): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True where a path matches a pattern; `*` stands for any one part. */
export function matches(path: readonly string[], pattern: string): boolean {
  const parts = pattern.split('.');
  return parts.length === path.length && parts.every((part, i) => part === '*' || part === path[i]);
}

/** Rules by pattern: the first that a path matches. */
export class PathRules<Rule> {
  private readonly byDepth = new Map<number, [string, Rule][]>();

  constructor(rules: Readonly<Record<string, Rule>>) {
    for (const [pattern, rule] of Object.entries(rules)) {
      const depth = pattern.split('.').length;
      const list = this.byDepth.get(depth) ?? [];
      list.push([pattern, rule]);
      this.byDepth.set(depth, list);
    }
  }

  find(path: readonly string[]): Rule | undefined {
    return this.byDepth.get(path.length)?.find(([pattern]) => matches(path, pattern))?.[1];
  }
}

export function clone<T extends Value>(value: T): T {
  if (Array.isArray(value)) return value.map((item) => clone(item)) as T;
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clone(item)])) as T;
}

/** fmt.Sprint of a scalar. */
export function scalarText(value: Value): string {
  return value === null ? '<nil>' : String(value);
}

/** Go's %T of a value as go-yaml gives it. */
export function goType(value: Value | undefined): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}
