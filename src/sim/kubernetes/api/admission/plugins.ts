// The admission plugins that a kubeadm cluster runs, in their order.

import type { AdmissionPlugin } from './admission.ts';
import { defaultIngressClass } from './ingress-class.ts';
import { limitRanger, limitRangerCheck } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import {
  defaultTolerationSeconds,
  priority,
  runtimeClass,
  taintNodesByCondition,
} from './pod-defaults.ts';
import { podResize } from './pod-resize.ts';
import { podSecurity } from './pod-security.ts';
import { validatingPolicies } from './policies.ts';
import { resourceQuota } from './resource-quota.ts';
import { roleEscalation } from './role-escalation.ts';
import { serviceAccount } from './service-account.ts';
import { claimResize, defaultStorageClass } from './storage-class.ts';
import { validatingWebhooks } from './webhooks.ts';

export const ADMISSION_PLUGINS: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  limitRanger,
  serviceAccount,
  nodeRestriction,
  taintNodesByCondition,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  runtimeClass,
  podResize,
  claimResize,
  defaultIngressClass,
  roleEscalation,
  limitRangerCheck,
  validatingPolicies,
  validatingWebhooks,
  resourceQuota,
];
