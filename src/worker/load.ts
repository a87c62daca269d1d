// Loading a lab in the page: the code of that lab, and of no other, then its switching on.

import { DistantCode } from '../sim/core/code.ts';
import type { LabName } from '../sim/labs/index.ts';
import type { LabMaker } from '../sim/labs/lab.ts';
import { fetchAhead } from './ahead.ts';
import type { Lab } from './lab.ts';

/** Where each lab's code is; a page loads that of the lab it opens and of no other. */
const MAKERS: Readonly<Record<LabName, () => Promise<LabMaker>>> = {
  docker: async () => (await import('../sim/labs/docker.ts')).dockerLab,
  etcd: async () => (await import('../sim/labs/etcd.ts')).etcdLab,
  kubeadm: async () => {
    const [{ kubeadmLab }] = await Promise.all([
      import('../sim/labs/kubeadm.ts'),
      nameDescriptions(),
    ]);
    return kubeadmLab;
  },
  machines: async () => {
    const [{ machinesLab }] = await Promise.all([
      import('../sim/labs/machines.ts'),
      nameDescriptions(),
    ]);
    return machinesLab;
  },
  lan: async () => (await import('../sim/labs/lan.ts')).lanLab,
  linux: async () => (await import('../sim/labs/linux.ts')).linuxLab,
  minikube: async () => {
    const [{ minikubeLab }] = await Promise.all([
      import('../sim/labs/minikube.ts'),
      nameDescriptions(),
    ]);
    return minikubeLab;
  },
  runtime: async () => (await import('../sim/labs/runtime.ts')).runtimeLab,
};

/** The texts of Kubernetes' fields, which OpenAPI and `kubectl explain` show: fetched when they are asked for. */
async function nameDescriptions(): Promise<void> {
  const { useDescriptions } = await import('../sim/kubernetes/api/discovery/openapi.ts');
  const texts = () => import('../sim/kubernetes/api/fields/generated/descriptions.ts');
  useDescriptions(new DistantCode('descriptions', texts));
}

/** Loads a lab's code and switches it on. Fails where no lab has that name. */
export async function loadLab(name: string, seed: string): Promise<Lab> {
  if (!Object.hasOwn(MAKERS, name)) throw new Error(`there is no lab ${name}`);
  const making = MAKERS[name as LabName]();
  fetchAhead(name as LabName);
  const [{ switchingOn }, maker] = await Promise.all([import('../sim/labs/lab.ts'), making]);
  const switching = switchingOn(name, maker, seed);
  for (;;) {
    const step = switching.next();
    if (step.done) return step.value;
    await broughtIn(step.value);
  }
}

/** Fetches the code of a program that the build left out of the labs' own; a failed fetch is tried once more. */
export async function broughtIn(code: DistantCode): Promise<void> {
  try {
    await code.bring();
  } catch {
    await code.bring();
  }
}
