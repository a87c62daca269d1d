// node in a container against what Node 20.20 printed for the same programs (tests/userland/languages/node).

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Lab, openLab } from '../../../src/sim/labs/index.ts';

const FOLDER = join(import.meta.dirname, 'node');

function run(lab: Lab, script: string): string {
  lab.session.start(script);
  lab.simulation.advance({ budget: 400_000_000, done: () => !lab.session.running });
  return lab.session.takeOutput();
}

const programs = readdirSync(FOLDER).filter((name) => name.endsWith('.js'));

test.each(programs)('%s', (name) => {
  const lab = openLab('docker', 'node');
  const source = readFileSync(join(FOLDER, name), 'utf8');
  run(lab, `docker pull -q node:20-alpine; mkdir w; cat > w/${name} <<'END'\n${source}END\n`);
  const output = run(lab, `docker run --rm -v $PWD/w:/w -w /w node:20-alpine node ${name}`);
  expect(output).toBe(readFileSync(join(FOLDER, name.replace('.js', '.txt')), 'utf8'));
  lab.close();
});
