// Loading a lab in the page: the code of that lab, and of no other, then its switching on.

import { DistantCode } from '../sim/core/code.ts';
import { useDescriptions } from '../sim/kubernetes/api/discovery/descriptions.ts';
import type { LabName } from '../sim/labs/index.ts';
import { type LabMaker, switchingOn } from '../sim/labs/lab.ts';
import type { Lab } from './lab.ts';
import { twice } from './twice.ts';

/** Where each lab's code is; a page loads that of the lab it opens and of no other. */
const MAKERS: Readonly<Record<LabName, () => Promise<LabMaker>>> = {
  docker: async () => (await import('../sim/labs/docker.ts')).dockerLab,
  etcd: async () => (await import('../sim/labs/etcd.ts')).etcdLab,
  kubeadm: async () => (await import('../sim/labs/kubeadm.ts')).kubeadmLab,
  machines: async () => (await import('../sim/labs/machines.ts')).machinesLab,
  lan: async () => (await import('../sim/labs/lan.ts')).lanLab,
  linux: async () => (await import('../sim/labs/linux.ts')).linuxLab,
  minikube: async () => (await import('../sim/labs/minikube.ts')).minikubeLab,
  runtime: async () => (await import('../sim/labs/runtime.ts')).runtimeLab,
};

/** The texts of Kubernetes' fields are fetched when OpenAPI or `kubectl explain` shows them. */
const descriptions = () => import('../sim/kubernetes/api/fields/generated/descriptions.ts');
useDescriptions(new DistantCode('descriptions', descriptions));

/** Loads a lab's code and switches it on. Fails where no lab has that name. */
export async function loadLab(name: string, seed: string): Promise<Lab> {
  if (!Object.hasOwn(MAKERS, name)) throw new Error(`there is no lab ${name}`);
  const maker = await twice(MAKERS[name as LabName]);
  const switching = switchingOn(name, maker, seed);
  for (;;) {
    const step = switching.next();
    if (step.done) return step.value;
    const missing = step.value;
    await twice(() => missing.bring());
  }
}
