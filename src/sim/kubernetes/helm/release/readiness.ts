// When an object is ready (kstatus): its status computed from what its controller has written, for the kinds that have
// rules of their own; every other is ready once its controller has seen it.

import type { KubeObject } from '../../kubectl/rest.ts';

export interface Readiness {
  readonly status: 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound' | 'Unknown';
  readonly message: string;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

type Fields = Readonly<Record<string, unknown>>;

const current = (message: string): Readiness => ({ status: 'Current', message });
const inProgress = (message: string): Readiness => ({ status: 'InProgress', message });
const failed = (message: string): Readiness => ({ status: 'Failed', message });

function fieldsOf(object: KubeObject, name: 'spec' | 'status'): Fields {
  return (object[name] as Fields | undefined) ?? {};
}

function count(fields: Fields, name: string, fallback = 0): number {
  const value = fields[name];
  return typeof value === 'number' ? value : fallback;
}

function conditionsOf(object: KubeObject): readonly Condition[] {
  return (fieldsOf(object, 'status').conditions as readonly Condition[] | undefined) ?? [];
}

function deployment(object: KubeObject): Readiness {
  const spec = fieldsOf(object, 'spec');
  const status = fieldsOf(object, 'status');
  let progressing = spec.progressDeadlineSeconds === undefined;
  let available = false;
  for (const { type, status: value, reason } of conditionsOf(object)) {
    if (type === 'Progressing' && reason === 'ProgressDeadlineExceeded')
      return failed('Progress deadline exceeded');
    if (type === 'Progressing' && value === 'True' && reason === 'NewReplicaSetAvailable')
      progressing = true;
    if (type === 'Available' && value === 'True') available = true;
  }
  const want = count(spec, 'replicas', 1);
  const [all, updated] = [count(status, 'replicas'), count(status, 'updatedReplicas')];
  const [ready, usable] = [count(status, 'readyReplicas'), count(status, 'availableReplicas')];
  if (want > all) return inProgress(`Replicas: ${all}/${want}`);
  if (want > updated) return inProgress(`Updated: ${updated}/${want}`);
  if (all > want) return inProgress(`Pending termination: ${all - want}`);
  if (updated > usable) return inProgress(`Available: ${usable}/${updated}`);
  if (want > ready) return inProgress(`Ready: ${ready}/${want}`);
  if (!progressing) return inProgress('ReplicaSet not Available');
  if (!available) return inProgress('Deployment not Available');
  return current(`Deployment is available. Replicas: ${all}`);
}

function statefulSet(object: KubeObject): Readiness {
  const spec = fieldsOf(object, 'spec');
  const status = fieldsOf(object, 'status');
  const strategy = spec.updateStrategy as
    | { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } }
    | undefined;
  if (strategy?.type === 'OnDelete')
    return current('StatefulSet is using the ondelete update strategy');
  const want = count(spec, 'replicas', 1);
  const [all, ready] = [count(status, 'replicas'), count(status, 'readyReplicas')];
  const updated = count(status, 'updatedReplicas');
  const partition = strategy?.rollingUpdate?.partition ?? -1;
  if (want > all) return inProgress(`Replicas: ${all}/${want}`);
  if (want > ready) return inProgress(`Ready: ${ready}/${want}`);
  if (all > want) return inProgress(`Pending termination: ${all - want}`);
  if (partition !== -1)
    return updated < want - partition
      ? inProgress(`updated: ${updated}/${want - partition}`)
      : current(`Partition rollout complete. updated: ${updated}`);
  const now = count(status, 'currentReplicas');
  if (want > now) return inProgress(`current: ${now}/${want}`);
  if (status.currentRevision !== status.updateRevision)
    return inProgress('Waiting for updated revision to match current');
  return current(`All replicas scheduled as expected. Replicas: ${all}`);
}

function daemonSet(object: KubeObject): Readiness {
  const status = fieldsOf(object, 'status');
  if (typeof status.observedGeneration !== 'number')
    return inProgress('DaemonSet status.observedGeneration not found');
  const want = count(status, 'desiredNumberScheduled', -1);
  if (want === -1) return inProgress('Missing .status.desiredNumberScheduled');
  for (const [word, field] of [
    ['Current', 'currentNumberScheduled'],
    ['Updated', 'updatedNumberScheduled'],
    ['Available', 'numberAvailable'],
    ['Ready', 'numberReady'],
  ] as const) {
    const has = count(status, field);
    if (want > has) return inProgress(`${word}: ${has}/${want}`);
  }
  return current(`All replicas scheduled as expected. Replicas: ${want}`);
}

function replicaSet(object: KubeObject): Readiness {
  const status = fieldsOf(object, 'status');
  if (conditionsOf(object).some((one) => one.type === 'ReplicaFailure' && one.status === 'True'))
    return inProgress('Replica Failure condition. Check Pods');
  const want = count(fieldsOf(object, 'spec'), 'replicas', 1);
  for (const [word, field] of [
    ['Labelled', 'fullyLabeledReplicas'],
    ['Available', 'availableReplicas'],
    ['Ready', 'readyReplicas'],
  ] as const) {
    const has = count(status, field);
    if (want > has) return inProgress(`${word}: ${has}/${want}`);
  }
  const all = count(status, 'replicas');
  return all > want
    ? inProgress(`Pending termination: ${all - want}`)
    : current(`ReplicaSet is available. Replicas: ${all}`);
}

