// Session files: reading them, and telling what differs.

import { describe, expect, test } from 'vitest';
import { normalise } from '../../src/cli/normalise.ts';
import { difference, expected, outputLines, parseSession } from '../../src/cli/session-file.ts';

const FILE = `# lab: linux
# about: an example
! touch a
$ ls \\
> -a
.
..
a
$ false
[exit 1]
`;

describe('a session file', () => {
  test('is read into its header and steps', () => {
    const file = parseSession(FILE);
    expect(file.header.get('lab')).toBe('linux');
    expect(file.steps).toEqual([
      { silent: true, command: 'touch a', output: [] },
      { silent: false, command: 'ls \\\n-a', output: ['.', '..', 'a'] },
      { silent: false, command: 'false', output: ['[exit 1]'] },
    ]);
  });

  test('equals itself and differs from another', () => {
    const text = expected(parseSession(FILE));
    expect(difference(text, text)).toEqual([]);
    expect(difference(text, text.replace('..', 'other')).length).toBeGreaterThan(0);
  });

  test('marks a last line without a newline', () => {
    expect(outputLines('a\nb')).toEqual(['a', 'b⏎no-newline']);
    expect(outputLines('a\n')).toEqual(['a']);
    expect(outputLines('')).toEqual([]);
  });
});

describe('normalising', () => {
  test('the same id keeps its number, another gets the next', () => {
    const id = (digit: string): string => digit.repeat(12).replace(/.$/, 'a');
    expect(normalise(`$ x\n${id('1')}\n${id('2')}\n${id('1')}`)).toEqual([
      '$ x',
      '<id12:1>',
      '<id12:2>',
      '<id12:1>',
    ]);
  });

  test('ages count only under their column', () => {
    expect(normalise('$ x\nNAME AGE\nweb 4s\n$ y\nweb 4d')).toEqual([
      '$ x',
      'NAME AGE',
      'web <age>',
      '$ y',
      'web 4d',
    ]);
  });
});
