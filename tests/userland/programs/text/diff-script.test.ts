import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editScript } from '../../../../src/sim/userland/programs/text/diff-script.ts';
import { unifiedDiff } from '../../../../src/sim/userland/programs/text/diff-output.ts';
import { findHunk, parsePatch } from '../../../../src/sim/userland/programs/text/patch-parse.ts';

const lines = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { maxLength: 30 });

/** Length of the longest common subsequence, by the textbook table. */
function common(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    b.forEach((other, j) =>
      next.push(line === other ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0)),
    );
    row = next;
  }
  return row[b.length] ?? 0;
}

describe('editScript', () => {
  test('what it leaves alone is common to both files, and it is as short as can be', () => {
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        let [i, j] = [0, 0];
        let changed = 0;
        for (const { from, to, deleted, inserted } of editScript(a, b)) {
          expect(a.slice(i, from)).toEqual(b.slice(j, to));
          i = from + deleted;
          j = to + inserted;
          changed += deleted + inserted;
        }
        expect(a.slice(i)).toEqual(b.slice(j));
        expect(changed).toBe(a.length + b.length - 2 * common(a, b));
      }),
    );
  });

  test('a repeated block that was inserted is shown at its last copy', () => {
    expect(editScript(['x', 'a', 'b', 'y'], ['x', 'a', 'b', 'a', 'b', 'y'])).toEqual([
      { from: 3, to: 3, deleted: 0, inserted: 2 },
    ]);
  });
});

describe('a unified diff as a patch', () => {
  test('every hunk is found where it belongs and makes the new file', () => {
    fc.assert(
      fc.property(lines, lines, (old, young) => {
        const changes = editScript(old, young);
        fc.pre(changes.length > 0);
        const text = unifiedDiff({ old, young, changes, counts: () => true }, 3);
        const files = parsePatch(`--- a\n+++ b\n${text}`.split(/(?<=\n)/));
        if ('error' in files) throw new Error(files.error);
        const out: string[] = [];
        let done = 0;
        for (const hunk of files[0]?.hunks ?? []) {
          const fit = findHunk(old, hunk, hunk.from - 1, done, 0);
          expect(fit).toEqual({ at: hunk.from - 1, fuzz: 0 });
          out.push(...old.slice(done, hunk.from - 1));
          out.push(
            ...hunk.lines.filter((line) => !line.startsWith('-')).map((line) => line.slice(1)),
          );
          done = hunk.from - 1 + hunk.lines.filter((line) => !line.startsWith('+')).length;
        }
        expect([...out, ...old.slice(done)]).toEqual(young);
      }),
    );
  });
});
