// A step under way: in whatever slices its host lets time go by, it does the same.

import { expect, test } from 'vitest';
import { openLab } from '../../src/sim/labs/index.ts';
import { noteSteps } from '../../src/worker/block.ts';
import { Execution } from '../../src/worker/execution.ts';

const NOTE = `
\`\`\`console run
$ docker run -it ubuntu bash
< id -un; sleep 3; hostname
< date +%T.%N
< exit
$ docker ps -a; date +%T.%N
\`\`\`
\`\`\`console run until='20s'
$ sleep 1000
\`\`\`
`;

function run(slice: number): string {
  const lab = openLab('docker', 'slices');
  let printed = '';
  for (const step of noteSteps(NOTE, 'docker')) {
    const execution = new Execution(lab, step, {
      output: (_, text) => {
        printed += text;
      },
      status: (_, status) => {
        printed += `[${status}]\n`;
      },
      terminal: () => undefined,
    });
    const until = lab.simulation.now + 3600e9;
    while (!execution.ended) execution.advance(until, slice);
  }
  return `${printed}${lab.simulation.now}`;
}

test.each([50_000, 1000, 100, 7])('slices of %d turns make no difference', (slice) => {
  expect(run(slice)).toBe(run(10_000_000));
});
