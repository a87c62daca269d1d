// vi and nano at a keyboard: what is typed is what the file holds, and the screen shows it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Lab, openLab } from '../../../../src/sim/labs/index.ts';
import { cutKeys } from '../../../../src/sim/userland/programs/editors/keyboard.ts';

/** Types `keys` into a program started on a terminal; the file afterwards, and all that was on the screen. */
function typeInto(
  command: string,
  content: string,
  keys: readonly string[],
): { file: string; screen: string } {
  const lab = openLab('linux', 'editors');
  run(lab, `printf '%s' '${content}' > f`);
  const terminal = lab.session.openTerminal(60, 12);
  settle(lab);
  terminal.write(`cd ~/lab; ${command} f\r`);
  settle(lab);
  let screen = '';
  for (const key of keys) {
    terminal.write(key);
    settle(lab);
    screen += terminal.takeOutput();
  }
  const file = run(lab, 'cat f');
  expect(terminal.ended).toBe(false);
  terminal.write('echo back at the $((1 + 1))nd prompt\r');
  settle(lab);
  expect(terminal.takeOutput()).toContain('back at the 2nd prompt');
  lab.close();
  return { file, screen };
}

function settle(lab: Lab): void {
  lab.simulation.advance({ until: lab.simulation.now + 50_000_000, budget: 50_000_000 });
}

function run(lab: Lab, script: string): string {
  lab.session.start(script);
  lab.simulation.advance({ budget: 50_000_000, done: () => !lab.session.running });
  return lab.session.takeOutput();
}

const THREE = 'one two\nthree four\nfive\n';
const vi = (keys: string, content = THREE) => typeInto('vi', content, [...cutKeys(keys)]);

describe('vi', () => {
  const edits: readonly (readonly [string, string, string])[] = [
    ['inserts', 'inew \x1b:wq\r', 'new one two\nthree four\nfive\n'],
    ['opens lines', 'oafter\x1bObefore\x1b:x\r', 'one two\nbefore\nafter\nthree four\nfive\n'],
    ['appends at the end', 'GA six\x1bZZ', 'one two\nthree four\nfive six\n'],
    ['deletes words, lines and to the end', 'dwjddD:wq\r', 'two\n\n'],
    ['puts what it deleted', 'ddp:wq\r', 'three four\none two\nfive\n'],
    ['copies with a count', '2yyGp:wq\r', 'one two\nthree four\nfive\none two\nthree four\n'],
    ['changes a word without its blank', 'cwONE\x1b:wq\r', 'ONE two\nthree four\nfive\n'],
    ['repeats the last change', 'xj.:wq\r', 'ne two\nhree four\nfive\n'],
    ['undoes and does again', 'dddduu\x12:wq\r', 'three four\nfive\n'],
    ['joins', 'J:wq\r', 'one two three four\nfive\n'],
    ['finds in the line', 'ftrT:wq\r', 'one Two\nthree four\nfive\n'],
    ['searches', '/fi\rcwSIX\x1b:wq\r', 'one two\nthree four\nSIX\n'],
    ['deletes what it selected', 'vlld:wq\r', ' two\nthree four\nfive\n'],
    ['deletes selected lines', 'Vjd:wq\r', 'five\n'],
    ['substitutes', ':%s/o/0/g\r:wq\r', '0ne tw0\nthree f0ur\nfive\n'],
    [
      'substitutes with groups',
      ':%s/\\(\\w*\\) \\(\\w*\\)/\\2 \\1/\r:wq\r',
      'two one\nfour three\nfive\n',
    ],
    ['works on ranges', ':2,3d\r:wq\r', 'one two\n'],
    ['works on lines that match', ':g/e$/d\r:wq\r', 'one two\nthree four\n'],
    ['moves lines to the right', '>>:wq\r', '\tone two\nthree four\nfive\n'],
    ['filters through a program', ':%!sort -r\r:wq\r', 'three four\none two\nfive\n'],
    ['reads a program in', ':r !echo hi\r:wq\r', 'one two\nhi\nthree four\nfive\n'],
    ['erases while inserting', 'iabc\x7f\x7fd\x1b:wq\r', 'adone two\nthree four\nfive\n'],
    ['breaks lines', 'wi\r\x1b:wq\r', 'one \ntwo\nthree four\nfive\n'],
    ['moves by arrows while inserting', 'i\x1b[B\x1b[CX\x1b:wq\r', 'one two\ntXhree four\nfive\n'],
    ['changes in brackets', 'ofoo(bar)\x1bhci(x\x1b:wq\r', 'one two\nfoo(x)\nthree four\nfive\n'],
    ['leaves without writing', 'dd:q!\r', THREE],
  ];
  test.each(edits)('%s', (_, keys, expected) => {
    expect(vi(keys).file).toBe(expected);
  });

  test('says what it did and what it will not do', () => {
    expect(vi('x:q\r:foo\r:wq\r').screen).toContain(
      'E37: No write since last change (add ! to override)',
    );
    expect(vi('x:q\r:foo\r:wq\r').screen).toContain('E492: Not an editor command: foo');
    expect(vi('/nothing\r:q\r').screen).toContain('E486: Pattern not found: nothing');
    expect(vi('i\x1b:q\r').screen).toContain('-- INSERT --');
  });

  test('no keys bring it down, and Esc :q! always leads out', () => {
    const key = fc.constantFrom(
      ...'hjklwbe0$GxXdcyYpPuJroOiaIAvV%<>~.fn;{}123:g/',
      ...'\x1b\r\x7f\t\x12"\'',
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 60 }), (keys) => {
        const { screen } = vi(`${keys.join('')}\x1b\x1b\x1b\x1b:q!\r`);
        expect(screen).not.toContain('not simulated');
      }),
      { numRuns: 40 },
    );
  });

  test("busybox' own speaks its own way", () => {
    const { file, screen } = typeInto('busybox vi', THREE, [...cutKeys('x:q\r:wq\r')]);
    expect(file).toBe('ne two\nthree four\nfive\n');
    expect(screen).toContain('- f [Modified] 1/3 33%');
    expect(screen).toContain('No write since last change (:q! overrides)');
  });
});

describe('nano', () => {
  test('types, cuts, pastes, writes and leaves', () => {
    const { file, screen } = typeInto('nano', THREE, [
      'new ',
      '\x0b',
      '\x1b[B',
      '\x15',
      '\x0f',
      '\r',
      '\x18',
    ]);
    expect(file).toBe('three four\nnew one two\nfive\n');
    expect(screen).toContain('Modified');
    expect(screen).toContain('[ Wrote 3 lines ]');
  });

  test('asks before it leaves with changes', () => {
    const { file, screen } = typeInto('nano', THREE, ['x', '\x18', 'n']);
    expect(file).toBe(THREE);
    expect(screen).toContain('Save modified buffer?');
    expect(typeInto('nano', THREE, ['x', '\x18', 'y', '\r']).file).toBe(`x${THREE}`);
  });

  test('searches and replaces', () => {
    expect(typeInto('nano', THREE, ['\x1c', 'o\r', '0\r', 'a', '\x18', 'y', '\r']).file).toBe(
      '0ne tw0\nthree f0ur\nfive\n',
    );
  });
});
