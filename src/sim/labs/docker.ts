// The lab `docker`: one machine with containerd and dockerd running, the docker command and no image yet. With images
// named for it, those are present and nothing else can be reached.

import type { Simulation } from '../core/simulation.ts';
import { SECOND } from '../core/time.ts';
import type { Link } from '../kernel/network/link.ts';
import { Switch } from '../kernel/network/switch.ts';
import { connectInternet, NAME_SERVER } from '../internet/hosts.ts';
import { cniPrograms, containerPrograms } from '../containers/programs/index.ts';
import { dockerPrograms } from '../docker/programs.ts';
import { debianPackaging } from '../internet/programs/apt/index.ts';
import { imagePrograms } from '../internet/programs/index.ts';
import { languageFamily } from '../userland/languages/index.ts';
import { etcdPrograms } from '../etcd/programs.ts';
import {
  helmPrograms,
  kubectlPrograms,
  minikubePrograms,
  remotePrograms,
} from '../kubernetes/client-programs.ts';
import { controlPlanePrograms, kubernetesPrograms } from '../kubernetes/programs.ts';
import { debianDisk } from './base.ts';
import { imagesLook } from './looks/images.ts';
import type { LabOptions, LabParts } from './lab.ts';
import { createMachine } from './machine.ts';
import { installPackaging } from './packaging.ts';
import { toolFamilies } from './programs.ts';
import { GATEWAY, plugIn, preloadImages } from './container-machine.ts';

const NO_IMAGES: NonNullable<LabOptions['present']> = { names: [], find: () => undefined };

/** The programs of a machine with docker. */
const dockerFamilies = [
  ...toolFamilies,
  containerPrograms,
  cniPrograms,
  dockerPrograms,
  imagePrograms,
  languageFamily,
  debianPackaging,
  kubectlPrograms,
  helmPrograms,
  minikubePrograms,
  remotePrograms,
  etcdPrograms,
  kubernetesPrograms,
  controlPlanePrograms,
];

/** Programs of minikube's nodes, which the machine itself has not. */
const IN_NODES = new Set(
  [etcdPrograms, kubernetesPrograms].flatMap(({ programs }) => programs.map(({ name }) => name)),
);

/** How minikube is to make its nodes here, where root sits. */
const MINIKUBE = { MINIKUBE_FORCE: 'true' };

/** Switches the lab on. */
export function dockerLab(simulation: Simulation, options: LabOptions): LabParts {
  const online = options.present === undefined;
  let nic: Link | undefined;
  const disk = debianDisk({
    hostname: 'lab',
    families: dockerFamilies,
    installed: (name) => !IN_NODES.has(name) && !['sshd', 'systemd'].includes(name),
    services: ['containerd', 'docker'],
    ...(online ? { nameservers: [NAME_SERVER] } : {}),
  });
  installPackaging(disk);
  const { names, find } = options.present ?? NO_IMAGES;
  preloadImages(disk, { moby: names }, find, 'none');
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
    // dockerd was started at boot, and has made its bridge before anybody sits down.
    settleFor: 2 * SECOND,
    ...(online ? { environment: MINIKUBE } : {}),
    looks: { images: () => imagesLook(machine) },
  };
}
