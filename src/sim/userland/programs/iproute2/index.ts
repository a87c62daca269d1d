// The programs of iproute2 6.1.

import type { ProgramFamily } from '../index.ts';
import { bridge } from './bridge.ts';
import { busyboxIp, ip } from './ip.ts';
import { ss } from './ss.ts';

export const iproute2: ProgramFamily = { name: 'iproute2', programs: [bridge, busyboxIp, ip, ss] };
