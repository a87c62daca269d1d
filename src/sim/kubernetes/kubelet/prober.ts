// The prober: for each container of a pod that runs, its startup, readiness and liveness probes, each a thread that sleeps
// between looks. What they found is kept by container id.

import { SECOND } from '../../core/time.ts';
import { type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import type { Container, Probe } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import type { ProbeVerdict } from './actions.ts';
import { containerSubject, type KubeletContext } from './context.ts';
import { type HandlerResult, runProbe } from './handlers.ts';

type Kind = 'startup' | 'liveness' | 'readiness';

const TITLES: Readonly<Record<Kind, string>> = {
  startup: 'Startup',
  liveness: 'Liveness',
  readiness: 'Readiness',
};

/** What is known of one running container. */
interface Probed {
  readonly id: string;
  started: boolean;
  ready: boolean;
  failed: 'liveness' | 'startup' | undefined;
  gone: boolean;
  readonly changed: WaitQueue;
}

export class Prober {
  private readonly context: KubeletContext;
  private readonly pod: () => Pod;
  private readonly tell: () => void;
  private readonly containers = new Map<string, Probed>();

  /** `pod` gives the pod as it is now; `tell` is called when a verdict changes. */
  constructor(context: KubeletContext, pod: () => Pod, tell: () => void) {
    this.context = context;
    this.pod = pod;
    this.tell = tell;
  }

  /** What the probes of a container say. */
  verdict(name: string): ProbeVerdict {
    const probed = this.containers.get(name);
    return { started: probed?.started ?? false, failed: probed?.failed };
  }

  ready(name: string): boolean {
    return this.containers.get(name)?.ready ?? false;
  }

  /** A container runs under this id: its probes begin, unless they have. */
  begin(container: Container, id: string, ip: string): void {
    const known = this.containers.get(container.name);
    if (known?.id === id) return;
    if (known) end(known);
    const { startupProbe, readinessProbe, livenessProbe } = container;
    const probed: Probed = {
      id,
      started: startupProbe === undefined,
      ready: readinessProbe === undefined,
      failed: undefined,
      gone: false,
      changed: new WaitQueue(),
    };
    this.containers.set(container.name, probed);
    const probes: readonly (readonly [Kind, Probe | undefined])[] = [
      ['startup', startupProbe],
      ['readiness', readinessProbe],
      ['liveness', livenessProbe],
    ];
    for (const [kind, probe] of probes) {
      if (probe) this.context.spawn(this.watch(container, probed, ip, kind, probe));
    }
  }

  /** A container does not run any more. */
  end(name: string): void {
    const known = this.containers.get(name);
    if (known) end(known);
    this.containers.delete(name);
  }

  /** All probes end. */
  stop(): void {
    for (const name of [...this.containers.keys()]) this.end(name);
  }

  private *watch(
    container: Container,
    probed: Probed,
    ip: string,
    kind: Kind,
    probe: Probe,
  ): Routine<void> {
    const { simulation } = this.context;
    const { cause } = simulation;
    const period = (probe.periodSeconds ?? 10) * SECOND;
    const gone = (): boolean => probed.gone;
    yield* waitUntil(
      probed.changed,
      gone,
      simulation.now + (probe.initialDelaySeconds ?? 0) * SECOND,
    );
    let successes = 0;
    let failures = 0;
    while (!probed.gone) {
      simulation.cause = cause;
      if (kind !== 'startup' && !probed.started) {
        yield* waitUntil(probed.changed, () => probed.gone || probed.started);
        continue;
      }
      const result = yield* this.ask(container, probed, ip, probe);
      if (probed.gone) return;
      if (result.outcome !== 'success') this.report(container, kind, result);
      if (result.outcome === 'success') {
        failures = 0;
        if (++successes >= (probe.successThreshold ?? 1)) this.succeed(probed, kind);
      } else if (result.outcome === 'failure') {
        successes = 0;
        if (++failures >= (probe.failureThreshold ?? 3)) {
          this.fail(probed, kind);
          if (kind !== 'readiness') return;
        }
      }
      if (kind === 'startup' && probed.started) return;
      yield* waitUntil(probed.changed, gone, simulation.now + period);
    }
  }

  private *ask(
    container: Container,
    probed: Probed,
    ip: string,
    probe: Probe,
  ): Routine<HandlerResult> {
    return yield* runProbe(this.context, container, probed.id, ip, probe);
  }

  private report(container: Container, kind: Kind, result: HandlerResult): void {
    const init = this.pod().spec.initContainers?.includes(container) ?? false;
    const about = containerSubject(this.pod(), container.name, init);
    const title = TITLES[kind];
    const text =
      result.outcome === 'unknown'
        ? `${title} probe errored and resulted in unknown state: ${result.output}`
        : `${title} probe failed: ${result.output}`;
    this.context.recorder.event(about, 'Warning', 'Unhealthy', text);
  }

  private succeed(probed: Probed, kind: Kind): void {
    if (kind === 'startup' && !probed.started) probed.started = true;
    else if (kind === 'readiness' && !probed.ready) probed.ready = true;
    else return;
    probed.changed.wake();
    this.tell();
  }

  private fail(probed: Probed, kind: Kind): void {
    if (kind === 'readiness') {
      if (!probed.ready) return;
      probed.ready = false;
    } else probed.failed = kind;
    this.tell();
  }
}

function end(probed: Probed): void {
  probed.gone = true;
  probed.changed.wake();
}
