// The admission plugins that a kubeadm cluster runs, in their order.

import type { AdmissionPlugin } from './admission.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';

export const ADMISSION_PLUGINS: readonly AdmissionPlugin[] = [namespaceLifecycle];
