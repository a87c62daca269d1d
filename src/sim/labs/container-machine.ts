// What machines with containerd have in common: plugins of CNI, images that are present, an address on the lab's switch
// with a way out.

import {
  CONTAINERD_ROOT,
  METADATA_DIRECTORY,
  metadataOf,
  namespaceData,
  type PendingImage,
} from '../containers/containerd/metadata.ts';
import type { FindImage } from '../internet/find-image.ts';
import type { Process } from '../kernel/calls/process.ts';
import type { Inode } from '../kernel/files/inode.ts';
import { parseIp, parsePrefix } from '../kernel/network/address.ts';
import type { Link } from '../kernel/network/link.ts';
import { elfStub } from '../kernel/program.ts';
import type { DiskBuilder } from './base.ts';

const CNI_PLUGINS = ['bridge', 'host-local', 'loopback', 'portmap', 'ptp'];

/** Puts the plugins of containernetworking into /opt/cni/bin. */
export function installCniPlugins(
  disk: DiskBuilder,
  plugins: readonly string[] = CNI_PLUGINS,
): void {
  for (const name of plugins) disk.file(`/opt/cni/bin/${name}`, elfStub(`cni-${name}`), 0o755);
}

/** Puts nerdctl on a machine, with the plugins that come with it in a directory of their own. */
export function installNerdctl(disk: DiskBuilder): void {
  disk.file('/usr/local/bin/nerdctl', elfStub('nerdctl'), 0o755);
  for (const name of [...CNI_PLUGINS, 'firewall', 'tuning']) {
    disk.file(`/usr/local/libexec/cni/${name}`, elfStub(`cni-${name}`), 0o755);
  }
  disk.file('/etc/nerdctl/nerdctl.toml', 'cni_path = "/usr/local/libexec/cni"\n');
}

/** Says which images a machine's containerd has already, per namespace. */
export function preloadImages(
  disk: DiskBuilder,
  images: Readonly<Record<string, readonly string[]>>,
  find: FindImage,
  compression: PendingImage['compression'] = 'gzip',
): void {
  const path = `${CONTAINERD_ROOT}/${METADATA_DIRECTORY}`;
  disk.file(`${path}/meta.db`, '', 0o644);
  const file: Inode | undefined = disk.directory(path).lookup('meta.db', undefined);
  if (!file) return;
  const metadata = metadataOf(file);
  for (const [namespace, names] of Object.entries(images)) {
    const data = namespaceData(metadata, namespace);
    for (const name of names) {
      const found = find(name);
      if (!found) throw new Error(`no registry holds ${name}`);
      data.pendingImages.push({
        ...found,
        compression,
        byId: namespace === 'k8s.io',
      });
    }
  }
}

/** The machine's address, and the gateway to the simulated internet. */
const ADDRESS = '192.168.50.10/24';
export const GATEWAY = '192.168.50.1';

/** Gives a machine `eth0` on a switch with a way out. */
export function plugIn(init: Process, nic: Link): void {
  const netlink = init.netlink();
  const prefix = parsePrefix(ADDRESS);
  const via = parseIp(GATEWAY);
  if (!prefix || via === undefined) throw new Error(`${ADDRESS} and ${GATEWAY} are no addresses`);
  netlink.setUp(init.network.loopback, true);
  netlink.setUp(nic, true);
  netlink.addAddress(nic, { prefix });
  netlink.addRoute({ to: { address: 0, length: 0 }, via, link: nic });
}
