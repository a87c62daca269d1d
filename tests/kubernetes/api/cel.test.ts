// CEL: what expressions are worth, and what the compiler says of those that are none.

import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/sim/kubernetes/api/cel/program.ts';
import { CelError, valueOfJson } from '../../../src/sim/kubernetes/api/cel/values.ts';

const self = { size: 3, name: 'boat', tags: ['a', 'bb'], ports: [{ name: 'http', port: 80 }] };

function valueOf(expression: string): unknown {
  const program = compile(expression, { self: {} });
  if (typeof program === 'string') return program;
  const result = program.run({ self: valueOfJson(self) });
  return result instanceof CelError ? `error: ${result.message}` : result;
}

const WORTH: readonly (readonly [string, unknown])[] = [
  ['1 + 2 * 3 == 7 && !(self.size > 3)', true],
  ['7 / 2', 3n],
  ['self.size < 2 ? "small" : "big"', 'big'],
  ['has(self.nope) || self.tags.exists(t, t.size() == 2)', true],
  ['self.ports.all(p, p.port in [80, 443])', true],
  ['self.ports.map(p, p.name)', ['http']],
  ['self.tags.filter(t, t != "a").size()', 1n],
  ['true || self.nope.deeper', true],
  ['self.nope', 'error: no such key: nope'],
  ['1 / 0', 'error: division by zero'],
  ['1 + "a"', 'error: no such overload'],
  ['self.?nope.orValue("none")', 'none'],
  ['self.name.matches("^b.*t$") && "a,b".split(",") == ["a", "b"]', true],
  ['quantity("1Gi").isGreaterThan(quantity("900Mi"))', true],
  ['duration("1h") > duration("59m")', true],
  ['"%s has %d".format([self.name, self.size])', 'boat has 3'],
];

describe('CEL', () => {
  test.each(WORTH)('%s', (expression, worth) => {
    expect(valueOf(expression)).toEqual(worth);
  });

  test('marks where an expression is wrong', () => {
    expect(valueOf('other > 1')).toBe(
      "ERROR: <input>:1:1: undeclared reference to 'other' (in container '')\n | other > 1\n | ^",
    );
    expect(valueOf('self.size >')).toContain("mismatched input '<EOF>'");
  });

  test('knows the fields of a schema', () => {
    const schema = { type: 'object', properties: { a: { type: 'integer' } } };
    expect(compile('self.b > 1', { self: schema })).toContain("undefined field 'b'");
    expect(typeof compile('self.a > 1', { self: schema })).not.toBe('string');
  });
});
