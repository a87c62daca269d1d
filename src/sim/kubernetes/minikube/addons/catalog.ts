// minikube's addons: who maintains each, whether a new cluster has it, and of those that are modelled the objects.

import { toYaml } from '../../../userland/yaml/write.ts';
import type { KubeObject } from '../../api/object.ts';
import { provisionerObjects, storageClassObjects } from '../storage.ts';
import { DASHBOARD } from './dashboard.ts';
import { INGRESS } from './ingress.ts';
import { METRICS_SERVER } from './metrics-server.ts';

/** What enabling an addon applies. */
export interface AddonObjects {
  /** The file below /etc/kubernetes/addons. */
  readonly file: string;
  readonly yaml: () => string;
  /** Pods that enabling waits for: their namespace and labels. */
  readonly waitsFor?: { readonly namespace: string; readonly selector: string };
}

export interface Addon {
  readonly name: string;
  readonly maintainer: string;
  readonly verified?: string;
  readonly objects?: AddonObjects;
}

function yamlOf(objects: readonly KubeObject[]): string {
  return objects.map((object) => toYaml(object)).join('---\n');
}

const OBJECTS: Readonly<Record<string, AddonObjects>> = {
  dashboard: { file: 'dashboard-dp.yaml', yaml: () => DASHBOARD },
  'default-storageclass': {
    file: 'storageclass.yaml',
    yaml: () => yamlOf(storageClassObjects()),
  },
  ingress: {
    file: 'ingress-deploy.yaml',
    yaml: () => INGRESS,
    waitsFor: { namespace: 'ingress-nginx', selector: 'app.kubernetes.io/name=ingress-nginx' },
  },
  'metrics-server': { file: 'metrics-server-deployment.yaml', yaml: () => METRICS_SERVER },
  'storage-provisioner': {
    file: 'storage-provisioner.yaml',
    yaml: () => yamlOf(provisionerObjects()),
  },
};

/** Names with their maintainers, in the order of `addons list`. */
const MAINTAINERS: Readonly<Record<string, string>> = {
  ambassador: '3rd party (Ambassador)',
  'amd-gpu-device-plugin': '3rd party (AMD)',
  'auto-pause': 'minikube',
  'cloud-spanner': 'Google',
  'csi-hostpath-driver': 'Kubernetes',
  dashboard: 'Kubernetes',
  'default-storageclass': 'Kubernetes',
  efk: '3rd party (Elastic)',
  freshpod: 'Google',
  'gcp-auth': 'Google',
  gvisor: 'minikube',
  headlamp: '3rd party (kinvolk.io)',
  inaccel: '3rd party (InAccel [info@inaccel.com])',
  ingress: 'Kubernetes',
  'ingress-dns': 'minikube',
  'inspektor-gadget': '3rd party (inspektor-gadget.io)',
  istio: '3rd party (Istio)',
  'istio-provisioner': '3rd party (Istio)',
  kong: '3rd party (Kong HQ)',
  kubeflow: '3rd party',
  kubetail: '3rd party (kubetail.com)',
  kubevirt: '3rd party (KubeVirt)',
  logviewer: '3rd party (unknown)',
  metallb: '3rd party (MetalLB)',
  'metrics-server': 'Kubernetes',
  'nvidia-device-plugin': '3rd party (NVIDIA)',
  'nvidia-driver-installer': '3rd party (NVIDIA)',
  'nvidia-gpu-device-plugin': '3rd party (NVIDIA)',
  olm: '3rd party (Operator Framework)',
  'pod-security-policy': '3rd party (unknown)',
  portainer: '3rd party (Portainer.io)',
  registry: 'minikube',
  'registry-aliases': '3rd party (unknown)',
  'registry-creds': '3rd party (UPMC Enterprises)',
  'storage-provisioner': 'minikube',
  'storage-provisioner-gluster': '3rd party (Gluster)',
  'storage-provisioner-rancher': '3rd party (Rancher)',
  volcano: 'third-party (volcano)',
  volumesnapshots: 'Kubernetes',
  yakd: '3rd party (marcnuri.com)',
};

export const ADDONS: readonly Addon[] = Object.entries(MAINTAINERS).map(([name, maintainer]) => {
  const objects = OBJECTS[name];
  return { name, maintainer, ...(objects ? { objects } : {}) };
});

export function findAddon(name: string): Addon | undefined {
  return ADDONS.find((addon) => addon.name === name);
}

/** The images of an addon's objects, as `Using image …` names them. */
export function imagesOf({ yaml }: AddonObjects): readonly string[] {
  return [...yaml().matchAll(/\bimage: (\S+?)[,}]?$/gm)].map(([, name = '']) => name);
}

/** Addons of a new cluster. */
export const DEFAULT_ADDONS: readonly string[] = ['default-storageclass', 'storage-provisioner'];
