// The family systemd: systemctl and journalctl. PID 1 itself is userland/systemd.

import type { ProgramFamily } from '../index.ts';
import { journalctl } from './journalctl.ts';
import { systemd } from './init.ts';
import { systemctl } from './systemctl.ts';

export const systemdFamily: ProgramFamily = {
  name: 'systemd',
  programs: [systemctl, journalctl, systemd],
};
