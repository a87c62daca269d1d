// The lab `runtime`: one machine with containerd, runc, ctr, crictl and CNI plugins, and no dockerd.

import type { Simulation } from '../core/simulation.ts';
import type { Process } from '../kernel/calls/process.ts';
import { elfStub } from '../kernel/program.ts';
import type { Inode } from '../kernel/files/inode.ts';
import {
  CONTAINERD_ROOT,
  METADATA_DIRECTORY,
  metadataOf,
  namespaceData,
  type PendingImage,
} from '../containers/containerd/metadata.ts';
import { cniPrograms, containerPrograms } from '../containers/programs/index.ts';
import { findImage } from '../internet/catalog.ts';
import { connectInternet, NAME_SERVER } from '../internet/hosts.ts';
import { debianPackaging } from '../internet/programs/apt/index.ts';
import { imagePrograms } from '../internet/programs/index.ts';
import { parseIp, parsePrefix } from '../kernel/network/address.ts';
import type { Link } from '../kernel/network/link.ts';
import { Switch } from '../kernel/network/switch.ts';
import { debianDisk, type DiskBuilder } from './base.ts';
import { imagesLook } from './looks/images.ts';
import type { LabOptions, LabParts } from './lab.ts';
import { createMachine } from './machine.ts';
import { installPackaging } from './packaging.ts';
import { toolFamilies } from './programs.ts';

/** Whose programs a machine with containerd and its containers have. */
export const runtimeFamilies = [
  ...toolFamilies,
  containerPrograms,
  cniPrograms,
  imagePrograms,
  debianPackaging,
];

const CNI_PLUGINS = ['bridge', 'host-local', 'loopback', 'portmap', 'ptp'];

const CNI_CONFIG = `{
  "cniVersion": "1.0.0",
  "name": "containerd-net",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "cni0",
      "isGateway": true,
      "ipMasq": true,
      "promiscMode": true,
      "ipam": {
        "type": "host-local",
        "ranges": [
          [{
            "subnet": "10.88.0.0/16"
          }]
        ],
        "routes": [
          { "dst": "0.0.0.0/0" }
        ]
      }
    },
    {
      "type": "portmap",
      "capabilities": {"portMappings": true}
    }
  ]
}
`;

/** Puts the plugins of containernetworking into /opt/cni/bin. */
export function installCniPlugins(
  disk: DiskBuilder,
  plugins: readonly string[] = CNI_PLUGINS,
): void {
  for (const name of plugins) disk.file(`/opt/cni/bin/${name}`, elfStub(`cni-${name}`), 0o755);
}

/** Says which images a machine's containerd has already, per namespace. */
export function preloadImages(
  disk: DiskBuilder,
  images: Readonly<Record<string, readonly string[]>>,
  compression: PendingImage['compression'] = 'gzip',
  find = findImage,
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

/** Switches the lab on. A session that says which images there are has no network to the outside. */
export function runtimeLab(simulation: Simulation, options: LabOptions): LabParts {
  const online = options.images === undefined;
  const disk = debianDisk({
    hostname: 'lab',
    families: runtimeFamilies,
    services: ['containerd'],
    ...(online ? { nameservers: [NAME_SERVER] } : {}),
  });
  installPackaging(disk);
  installCniPlugins(disk);
  disk.file('/etc/cni/net.d/10-containerd-net.conflist', CNI_CONFIG);
  disk.file(
    '/etc/crictl.yaml',
    'runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: unix:///run/containerd/containerd.sock\n',
  );
  preloadImages(disk, {
    default: ['busybox', 'nginx', 'debian:12'],
    'k8s.io': ['busybox', 'nginx', 'registry.k8s.io/pause:3.10.2'],
  });
  let nic: Link | undefined;
  const machine = createMachine(simulation, {
    name: 'lab',
    disk,
    *start(init) {
      init.netlink().setUp(init.network.loopback, true);
      if (nic) plugIn(init, nic);
    },
  });
  if (online) {
    const wire = new Switch(simulation, 'runtime');
    nic = wire.attach(machine.kernel.first.net, 'eth0');
    connectInternet(simulation, wire, `${GATEWAY}/24`, machine.kernel.programs);
  }
  return {
    machines: [machine],
    shell: machine,
    directory: '/root',
    looks: { images: () => imagesLook(machine) },
  };
}
