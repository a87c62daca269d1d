// Label and field selectors: the text forms of queries, the LabelSelector of specs, and what they match.

import type { KubeObject } from './object.ts';
import type { LabelSelector } from './types/meta.ts';
import { labelValue, qualifiedName } from './validation/names.ts';

type Operator = 'in' | 'notin' | 'exists' | '!' | '=' | '!=' | 'gt' | 'lt';

export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

const NONE: Labels = {};

/** True where the labels meet every requirement. */
export function matches(requirements: readonly Requirement[], labels: Labels = NONE): boolean {
  return requirements.every((requirement) => meets(requirement, labels));
}

function meets({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case '=':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'lt':
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

/** A selector that cannot be read, in the server's words. */
export class SelectorError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const TOKEN = /\s*(?:(==|=|!=|!|,|\(|\)|>|<)|([^\s=!,()<>]+))/y;

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    tokens.push(match[1] ?? match[2] ?? '');
  }
  return tokens;
}

/** Reads `app=web,tier in (a, b),!old` as the server does. */
export function parseLabelSelector(text: string): readonly Requirement[] | SelectorError {
  const tokens = tokenize(text);
  const found: Requirement[] = [];
  let at = 0;
  const fail = (message: string): SelectorError =>
    new SelectorError(`unable to parse requirement: ${message}`);
  while (at < tokens.length) {
    const start = tokens[at] ?? '';
    if (/^[=,()<>]/.test(start)) {
      const wanted = at === 0 ? "!, identifier, or 'end of string'" : "identifier after ','";
      return new SelectorError(`found '${start}', expected: ${wanted}`);
    }
    const negated = start === '!';
    if (negated) at++;
    const key = tokens[at++] ?? '';
    if (key === '' || /^[=!,()<>]/.test(key)) return fail(`found '${key}', expected: identifier`);
    const bad = qualifiedName(key)[0];
    if (bad) return fail(`<nil>: Invalid value: ${JSON.stringify(key)}: ${bad}`);
    const next = tokens[at];
    if (negated || next === undefined || next === ',') {
      found.push({ key, operator: negated ? '!' : 'exists', values: [] });
    } else {
      at++;
      const read = readOperator(key, next, tokens, at);
      if (read instanceof SelectorError) return fail(read.message);
      at = read.at;
      found.push({ key, operator: read.operator, values: read.values });
    }
    if (at >= tokens.length) break;
    if (tokens[at] !== ',')
      return new SelectorError(`found '${tokens[at]}', expected: ',' or 'end of string'`);
    at++;
    if (at >= tokens.length) return new SelectorError("found '', expected: identifier after ','");
  }
  return found;
}

/** What is wrong with the n-th value for a key, in the server's words. */
function badValue(key: string, value: string, index: number): SelectorError | undefined {
  const bad = labelValue(value)[0];
  if (bad === undefined) return undefined;
  return new SelectorError(
    `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${bad}`,
  );
}

/** The values between the brackets of `in (a, b)`; `at` is the opening one's place. */
function readValues(
  tokens: readonly string[],
  start: number,
): { values: string[]; at: number } | SelectorError {
  let at = start;
  if (tokens[at] !== '(') return new SelectorError(`found '${tokens[at] ?? ''}' expected: '('`);
  const values = new Set<string>();
  for (let last = ','; ; at++) {
    const token = tokens[at + 1] ?? '';
    if (token === ',' || token === ')') {
      if (last === ',') values.add('');
      if (token === ')') return { values: [...values].sort(), at: at + 2 };
    } else if (last === ',' && token !== '') values.add(token);
    else return new SelectorError(`found '${token}', expected: ',' or ')'`);
    last = token;
  }
}

function readOperator(
  key: string,
  operator: string,
  tokens: readonly string[],
  at: number,
): { operator: Operator; values: string[]; at: number } | SelectorError {
  if (operator === 'in' || operator === 'notin') {
    const read = readValues(tokens, at);
    if (read instanceof SelectorError) return read;
    for (const [index, value] of read.values.entries()) {
      const bad = badValue(key, value, index);
      if (bad) return bad;
    }
    return { operator, ...read };
  }
  const names: Readonly<Record<string, Operator>> = {
    '=': '=',
    '==': '=',
    '!=': '!=',
    '>': 'gt',
    '<': 'lt',
  };
  const meant = names[operator];
  if (meant === undefined) {
    return new SelectorError(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
  }
  const given = tokens[at] ?? ',';
  if (/^[=!()<>]/.test(given)) return new SelectorError(`found '${given}', expected: identifier`);
  const value = given === ',' ? '' : given;
  if ((meant === 'gt' || meant === 'lt') && !/^[+-]?\d+$/.test(value))
    return new SelectorError(
      `values[0]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
    );
  const bad = badValue(key, value, 0);
  return bad ?? { operator: meant, values: [value], at: given === ',' ? at : at + 1 };
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

const compiled = new WeakMap<LabelSelector, readonly Requirement[]>();

/** The requirements of a LabelSelector; an empty one matches everything. */
export function requirementsOf(selector: LabelSelector): readonly Requirement[] {
  const known = compiled.get(selector);
  if (known) return known;
  const made: Requirement[] = [];
  const labels = selector.matchLabels ?? {};
  for (const key of Object.keys(labels).sort()) {
    made.push({ key, operator: '=', values: [labels[key] ?? ''] });
  }
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    made.push({ key, operator: OPERATORS[operator] ?? 'in', values: values ?? [] });
  }
  compiled.set(selector, made);
  return made;
}

/** Whether a LabelSelector selects the labels; without a selector nothing is selected. */
export function selects(selector: LabelSelector | null | undefined, labels?: Labels): boolean {
  return selector ? matches(requirementsOf(selector), labels) : false;
}

/** A LabelSelector as text: `app=web,tier in (a,b)`. */
export function selectorText(selector: LabelSelector | null | undefined): string {
  if (!selector) return '';
  return requirementsOf(selector)
    .map(({ key, operator, values }) => {
      if (operator === 'exists') return key;
      if (operator === '!') return `!${key}`;
      if (operator === '=') return `${key}=${values[0] ?? ''}`;
      return `${key} ${operator} (${[...values].sort().join(',')})`;
    })
    .sort()
    .join(',');
}

/** One condition of a field selector. */
export interface FieldRequirement {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/** Reads `status.phase!=Running,metadata.name=web`. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] | SelectorError {
  const found: FieldRequirement[] = [];
  for (const term of text.split(/(?<!\\),/)) {
    if (term === '') continue;
    const match = /^(.*?)(!=|==|=)(.*)$/.exec(term);
    if (!match) {
      return new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    }
    const [, field = '', operator = '', value = ''] = match;
    found.push({ field, equal: operator !== '!=', value: value.replace(/\\([\\,=])/g, '$1') });
  }
  return found;
}

/** Reads the value of a selectable field. */
export type FieldReaders = Readonly<Record<string, (object: KubeObject) => string>>;

const COMMON_FIELDS: FieldReaders = {
  'metadata.name': (object) => object.metadata.name ?? '',
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

/** The reader of a field that the kind lets selectors name. */
export function fieldReader(
  field: string,
  readers: FieldReaders | undefined,
): ((object: KubeObject) => string) | undefined {
  return COMMON_FIELDS[field] ?? readers?.[field];
}
