// The boundary to the simulator: what a host needs of a lab. Everything behind it is synchronous and knows
// neither page nor worker.

import type { Simulation } from '../sim/core/simulation.ts';
import type { ClusterObjects } from '../sim/labs/lab.ts';
import type { Looks } from '../sim/labs/looks/looks.ts';
import type { Machine } from '../sim/labs/machine.ts';

/** An interactive bash on a pseudo-terminal. */
export interface TerminalSession {
  /** Sends what the keyboard sends. */
  write(keys: string): void;
  /** What the terminal was sent since the last call. */
  takeOutput(): string;
  resize(columns: number, rows: number): void;
  /** A program waits for what is typed. */
  readonly awaited: boolean;
  /** Virtual time of the last output. */
  readonly outputAt: number;
  readonly ended: boolean;
}

/** The lab's non-interactive shell, in which the blocks of a page run one after another. */
export interface ShellSession {
  /** Starts a command, as if by `eval`. */
  start(command: string): void;
  readonly running: boolean;
  /** The status of the command that ended last. */
  readonly status: number;
  takeOutput(): string;
  /** Ctrl-C: SIGINT to what runs in front. */
  interrupt(): void;
  openTerminal(columns: number, rows: number): TerminalSession;
}

/** A world that is ready to use. */
export interface Lab {
  readonly name: string;
  readonly simulation: Simulation;
  readonly session: ShellSession;
  readonly machines: readonly Pick<Machine, 'name' | 'kernel'>[];
  /** The cluster's objects, where the lab has one whose API server answers. */
  clusterObjects?(): ClusterObjects | undefined;
  /** What else of it views may look at. */
  readonly looks: Looks;
}

/** What src/sim/labs/index.ts gives. */
export interface Labs {
  labNames(): readonly string[];
  openLab(name: string, seed: string): Lab;
}

/** The seed of every lab that a page or the build opens, so that both print the same bytes. */
export const PAGE_SEED = 'drydock';
