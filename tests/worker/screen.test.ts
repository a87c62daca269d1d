// What a terminal shows.

import { describe, expect, it } from 'vitest';
import { isPlain, terminalLines } from '../../src/worker/screen.ts';

const shown = (output: string, rows = 24) =>
  terminalLines(output, rows).map((line) => line.map((run) => run.text).join(''));

describe('terminalLines', () => {
  it('lets a carriage return write over the line', () => {
    expect(shown('10%\r100%\r\ndone')).toEqual(['100%', 'done']);
  });
  it('moves up over several lines and erases, as progress displays do', () => {
    expect(shown('a: wait\r\nb: wait\r\n\x1b[2A\x1b[2Ka: done\r\n')).toEqual([
      'a: done',
      'b: wait',
      '',
    ]);
  });
  it('keeps colours as classes', () => {
    expect(terminalLines('\x1b[1;31mred\x1b[0m plain', 24)).toEqual([
      [
        { text: 'red', style: 'bold red' },
        { text: ' plain', style: '' },
      ],
    ]);
  });
  it('leaves nothing of the alternate screen', () => {
    expect(shown('before\r\n\x1b[?1049h\x1b[2Jfull screen\x1b[?1049lafter')).toEqual([
      'before',
      'after',
    ]);
  });
  it('addresses rows of the window, not of what scrolled out', () => {
    expect(shown('1\r\n2\r\n3\x1b[1;1Hx', 2)).toEqual(['1', 'x', '3']);
  });
});

describe('isPlain', () => {
  it('takes newlines and tabs for text, and nothing else below space', () => {
    expect(isPlain('a\tb\n')).toBe(true);
    expect(isPlain('a\rb')).toBe(false);
    expect(isPlain('\x1b[0m')).toBe(false);
  });
});
