// The firewall's programs: iptables 1.8.9 and its like, conntrack, ipset.

import type { ProgramFamily } from '../index.ts';
import { conntrack } from './conntrack.ts';
import { ipset } from './ipset.ts';
import { ip6tables, iptables } from './iptables.ts';
import { saveAndRestore } from './save-restore.ts';

export const firewall: ProgramFamily = {
  name: 'iptables',
  programs: [iptables, ip6tables, ...saveAndRestore, conntrack, ipset],
};
