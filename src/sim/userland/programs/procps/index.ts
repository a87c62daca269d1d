// procps 4.0.2 and psmisc 23.6: looking at processes and the machine.

import type { ProgramFamily } from '../index.ts';
import { free } from './free.ts';
import { uptime, vmstat, w, watch } from './machine.ts';
import { sysctl } from './sysctl.ts';
import { kill, killall, pidof } from './killing.ts';
import { pgrep, pidwait, pkill } from './pgrep.ts';
import { ps } from './ps.ts';
import { fuser, pstree } from './psmisc.ts';
import { top } from './top.ts';

export const procps: ProgramFamily = {
  name: 'procps and psmisc',
  programs: [
    free,
    fuser,
    kill,
    killall,
    pgrep,
    pidof,
    pidwait,
    pkill,
    ps,
    pstree,
    sysctl,
    top,
    uptime,
    vmstat,
    w,
    watch,
  ],
};
