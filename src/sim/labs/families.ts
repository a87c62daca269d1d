// Every family of programs that some lab has: what the coverage table is made of.

import { cniPrograms, containerPrograms, nerdctlPrograms } from '../containers/programs/index.ts';
import { lxcFamily } from '../containers/lxc/index.ts';
import { dockerPrograms } from '../docker/programs.ts';
import { etcdPrograms } from '../etcd/programs.ts';
import { debianPackaging } from '../internet/programs/apt/index.ts';
import { imagePrograms } from '../internet/programs/index.ts';
import { languageFamily } from '../userland/languages/index.ts';
import { kubectlPrograms, minikubePrograms } from '../kubernetes/client-programs.ts';
import { controlPlanePrograms, kubernetesPrograms } from '../kubernetes/programs.ts';
import type { ProgramFamily } from '../userland/programs/index.ts';
import { placeholders } from './placeholders.ts';
import { toolFamilies } from './programs.ts';

/** In the order of the floors. */
export const allFamilies: readonly ProgramFamily[] = [
  ...toolFamilies.filter((family) => family !== placeholders),
  containerPrograms,
  lxcFamily,
  cniPrograms,
  nerdctlPrograms,
  dockerPrograms,
  imagePrograms,
  languageFamily,
  debianPackaging,
  etcdPrograms,
  kubernetesPrograms,
  controlPlanePrograms,
  kubectlPrograms,
  minikubePrograms,
];
