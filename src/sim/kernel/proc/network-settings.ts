// /proc/sys/net: what each network namespace is told (sysctl net.*). The reader's own namespace answers.

import { EINVAL, EPERM, type Errno } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { NetworkNamespace, NetworkSettings } from '../network/namespace.ts';
import { CAP_NET_ADMIN, capableIn } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import type { Setting } from './sysctl.ts';

type Flag = {
  [K in keyof NetworkSettings]: NetworkSettings[K] extends boolean ? K : never;
}[keyof NetworkSettings];
type Count = {
  [K in keyof NetworkSettings]: NetworkSettings[K] extends number ? K : never;
}[keyof NetworkSettings];

/** A setting of the reader's network namespace; writing takes CAP_NET_ADMIN towards it. */
function setting(
  path: string,
  read: (network: NetworkNamespace) => string,
  write: (network: NetworkNamespace, word: string) => Errno | undefined,
): Setting {
  return {
    path,
    read: (task: Task) => `${read(task.namespaces.net)}\n`,
    write: (text, task) => {
      const network = task.namespaces.net;
      if (!capableIn(task, network.owner, CAP_NET_ADMIN)) return EPERM;
      return write(network, text.trim());
    },
  };
}

function flag(path: string, field: Flag): Setting {
  return setting(
    path,
    ({ settings }) => (settings[field] ? '1' : '0'),
    ({ settings }, word) => {
      if (!/^\d+$/.test(word)) return EINVAL;
      settings[field] = word !== '0';
      return undefined;
    },
  );
}

function count(path: string, field: Count): Setting {
  return setting(
    path,
    ({ settings }) => String(settings[field]),
    ({ settings }, word) => {
      if (!/^\d+$/.test(word)) return EINVAL;
      settings[field] = Number(word);
      return undefined;
    },
  );
}

function range(path: string, field: 'portRange' | 'pingGroups'): Setting {
  return setting(
    path,
    ({ settings }) => settings[field].join('\t'),
    ({ settings }, word) => {
      const [from, to] = word.split(/\s+/).map(Number);
      if (from === undefined || to === undefined || !(from <= to)) return EINVAL;
      settings[field] = [from, to];
      return undefined;
    },
  );
}

/** Kept as written, without effect: path and what it is at first. */
const KEPT: readonly (readonly [string, string])[] = [
  ['net/core/rmem_max', '212992'],
  ['net/core/wmem_max', '212992'],
  ['net/core/rmem_default', '212992'],
  ['net/core/wmem_default', '212992'],
  ['net/core/netdev_max_backlog', '1000'],
  ['net/core/default_qdisc', 'fq_codel'],
  ['net/ipv4/ip_default_ttl', '64'],
  ['net/ipv4/tcp_syncookies', '1'],
  ['net/ipv4/tcp_fin_timeout', '60'],
  ['net/ipv4/tcp_keepalive_time', '7200'],
  ['net/ipv4/tcp_keepalive_intvl', '75'],
  ['net/ipv4/tcp_keepalive_probes', '9'],
  ['net/ipv4/tcp_tw_reuse', '2'],
  ['net/ipv4/tcp_max_syn_backlog', '512'],
  ['net/ipv4/tcp_congestion_control', 'cubic'],
  ['net/ipv4/tcp_retries2', '15'],
  ['net/ipv4/tcp_rmem', '4096\t131072\t6291456'],
  ['net/ipv4/tcp_wmem', '4096\t16384\t4194304'],
  ['net/ipv4/tcp_mtu_probing', '0'],
  ['net/ipv4/icmp_echo_ignore_broadcasts', '1'],
  ['net/ipv4/neigh/default/gc_thresh1', '128'],
  ['net/ipv4/neigh/default/gc_thresh2', '512'],
  ['net/ipv4/neigh/default/gc_thresh3', '1024'],
  ['net/ipv6/conf/all/forwarding', '0'],
  ['net/ipv6/conf/default/disable_ipv6', '0'],
  ['net/ipv6/conf/default/forwarding', '0'],
  ['net/ipv6/bindv6only', '0'],
  ['net/netfilter/nf_conntrack_max', '65536'],
  ['net/netfilter/nf_conntrack_tcp_timeout_established', '432000'],
  ['net/bridge/bridge-nf-call-ip6tables', '1'],
  ['net/bridge/bridge-nf-call-arptables', '1'],
  ['net/unix/max_dgram_qlen', '512'],
  ...['all', 'default', 'lo', 'eth0'].flatMap((link): [string, string][] => [
    [`net/ipv4/conf/${link}/rp_filter`, '0'],
    [`net/ipv4/conf/${link}/accept_redirects`, '1'],
    [`net/ipv4/conf/${link}/send_redirects`, '1'],
    [`net/ipv4/conf/${link}/proxy_arp`, '0'],
    [`net/ipv4/conf/${link}/accept_source_route`, '0'],
    [`net/ipv4/conf/${link}/arp_announce`, '0'],
    [`net/ipv4/conf/${link}/arp_ignore`, '0'],
    [`net/ipv4/conf/${link}/log_martians`, '0'],
    [`net/ipv4/conf/${link}/promote_secondaries`, '0'],
  ]),
];

function kept([path, initial]: readonly [string, string]): Setting {
  return setting(
    path,
    ({ settings }) => settings.other.get(path) ?? initial,
    ({ settings }, word) => {
      settings.other.set(path, word);
      return undefined;
    },
  );
}

const all: readonly Setting[] = [
  flag('net/ipv4/ip_forward', 'forwarding'),
  flag('net/ipv4/conf/all/forwarding', 'forwarding'),
  flag('net/ipv4/conf/all/route_localnet', 'routeLocalnet'),
  flag('net/bridge/bridge-nf-call-iptables', 'bridgeNetfilter'),
  flag('net/ipv4/icmp_echo_ignore_all', 'ignoreEcho'),
  flag('net/ipv6/conf/all/disable_ipv6', 'disableIp6'),
  flag('net/ipv4/ip_nonlocal_bind', 'nonlocalBind'),
  count('net/ipv4/ip_unprivileged_port_start', 'unprivilegedPort'),
  count('net/core/somaxconn', 'maxConnections'),
  count('net/ipv4/tcp_syn_retries', 'synRetries'),
  range('net/ipv4/ip_local_port_range', 'portRange'),
  range('net/ipv4/ping_group_range', 'pingGroups'),
  ...KEPT.map(kept),
];

/** The settings below /proc/sys/net. */
export function networkSettings(_kernel: Kernel): readonly Setting[] {
  return all;
}