function pod(object: KubeObject): Readiness {
  const status = fieldsOf(object, 'status');
  switch (status.phase) {
    case 'Succeeded':
      return current('Pod has completed successfully');
    case 'Failed':
      return current('Pod has completed, but not successfully');
    case 'Running': {
      if (conditionsOf(object).some((one) => one.type === 'Ready' && one.status === 'True'))
        return current('Pod is Ready');
      const looping = ((status.containerStatuses ?? []) as readonly ContainerState[])
        .filter(({ state }) => state?.waiting?.reason === 'CrashLoopBackOff')
        .map(({ name }) => name);
      return looping.length > 0
        ? failed(`Containers in CrashLoop state: ${looping.join(',')}`)
        : inProgress('Pod is running but is not Ready');
    }
    case 'Pending':
      return conditionsOf(object).some(({ reason }) => reason === 'Unschedulable')
        ? failed('Pod could not be scheduled')
        : inProgress('Pod is in the Pending phase');
    default:
      return inProgress('Pod phase not available');
  }
}

interface ContainerState {
  readonly name: string;
  readonly state?: { readonly waiting?: { readonly reason?: string } };
}

function jobNumbers(object: KubeObject): { readonly want: number; readonly status: Fields } {
  const spec = fieldsOf(object, 'spec');
  const want = count(spec, 'completions', count(spec, 'parallelism', 1));
  return { want, status: fieldsOf(object, 'status') };
}

function jobEnd(object: KubeObject): Readiness | undefined {
  const { want, status } = jobNumbers(object);
  for (const { type, status: value } of conditionsOf(object)) {
    if (value !== 'True') continue;
    if (type === 'Complete')
      return current(`Job Completed. succeeded: ${count(status, 'succeeded')}/${want}`);
    if (type === 'Failed') return failed(`Job Failed. failed: ${count(status, 'failed')}/${want}`);
  }
  return undefined;
}

function job(object: KubeObject): Readiness {
  const { status } = jobNumbers(object);
  const numbers = `success:${count(status, 'succeeded')}, active: ${count(status, 'active')}, failed: ${count(status, 'failed')}`;
  return (
    jobEnd(object) ??
    (status.startTime ? current(`Job in progress. ${numbers}`) : inProgress('Job not started'))
  );
}

function claim(object: KubeObject): Readiness {
  const { phase = 'unknown' } = fieldsOf(object, 'status');
  return phase === 'Bound'
    ? current('PVC is Bound')
    : inProgress(`PVC is not Bound. phase: ${String(phase)}`);
}

function service(object: KubeObject): Readiness {
  const { type, clusterIP } = fieldsOf(object, 'spec');
  return type === 'LoadBalancer' && !clusterIP
    ? inProgress('ClusterIP not set. Service type: LoadBalancer')
    : current('Service is ready');
}

function customResourceDefinition(object: KubeObject): Readiness {
  for (const { type, status, reason, message = '' } of conditionsOf(object)) {
    if (type === 'NamesAccepted' && status === 'False') return failed(message);
    if (type !== 'Established') continue;
    if (status === 'False' && reason !== 'Installing') return failed(message);
    if (status === 'True') return current('CRD is established');
  }
  return inProgress('Install in progress');
}

const RULES: Readonly<Record<string, (object: KubeObject) => Readiness>> = {
  Deployment: deployment,
  StatefulSet: statefulSet,
  DaemonSet: daemonSet,
  ReplicaSet: replicaSet,
  Pod: pod,
  Job: job,
  PersistentVolumeClaim: claim,
  Service: service,
  CustomResourceDefinition: customResourceDefinition,
  PodDisruptionBudget: () => current('AllowedDisruptions has been computed.'),
  CronJob: () => current('Resource is always ready'),
  ConfigMap: () => current('Resource is always ready'),
};

/** What holds for every kind: it is going, or its controller has not seen it yet. */
function generic(object: KubeObject): Readiness | undefined {
  const { metadata = {} } = object;
  if (metadata.deletionTimestamp)
    return { status: 'Terminating', message: 'Resource scheduled for deletion' };
  const { observedGeneration } = fieldsOf(object, 'status');
  if (typeof observedGeneration !== 'number' || observedGeneration === metadata.generation)
    return undefined;
  return inProgress(
    `${object.kind} generation is ${metadata.generation}, but latest observed generation is ${observedGeneration}`,
  );
}

/** The state of an object; undefined for one that is not there. */
export function readinessOf(object: KubeObject | undefined): Readiness {
  if (!object) return { status: 'NotFound', message: 'Resource not found' };
  return generic(object) ?? RULES[object.kind ?? '']?.(object) ?? current('Resource is current');
}

/** The state of a Job that is waited for to its end. */
export function jobReadiness(object: KubeObject | undefined): Readiness {
  if (!object) return readinessOf(object);
  return generic(object) ?? jobEnd(object) ?? inProgress('Job in progress');
}

/** The state of a Pod that is a hook: it is ready when it has ended well. */
export function hookPodReadiness(object: KubeObject | undefined): Readiness {
  if (!object) return readinessOf(object);
  const { phase } = fieldsOf(object, 'status');
  const { name = '' } = object.metadata ?? {};
  if (phase === 'Succeeded') return current(`pod ${name} succeeded`);
  if (phase === 'Failed') return failed(`pod ${name} failed`);
  return generic(object) ?? inProgress('Pod in progress');
}
