// Loading a lab in the page: the code of that lab, and of no other, then its switching on.

import type { LabName } from '../sim/labs/index.ts';
import type { LabMaker } from '../sim/labs/lab.ts';
import type { Lab } from './lab.ts';

/** Where each lab's code is; a page loads that of the lab it opens and of no other. */
const MAKERS: Readonly<Record<LabName, () => Promise<LabMaker>>> = {
  docker: async () => (await import('../sim/labs/docker.ts')).dockerLab,
  etcd: async () => (await import('../sim/labs/etcd.ts')).etcdLab,
  kubeadm: async () => {
    const [{ kubeadmLab }] = await Promise.all([
      import('../sim/labs/kubeadm.ts'),
      loadDescriptions(),
    ]);
    return kubeadmLab;
  },
  linux: async () => (await import('../sim/labs/linux.ts')).linuxLab,
  minikube: async () => {
    const [{ minikubeLab }] = await Promise.all([
      import('../sim/labs/minikube.ts'),
      loadDescriptions(),
    ]);
    return minikubeLab;
  },
  runtime: async () => (await import('../sim/labs/runtime.ts')).runtimeLab,
};

/** The texts of Kubernetes' fields, which OpenAPI and `kubectl explain` show. */
async function loadDescriptions(): Promise<void> {
  const [{ useDescriptions }, { descriptions }] = await Promise.all([
    import('../sim/kubernetes/api/discovery/openapi.ts'),
    import('../sim/kubernetes/api/fields/generated/descriptions.ts'),
  ]);
  useDescriptions(descriptions);
}

/** Loads a lab's code and switches it on. Fails where no lab has that name. */
export async function loadLab(name: string, seed: string): Promise<Lab> {
  if (!Object.hasOwn(MAKERS, name)) throw new Error(`there is no lab ${name}`);
  const [{ switchOn }, maker] = await Promise.all([
    import('../sim/labs/lab.ts'),
    MAKERS[name as LabName](),
  ]);
  return switchOn(name, maker, seed);
}
