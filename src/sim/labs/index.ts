// The ready-made worlds, by name, for hosts that may load all of them at once (the build, the command line, tests).
// The page loads one: src/worker/load.ts.

import { useDescriptions } from '../kubernetes/api/discovery/descriptions.ts';
import { descriptions } from '../kubernetes/api/fields/generated/descriptions.ts';
import { dockerLab } from './docker.ts';
import { etcdLab } from './etcd.ts';
import { type Lab, type LabMaker, type LabOptions, switchOn } from './lab.ts';
import { lanLab } from './lan.ts';
import { linuxLab } from './linux.ts';
import { kubeadmLab } from './kubeadm.ts';
import { machinesLab } from './machines.ts';
import { minikubeLab } from './minikube.ts';
import { runtimeLab } from './runtime.ts';

export type { ClusterObjects, Lab, LabMaker, LabOptions, LabParts } from './lab.ts';

useDescriptions(descriptions);

/** All labs: each is named here once. */
const LABS = {
  docker: dockerLab,
  etcd: etcdLab,
  lan: lanLab,
  linux: linuxLab,
  kubeadm: kubeadmLab,
  machines: machinesLab,
  minikube: minikubeLab,
  runtime: runtimeLab,
} satisfies Readonly<Record<string, LabMaker>>;

/** The name of a lab. */
export type LabName = keyof typeof LABS;

const makers: ReadonlyMap<string, LabMaker> = new Map(Object.entries(LABS));

/** The names of all labs. */
export function labNames(): readonly string[] {
  return [...makers.keys()];
}

/** Switches a lab on. A name that no lab has is an Error with the names there are. */
export function openLab(name: string, seed: string, options: LabOptions = {}): Lab {
  const maker = makers.get(name);
  if (!maker) throw new Error(`there is no lab ${name}; there are ${labNames().join(', ')}`);
  return switchOn(name, maker, seed, options);
}
