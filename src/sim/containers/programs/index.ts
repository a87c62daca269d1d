// The programs of this floor.

import { MILLISECOND } from '../../core/time.ts';
import type { ProgramFamily } from '../../userland/programs/index.ts';
import { firewall, tuning } from '../cni/firewall.ts';
import { hostLocal } from '../cni/host-local.ts';
import { bridge, loopback, ptp } from '../cni/plugins.ts';
import { portmap } from '../cni/portmap.ts';
import { nerdctl } from '../nerdctl/index.ts';
import { containerd } from './containerd.ts';
import { containerdShim } from './containerd-shim.ts';
import { crictl } from './crictl/index.ts';
import { ctr } from './ctr/index.ts';
import { runc } from './runc.ts';
import { skopeo } from './skopeo.ts';
import { umoci } from './umoci.ts';

export const containerPrograms: ProgramFamily = {
  name: 'containers',
  startup: 14 * MILLISECOND,
  programs: [runc, containerd, containerdShim, ctr, crictl, skopeo, umoci],
};

/** nerdctl, which only machines have that it was put on. */
export const nerdctlPrograms: ProgramFamily = {
  name: 'nerdctl',
  startup: 30 * MILLISECOND,
  elsewhere: true,
  programs: [nerdctl],
};

/** The plugins of /opt/cni/bin, under names that do not meet those of other programs. */
export const cniPrograms: ProgramFamily = {
  name: 'CNI plugins',
  startup: 6 * MILLISECOND,
  elsewhere: true,
  programs: [bridge, firewall, hostLocal, loopback, portmap, ptp, tuning],
};
