// /sys/class/net: a directory per link of the network namespace that the mount belongs to.

import { EINVAL } from '../errno.ts';
import type { Link } from '../network/link.ts';
import type { NetworkNamespace } from '../network/namespace.ts';
import type { TreeDirectory, TreeEntry, TreeFile } from '../proc/tree.ts';

type LinkText = (link: Link) => string | undefined;

/** ARPHRD types. */
const TYPES: Readonly<Record<string, number>> = { loopback: 772 };

const LINK_FILES: Readonly<Record<string, LinkText>> = {
  address: (link) => link.mac,
  addr_len: () => '6',
  broadcast: () => 'ff:ff:ff:ff:ff:ff',
  carrier: (link) => (link.up ? '1' : undefined),
  flags: (link) =>
    `0x${((link.up ? 1 : 0) | (link.kind === 'loopback' ? 8 : 0x1002)).toString(16)}`,
  ifindex: (link) => String(link.index),
  iflink: (link) => String(link.index),
  mtu: (link) => String(link.mtu),
  operstate: (link) => link.operState.toLowerCase(),
  tx_queue_len: () => '1000',
  type: (link) => String(TYPES[link.kind] ?? 1),
};

const COUNTERS: Readonly<Record<string, (link: Link) => number>> = {
  rx_bytes: (link) => link.received.bytes,
  rx_packets: (link) => link.received.packets,
  rx_dropped: (link) => link.received.dropped,
  rx_errors: () => 0,
  tx_bytes: (link) => link.sent.bytes,
  tx_packets: (link) => link.sent.packets,
  tx_dropped: (link) => link.sent.dropped,
  tx_errors: () => 0,
};

const directories = new WeakMap<Link, TreeDirectory>();

function linkDirectory(link: Link): TreeDirectory {
  const old = directories.get(link);
  if (old) return old;
  const entries = new Map<string, TreeEntry>();
  for (const [name, read] of Object.entries(LINK_FILES)) {
    entries.set(
      name,
      file(() => read(link) ?? undefined),
    );
  }
  const counters = new Map<string, TreeEntry>();
  for (const [name, read] of Object.entries(COUNTERS))
    counters.set(
      name,
      file(() => String(read(link))),
    );
  entries.set('statistics', { kind: 'directory', mode: 0o755, entries: () => counters });
  if (link.kind === 'bridge')
    entries.set('bridge', { kind: 'directory', mode: 0o755, entries: () => new Map() });
  const directory: TreeDirectory = { kind: 'directory', mode: 0o755, entries: () => entries };
  directories.set(link, directory);
  return directory;
}

function file(read: () => string | undefined): TreeFile {
  return {
    kind: 'file',
    mode: 0o444,
    read: () => {
      const text = read();
      return text === undefined ? EINVAL : `${text}\n`;
    },
  };
}

/** The class directory of a namespace; empty once the namespace is gone. */
export function networkClass(network: NetworkNamespace): TreeDirectory {
  return {
    kind: 'directory',
    mode: 0o755,
    entries: () => new Map(network.linksByIndex.map((link) => [link.name, linkDirectory(link)])),
  };
}
