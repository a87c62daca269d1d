// The shell's builtins, by group. A builtin gets the words of its command, its own name first; it
// gives its status at once or, where it prints or waits, as a routine.

import type { Routine } from '../../../core/wait.ts';
import type { Element } from '../assign.ts';
import type { Shell } from '../shell.ts';
import { controlBuiltins } from './control.ts';
import { declareBuiltins } from './declare.ts';
import { directoryBuiltins } from './directories.ts';
import { completionBuiltins } from './completion.ts';
import { helpBuiltins } from './help.ts';
import { historyBuiltins } from './history.ts';
import { jobBuiltins } from './jobs.ts';
import { lookupBuiltins } from './lookup.ts';
import { optionBuiltins } from './options.ts';
import { outputBuiltins } from './output.ts';
import { printfBuiltins } from './printf-builtin.ts';
import { readBuiltins } from './read.ts';
import { resourceBuiltins } from './resources.ts';
import { signalBuiltins } from './signals.ts';
import { testBuiltins } from './test.ts';

/** Arguments that are assignments, expanded, by their place among the words. */
export type Declared = ReadonlyMap<
  number,
  {
    readonly name: string;
    readonly index: string | undefined;
    readonly append: boolean;
    readonly value: string | readonly Element[];
  }
>;

export interface Builtin {
  readonly name: string;
  /** Dash and busybox have it too. */
  readonly posix?: boolean;
  /** A special builtin of POSIX. */
  readonly special?: boolean;
  /** What its usage line says after the name. */
  readonly usage?: string;
  run(
    shell: Shell,
    words: readonly string[],
    declared: Declared | undefined,
  ): Routine<number> | number;
}

let listed: readonly Builtin[] | undefined;
let byName: ReadonlyMap<string, Builtin> | undefined;

/** All builtins, each named once. (A function, as the groups run scripts and so know this file.) */
export function allBuiltins(): readonly Builtin[] {
  listed ??= [
    ...controlBuiltins,
    ...outputBuiltins,
    ...printfBuiltins,
    ...declareBuiltins,
    ...directoryBuiltins,
    ...optionBuiltins,
    ...testBuiltins,
    ...readBuiltins,
    ...jobBuiltins,
    ...signalBuiltins,
    ...lookupBuiltins,
    ...resourceBuiltins,
    ...historyBuiltins,
    ...completionBuiltins,
    ...helpBuiltins,
  ];
  return listed;
}

function table(): ReadonlyMap<string, Builtin> {
  byName ??= new Map(allBuiltins().map((builtin) => [builtin.name, builtin]));
  return byName;
}

/** The builtin of a name in this shell's dialect. */
export function findBuiltin(shell: Shell, name: string): Builtin | undefined {
  const found = table().get(name);
  if (!found || (!shell.dialect.extended && !found.posix)) return undefined;
  return shell.disabled.has(name) ? undefined : found;
}

/** A builtin whether or not `enable -n` has switched it off. */
export function anyBuiltin(name: string): Builtin | undefined {
  return table().get(name);
}
