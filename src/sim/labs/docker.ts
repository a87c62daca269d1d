// The lab `docker`: one machine with containerd and dockerd running, the docker command and no image yet. With images
// named for it, those are present and nothing else can be reached.

import type { Simulation } from '../core/simulation.ts';
import type { Link } from '../kernel/network/link.ts';
import { Switch } from '../kernel/network/switch.ts';
import { connectInternet, NAME_SERVER } from '../internet/hosts.ts';
import { cniPrograms, containerPrograms } from '../containers/programs/index.ts';
import { dockerPrograms } from '../docker/programs.ts';
import { findImage } from '../internet/catalog.ts';
import { localHelloWorld } from '../internet/images/distributions.ts';
import { debianPackaging } from '../internet/programs/apt/index.ts';
import { imagePrograms } from '../internet/programs/index.ts';
import { helmPrograms, kubectlPrograms, minikubePrograms } from '../kubernetes/client-programs.ts';
import { debianDisk } from './base.ts';
import { imagesLook } from './looks/images.ts';
import type { LabOptions, LabParts } from './lab.ts';
import { createMachine } from './machine.ts';
import { installPackaging } from './packaging.ts';
import { toolFamilies } from './programs.ts';
import { GATEWAY, plugIn, preloadImages } from './runtime.ts';

/** An image that is present in a lab without a way out; its hello-world is a small one, built on the spot. */
function presentImage(name: string): ReturnType<typeof findImage> {
  const found = findImage(PRESENT_AS[name] ?? name);
  return found && name === 'hello-world' ? { ...found, image: localHelloWorld } : found;
}

/** The name under which an image that a session calls `debian` was present. */
const PRESENT_AS: Readonly<Record<string, string>> = {
  debian: 'debian:bookworm',
  registry: 'registry:2',
};

/** The programs of a machine with docker. */
const dockerFamilies = [
  ...toolFamilies,
  containerPrograms,
  cniPrograms,
  dockerPrograms,
  imagePrograms,
  debianPackaging,
  kubectlPrograms,
  helmPrograms,
  minikubePrograms,
];

/** Switches the lab on. */
export function dockerLab(simulation: Simulation, options: LabOptions): LabParts {
  const online = options.images === undefined;
  let nic: Link | undefined;
  const disk = debianDisk({
    hostname: 'lab',
    families: dockerFamilies,
    services: ['containerd', 'docker'],
    ...(online ? { nameservers: [NAME_SERVER] } : {}),
  });
  installPackaging(disk);
  preloadImages(disk, { moby: options.images ?? [] }, 'none', presentImage);
  const machine = createMachine(simulation, {
    name: 'lab',
    disk,
    *start(init) {
      init.netlink().setUp(init.network.loopback, true);
      if (nic) plugIn(init, nic);
    },
  });
  if (online) {
    const wire = new Switch(simulation, 'docker');
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
