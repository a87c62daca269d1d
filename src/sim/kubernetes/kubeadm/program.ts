// kubeadm(8) 1.36: finds the command, reads its flags, runs it, and says how it failed.

import type { Routine } from '../../core/wait.ts';
import { flagsOf } from '../../etcd/cobra/command.ts';
import { parseFlags } from '../../etcd/cobra/flags.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { COMMANDS } from './commands.ts';
import { Failure, failureLines } from './failure.ts';
import { flagsOver } from './settings.ts';
import { isGroupOnly, KUBEADM, type KubeadmCommand } from './tree.ts';
import { kubeadmUsage } from './usage.ts';

/** Commands that take words of their own: how many at most. */
const OPERANDS: Readonly<Record<string, number>> = {
  join: 1,
  'join phase': 1,
  'token create': 1,
  'token delete': Number.POSITIVE_INFINITY,
  'upgrade plan': 1,
  'upgrade apply': 1,
  'upgrade diff': 1,
};

function lookUp(command: KubeadmCommand, word: string): KubeadmCommand | undefined {
  return command.commands?.find(({ name, aliases }) => name === word || aliases.includes(word));
}

/** The command that a line means, and the words without the commands' names. */
function find(words: readonly string[]): { path: KubeadmCommand[]; rest: string[] } {
  const path = [KUBEADM];
  const rest: string[] = [];
  let takesValue = false;
  for (const [i, word] of words.entries()) {
    const here = path[path.length - 1] as KubeadmCommand;
    if (takesValue || word.startsWith('-')) {
      rest.push(word);
      const flag = flagsOf(path).find(
        ({ name, short }) => word === `--${name}` || word === `-${short}`,
      );
      takesValue = !takesValue && flag !== undefined && flag.kind !== 'bool';
      continue;
    }
    const next = lookUp(here, word);
    if (!next) return { path, rest: [...rest, ...words.slice(i)] };
    path.push(next);
  }
  return { path, rest };
}

function* run(main: Main): Routine<number> {
  const isHelp = main.args[0] === 'help';
  const { path, rest } = find(isHelp ? main.args.slice(1) : main.args);
  const command = path[path.length - 1] as KubeadmCommand;
  const line = path.map(({ name }) => name).join(' ');
  if (isHelp) return yield* help(main, path);
  const parsed = parseFlags(flagsOf(path), rest);
  if ('mistake' in parsed) {
    if (parsed.mistake === 'help') return yield* help(main, path);
    throw new Failure(parsed.mistake);
  }
  if (parsed.values.is('help')) return yield* help(main, path);
  const [extra] = parsed.args.slice(underPhase(command) ? 1 : (OPERANDS[command.path] ?? 0));
  if (extra !== undefined) throw new Failure(`unknown command "${extra}" for "${line}"`);
  const behaviour = COMMANDS[command.path];
  if (!behaviour && command.commands) return yield* help(main, path, !isGroupOnly(command));
  if (!behaviour) return yield* notSimulated(main, `${line}`);
  const missing = flagsOf(path).filter(
    ({ required, name }) => required && !parsed.values.changed(name),
  );
  if (missing.length > 0)
    throw new Failure(
      `required flag(s) ${missing.map(({ name }) => `"${name}"`).join(', ')} not set`,
    );
  const declared = new Set(flagsOf(path).map(({ name }) => name));
  const flags = flagsOver(parsed.values, declared);
  return yield* behaviour({ main, flags, args: parsed.args });
}

/** Phases of join take the API server's address. */
function underPhase({ path }: KubeadmCommand): boolean {
  return path.startsWith('join phase');
}

function* help(main: Main, path: readonly KubeadmCommand[], wrong = false): Routine<number> {
  main.out.put(kubeadmUsage(path));
  yield* main.out.flush();
  if (!wrong) return 0;
  main.err.put('error: \n');
  throw new Failure('subcommand is required');
}

export const kubeadm = program('kubeadm', function* (main) {
  try {
    return yield* run(main);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    yield* main.out.flush();
    main.err.put(failureLines(failure.text));
    yield* main.err.flush();
    return failure.status;
  }
});
