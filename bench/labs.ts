// Switching on each lab, and ten idle minutes of the largest.

import { MINUTE } from '../src/sim/core/time.ts';
import { labNames, openLab } from '../src/sim/labs/index.ts';
import { type Bench, cpuMilliseconds, type Figure, median } from './report.ts';

/** Milliseconds of processor time that DESIGN allows for switching a lab on. */
const BUDGETS: Readonly<Record<string, number>> = {
  linux: 5,
  docker: 15,
  minikube: 120,
  kubeadm: 250,
};
const IDLE_BUDGET = 150;

export const labBench: Bench = {
  title: 'Labs',
  run() {
    const figures: Figure[] = [];
    for (const name of labNames()) {
      openLab(name, 'warm');
      const value = median(5, () => cpuMilliseconds(() => openLab(name, 'bench')));
      const budget = BUDGETS[name];
      figures.push({
        name: `switch on ${name}`,
        value,
        unit: 'ms',
        ...(budget === undefined ? {} : { budget }),
      });
    }
    if (labNames().includes('kubeadm')) {
      const lab = openLab('kubeadm', 'idle');
      const idle = (minutes: number): void => {
        lab.simulation.advance({ until: lab.simulation.now + minutes * MINUTE, budget: 1e9 });
      };
      // As above: what is met for the first time is left out, and the median of several is told.
      idle(10);
      figures.push({
        name: 'ten idle minutes of kubeadm',
        value: median(5, () => cpuMilliseconds(() => idle(10))),
        unit: 'ms',
        budget: IDLE_BUDGET,
      });
    }
    return figures;
  },
};
