// util-linux 2.38.1 and libcap 2.66: namespaces, mounts, privileges, scheduling, the kernel's log.

import type { ProgramFamily } from '../index.ts';
import { findmnt } from './findmnt.ts';
import { lsblk, lscpu } from './hardware.ts';
import { ipcmk, ipcrm, ipcs } from './ipc.ts';
import { capsh, getcap, getpcaps, setcap } from './libcap.ts';
import { ldd } from './ldd.ts';
import { lsns } from './lsns.ts';
import { mount } from './mount.ts';
import { nsenter } from './nsenter.ts';
import { dmesg, flock, logger, pivotRoot, setsid, switchRoot, whereis } from './roots.ts';
import { chrt, ionice, renice, taskset } from './scheduling.ts';
import { prlimit } from './prlimit.ts';
import { setpriv } from './setpriv.ts';
import { runuser, su } from './su.ts';
import { mountpoint, umount } from './umount.ts';
import { unshare } from './unshare.ts';

export const utilLinux: ProgramFamily = {
  name: 'util-linux and libcap',
  programs: [
    capsh,
    chrt,
    dmesg,
    findmnt,
    flock,
    getcap,
    getpcaps,
    ionice,
    ipcmk,
    ipcrm,
    ipcs,
    ldd,
    logger,
    lsblk,
    lscpu,
    lsns,
    mount,
    mountpoint,
    nsenter,
    pivotRoot,
    prlimit,
    renice,
    runuser,
    setcap,
    setpriv,
    setsid,
    su,
    switchRoot,
    taskset,
    umount,
    unshare,
    whereis,
  ],
};
