// Every built-in kind, in the order of discovery.

import * as admission from './admissionregistration.ts';
import * as others from './apps-others.ts';
import * as autoscaling from './autoscaling.ts';
import * as batch from './batch.ts';
import * as certificates from './certificates.ts';
import { configMap } from './configmap.ts';
import * as core from './core.ts';
import { daemonSet } from './daemonset.ts';
import { deployment } from './deployment.ts';
import type { KindDescriptor } from './descriptor.ts';
import * as events from './event.ts';
import * as extensions from './extensions.ts';
import { namespace } from './namespace.ts';
import * as networking from './networking.ts';
import { pod } from './pod.ts';
import * as policy from './policy.ts';
import * as rbac from './rbac.ts';
import { replicaSet } from './replicaset.ts';
import * as resource from './resource.ts';
import * as reviews from './reviews.ts';
import { service } from './service.ts';
import { statefulSet } from './statefulset.ts';
import * as storage from './storage.ts';

/** Groups in the order of /apis; within a group by name. */
export const BUILT_IN_KINDS: readonly KindDescriptor[] = [
  core.binding,
  core.componentStatus,
  configMap,
  core.endpoints,
  events.coreEvent,
  policy.limitRange,
  namespace,
  core.node,
  storage.persistentVolumeClaim,
  storage.persistentVolume,
  pod,
  core.podTemplate,
  others.replicationController,
  policy.resourceQuota,
  core.secret,
  core.serviceAccount,
  service,
  extensions.apiService,
  others.controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  events.event,
  reviews.selfSubjectReview,
  reviews.tokenReview,
  reviews.localSubjectAccessReview,
  reviews.selfSubjectAccessReview,
  reviews.selfSubjectRulesReview,
  reviews.subjectAccessReview,
  autoscaling.horizontalPodAutoscaler,
  autoscaling.horizontalPodAutoscalerV1,
  batch.cronJob,
  batch.job,
  certificates.certificateSigningRequest,
  networking.ingressClass,
  networking.ingress,
  networking.ipAddress,
  networking.networkPolicy,
  networking.serviceCidr,
  policy.podDisruptionBudget,
  rbac.clusterRoleBinding,
  rbac.clusterRole,
  rbac.roleBinding,
  rbac.role,
  storage.csiDriver,
  storage.csiNode,
  storage.csiStorageCapacity,
  storage.storageClass,
  storage.volumeAttachment,
  storage.volumeAttributesClass,
  admission.mutatingAdmissionPolicy,
  admission.mutatingAdmissionPolicyBinding,
  admission.mutatingWebhookConfiguration,
  admission.validatingAdmissionPolicy,
  admission.validatingAdmissionPolicyBinding,
  admission.validatingWebhookConfiguration,
  extensions.customResourceDefinition,
  policy.priorityClass,
  policy.lease,
  policy.runtimeClass,
  networking.endpointSlice,
  resource.deviceClass,
  resource.resourceClaim,
  resource.resourceClaimTemplate,
  resource.resourceSlice,
  extensions.flowSchema,
  extensions.priorityLevelConfiguration,
];
