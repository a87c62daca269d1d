// The messages between a page and the worker that hosts its lab. Few, plain data, in order.

import type { Step } from './block.ts';
import type { Pace } from './pace.ts';
import type { ViewData, ViewName } from './views.ts';

/** From the page to the lab. */
export type ToLab =
  | { readonly type: 'open'; readonly lab: string }
  /** Runs a step after what was asked before it; `quick` at full speed (what stands above). */
  | { readonly type: 'run'; readonly job: number; readonly step: Step; readonly quick: boolean }
  /** Ctrl-C for the job under way; those that wait are dropped. */
  | { readonly type: 'stop' }
  | { readonly type: 'pace'; readonly pace: Pace }
  /** Lets virtual nanoseconds pass at full speed. */
  | { readonly type: 'skip'; readonly time: number }
  /** Lets the next event happen, while the clock stands. */
  | { readonly type: 'step' }
  | {
      readonly type: 'terminal';
      readonly terminal: number;
      readonly columns: number;
      readonly rows: number;
    }
  | { readonly type: 'keys'; readonly terminal: number; readonly keys: string }
  /** So many characters of a terminal's output have been drawn; a flood waits for it. */
  | { readonly type: 'seen'; readonly terminal: number; readonly length: number }
  /** Which views the page shows; their data follows whenever it changed. */
  | { readonly type: 'watch'; readonly views: readonly ViewName[] };

/** From the lab to the page. */
export type FromLab =
  | { readonly type: 'ready' }
  | {
      readonly type: 'output';
      readonly job: number;
      readonly command: number;
      readonly text: string;
    }
  | {
      readonly type: 'status';
      readonly job: number;
      readonly command: number;
      readonly status: number;
    }
  /** The command is typed into a terminal, whose output and keys go by its number from here on. */
  | {
      readonly type: 'opened';
      readonly job: number;
      readonly command: number;
      readonly terminal: number;
    }
  /** The job is over; not `ran` where it was dropped before it began. */
  | { readonly type: 'done'; readonly job: number; readonly ran: boolean }
  | {
      readonly type: 'screen';
      readonly terminal: number;
      readonly text: string;
      readonly ended: boolean;
    }
  | ViewMessage
  /** Virtual nanoseconds since switch-on, and whether a job is under way. */
  | { readonly type: 'clock'; readonly now: number; readonly busy: boolean }
  /** The lab cannot go on: a fault of the simulator, in words for the reader. */
  | { readonly type: 'fault'; readonly text: string };

/** The data of one view. */
export type ViewMessage = {
  readonly [V in ViewName]: {
    readonly type: 'view';
    readonly view: V;
    readonly data: ViewData[V] | undefined;
  };
}[ViewName];
