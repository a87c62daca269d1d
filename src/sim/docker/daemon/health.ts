// Health checks: a command run in the container every interval; its failures in a row make it unhealthy.

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { WaitQueue } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { decode } from '../../core/text.ts';
import { durationText } from '../units.ts';
import { runExec } from './exec.ts';
import { type Container, type Dockerd, timeText } from './model.ts';
import { containerEvent } from './start.ts';

/** Results that are kept. */
const KEPT = 5;

/** Starts checking a container that has just been started, where it has a check. */
export function startHealthChecks(daemon: Dockerd, container: Container): void {
  const check = container.config.Healthcheck;
  const [kind] = check?.Test ?? [];
  if (!check || kind === undefined || kind === 'NONE') {
    container.state.health = undefined;
    return;
  }
  container.state.health = { Status: 'starting', FailingStreak: 0, Log: [] };
  const stopped = new WaitQueue();
  let over = false;
  container.health = {
    stop() {
      over = true;
      stopped.wake();
    },
  };
  daemon.thread(function* (thread) {
    const interval = check.Interval || 30 * SECOND;
    const startInterval = check.StartInterval || 5 * SECOND;
    while (!over) {
      const starting =
        (check.StartPeriod ?? 0) > 0 &&
        container.state.health?.Status === 'starting' &&
        inStartPeriod(container, thread);
      const until = thread.now + (starting ? Math.min(startInterval, interval) : interval);
      while (!over && thread.now < until) yield { on: [stopped], until };
      if (over || container.state.status !== 'running') continue;
      yield* probe(daemon, thread, container);
    }
  });
}

function inStartPeriod(container: Container, thread: Process): boolean {
  const period = container.config.Healthcheck?.StartPeriod ?? 0;
  return thread.now - (container.state.startedAt ?? 0) < period;
}

function* probe(daemon: Dockerd, thread: Process, container: Container): Routine<void> {
  const check = container.config.Healthcheck;
  const [kind, ...words] = check?.Test ?? [];
  const shell = container.config.Shell ?? ['/bin/sh', '-c'];
  const Cmd = kind === 'CMD-SHELL' ? [...shell, ...words] : words;
  const started = thread.now;
  const timeout = check?.Timeout || 30 * SECOND;
  const result = yield* runExec(
    daemon,
    thread,
    container,
    { Cmd, AttachStdout: true, AttachStderr: true },
    started + timeout,
  );
  const { health } = container.state;
  if (!health || container.state.pid === 0) return;
  const code = result.timedOut ? -1 : result.exitCode;
  const output = result.timedOut
    ? `Health check exceeded timeout (${durationText(timeout)})${result.output.length > 0 ? `: ${decode(result.output)}` : ''}`
    : decode(result.output).slice(0, 4096);
  health.Log.push({
    Start: timeText(started),
    End: timeText(thread.now),
    ExitCode: code,
    Output: output,
  });
  if (health.Log.length > KEPT) health.Log.shift();
  judge(daemon, thread, container, code);
  container.changed.wake();
}

function judge(daemon: Dockerd, thread: Process, container: Container, code: number): void {
  const { health } = container.state;
  if (!health) return;
  const before = health.Status;
  if (code === 0) {
    health.FailingStreak = 0;
    health.Status = 'healthy';
  } else if (before !== 'starting' || !inStartPeriod(container, thread)) {
    health.FailingStreak++;
    if (health.FailingStreak >= (container.config.Healthcheck?.Retries || 3))
      health.Status = 'unhealthy';
  }
  if (health.Status !== before)
    containerEvent(daemon, container, `health_status: ${health.Status}`);
}
