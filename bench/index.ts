// `npm run bench [-- NAME…]`: every budget of the design that time decides, with what was measured.

import { fleetBench } from './fleet.ts';
import { kernelBench } from './kernel.ts';
import { labBench } from './labs.ts';
import { type Bench, print } from './report.ts';

/** All benches by the name that selects them. */
const BENCHES: Readonly<Record<string, Bench>> = {
  kernel: kernelBench,
  labs: labBench,
  fleet: fleetBench,
};

const wanted = process.argv.slice(2);
let missed = 0;
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  missed += print(bench.title, await bench.run());
}
console.log(missed === 0 ? '\nEvery budget was kept.' : `\n${missed} budgets were not kept.`);
