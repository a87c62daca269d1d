// Variables in Compose files and env files: $NAME, ${NAME}, ${NAME:-default}, ${NAME-default}, ${NAME:?error},
// ${NAME?error}, ${NAME:+other}, ${NAME+other}, nested, and $$ for a dollar.

import { ComposeProblem, isMapping, type Value } from './tree.ts';

const PATTERN =
  /\$(?:(?<escaped>\$)|(?<named>[_a-z][_a-z0-9]*)|\{(?:(?<braced>[_a-z][_a-z0-9]*(?::?[-+?](?:.*))?)\}|(?<invalid>)))/gi;

export type Lookup = (name: string) => string | undefined;

/** A template that cannot be read; the text is the whole value. */
export class InvalidTemplate extends ComposeProblem {
  readonly template: string;
  constructor(template: string) {
    super(`Invalid template: ${JSON.stringify(template)}`);
    this.template = template;
  }
}

/** The operators, longer ones first where they share a letter. */
const OPERATORS = [':?', '?', ':-', '-', ':+', '+'] as const;
type Operator = (typeof OPERATORS)[number];

export interface Substitution {
  readonly lookup: Lookup;
  /** Told of variables that are not set. */
  readonly missing?: (name: string) => void;
}

/** Replaces the variables of a text. */
export function substitute(template: string, settings: Substitution): string {
  return template.replace(new RegExp(PATTERN), (match) => replaceOne(match, template, settings));
}

function replaceOne(whole: string, template: string, settings: Substitution): string {
  const operator = firstOperator(whole);
  const close = closingBrace(whole);
  const rest = close < 0 ? '' : whole.slice(close + 1);
  const text = close < 0 ? whole : whole.slice(0, close + 1);
  const groups = new RegExp(PATTERN).exec(text)?.groups ?? {};
  if (groups.escaped) return groups.escaped;
  const name = groups.named ?? groups.braced ?? '';
  if (name === '') throw new InvalidTemplate(template);
  if (groups.named === undefined && name.includes(operator))
    return applied(name, operator, settings) + substitute(rest, settings);
  const value = settings.lookup(name);
  if (value === undefined) settings.missing?.(name);
  return value ?? '';
}

/** The operator that stands first in a template. */
function firstOperator(text: string): Operator {
  let best: Operator = ':?';
  let at = Number.POSITIVE_INFINITY;
  for (const operator of OPERATORS) {
    const index = text.indexOf(operator);
    if (index >= 0 && index < at) [best, at] = [operator, index];
  }
  return best;
}

function applied(substitution: string, operator: Operator, settings: Substitution): string {
  const at = substitution.indexOf(operator);
  const name = substitution.slice(0, at);
  const word = substitute(substitution.slice(at + operator.length), settings);
  const value = settings.lookup(name);
  const given = operator.startsWith(':') ? (value ?? '') !== '' : value !== undefined;
  if (operator.endsWith('-')) return given ? (value ?? '') : word;
  if (operator.endsWith('+')) return given ? word : (value ?? '');
  if (!given)
    throw new ComposeProblem(
      `required variable ${name} is missing a value${word === '' ? '' : `: ${word}`}`,
    );
  return value ?? '';
}

/** Where the first opened brace closes. */
function closingBrace(text: string): number {
  let open = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '}' && --open === 0) return i;
    if (text[i] === '{') {
      open++;
      i++;
    }
  }
  return -1;
}

/** A variable that a model names. */
export interface Variable {
  readonly Name: string;
  readonly DefaultValue: string;
  readonly PresenceValue: string;
  readonly Required: boolean;
}

/** Every variable of a tree, by name. */
export function variablesOf(value: Value, found = new Map<string, Variable>()): typeof found {
  if (typeof value === 'string') for (const one of variablesIn(value)) found.set(one.Name, one);
  else if (Array.isArray(value)) for (const item of value) variablesOf(item, found);
  else if (isMapping(value)) for (const item of Object.values(value)) variablesOf(item, found);
  return found;
}

function variablesIn(text: string): Variable[] {
  const out: Variable[] = [];
  for (const match of text.matchAll(new RegExp(PATTERN))) {
    const { escaped, named, braced = '' } = match.groups ?? {};
    if (escaped) continue;
    let value = named ?? braced;
    if (named === undefined) {
      const close = closingBrace(match[0]);
      if (close > 0) {
        value = match[0].slice(2, close);
        out.push(...variablesIn(match[0].slice(close + 1)));
      }
    }
    const [, name = '', operator = '', word = ''] =
      /^([A-Za-z0-9_]*)(:?[-?+])?(.*)$/s.exec(value) ?? [];
    const DefaultValue = operator.endsWith('-') ? word : '';
    const PresenceValue = operator.endsWith('+') ? word : '';
    out.push({ Name: name, DefaultValue, PresenceValue, Required: operator.endsWith('?') });
    out.push(...variablesIn(DefaultValue), ...variablesIn(PresenceValue));
  }
  return out;
}
