// What of the real tools is simulated, read off the simulator's own lists: families of programs, the tables by which
// programs parse their words, and the descriptors of Kubernetes' kinds.

import type { Coverage } from '../sim/kernel/program.ts';
import { BUILT_IN_KINDS } from '../sim/kubernetes/api/kinds/index.ts';
import { groupVersionOf } from '../sim/kubernetes/api/kinds/descriptor.ts';
import { allFamilies } from '../sim/labs/families.ts';
import { NOT_MODELLED } from '../sim/labs/placeholders.ts';

export interface CoveredProgram {
  readonly name: string;
  /** One for each command; a single one without a name where the program has no commands. */
  readonly commands: readonly Coverage[];
}

export interface CoveredFamily {
  readonly name: string;
  readonly programs: readonly CoveredProgram[];
}

/** All families with their programs. */
export function coveredFamilies(): CoveredFamily[] {
  return allFamilies.map(({ name, programs }) => ({
    name,
    programs: programs.map((program) => ({
      name: program.name,
      commands: program.coverage?.() ?? [],
    })),
  }));
}

/** Real programs that only say that they are not simulated. */
export const notModelled: readonly string[] = NOT_MODELLED;

export interface CoveredKind {
  readonly kind: string;
  readonly groupVersion: string;
  readonly subresources: readonly string[];
}

/** The built-in kinds of the API server. */
export function coveredKinds(): CoveredKind[] {
  return BUILT_IN_KINDS.map((descriptor) => ({
    kind: descriptor.kind,
    groupVersion: groupVersionOf(descriptor),
    subresources: [
      ...(descriptor.hasStatus ? ['status'] : []),
      ...(descriptor.scale ? ['scale'] : []),
      ...(descriptor.subresources ?? []).map(({ name }) => name),
    ],
  }));
}
