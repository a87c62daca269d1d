// What a lab is, and switching one on. Each lab's own file makes its machines; index.ts names them all, and a host
// that loads one lab alone gives that lab's maker here.

import type { DistantCode } from '../core/code.ts';
import { type AdvanceOptions, Simulation } from '../core/simulation.ts';
import type { FindImage } from '../internet/find-image.ts';
import type { Node } from '../kubernetes/api/types/node.ts';
import type { Pod } from '../kubernetes/api/types/pod.ts';
import type { EndpointSlice, Service } from '../kubernetes/api/types/service.ts';
import type { Looks } from './looks/looks.ts';
import type { Machine } from './machine.ts';
import { openSession, type ShellSession } from './session.ts';
import { shutDown } from './shutdown.ts';

/** The objects of a cluster that views draw, as its API server holds them. */
export interface ClusterObjects {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
}

/** Looks at a cluster's objects; undefined while its API server does not answer. */
export type ClusterView = () => ClusterObjects | undefined;

/** What a lab's own file makes. */
export interface LabParts {
  readonly machines: readonly Machine[];
  /** The machine that the reader sits at. */
  readonly shell: Machine;
  /** Where the shell begins. */
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Virtual time that switching on takes: the lab is advanced this far before the first command. */
  readonly settleFor?: number;
  /** Where the lab has a cluster. */
  readonly clusterObjects?: ClusterView;
  /** What else of it views may look at. */
  readonly looks?: Looks;
}

/** What may be asked of a lab before it is switched on. */
export interface LabOptions {
  /** Images that are already present (docker), and where they are found; what the lab usually has where not given. */
  readonly present?: { readonly names: readonly string[]; readonly find: FindImage };
}

/** A world that is switched on. */
export interface Lab {
  readonly name: string;
  readonly simulation: Simulation;
  readonly machines: readonly Machine[];
  readonly session: ShellSession;
  /** Ends the shell and what was started from it, then stops every machine as a shutdown does. */
  close(): void;
  /** Where the lab has a cluster. */
  readonly clusterObjects?: ClusterView;
  readonly looks: Looks;
}

/** Makes a lab's machines; they begin to run at the next advance. */
export type LabMaker = (simulation: Simulation, options: LabOptions) => LabParts;

/**
 * Switches a lab on and opens the shell of whoever sits at it. A host that left code out is handed what the lab needs
 * meanwhile, and goes on once it is here; the value is the lab.
 */
export function* switchingOn(
  name: string,
  maker: LabMaker,
  seed: string,
  options: LabOptions = {},
): Generator<DistantCode, Lab, unknown> {
  const simulation = new Simulation(seed);
  const parts = maker(simulation, options);
  yield* living(simulation, { until: parts.settleFor ?? 0 });
  const { directory, environment, machines } = parts;
  const session = openSession(
    parts.shell,
    environment ? { directory, environment } : { directory },
  );
  yield* living(simulation, { until: simulation.now });
  return {
    name,
    simulation,
    machines,
    session,
    close: () => shutDown(simulation, machines, session),
    looks: parts.looks ?? {},
    ...(parts.clusterObjects ? { clusterObjects: parts.clusterObjects } : {}),
  };
}

/** An advance that asks for code until it needs no more. */
function* living(
  simulation: Simulation,
  options: AdvanceOptions,
): Generator<DistantCode, void, unknown> {
  while (simulation.advance(options) === 'code') {
    if (simulation.wanted) yield simulation.wanted;
  }
}

/** The same where all code is here. */
export function switchOn(
  name: string,
  maker: LabMaker,
  seed: string,
  options: LabOptions = {},
): Lab {
  const step = switchingOn(name, maker, seed, options).next();
  if (!step.done) throw new Error(`the code of ${step.value.name} was left out`);
  return step.value;
}
