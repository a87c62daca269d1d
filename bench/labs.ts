// Switching on each lab, and ten idle minutes of the largest.

import { MINUTE } from '../src/sim/core/time.ts';
import { labNames, openLab } from '../src/sim/labs/index.ts';
import { type Bench, type Figure, median, settledCost } from './report.ts';

/** Milliseconds of processor time that DESIGN allows for switching a lab on. */
const BUDGETS: Readonly<Record<string, number>> = {
  linux: 5,
  docker: 15,
  minikube: 120,
  kubeadm: 250,
};
const IDLE_BUDGET = 150;
/** How often a lab is switched on; those without a budget fewer times. */
const ROUNDS = { warm: 14, measured: 9 };
const FEW_ROUNDS = { warm: 3, measured: 3 };

/** What `body` costs the thread that it runs on; beside it what the first time cost, and what the engine's own threads add. */
function figureOf(name: string, body: () => void, budget: number | undefined): Figure {
  const cost = settledCost(budget === undefined ? FEW_ROUNDS : ROUNDS, body);
  const [first, whole] = [cost.first.toFixed(0), median(cost.whole).toFixed(0)];
  return {
    name,
    value: median(cost.thread),
    unit: 'ms',
    ...(budget === undefined ? {} : { budget }),
    beside: `with the engine's compiling and collecting threads ${whole}; the first time ${first}`,
  };
}

export const labBench: Bench = {
  title: 'Labs (settled: after repetitions that let the engine compile)',
  run() {
    // Idle minutes first: code that other labs have bent to their shapes costs a cluster alone nothing.
    const figures = labNames().includes('kubeadm') ? [idleMinutes()] : [];
    for (const name of labNames())
      figures.push(figureOf(`switch on ${name}`, () => openLab(name, 'bench'), BUDGETS[name]));
    return figures;
  },
};

function idleMinutes(): Figure {
  const lab = openLab('kubeadm', 'idle');
  const idle = (): void => {
    lab.simulation.advance({ until: lab.simulation.now + 10 * MINUTE, budget: 1e9 });
  };
  return figureOf('ten idle minutes of kubeadm', idle, IDLE_BUDGET);
}
