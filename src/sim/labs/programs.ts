// The programs of every machine, by family: what a Debian system has. A lab that has more (etcd's, containerd's)
// adds their families in its own file, so that a page loads only the code of the lab it opens.

import { busyboxFamily } from '../userland/programs/busybox/index.ts';
import { busyboxEditors, editors } from '../userland/programs/editors/index.ts';
import { coreutils } from '../userland/programs/coreutils/index.ts';
import { firewall } from '../userland/programs/iptables/index.ts';
import type { ProgramFamily } from '../userland/programs/index.ts';
import { gitFamily } from '../userland/programs/git/index.ts';
import { iproute2 } from '../userland/programs/iproute2/index.ts';
import { pythonFamily } from '../userland/languages/index.ts';
import { network } from '../userland/programs/network/index.ts';
import { opensslFamily } from '../userland/programs/openssl/index.ts';
import { procps } from '../userland/programs/procps/index.ts';
import { shadow } from '../userland/programs/shadow/index.ts';
import { jqFamily, text } from '../userland/programs/text/index.ts';
import { utilLinux } from '../userland/programs/util-linux/index.ts';
import { systemdFamily } from '../userland/programs/systemd/index.ts';
import { shells } from '../userland/shell/index.ts';
import { placeholders } from './placeholders.ts';

/** The families of the lab `linux`. */
export const linuxFamilies: readonly ProgramFamily[] = [
  busyboxFamily,
  coreutils,
  text,
  editors,
  busyboxEditors,
  procps,
  shadow,
  utilLinux,
  iproute2,
  firewall,
  network,
  gitFamily,
  pythonFamily,
  shells,
  systemdFamily,
  placeholders,
];

/** The same with packages that people who work with containers install: what all other labs start from. */
export const toolFamilies: readonly ProgramFamily[] = [...linuxFamilies, jqFamily, opensslFamily];
