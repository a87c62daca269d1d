// The lab `runtime`: one machine with containerd, runc, ctr, crictl and CNI plugins, and no dockerd.

import type { Simulation } from '../core/simulation.ts';
import { SECOND } from '../core/time.ts';
import { cniPrograms, containerPrograms, nerdctlPrograms } from '../containers/programs/index.ts';
import { connectInternet, NAME_SERVER } from '../internet/hosts.ts';
import { findLocalImage } from '../internet/local-images.ts';
import { debianPackaging } from '../internet/programs/apt/index.ts';
import { imagePrograms } from '../internet/programs/index.ts';
import { languageFamily } from '../userland/languages/index.ts';
import type { Link } from '../kernel/network/link.ts';
import { Switch } from '../kernel/network/switch.ts';
import { debianDisk } from './base.ts';
import {
  GATEWAY,
  installCniPlugins,
  installNerdctl,
  plugIn,
  preloadImages,
} from './container-machine.ts';
import { imagesLook } from './looks/images.ts';
import type { LabOptions, LabParts } from './lab.ts';
import { createMachine } from './machine.ts';
import { installPackaging } from './packaging.ts';
import { toolFamilies } from './programs.ts';

/** Whose programs a machine with containerd and its containers have. */
export const runtimeFamilies = [
  ...toolFamilies,
  containerPrograms,
  nerdctlPrograms,
  cniPrograms,
  imagePrograms,
  languageFamily,
  debianPackaging,
];

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

/** Switches the lab on. A session that says which images there are has no network to the outside. */
export function runtimeLab(simulation: Simulation, options: LabOptions): LabParts {
  const online = options.present === undefined;
  const disk = debianDisk({
    hostname: 'lab',
    families: runtimeFamilies,
    services: ['containerd'],
    ...(online ? { nameservers: [NAME_SERVER] } : {}),
  });
  installPackaging(disk);
  installCniPlugins(disk);
  installNerdctl(disk);
  disk.file('/etc/cni/net.d/10-containerd-net.conflist', CNI_CONFIG);
  disk.file(
    '/etc/crictl.yaml',
    'runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: unix:///run/containerd/containerd.sock\n',
  );
  const present = {
    default: ['busybox', 'nginx', 'debian:12'],
    'k8s.io': ['busybox', 'nginx', 'registry.k8s.io/pause:3.10.2'],
  };
  preloadImages(disk, present, findLocalImage);
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
    // containerd was started at boot, and is there before anybody sits down.
    settleFor: 2 * SECOND,
    looks: { images: () => imagesLook(machine) },
  };
}
