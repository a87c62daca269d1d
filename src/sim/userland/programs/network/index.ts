// Programs that use the network: ping and its like, HTTP clients, name lookups, plain connections.

import { program } from '../../libc/stdio.ts';
import type { ProgramFamily } from '../index.ts';
import { curl } from './curl/curl.ts';
import { dig, host } from './dns-tools.ts';
import { runHttpd } from './httpd.ts';
import { nc, netcat, runNc } from './nc.ts';
import { arp, ifconfig, netstat, route } from './net-tools.ts';
import { nslookup, runNslookup } from './nslookup.ts';
import { ping, runPing } from './ping.ts';
import { tcpdump } from './tcpdump.ts';
import { telnet } from './telnet.ts';
import { traceroute } from './traceroute.ts';
import { runWget, wget } from './wget.ts';

/** Applets whose busybox form differs from Debian's program: busybox runs them by these names. */
const networkApplets = [
  program('busybox-httpd', (main) => runHttpd(main, main.args)),
  program('busybox-nc', (main) => runNc(main, main.args, true)),
  program('busybox-nslookup', (main) => runNslookup(main, main.args, true)),
  program('busybox-ping', (main) => runPing(main, main.args, true)),
  program('busybox-wget', (main) => runWget(main, main.args, true)),
];

export const network: ProgramFamily = {
  name: 'network',
  programs: [
    arp,
    curl,
    dig,
    host,
    ifconfig,
    nc,
    netcat,
    netstat,
    nslookup,
    ping,
    route,
    tcpdump,
    telnet,
    traceroute,
    wget,
    ...networkApplets,
  ],
};
