// `[[ … ]]`: words are not split; `==` matches patterns, `=~` regular expressions, `-eq` and its
// like take arithmetic.

import type { Routine } from '../../../core/wait.ts';
import { arithmetic, assignArray } from '../assign.ts';
import { fileComparison, unaryTest } from '../builtins/test-primaries.ts';
import { matches } from '../expand/pattern.ts';
import { posixRegExp } from '../expand/regex.ts';
import { expandText } from '../expand/words.ts';
import type { Shell } from '../shell.ts';
import type { Conditional, TestNode } from '../syntax/tree.ts';
import { traceHead } from './trace.ts';

/** Runs `[[ … ]]`; 2 where an operator is wrong. */
export function* runConditional(shell: Shell, node: Conditional): Routine<number> {
  const result = yield* evaluateTest(shell, node.expression);
  return typeof result === 'number' ? result : result ? 0 : 1;
}

function* evaluateTest(shell: Shell, node: TestNode, negated = ''): Routine<boolean | number> {
  switch (node.kind) {
    case 'logical':
      for (const operand of node.operands) {
        const result = yield* evaluateTest(shell, operand);
        if (typeof result === 'number') return result;
        if (result !== (node.operator === '&&')) return result;
      }
      return node.operator === '&&';
    case 'not': {
      const result = yield* evaluateTest(shell, node.operand, '! ');
      return typeof result === 'number' ? result : !result;
    }
    case 'unary': {
      const operand = yield* expandText(shell, node.operand);
      yield* traceHead(shell, `[[ ${negated}${node.operator} ${operand || "''"} ]]`);
      return unaryTest(shell, node.operator, operand) ?? false;
    }
    case 'binary':
      return yield* binary(shell, node);
  }
}

function* binary(shell: Shell, node: TestNode & { kind: 'binary' }): Routine<boolean | number> {
  const { operator } = node;
  const left = yield* expandText(shell, node.left);
  const traced = (right: string): Routine<void> =>
    traceHead(shell, `[[ ${left || "''"} ${operator} ${right || "''"} ]]`);
  if (operator === '=' || operator === '==' || operator === '!=') {
    const pattern = yield* expandText(shell, node.right, 'test');
    yield* traced(pattern);
    const hit = matches(left, pattern, { ignoreCase: shell.shopt('nocasematch') });
    return operator === '!=' ? !hit : hit;
  }
  if (operator === '=~') {
    const source = yield* expandText(shell, node.right, 'regex');
    yield* traced(source);
    return regexMatch(shell, left, source);
  }
  const right = yield* expandText(shell, node.right);
  yield* traced(right);
  if (operator === '<') return left < right;
  if (operator === '>') return left > right;
  const files = fileComparison(shell, operator, left, right);
  if (files !== undefined) return files;
  const a = arithmetic(shell, left);
  const b = arithmetic(shell, right);
  switch (operator) {
    case '-eq':
      return a === b;
    case '-ne':
      return a !== b;
    case '-lt':
      return a < b;
    case '-le':
      return a <= b;
    case '-gt':
      return a > b;
    default:
      return a >= b;
  }
}

/** Sets BASH_REMATCH; 2 where the expression is no regular expression. */
function regexMatch(shell: Shell, text: string, source: string): boolean | number {
  const regExp = posixRegExp(source, shell.shopt('nocasematch'));
  if (!regExp) return 2;
  const found = regExp.exec(text);
  const parts = found ? [...found].map((part) => part ?? '') : [];
  const list = parts.map((value) => ({ key: undefined, append: false, value }));
  assignArray(shell, 'BASH_REMATCH', list, false);
  return found !== null;
}
