// The lab `linux`: one machine called lab, root at a shell, ana beside it.

import type { Simulation } from '../core/simulation.ts';
import { elfStub } from '../kernel/program.ts';
import { PLACEHOLDER } from '../userland/libc/stdio.ts';
import { lxcFamily } from '../containers/lxc/index.ts';
import { debianDisk, programPath } from './base.ts';
import type { LabParts } from './lab.ts';
import { createMachine } from './machine.ts';
import { linuxFamilies } from './programs.ts';

/** Debian's package managers have nothing to ask here: the machine has no network beyond itself. */
const PACKAGING = ['apt', 'apt-cache', 'apt-get', 'apt-mark', 'dpkg', 'dpkg-query'];

/** Containers have a network of their own with nothing in it: nobody has set up a bridge for them. */
const LXC_NETWORK = 'lxc.net.0.type = empty\n';

/** Switches the lab on. */
export function linuxLab(simulation: Simulation): LabParts {
  const disk = debianDisk({ hostname: 'lab', families: [...linuxFamilies, lxcFamily] });
  disk.directory('/etc/lxc', 0o755);
  disk.file('/etc/lxc/default.conf', LXC_NETWORK);
  for (const name of PACKAGING) disk.file(programPath(name), elfStub(PLACEHOLDER), 0o755);
  const machine = createMachine(simulation, { name: 'lab', disk });
  return { machines: [machine], shell: machine, directory: '/root/lab' };
}
