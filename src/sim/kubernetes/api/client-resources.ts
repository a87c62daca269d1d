// The resources that the cluster's own components use, with the types of their objects.

import type { Resource } from './client.ts';
import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  PersistentVolumeClaim,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from './types/apps.ts';
import type { CronJob, Job } from './types/batch.ts';
import type { CertificateSigningRequest } from './types/certificates.ts';
import type {
  ConfigMap,
  CoreEvent,
  Namespace,
  ResourceQuota,
  Secret,
  ServiceAccount,
} from './types/config.ts';

import type { Lease, Node } from './types/node.ts';
import type { Pod } from './types/pod.ts';
import type { HorizontalPodAutoscaler, PodDisruptionBudget } from './types/policy.ts';
import type { ClusterRole } from './types/rbac.ts';
import type { Endpoints, EndpointSlice, NetworkPolicy, Service } from './types/service.ts';
import type { CSINode, PersistentVolume, StorageClass } from './types/storage.ts';

function of<T>(groupVersion: string, plural: string): Resource<T> {
  return { groupVersion, plural };
}

export const resources = {
  pods: of<Pod>('v1', 'pods'),
  services: of<Service>('v1', 'services'),
  endpoints: of<Endpoints>('v1', 'endpoints'),
  events: of<CoreEvent>('v1', 'events'),
  configMaps: of<ConfigMap>('v1', 'configmaps'),
  secrets: of<Secret>('v1', 'secrets'),
  serviceAccounts: of<ServiceAccount>('v1', 'serviceaccounts'),
  replicationControllers: of<ReplicationController>('v1', 'replicationcontrollers'),
  persistentVolumeClaims: of<PersistentVolumeClaim>('v1', 'persistentvolumeclaims'),
  namespaces: of<Namespace>('v1', 'namespaces'),
  nodes: of<Node>('v1', 'nodes'),
  persistentVolumes: of<PersistentVolume>('v1', 'persistentvolumes'),
  storageClasses: of<StorageClass>('storage.k8s.io/v1', 'storageclasses'),
  deployments: of<Deployment>('apps/v1', 'deployments'),
  replicaSets: of<ReplicaSet>('apps/v1', 'replicasets'),
  daemonSets: of<DaemonSet>('apps/v1', 'daemonsets'),
  statefulSets: of<StatefulSet>('apps/v1', 'statefulsets'),
  controllerRevisions: of<ControllerRevision>('apps/v1', 'controllerrevisions'),
  jobs: of<Job>('batch/v1', 'jobs'),
  cronJobs: of<CronJob>('batch/v1', 'cronjobs'),
  networkPolicies: of<NetworkPolicy>('networking.k8s.io/v1', 'networkpolicies'),
  endpointSlices: of<EndpointSlice>('discovery.k8s.io/v1', 'endpointslices'),
  podDisruptionBudgets: of<PodDisruptionBudget>('policy/v1', 'poddisruptionbudgets'),
  resourceQuotas: of<ResourceQuota>('v1', 'resourcequotas'),
  horizontalPodAutoscalers: of<HorizontalPodAutoscaler>(
    'autoscaling/v2',
    'horizontalpodautoscalers',
  ),
  clusterRoles: of<ClusterRole>('rbac.authorization.k8s.io/v1', 'clusterroles'),
  certificateSigningRequests: of<CertificateSigningRequest>(
    'certificates.k8s.io/v1',
    'certificatesigningrequests',
  ),
  csiNodes: of<CSINode>('storage.k8s.io/v1', 'csinodes'),
  leases: of<Lease>('coordination.k8s.io/v1', 'leases'),
} as const;
