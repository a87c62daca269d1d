// Loading a lab in the page: the code of that lab, and of no other, then its switching on.

import type { LabName } from '../sim/labs/index.ts';
import type { LabMaker } from '../sim/labs/lab.ts';
import type { Lab } from './lab.ts';

/** Where each lab's code is; a page loads that of the lab it opens and of no other. */
const MAKERS: Readonly<Record<LabName, () => Promise<LabMaker>>> = {
  etcd: async () => (await import('../sim/labs/etcd.ts')).etcdLab,
  linux: async () => (await import('../sim/labs/linux.ts')).linuxLab,
  runtime: async () => (await import('../sim/labs/runtime.ts')).runtimeLab,
};

/** Loads a lab's code and switches it on. Fails where no lab has that name. */
export async function loadLab(name: string, seed: string): Promise<Lab> {
  if (!Object.hasOwn(MAKERS, name)) throw new Error(`there is no lab ${name}`);
  const [{ switchOn }, maker] = await Promise.all([
    import('../sim/labs/lab.ts'),
    MAKERS[name as LabName](),
  ]);
  return switchOn(name, maker, seed);
}
