// The text of a selector as the LabelSelector of a spec (metav1.ParseToLabelSelector).

import { parseLabelSelector, type Requirement, SelectorError } from '../api/selectors.ts';
import { failure } from './failure.ts';

export interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** What a text selects: equal labels, and the other requirements. */
export interface TextSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly Expression[];
}

const OPERATORS: Readonly<Partial<Record<Requirement['operator'], string>>> = {
  in: 'In',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

/** Reads `a=b,c in (d, e),!f`; what cannot be said in a LabelSelector is refused. */
export function toLabelSelector(text: string): TextSelector {
  const found = parseLabelSelector(text);
  if (found instanceof SelectorError)
    throw failure(`couldn't parse the selector string "${text}": ${found.message}`);
  const matchLabels: Record<string, string> = {};
  const matchExpressions: Expression[] = [];
  for (const { key, operator, values } of found) {
    if (operator === '=') {
      matchLabels[key] = values[0] ?? '';
      continue;
    }
    const name = OPERATORS[operator];
    if (operator === 'gt' || operator === 'lt')
      throw failure(`"${operator}" isn't supported in label selectors`);
    if (name === undefined) throw failure(`"${operator}" is not a valid label selector operator`);
    const sorted = [...values].sort();
    matchExpressions.push({
      key,
      operator: name,
      ...(sorted.length > 0 ? { values: sorted } : {}),
    });
  }
  return { matchLabels, matchExpressions };
}
