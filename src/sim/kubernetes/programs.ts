// The programs of a cluster's nodes and of its control plane.

import type { ProgramFamily } from '../userland/programs/index.ts';
import { flannelPlugin } from './addons/flannel/plugin.ts';
import { flanneld } from './addons/flannel/program.ts';
import { kindnetd } from './addons/kindnet/program.ts';
import { kubeWebhookCertgen } from './addons/ingress-nginx/certgen.ts';
import { nginxIngressController } from './addons/ingress-nginx/program.ts';
import { kubeRouter } from './addons/kube-router/program.ts';
import { metricsServer, metricsServer04 } from './addons/metrics-server/program.ts';
import { storageProvisioner } from './addons/storage-provisioner.ts';
import { kubeApiserver } from './apiserver/program.ts';
import { kubeControllerManager } from './controllers/manager.ts';
import { coredns } from './dns/program.ts';
import { kubeadm } from './kubeadm/program.ts';
import { kubelet } from './kubelet/program.ts';
import { kubeProxy } from './proxy/program.ts';
import { kubeScheduler } from './scheduler/program.ts';

/** Installed on nodes. */
export const kubernetesPrograms: ProgramFamily = {
  name: 'Kubernetes',
  programs: [kubelet, kubeadm],
};

/** They come in images. */
export const controlPlanePrograms: ProgramFamily = {
  name: 'Kubernetes control plane',
  elsewhere: true,
  programs: [
    kubeApiserver,
    kubeControllerManager,
    kubeScheduler,
    kubeProxy,
    coredns,
    storageProvisioner,
    metricsServer,
    metricsServer04,
    nginxIngressController,
    kubeWebhookCertgen,
    flanneld,
    kindnetd,
    flannelPlugin,
    kubeRouter,
  ],
};
