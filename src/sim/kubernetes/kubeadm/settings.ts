// What every command of kubeadm is run with: flags that may not be declared for it read as not given, output in order.

import type { Routine } from '../../core/wait.ts';
import type { FlagValues } from '../../etcd/cobra/flags.ts';
import type { Main } from '../../userland/libc/stdio.ts';

/** Flags of a command and of phases that share its data. */
export interface Flags {
  text(name: string): string;
  list(name: string): readonly string[];
  is(name: string): boolean;
  changed(name: string): boolean;
}

export interface Call {
  readonly main: Main;
  readonly flags: Flags;
  readonly args: readonly string[];
}

/** Reads flags of which some are not declared. */
export function flagsOver(values: FlagValues, declared: ReadonlySet<string>): Flags {
  return {
    text: (name) => (declared.has(name) ? values.text(name) : ''),
    list: (name) => (declared.has(name) ? values.list(name) : []),
    is: (name) => declared.has(name) && values.is(name),
    changed: (name) => declared.has(name) && values.changed(name),
  };
}

/** Prints a line on standard output, at once. */
export function* say(main: Main, text: string): Routine<void> {
  main.out.put(`${text}\n`);
  yield* main.out.flush();
}

/** Prints on standard error, at once. */
export function* warn(main: Main, text: string): Routine<void> {
  main.err.put(`${text}\n`);
  yield* main.err.flush();
}
