// The programs of whoever works with a cluster: its clients, and the way onto its machines. Families alone stand here, so
// that the page fetches each program when it is first executed.

import { MILLISECOND } from '../core/time.ts';
import type { ProgramFamily } from '../userland/programs/index.ts';
import { helm } from './helm/program.ts';
import { kubectl } from './kubectl/index.ts';
import { minikube } from './minikube/program.ts';
import { ssh, sshd, sudo } from './remote/program.ts';

/** The programs that come with Kubernetes' client. */
export const kubectlPrograms: ProgramFamily = {
  name: 'kubectl',
  startup: 45 * MILLISECOND,
  programs: [kubectl],
};

/** The programs of the workstation. */
export const minikubePrograms: ProgramFamily = { name: 'minikube', programs: [minikube] };

/** helm where it is installed. */
export const helmPrograms: ProgramFamily = { name: 'helm', programs: [helm] };

/** Between the machines of a lab. */
export const remotePrograms: ProgramFamily = { name: 'ssh', programs: [ssh, sshd, sudo] };
