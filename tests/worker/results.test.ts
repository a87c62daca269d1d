// The results that the build makes, and how it tells of an example that fails.

import { describe, expect, it } from 'vitest';
import { noteSteps } from '../../src/worker/block.ts';
import { runSteps } from '../../src/worker/results.ts';
import { openLab } from '../browser/fixtures/labs.ts';

const results = (meta: string, ...lines: string[]) => {
  const note = ['', `\`\`\`console run ${meta}`, ...lines, '```'].join('\n');
  return runSteps(noteSteps(note, 'linux'), (name) => openLab(name, 'test'));
};

describe('runSteps', () => {
  it('keeps what each command printed and returned', () => {
    const { steps, failures } = results('', '$ echo a', '$ seq 2');
    expect(failures).toEqual([]);
    expect(steps[0]?.commands.map(({ output, status }) => [output, status])).toEqual([
      ['a\n', 0],
      ['1\n2\n', 0],
    ]);
  });
  it('names line, block, command and output of one that fails', () => {
    const { failures } = results('', '$ true', '$ nosuch');
    expect(failures).toHaveLength(1);
    expect(failures[0]).toContain('line 2, run-1: exit 127, not 0');
    expect(failures[0]).toContain('$ nosuch');
    expect(failures[0]).toContain('nosuch: command not found');
  });
  it('takes a failure that was expected for none, and one that did not come for one', () => {
    expect(results('exit=127', '$ nosuch').failures).toEqual([]);
    expect(results('exit=1', '$ true').failures).toHaveLength(1);
  });
  it('lets a command that is still running at the end of a step be interrupted', () => {
    expect(results("until='30s'", '$ sleep 1000').failures).toEqual([]);
  });
  it('says that a command did not end', () => {
    expect(results('', '$ sleep 100000').failures[0]).toContain('did not end');
  });
  it('loses the steps of a lab that cannot be switched on, and no others', () => {
    const note = [
      '```console run lab=nowhere',
      '$ true',
      '```',
      '```console run',
      '$ echo b',
      '```',
    ];
    const { steps, failures } = runSteps(noteSteps(note.join('\n'), 'linux'), (name) => {
      if (name === 'nowhere') throw new Error('there is no lab nowhere');
      return openLab(name, 'test');
    });
    expect(failures).toHaveLength(1);
    expect(steps.map((step) => step.id)).toEqual(['run-2']);
  });
});
