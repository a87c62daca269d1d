// kubectl's JSONPath templates (client-go util/jsonpath): text, {paths}, filters, {range}…{end}.

import { compactJson } from './json.ts';

/** What is wrong with a template or its execution, in the real engine's words. */
export class JsonPathError extends Error {}

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | {
      readonly kind: 'slice';
      readonly from: number | undefined;
      readonly to: number | undefined;
      readonly by: number | undefined;
      readonly single: boolean;
    }
  | { readonly kind: 'union'; readonly paths: readonly (readonly Step[])[] }
  | {
      readonly kind: 'filter';
      readonly left: readonly Step[];
      readonly operator: string;
      readonly right: readonly Step[];
    }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'unknown'; readonly word: string }
  | { readonly kind: 'range' }
  | { readonly kind: 'end' };

type Part = { readonly text: string } | { readonly steps: readonly Step[] };

/** A template that was parsed. */
export interface JsonPath {
  /** The text it makes of an object. */
  execute(object: unknown): string;
  /** What each of its paths finds. */
  find(object: unknown): unknown[][];
}

/** Parses a template. A missing field is an error unless `lenient`. */
export function parseJsonPath(template: string, lenient = false): JsonPath {
  const parts = parseTemplate(template);
  return {
    execute: (object) => {
      const results: Found[] = [];
      run(parts, object, lenient, results);
      return results
        .map((found) => ('text' in found ? found.text : found.values.map(show).join(' ')))
        .join('');
    },
    find: (object) => {
      const results: Found[] = [];
      run(parts, object, lenient, results);
      return results.map((found) => ('text' in found ? [found.text] : [...found.values]));
    },
  };
}

type Found = { readonly text: string } | { readonly values: readonly unknown[] };

function parseTemplate(template: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('{', at);
    if (open < 0) {
      parts.push({ text: template.slice(at) });
      break;
    }
    if (open > at) parts.push({ text: template.slice(at, open) });
    const parser = new PathParser(template, open + 1);
    parts.push({ steps: parser.action() });
    at = parser.at;
  }
  return parts;
}

