// The prober: for each container of a pod that runs, its startup, readiness and liveness probes, each a thread that sleeps
// between looks. What they found is kept by container id.

import { SECOND, START_OF_TIME } from '../../core/time.ts';
import { type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import type { Container, Probe } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import type { ProbeVerdict } from './actions.ts';
import { containerSubject, type KubeletContext } from './context.ts';
import type { Observed } from './cri.ts';
import { type HandlerResult, runProbe } from './handlers.ts';

type Kind = 'startup' | 'liveness' | 'readiness';

const TITLES: Readonly<Record<Kind, string>> = {
  startup: 'Startup',
  liveness: 'Liveness',
  readiness: 'Readiness',
};

const ALL: readonly Kind[] = ['startup', 'liveness', 'readiness'];

/** maxProbeRetries. */
const TRIES = 3;

/** What is known of one running container. */
interface Probed {
  readonly id: string;
  /** When it was started. */
  readonly since: number;
  started: boolean;
  ready: boolean;
  failed: 'liveness' | 'startup' | undefined;
  /** Kinds of probes that are not to be made any more. */
  readonly over: Set<Kind>;
  readonly changed: WaitQueue;
}

export class Prober {
  private readonly context: KubeletContext;
  private readonly pod: () => Pod;
  private readonly tell: () => void;
  private readonly containers = new Map<string, Probed>();
  /** When the pod's probes were set up: the first tick of all periods. */
  private readonly base: number;

  /** `pod` gives the pod as it is now; `tell` is called when a verdict changes. */
  constructor(context: KubeletContext, pod: () => Pod, tell: () => void) {
    this.context = context;
    this.base = context.simulation.now;
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

  /** A container runs: its probes begin, unless they have. */
  begin(container: Container, status: Observed, ip: string): void {
    const known = this.containers.get(container.name);
    if (known?.id === status.id) return;
    if (known) end(known);
    const { startupProbe, readinessProbe, livenessProbe } = container;
    const probed: Probed = {
      id: status.id,
      since: Number(BigInt(status.startedAt) - BigInt(START_OF_TIME) * 1_000_000n),
      started: startupProbe === undefined,
      ready: readinessProbe === undefined,
      failed: undefined,
      over: new Set(),
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

  /** All probes end, or those of some kinds. */
  stop(kinds: readonly Kind[] = ALL): void {
    for (const [name, probed] of [...this.containers]) {
      if (kinds === ALL) this.end(name);
      else for (const kind of kinds) probed.over.add(kind);
      probed.changed.wake();
    }
  }

  /**
   * The first look: at a tick of the period since the pod began. Readiness is also looked at as soon as the container runs.
   */
  private firstLook(probed: Probed, kind: Kind, probe: Probe): number {
    const period = (probe.periodSeconds ?? 10) * SECOND;
    const earliest = probed.since + (probe.initialDelaySeconds ?? 0) * SECOND;
    if (kind === 'readiness' && earliest <= this.context.simulation.now) return earliest;
    return this.base + Math.max(1, Math.ceil((earliest - this.base) / period)) * period;
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
    const over = (): boolean => probed.over.has(kind);
    yield* waitUntil(probed.changed, over, this.firstLook(probed, kind, probe));
    let successes = 0;
    let failures = 0;
    while (!over()) {
      simulation.cause = cause;
      if (kind !== 'startup' && !probed.started) {
        yield* waitUntil(probed.changed, () => over() || probed.started);
        continue;
      }
      const next = simulation.now + period;
      const result = yield* this.ask(container, probed, ip, probe);
      if (over()) return;
      if (result.outcome !== 'success') this.report(container, kind, result);
      if (result.outcome === 'success' || result.outcome === 'warning') {
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
      yield* waitUntil(probed.changed, over, Math.max(next, simulation.now));
    }
  }

  /** A look that could not be made is made again, twice. */
  private *ask(
    container: Container,
    probed: Probed,
    ip: string,
    probe: Probe,
  ): Routine<HandlerResult> {
    for (let left = TRIES - 1; ; left--) {
      const result = yield* runProbe(this.context, container, probed.id, ip, probe);
      if (result.outcome !== 'unknown' || left === 0) return result;
    }
  }

  private report(container: Container, kind: Kind, { outcome, output }: HandlerResult): void {
    const about = containerSubject(this.pod(), container.name);
    const title = TITLES[kind];
    const [reason, text] = {
      success: ['', ''],
      warning: ['ProbeWarning', `${title} probe warning: ${output}`],
      failure: ['Unhealthy', `${title} probe failed: ${output}`],
      unknown: ['Unhealthy', `${title} probe errored and resulted in unknown state: ${output}`],
    }[outcome] as [string, string];
    this.context.recorder.event(about, 'Warning', reason, text);
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
  for (const kind of ALL) probed.over.add(kind);
  probed.changed.wake();
}
