// Editors on the whole screen.

import { MILLISECOND } from '../../../core/time.ts';
import type { ProgramFamily } from '../index.ts';
import { nano } from './nano/nano.ts';
import { busyboxVi, vi, view, vim } from './vi/vi.ts';

export const editors: ProgramFamily = {
  name: 'editors',
  startup: MILLISECOND,
  programs: [nano, vi, view, vim],
};

/** BusyBox' own vi, which no machine has under this name. */
export const busyboxEditors: ProgramFamily = {
  name: 'busybox editor',
  elsewhere: true,
  programs: [busyboxVi],
};