class PathParser {
  at: number;
  private readonly text: string;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  /** What stands between braces; leaves behind the closing one. */
  action(): Step[] {
    const steps: Step[] = [];
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined) throw new JsonPathError('unclosed action');
      if (char === '}') {
        this.at++;
        return steps;
      }
      this.step(steps, char);
    }
  }

  private step(steps: Step[], char: string): void {
    const { text } = this;
    if (char === ' ' || char === '\t' || char === '@' || char === '$') {
      this.at++;
    } else if (char === '[') {
      steps.push(this.bracket());
    } else if (char === '"' || char === "'") {
      steps.push({ kind: 'value', value: this.quoted(char) });
    } else if (char === '.') {
      if (text[this.at + 1] === '.') {
        this.at += 2;
        steps.push({ kind: 'recursive' });
        if (text[this.at] !== '[' && text[this.at] !== undefined) this.field(steps);
      } else {
        this.at++;
        if (text[this.at] !== '[') this.field(steps);
      }
    } else if (/[-+\d]/.test(char)) {
      const [number = ''] = /^[-+]?[\d.]+/.exec(text.slice(this.at)) ?? [];
      this.at += number.length || 1;
      steps.push({ kind: 'value', value: Number(number) });
    } else if (/[A-Za-z]/.test(char)) {
      const [word = ''] = /^[\w]+/.exec(text.slice(this.at)) ?? [];
      this.at += word.length;
      if (word === 'range') steps.push({ kind: 'range' });
      else if (word === 'end') steps.push({ kind: 'end' });
      else if (word === 'true' || word === 'false')
        steps.push({ kind: 'value', value: word === 'true' });
      else steps.push({ kind: 'unknown', word });
    } else {
      throw new JsonPathError(
        `unrecognized character in action: U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} '${char}'`,
      );
    }
  }

  private field(steps: Step[]): void {
    let name = '';
    for (;;) {
      const char = this.text[this.at];
      if (char === '\\') {
        name += this.text[this.at + 1] ?? '';
        this.at += 2;
      } else if (char === undefined || /[\s.[\](){}|=!<>@$"',]/.test(char)) break;
      else {
        name += char;
        this.at++;
      }
    }
    if (name === '*') steps.push({ kind: 'wildcard' });
    else if (name !== '') steps.push({ kind: 'field', name });
  }

  private quoted(mark: string): string {
    let out = '';
    this.at++;
    for (; this.text[this.at] !== mark; this.at++) {
      const char = this.text[this.at];
      if (char === undefined) throw new JsonPathError('unterminated quoted string');
      if (char !== '\\') {
        out += char;
        continue;
      }
      this.at++;
      const next = this.text[this.at] ?? '';
      out += ({ n: '\n', t: '\t', r: '\r' } as Readonly<Record<string, string>>)[next] ?? next;
    }
    this.at++;
    return out;
  }

  private bracket(): Step {
    const open = this.at;
    let depth = 0;
    let quote = '';
    for (; ; this.at++) {
      const char = this.text[this.at];
      if (char === undefined || (char === '}' && quote === '' && depth === 1))
        throw new JsonPathError('unterminated array');
      if (quote !== '') {
        if (char === '\\') this.at++;
        else if (char === quote) quote = '';
      } else if (char === '"' || char === "'") quote = char;
      else if (char === '[' || char === '(') depth++;
      else if (char === ']' || char === ')') {
        depth--;
        if (depth === 0) break;
      }
    }
    const inside = this.text.slice(open + 1, this.at).trim();
    this.at++;
    return bracketStep(inside);
  }
}

function bracketStep(inside: string): Step {
  if (inside === '*') return { kind: 'wildcard' };
  const filter = /^\?\((.*)\)$/s.exec(inside);
  if (filter) return filterStep(filter[1] ?? '');
  const key = /^'((?:[^'\\]|\\.)*)'$|^"((?:[^"\\]|\\.)*)"$/.exec(inside);
  if (key) return { kind: 'field', name: (key[1] ?? key[2] ?? '').replace(/\\(.)/g, '$1') };
  if (inside.includes(',')) {
    return { kind: 'union', paths: inside.split(',').map((one) => [bracketStep(one.trim())]) };
  }
  const slice = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(inside);
  if (!slice || inside === '') throw new JsonPathError(`invalid array index ${inside}`);
  const number = (text: string | undefined): number | undefined => {
    const digits = text?.replace(/^:/, '') ?? '';
    return digits === '' ? undefined : Number(digits);
  };
  const single = slice[2] === undefined;
  return {
    kind: 'slice',
    from: number(slice[1]),
    to: number(slice[2]),
    by: number(slice[3]),
    single,
  };
}

function filterStep(text: string): Step {
  const found = /^([^!<>=]+)([!<>=]+)(.+)$/s.exec(text);
  const steps = (side: string): Step[] => new PathParser(`${side.trim()}}`, 0).action();
  if (!found) return { kind: 'filter', left: steps(text), operator: 'exists', right: [] };
  return {
    kind: 'filter',
    left: steps(found[1] ?? ''),
    operator: found[2] ?? '',
    right: steps(found[3] ?? ''),
  };
}

function run(parts: readonly Part[], object: unknown, lenient: boolean, out: Found[]): void {
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Part;
    if ('text' in part) {
      out.push(part);
      continue;
    }
    const [first, ...rest] = part.steps;
    if (first?.kind === 'range') {
      const end = endOf(parts, i);
      const items = walk(rest, [object], lenient);
      for (const item of items) run(parts.slice(i + 1, end), item, lenient, out);
      i = end;
    } else if (first?.kind === 'end') throw new JsonPathError('not in range, nothing to end');
    else out.push({ values: walk(part.steps, [object], lenient) });
  }
}

function endOf(parts: readonly Part[], range: number): number {
  let depth = 0;
  for (let i = range; i < parts.length; i++) {
    const part = parts[i] as Part;
    const kind = 'steps' in part ? part.steps[0]?.kind : undefined;
    if (kind === 'range') depth++;
    if (kind === 'end' && --depth === 0) return i;
  }
  return parts.length;
}

