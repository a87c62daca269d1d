// Resizing in place (kubelet/allocation, kuberuntime's doPodResizeAction): what a pod's containers are given lags behind
// what its spec asks for while the node has no room for it (PodResizePending) and while it is brought about
// (PodResizeInProgress). Left out: resources of the pod as a whole, swap, static CPU and memory managers.

import { rfc3339 } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { sameJson } from '../api/object.ts';
import { qosClass } from '../api/resources/qos.ts';
import type { Container, ResourceRequirements } from '../api/types/container.ts';
import type { Pod, PodCondition } from '../api/types/pod.ts';
import { roomFor } from './admission.ts';
import type { KubeletContext } from './context.ts';
import type { PodObservation } from './cri.ts';
import { containerResources, setPodCgroup } from './resources.ts';

/** A container that has to start anew with its resources. */
export interface ResizeRestart {
  readonly container: Container;
  readonly id: string;
}

type ConditionText = Pick<PodCondition, 'reason' | 'message' | 'observedGeneration'>;

const all = ({ spec }: Pod): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
];

/** Whether a change from `before` to `now` asks for a restart of the container. */
function asksRestart(container: Container, before: ResourceRequirements): boolean {
  const now = container.resources ?? {};
  return (container.resizePolicy ?? []).some(({ resourceName: name, restartPolicy }) => {
    if (restartPolicy !== 'RestartContainer') return false;
    return (
      now.requests?.[name] !== before.requests?.[name] ||
      now.limits?.[name] !== before.limits?.[name]
    );
  });
}

/** What the containers of one pod are given. */
export class PodResize {
  private readonly context: KubeletContext;
  /** Resources that the node has set aside, by the container's name. */
  private allocated: Map<string, ResourceRequirements> | undefined;
  /** What runs with which, by the container's id. */
  private readonly actual = new Map<string, ResourceRequirements>();
  private pending: ConditionText | undefined;
  private progress: ConditionText | undefined;
  private readonly since = new Map<string, string>();

  constructor(context: KubeletContext) {
    this.context = context;
  }

  /** True where the node has no room for what is asked. */
  get isDeferred(): boolean {
    return this.pending !== undefined;
  }

  /** The pod as it is to run: its spec with what was set aside for it. */
  toRun(pod: Pod): Pod {
    const { allocated } = this;
    if (!allocated || (!this.pending && !this.progress)) return pod;
    const given = (container: Container): Container => {
      const resources = allocated.get(container.name);
      return resources ? { ...container, resources } : container;
    };
    const { spec } = pod;
    const containers = spec.containers.map(given);
    const init = spec.initContainers ? { initContainers: spec.initContainers.map(given) } : {};
    return { ...pod, spec: { ...spec, containers, ...init } };
  }

  /** What a container runs with, where it is not what was set aside for it. */
  actualOf(id: string): ResourceRequirements | undefined {
    return this.actual.get(id);
  }

  /** Sets aside what the spec asks for, if the node has room beside the others. */
  allocate(pod: Pod, others: readonly Pod[]): void {
    const wanted = new Map(all(pod).map(({ name, resources = {} }) => [name, resources]));
    const known = this.allocated;
    const same =
      !known || [...wanted].every(([name, resources]) => sameJson(resources, known.get(name)));
    if (same) {
      this.allocated = wanted;
      this.pending = undefined;
      return;
    }
    const { generation } = pod.metadata;
    const stamp = generation === undefined ? {} : { observedGeneration: generation };
    const full = roomFor(this.context, pod, others);
    if (!full) {
      this.allocated = wanted;
      this.pending = undefined;
      this.progress = stamp;
      this.tell(pod, 'Normal', 'ResizeStarted', 'started');
      return;
    }
    const { message } = full;
    const told =
      this.pending?.message === message && this.pending.observedGeneration === generation;
    this.pending = { reason: 'Deferred', message, ...stamp };
    if (!told) this.tell(pod, 'Warning', 'ResizeDeferred', full.reason, message);
  }

  /** Gives what was set aside to what runs; the containers that need a restart for it. */
  *actuate(pod: Pod, observation: PodObservation): Routine<ResizeRestart[]> {
    const { context, actual } = this;
    const restarts: ResizeRestart[] = [];
    let podDone = false;
    let waits = false;
    for (const container of all(pod)) {
      const [newest] = observation.containers.get(container.name) ?? [];
      if (newest?.state !== 'CONTAINER_RUNNING') {
        waits ||= newest !== undefined && pod.spec.containers.includes(container);
        continue;
      }
      const wanted = container.resources ?? {};
      const before = actual.get(newest.id);
      if (before && !sameJson(before, wanted)) {
        if (asksRestart(container, before)) {
          restarts.push({ container, id: newest.id });
          continue;
        }
        if (!podDone) yield* setPodCgroup(context, pod);
        podDone = true;
        const linux = containerResources(context, container, qosClass(pod.spec));
        yield* context.cri.updateResources(newest.id, linux);
      }
      actual.set(newest.id, wanted);
    }
    if (restarts.length > 0) yield* setPodCgroup(context, pod);
    else if (this.progress && !waits) {
      this.progress = undefined;
      this.tell(pod, 'Normal', 'ResizeCompleted', 'completed');
    }
    return restarts;
  }

  /** The conditions of a resize that is pending or under way. */
  conditions(): PodCondition[] {
    const made: PodCondition[] = [];
    for (const [type, text] of [
      ['PodResizePending', this.pending],
      ['PodResizeInProgress', this.progress],
    ] as const) {
      if (!text) {
        this.since.delete(type);
        continue;
      }
      const since = this.since.get(type) ?? rfc3339(this.context.simulation.now);
      this.since.set(type, since);
      made.push({ type, status: 'True', lastProbeTime: null, lastTransitionTime: since, ...text });
    }
    return made;
  }

  private tell(
    pod: Pod,
    type: 'Normal' | 'Warning',
    reason: string,
    what: string,
    error?: string,
  ): void {
    const { spec, metadata } = pod;
    const summary = (list: readonly Container[]): object[] =>
      list.map(({ name, resources = {} }) => ({ name, resources }));
    const { initContainers = [] } = spec;
    const resources = {
      ...(initContainers.length > 0 ? { initContainers: summary(initContainers) } : {}),
      containers: summary(spec.containers),
      generation: metadata.generation ?? 0,
      ...(error === undefined ? {} : { error }),
    };
    const text = `Pod resize ${what}: ${JSON.stringify(resources)}`;
    this.context.recorder.event(pod, type, reason, text);
  }
}
