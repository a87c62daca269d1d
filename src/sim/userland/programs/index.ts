// Every program, by family. A family's list is the one place that names its programs; the table that execve looks
// names up in, /usr/bin of the labs and the coverage page all derive from these lists.

import type { ProgramFile, ProgramTable } from '../../kernel/program.ts';

/** A family: its name on the coverage page and its programs. */
export interface ProgramFamily {
  readonly name: string;
  readonly programs: readonly ProgramFile[];
  /** They are not in /usr/bin of machines but where images or packages put them. */
  readonly elsewhere?: boolean;
  /** What the start of each costs where a program does not say: nanoseconds of processor time. */
  readonly startup?: number;
}

/** The table execve uses, from several families' lists. A name given twice is a programming mistake. */
export function programTable(families: readonly ProgramFamily[]): ProgramTable {
  const table = new Map<string, ProgramFile>();
  for (const family of families) {
    for (const program of family.programs) {
      if (table.has(program.name)) throw new Error(`two programs are named ${program.name}`);
      const { startup } = family;
      table.set(program.name, startup === undefined ? program : { startup, ...program });
    }
  }
  return (name) => table.get(name);
}
