import { describe, expect, it } from 'vitest';
import { readLongDouble, fixedText } from '../../../src/sim/userland/shell/builtins/long-double.ts';
import { evaluate } from '../../../src/sim/userland/shell/expand/arithmetic.ts';
import { ExpansionFailure } from '../../../src/sim/userland/shell/expand/failure.ts';
import { matches } from '../../../src/sim/userland/shell/expand/pattern.ts';
import { expandHistory } from '../../../src/sim/userland/shell/readline/expand-history.ts';
import { History } from '../../../src/sim/userland/shell/readline/history.ts';
import { expandBraces } from '../../../src/sim/userland/shell/syntax/braces.ts';
import { parseScript } from '../../../src/sim/userland/shell/syntax/parse.ts';
import { tableEntries } from '../../../src/sim/userland/shell/variables.ts';

const values = new Map([
  ['x', '5'],
  ['y', 'x+1'],
]);
const scope = {
  read: (name: string) => values.get(name) ?? '',
  write: (name: string, _index: string | undefined, value: string) => void values.set(name, value),
};
const failure = (text: string): string => {
  try {
    return String(evaluate(text, scope));
  } catch (thrown) {
    return thrown instanceof ExpansionFailure ? thrown.message : 'another error';
  }
};

describe('arithmetic', () => {
  it('is C on 64 bits, names being expressions', () => {
    expect(failure('1+2*3')).toBe('7');
    expect(failure('y*2')).toBe('12');
    expect(failure('-7/2')).toBe('-3');
    expect(failure('9223372036854775807+1')).toBe('-9223372036854775808');
    expect(failure('16#ff|010')).toBe('255');
  });
  it('says what bash says', () => {
    expect(failure('1/0')).toBe('1/0: division by 0 (error token is "0")');
    expect(failure('1 +')).toBe('1 +: syntax error: operand expected (error token is "+")');
    expect(failure('08')).toBe('08: value too great for base (error token is "08")');
  });
});

describe('texts', () => {
  it('expands braces', () => {
    expect(expandBraces('a{b{1,2},c}d')).toEqual(['ab1d', 'ab2d', 'acd']);
    expect(expandBraces('{01..10..3}')).toEqual(['01', '04', '07', '10']);
    expect(expandBraces('{a}"{x,y}"${z}')).toEqual(['{a}"{x,y}"${z}']);
  });
  it('matches patterns', () => {
    expect(matches('foo.h', '!(*.c)')).toBe(true);
    expect(matches('a]', 'a[]x]')).toBe(true);
    expect(matches('*', '\\*')).toBe(true);
  });
  it('rounds like a long double', () => {
    expect(fixedText(readLongDouble('2.55'), 1)).toBe('2.5');
    expect(fixedText(readLongDouble('3.14159'), 2)).toBe('3.14');
  });
  it('lists associative arrays in the order of bash', () => {
    const keys = 'k z a b foo bar baz one two three four five six'.split(' ');
    const order = tableEntries(new Map(keys.map((key) => [key, '']))).map(([key]) => key);
    expect(order.join(' ')).toBe('four z k b a foo two bar baz three six one five');
  });
  it('expands history', () => {
    const history = new History();
    history.add('echo one two');
    expect(expandHistory(history, 'ls !$').text).toBe('ls two');
    expect(expandHistory(history, '^two^three').text).toBe('echo one three');
    expect(expandHistory(history, '"hi!x"').error).toBe('!x: event not found');
  });
});

describe('syntax errors', () => {
  const error = (text: string) => parseScript(text).error;
  it('names the token and its line', () => {
    expect(error('echo a | | b')).toMatchObject({ kind: 'token', token: '|', line: 1 });
    expect(error('echo x >')).toMatchObject({ kind: 'token', token: 'newline' });
    expect(error('if true; then\n  echo hi\n')).toMatchObject({ kind: 'end', line: 3 });
    expect(error('echo "open\necho\n')).toMatchObject({ kind: 'quote', token: '"', line: 1 });
  });
  it('keeps what stands before the wrong command', () => {
    expect(parseScript('echo one\n)\n').list).toHaveLength(1);
    expect(error('a=(1 2); x=$(case y in z) echo;; esac)')).toBeUndefined();
  });
});
