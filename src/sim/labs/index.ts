// The ready-made worlds, by name. Opening one switches its machines on and gives a shell on the first of them.

import { Simulation } from '../core/simulation.ts';
import { etcdLab } from './etcd.ts';
import { linuxLab } from './linux.ts';
import type { Machine } from './machine.ts';
import { runtimeLab } from './runtime.ts';
import { openSession, type ShellSession } from './session.ts';

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
}

/** What may be asked of a lab before it is switched on. */
export interface LabOptions {
  /** Images that are already present (docker); everything the lab usually has where not given. */
  readonly images?: readonly string[];
}

export interface Lab {
  readonly name: string;
  readonly simulation: Simulation;
  readonly machines: readonly Machine[];
  readonly session: ShellSession;
}

type LabMaker = (simulation: Simulation, options: LabOptions) => LabParts;

/** All labs: each is named here once. */
const LABS: Readonly<Record<string, LabMaker>> = {
  etcd: etcdLab,
  linux: linuxLab,
  runtime: runtimeLab,
};

/** The names of all labs. */
export function labNames(): readonly string[] {
  return Object.keys(LABS);
}

/** Switches a lab on. A name that no lab has is an Error with the names there are. */
export function openLab(name: string, seed: string, options: LabOptions = {}): Lab {
  const maker = LABS[name];
  if (!maker) throw new Error(`there is no lab ${name}; there are ${labNames().join(', ')}`);
  const simulation = new Simulation(seed);
  const parts = maker(simulation, options);
  simulation.advance({ until: parts.settleFor ?? 0 });
  const { directory, environment } = parts;
  const session = openSession(parts.shell, environment ? { directory, environment } : { directory });
  simulation.advance({ until: simulation.now });
  return { name, simulation, machines: parts.machines, session };
}
