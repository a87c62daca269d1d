// LXC 5.0.2 as Debian has it: system containers of a directory and a configuration.

import type { ProgramFamily } from '../../userland/programs/index.ts';
import { lxcCreate, lxcDestroy } from './create.ts';
import { lxcAttach, lxcInfo, lxcLs } from './look.ts';
import { lxcStart, lxcStop } from './start.ts';

export const lxcFamily: ProgramFamily = {
  name: 'lxc',
  programs: [lxcCreate, lxcStart, lxcStop, lxcDestroy, lxcLs, lxcInfo, lxcAttach],
};
