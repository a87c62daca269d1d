// `npm run bench [-- NAME…] [--whole-fleet]`: every budget of the design that time and size decide, with what was
// measured.

import { fleetBench } from './fleet.ts';
import { kernelBench } from './kernel.ts';
import { labBench } from './labs.ts';
import { type Bench, print } from './report.ts';
import { siteBench } from './site.ts';
import { storeBench } from './stores.ts';

/** All benches by the name that selects them. */
const BENCHES: Readonly<Record<string, Bench>> = {
  kernel: kernelBench,
  labs: labBench,
  stores: storeBench,
  fleet: fleetBench,
  site: siteBench,
};

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
let missed = 0;
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  missed += print(bench.title, await bench.run());
}
console.log(missed === 0 ? '\nEvery budget was kept.' : `\n${missed} budgets were not kept.`);