function walk(steps: readonly Step[], start: readonly unknown[], lenient: boolean): unknown[] {
  let values = [...start];
  for (const step of steps) values = values.flatMap((value) => one(step, value, lenient));
  return values;
}

type Fields = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function one(step: Step, value: unknown, lenient: boolean): unknown[] {
  switch (step.kind) {
    case 'field': {
      if (isMap(value) && value[step.name] !== undefined) return [value[step.name]];
      if (lenient || !isMap(value)) return [];
      throw new JsonPathError(`${step.name} is not found`);
    }
    case 'wildcard':
      if (Array.isArray(value)) return [...value];
      return isMap(value)
        ? Object.keys(value)
            .sort()
            .map((key) => value[key])
        : [];
    case 'recursive':
      return descend(value);
    case 'value':
      return [step.value];
    case 'slice':
      return slice(step, value);
    case 'unknown':
      throw new JsonPathError(`unrecognized identifier ${step.word}`);
    case 'union':
      return step.paths.flatMap((path) => walk(path, [value], lenient));
    case 'filter':
      return filter(step, value);
    default:
      return [];
  }
}

function descend(value: unknown): unknown[] {
  if (value === null || typeof value !== 'object') return [];
  const children = isMap(value)
    ? Object.keys(value)
        .sort()
        .map((key) => value[key])
    : [...(value as unknown[])];
  return [value, ...children.flatMap(descend)];
}

function slice(step: Step & { kind: 'slice' }, value: unknown): unknown[] {
  if (!Array.isArray(value)) {
    if (value === undefined || value === null) return [];
    throw new JsonPathError(`${describe(value)} is not array or slice`);
  }
  const { length } = value;
  let from = step.from ?? 0;
  if (from < 0) from += length;
  let to = step.single ? from + 1 : (step.to ?? length);
  if (to < 0) to += length;
  if (step.single && from >= length) {
    throw new JsonPathError(`array index out of bounds: index ${from}, length ${length}`);
  }
  to = Math.min(to, length);
  const out: unknown[] = [];
  for (let i = Math.max(0, from); i < to; i += step.by ?? 1) out.push(value[i]);
  return out;
}

function describe(value: unknown): string {
  return typeof value === 'object' ? 'map[string]interface {}' : String(value);
}

function filter(step: Step & { kind: 'filter' }, value: unknown): unknown[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item) => {
    const left = walk(step.left, [item], true);
    if (step.operator === 'exists') return left.length > 0;
    if (left.length === 0) return false;
    if (left.length > 1) throw new JsonPathError('can only compare one element at a time');
    const right = walk(step.right, [item], true);
    return right.length > 0 && compares(left[0], step.operator, right[0]);
  });
}

function compares(a: unknown, operator: string, b: unknown): boolean {
  if (typeof a !== typeof b) {
    if (operator === '!=') return true;
    if (operator === '==') return false;
    throw new JsonPathError('incompatible types for comparison');
  }
  const [x, y] = [a as string | number, b as string | number];
  switch (operator) {
    case '==':
      return x === y;
    case '!=':
      return x !== y;
    case '<':
      return x < y;
    case '>':
      return x > y;
    case '<=':
      return x <= y;
    case '>=':
      return x >= y;
    default:
      throw new JsonPathError(`unrecognized filter operator ${operator}`);
  }
}

/** A found value as text: maps and lists as JSON, the rest as Go prints it. */
export function show(value: unknown): string {
  if (value === undefined) return '';
  if (value === null) return 'null';
  return typeof value === 'object' ? compactJson(value) : String(value);
}

/** `x.y`, `.x.y`, `{x.y}` and `{.x.y}` as one braced path (get.RelaxedJSONPathExpression). */
export function relaxedPath(text: string): string | undefined {
  if (text === '') return '';
  const found = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(text);
  if (!found) return undefined;
  return `{.${found[1] ?? found[2] ?? ''}}`;
}
