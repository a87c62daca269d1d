// The lab `linux`: one machine called lab, root at a shell, ana beside it.

import type { Simulation } from '../core/simulation.ts';
import { elfStub } from '../kernel/program.ts';
import { PLACEHOLDER } from '../userland/libc/stdio.ts';
import { debianDisk, programPath } from './base.ts';
import type { LabParts } from './lab.ts';
import { createMachine } from './machine.ts';
import { linuxFamilies } from './programs.ts';

/** Debian's package managers have nothing to ask here: the machine has no network beyond itself. */
const PACKAGING = ['apt', 'apt-cache', 'apt-get', 'apt-mark', 'dpkg', 'dpkg-query'];

/** Switches the lab on. */
export function linuxLab(simulation: Simulation): LabParts {
  const disk = debianDisk({ hostname: 'lab', families: linuxFamilies });
  for (const name of PACKAGING) disk.file(programPath(name), elfStub(PLACEHOLDER), 0o755);
  const machine = createMachine(simulation, { name: 'lab', disk });
  return { machines: [machine], shell: machine, directory: '/root/lab' };
}
