// The lab `linux`: one machine called lab, root at a shell, ana beside it.

import type { Simulation } from '../core/simulation.ts';
import { debianDisk } from './base.ts';
import type { LabParts } from './index.ts';
import { createMachine } from './machine.ts';

/** Switches the lab on. */
export function linuxLab(simulation: Simulation): LabParts {
  const disk = debianDisk({ hostname: 'lab' });
  const machine = createMachine(simulation, { name: 'lab', disk });
  return { machines: [machine], shell: machine, directory: '/root/lab' };
}
