// The lab `linux`: one machine called lab, root at a shell, ana beside it.

import type { Simulation } from '../core/simulation.ts';
import { debianDisk } from './base.ts';
import type { LabParts } from './lab.ts';
import { createMachine } from './machine.ts';
import { linuxFamilies } from './programs.ts';

/** Switches the lab on. */
export function linuxLab(simulation: Simulation): LabParts {
  const disk = debianDisk({ hostname: 'lab', families: linuxFamilies });
  const machine = createMachine(simulation, { name: 'lab', disk });
  return { machines: [machine], shell: machine, directory: '/root/lab' };
}
