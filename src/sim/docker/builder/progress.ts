// The progress of a build as BuildKit's control API streams it: vertices that start and end, what they are at, what
// their processes print.

import type { Process } from '../../kernel/calls/process.ts';
import { type Routine, WaitQueue } from '../../core/wait.ts';
import type { Warning } from './dockerfile/lint.ts';

export interface VertexStatus {
  readonly digest: string;
  readonly name: string;
  /** Virtual nanoseconds. */
  readonly started: number;
  readonly completed?: number;
  readonly cached?: boolean;
  readonly error?: string;
}

/** Something that a vertex is at, by its id: `transferring context:`. */
export interface TaskStatus {
  readonly vertex: string;
  readonly id: string;
  readonly current: number;
  readonly total: number;
  readonly started: number;
  readonly completed?: number;
}

export type ProgressEvent =
  | { readonly type: 'vertex'; readonly vertex: VertexStatus }
  | { readonly type: 'task'; readonly task: TaskStatus }
  | { readonly type: 'log'; readonly vertex: string; readonly text: string; readonly at: number }
  | { readonly type: 'warning'; readonly vertex: string; readonly warning: Warning };

/** Collects what a build tells until the client has heard it. */
export class Progress {
  private readonly events: ProgressEvent[] = [];
  readonly arrived = new WaitQueue();
  private ended = false;

  tell(event: ProgressEvent): void {
    this.events.push(event);
    this.arrived.wake();
  }
  end(): void {
    this.ended = true;
    this.arrived.wake();
  }
  /** What has come since the last call; undefined at the end. */
  *next(): Routine<readonly ProgressEvent[] | undefined> {
    while (this.events.length === 0) {
      if (this.ended) return undefined;
      yield { on: [this.arrived] };
    }
    return this.events.splice(0);
  }
}

/** One vertex while it is worked on. */
export class Step {
  private readonly started: number;
  private readonly progress: Progress;
  private readonly process: Process;
  readonly digest: string;
  private readonly name: string;

  constructor(progress: Progress, process: Process, digest: string, name: string) {
    this.progress = progress;
    this.process = process;
    this.digest = digest;
    this.name = name;
    this.started = process.now;
    progress.tell({ type: 'vertex', vertex: { digest, name, started: this.started } });
  }

  /** Tells of a task that is done in no time, or of one whose end is told later. */
  task(id: string, current = 0, total = 0): { done(current?: number): void } {
    const started = this.process.now;
    const tell = (completed: number | undefined, at: number): void =>
      this.progress.tell({
        type: 'task',
        task: {
          vertex: this.digest,
          id,
          current: at,
          total,
          started,
          ...(completed === undefined ? {} : { completed }),
        },
      });
    tell(undefined, current);
    return { done: (at = current) => tell(this.process.now, at) };
  }

  log(text: string): void {
    this.progress.tell({ type: 'log', vertex: this.digest, text, at: this.process.now });
  }
  warn(warning: Warning): void {
    this.progress.tell({ type: 'warning', vertex: this.digest, warning });
  }

  end(more: { cached?: boolean; error?: string } = {}): void {
    const { digest, name, started } = this;
    const completed = this.process.now;
    this.progress.tell({
      type: 'vertex',
      vertex: { digest, name, started, completed, ...more },
    });
  }
}
