// Small mutating plugins for pods: Priority, DefaultTolerationSeconds, RuntimeClass, and TaintNodesByCondition.

import type { KubeObject } from '../object.ts';
import { type ApiError, apiErrors } from '../status.ts';
import type { Node } from '../types/node.ts';
import type { Pod, Toleration } from '../types/pod.ts';
import type { PriorityClass } from '../types/policy.ts';
import type { AdmissionPlugin, Attributes } from './admission.ts';

const PODS = new Set(['pods']);
const OF_PODS = { group: '', resource: 'pods' };

function newPod({ object, operation, subresource }: Attributes): Pod | undefined {
  if (operation !== 'CREATE' || subresource !== '' || !object) return undefined;
  return object as unknown as Pod;
}

function admitPriority(attributes: Attributes): KubeObject | ApiError | undefined {
  const pod = newPod(attributes);
  if (!pod || !attributes.object) return undefined;
  const { server, name } = attributes;
  const classes = server.storage.cache('priorityclasses');
  const asked = pod.spec.priorityClassName ?? '';
  const found =
    asked === ''
      ? classes.list('').find((one) => (one as unknown as PriorityClass).globalDefault === true)
      : classes.get('', asked);
  if (asked !== '' && !found) {
    return apiErrors.forbidden(OF_PODS, name, `no PriorityClass with name ${asked} was found`);
  }
  const known = found as unknown as PriorityClass | undefined;
  const priority = known?.value ?? 0;
  const policy = known?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (pod.spec.priority !== undefined && pod.spec.priority !== priority) {
    return apiErrors.forbidden(
      OF_PODS,
      name,
      `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    );
  }
  if (pod.spec.preemptionPolicy !== undefined && pod.spec.preemptionPolicy !== policy) {
    return apiErrors.forbidden(
      OF_PODS,
      name,
      `the string value of PreemptionPolicy (${pod.spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    );
  }
  const named = known && asked === '' ? { priorityClassName: known.metadata.name ?? '' } : {};
  return {
    ...attributes.object,
    spec: { ...pod.spec, ...named, priority, preemptionPolicy: policy },
  };
}

const OF_CLASSES = { group: 'scheduling.k8s.io', resource: 'priorityclasses' };

/** Of the priority classes one alone may be the default. */
function oneDefaultClass(attributes: Attributes): ApiError | undefined {
  const { object, operation, server, name } = attributes;
  if (!object || operation === 'DELETE') return undefined;
  if (!(object as unknown as PriorityClass).globalDefault) return undefined;
  const classes = server.storage.cache('priorityclasses').list('');
  const known = classes.find((one) => (one as unknown as PriorityClass).globalDefault === true);
  const other = known?.metadata.name;
  if (other === undefined || (operation === 'UPDATE' && other === name)) return undefined;
  const why = `PriorityClass ${other} is already marked as default. Only one default can exist`;
  return apiErrors.forbidden(OF_CLASSES, name, why);
}

export const priority: AdmissionPlugin = {
  name: 'Priority',
  resources: new Set([...PODS, 'priorityclasses.scheduling.k8s.io']),
  admit: (attributes) =>
    attributes.descriptor.plural === 'pods'
      ? admitPriority(attributes)
      : oneDefaultClass(attributes),
};

const SECONDS = 300;
const NOT_READY: Toleration = Object.freeze({
  key: 'node.kubernetes.io/not-ready',
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: SECONDS,
});
const UNREACHABLE: Toleration = Object.freeze({
  ...NOT_READY,
  key: 'node.kubernetes.io/unreachable',
});
const BOTH: readonly Toleration[] = [NOT_READY, UNREACHABLE];

function tolerates(tolerations: readonly Toleration[], key: string): boolean {
  return tolerations.some((one) => {
    const effect = one.effect ?? '';
    return (one.key === key || !one.key) && (effect === 'NoExecute' || effect === '');
  });
}

function admitTolerations(attributes: Attributes): KubeObject | undefined {
  if (attributes.operation === 'DELETE' || attributes.subresource !== '') return undefined;
  if (!attributes.object) return undefined;
  const pod = attributes.object as unknown as Pod;
  const own = pod.spec.tolerations ?? [];
  if (own.length === 0) {
    return { ...attributes.object, spec: { ...pod.spec, tolerations: BOTH } };
  }
  const added = BOTH.filter(({ key }) => !tolerates(own, key ?? ''));
  if (added.length === 0) return undefined;
  return { ...attributes.object, spec: { ...pod.spec, tolerations: [...own, ...added] } };
}

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  resources: PODS,
  admit: admitTolerations,
};

/** A new node takes no pods until it is known to be ready. */
function admitNode({ object, operation, subresource }: Attributes): KubeObject | undefined {
  if (operation !== 'CREATE' || subresource !== '' || !object) return undefined;
  const node = object as unknown as Node;
  const key = 'node.kubernetes.io/not-ready';
  const taints = node.spec.taints ?? [];
  if (taints.some((taint) => taint.key === key)) return undefined;
  return { ...object, spec: { ...node.spec, taints: [...taints, { key, effect: 'NoSchedule' }] } };
}

export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  resources: new Set(['nodes']),
  admit: admitNode,
};

function admitRuntime(attributes: Attributes): KubeObject | ApiError | undefined {
  const pod = newPod(attributes);
  const asked = pod?.spec.runtimeClassName;
  if (!pod || asked === undefined || !attributes.object) return undefined;
  const found = attributes.server.storage.cache('runtimeclasses').get('', asked);
  if (!found) {
    return apiErrors.forbidden(
      OF_PODS,
      attributes.name,
      `pod rejected: RuntimeClass ${JSON.stringify(asked)} not found`,
    );
  }
  const overhead = (found.overhead as { podFixed?: Record<string, string> } | undefined)?.podFixed;
  return overhead ? { ...attributes.object, spec: { ...pod.spec, overhead } } : undefined;
}

export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  resources: PODS,
  admit: admitRuntime,
};
