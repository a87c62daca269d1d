// Reading the fences of a note.

import { describe, expect, it } from 'vitest';
import {
  expectedExit,
  fileCommand,
  noteSteps,
  parseCommands,
  parseDuration,
  parseMeta,
  stepsBefore,
} from '../../src/worker/block.ts';

const fence = (meta: string, ...lines: string[]) =>
  [`\`\`\`${meta}`, ...lines, '```', ''].join('\n');

describe('parseMeta', () => {
  it('reads flags, bare values and quoted ones', () => {
    const meta = parseMeta(`run exit=1 until='1m 30s' lab="etcd"`);
    expect([...meta]).toEqual([
      ['run', ''],
      ['exit', '1'],
      ['until', '1m 30s'],
      ['lab', 'etcd'],
    ]);
  });
  it('refuses a word that it does not know', () => {
    expect(() => parseMeta('run exits=1')).toThrow('exits');
  });
});

describe('parseCommands', () => {
  it('joins continuations and keeps what is typed into the program', () => {
    expect(parseCommands('$ cat <<E\n> a\n> E\n$ docker login\n< me\n< ^C')).toEqual([
      { text: 'cat <<E\na\nE', typed: [] },
      { text: 'docker login', typed: ['me', '^C'] },
    ]);
  });
  it('refuses output written by hand', () => {
    expect(() => parseCommands('$ echo a\na')).toThrow('a line that is not typed: a');
  });
});

describe('parseDuration', () => {
  it('adds the parts up in nanoseconds', () => {
    expect(parseDuration('1m30s')).toBe(90e9);
    expect(parseDuration('250ms')).toBe(250e6);
  });
  it('refuses anything else', () => {
    expect(() => parseDuration('soon')).toThrow('soon');
  });
});

describe('fileCommand', () => {
  it('chooses an end that the text does not hold', () => {
    expect(fileCommand('a.txt', 'x\nEND').text).toBe("cat > a.txt <<'END_'\nx\nEND\nEND_");
  });
  it('makes the folder and quotes odd names', () => {
    expect(fileCommand("my dir/it's", 'x').text).toMatch(
      /^mkdir -p 'my dir' && cat > 'my dir\/it'\\''s' /,
    );
  });
});

describe('noteSteps', () => {
  const note = [
    fence('console run', '$ a'),
    fence('yaml file=f.yaml', 'x: 1'),
    fence('console', '$ not run'),
    fence('console run lab=etcd', '$ b'),
    fence('console run', '$ c'),
    fence('console run fresh id=anew exit=2', '$ d', '$ e'),
  ].join('\n');
  const steps = noteSteps(note, 'linux');

  it('numbers what runs and names what does not by its file', () => {
    expect(steps.map((step) => step.id)).toEqual([
      'run-1',
      'file-f-yaml',
      'run-2',
      'run-3',
      'anew',
    ]);
  });
  it('knows what a step needs before it: its own lab, since it was fresh', () => {
    const needed = (id: string) => {
      const step = steps.find((other) => other.id === id);
      return step ? stepsBefore(steps, step).map((other) => other.id) : undefined;
    };
    expect(needed('run-3')).toEqual(['run-1', 'file-f-yaml']);
    expect(needed('run-2')).toEqual([]);
    expect(needed('anew')).toEqual([]);
  });
  it('takes one expected status for the last command', () => {
    const step = steps.at(-1);
    expect(step && [0, 1].map((i) => expectedExit(step, i))).toEqual([0, 2]);
  });
  it('names the line of what is wrong', () => {
    expect(() => noteSteps(`text\n\n${fence('console run', 'oops')}`, 'linux')).toThrow('line 3');
    expect(() => noteSteps(fence('console run', '$ a') + fence('console run', '$ a'), 'l')).toThrow(
      'the same fence',
    );
  });
});
