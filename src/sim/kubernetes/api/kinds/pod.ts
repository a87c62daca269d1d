// Pod: the strategy of its creation and updates, its subresources, what selectors may ask.

import { standalonePodSpec } from '../defaults/pod-spec.ts';
import { type KubeObject, replaceField } from '../object.ts';
import { qosClass } from '../resources/qos.ts';
import { podTable } from '../tables/pod.ts';
import type { Pod, PodSpec } from '../types/pod.ts';
import { validatePod, validatePodUpdate } from '../validation/pod.ts';
import { podWarnings } from '../validation/pod-warnings.ts';
import type { KindDescriptor } from './descriptor.ts';

const asPod = (object: KubeObject): Pod => object as unknown as Pod;
const specOf = (object: KubeObject): PodSpec => asPod(object).spec;

/** Seconds for which a deleted pod lingers: what was asked, else its own; none while it has no node. */
function gracePeriod(object: KubeObject, asked: number | undefined): number {
  const pod = asPod(object);
  const seconds = asked ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  if ((pod.spec.nodeName ?? '') === '') return 0;
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return 0;
  return seconds < 0 ? 1 : seconds;
}

/** What the server itself says of a pod that is made with scheduling gates. */
const GATED = {
  type: 'PodScheduled',
  status: 'False',
  lastProbeTime: null,
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
};

export const pod: KindDescriptor = {
  kind: 'Pod',
  group: '',
  version: 'v1',
  plural: 'pods',
  singular: 'pod',
  namespaced: true,
  shortNames: ['po'],
  categories: ['all'],
  type: 'core/v1.Pod',
  storage: 'pods',
  hasStatus: true,
  generation: true,
  subresources: [
    { name: 'attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
    { name: 'binding', kind: 'Binding', verbs: ['create'] },
    { name: 'ephemeralcontainers', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
    { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
    { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    { name: 'portforward', kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
    {
      name: 'proxy',
      kind: 'PodProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
    },
    { name: 'resize', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
  ],
  defaults: (object) => replaceField(object, 'spec', standalonePodSpec(specOf(object))),
  prepareForCreate: (object, { time }) => {
    const gated = { ...GATED, lastTransitionTime: time };
    const conditions = specOf(object).schedulingGates?.length ? { conditions: [gated] } : {};
    const status = { phase: 'Pending', qosClass: qosClass(specOf(object)), ...conditions };
    return { ...object, status };
  },
  validate: (object) => validatePod(asPod(object)),
  validateUpdate: (object, old) => validatePodUpdate(asPod(object), asPod(old)),
  warnings: (object, old) => podWarnings(specOf(object), old ? specOf(old) : undefined),
  gracePeriod,
  selectableFields: {
    'spec.nodeName': (object) => specOf(object).nodeName ?? '',
    'spec.restartPolicy': (object) => specOf(object).restartPolicy ?? '',
    'spec.schedulerName': (object) => specOf(object).schedulerName ?? '',
    'spec.serviceAccountName': (object) => specOf(object).serviceAccountName ?? '',
    'spec.hostNetwork': (object) => String(specOf(object).hostNetwork ?? false),
    'status.phase': (object) => asPod(object).status?.phase ?? '',
    'status.podIP': (object) => asPod(object).status?.podIP ?? '',
    'status.nominatedNodeName': (object) => asPod(object).status?.nominatedNodeName ?? '',
  },
  table: podTable,
};
