// The command tree (cobra) as kubectl uses it: finding the command, its flags, the mistakes and their words.

import type { Routine } from '../../core/wait.ts';
import { type Flag, FlagValues, goQuoted, parseFlags } from '../../etcd/cobra/flags.ts';
import { type Main, notSimulated } from '../../userland/libc/stdio.ts';
import { attemptsOf, cacheFolder, connected } from './client-access.ts';
import { runPlugin } from './commands/plugin.ts';
import type { Declared } from './declared.ts';
import type { Discovery } from './discovery.ts';
import { type CachedDiscovery, cachedDiscovery } from './discovery-cache.ts';
import { Failure, failure, Helped } from './failure.ts';
import { GLOBAL_FLAGS } from './global-flags.ts';
import type { RestClient } from './rest.ts';

/** What runs a command and those below it; what it says of itself stands in its declaration. */
export interface Command {
  readonly name: string;
  readonly commands?: readonly Command[];
  /** Flags after the first argument belong to that argument's command. */
  readonly stopsAtArguments?: boolean;
  run?(call: Call): Routine<number | void>;
}

/** A running command. */
export interface Call {
  readonly main: Main;
  /** `kubectl create service`. */
  readonly path: string;
  readonly values: FlagValues;
  /** The flags that every command takes, without those whose names the command has taken for its own. */
  readonly shared: FlagValues;
  readonly args: readonly string[];
  /** How many of the arguments stood before `--`. */
  readonly dash: number | undefined;
  /** The client, made at first use. */
  client(): Routine<RestClient>;
  /** Discovery, asked for at first use. */
  discovery(): Routine<Discovery>;
  /** Asks again where something was not found: it may be served since. */
  rediscover(): Routine<Discovery>;
  /** Forgets what earlier commands have kept of discovery. */
  forgetDiscovery(): Routine<void>;
  /** How many warnings the server has sent so far. */
  warnings(): number;
  /** The namespace of the command line and the kubeconfig. */
  namespace(): Routine<string>;
  /** Prints on standard output and standard error. */
  out(text: string): Routine<void>;
  err(text: string): Routine<void>;
}

/** Runs a command line; its value is the exit status. */
export function* runCommand(
  root: Declared,
  main: Main,
  usage: (path: readonly Declared[]) => Routine<string>,
): Routine<number> {
  const { path, rest } = findCommand(root, main.args);
  if (path.length === 1 && /^[^-]/.test(main.args[0] ?? '')) {
    const ran = yield* runPlugin(main, main.args);
    if (ran !== undefined) return ran;
  }
  const command = path[path.length - 1] as Declared;
  const name = path.map((one) => one.name).join(' ');
  const flags = [...command.flags, ...GLOBAL_FLAGS];
  const { behaviour } = command;
  try {
    const first = main.args[0] ?? '';
    if (path.length === 1 && /^[^-]/.test(first) && first !== 'help')
      unknownCommand(command, first);
    const parsed = parseFlags(flags, behaviour?.stopsAtArguments ? stopped(flags, rest) : rest);
    if ('mistake' in parsed) {
      if (parsed.mistake === 'help') {
        yield* main.out.print(yield* usage(path));
        return 0;
      }
      throw new Failure(`error: ${parsed.mistake}\nSee '${name} --help' for usage.`);
    }
    const { values, args, dash } = parsed;
    if (name === 'kubectl' && args[0] === 'help') {
      yield* main.out.print(yield* usage(findCommand(root, args.slice(1)).path));
      return 0;
    }
    yield* warnOfDeprecated(main, flags, values);
    if (!behaviour?.run) {
      if (name === 'kubectl alpha') {
        yield* main.out.print(yield* usage(path));
        return 0;
      }
      if (command.commands.length > 0) return yield* group(main, command, name, args, usage(path));
      return yield* notSimulated(main, `kubectl ${main.args.join(' ')}`);
    }
    const missing = command.flags.filter((flag) => flag.required && !values.changed(flag.name));
    if (missing.length > 0) {
      throw failure(
        `required flag(s) ${missing.map((flag) => `"${flag.name}"`).join(', ')} not set`,
      );
    }
    const shared = sharedOf(command, values);
    const call = callOf(main, { path: name, values, shared, args, dash });
    const status = (yield* behaviour.run(call)) ?? 0;
    if (status === 0 && shared.is('warnings-as-errors')) failOnWarnings(call.warnings());
    return status;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error instanceof Helped) yield* main.out.print(yield* usage(path));
    yield* main.out.flush();
    if (error.message !== '') main.err.put(error.message.replace(/\n?$/, '\n'));
    yield* main.err.flush();
    return error.code;
  }
}

function failOnWarnings(count: number): void {
  if (count > 0) throw failure(`${count} warning${count === 1 ? '' : 's'} received`);
}

function sharedOf({ flags }: Declared, values: FlagValues): FlagValues {
  const shared = new FlagValues(GLOBAL_FLAGS);
  for (const { name } of GLOBAL_FLAGS) {
    if (flags.some((own) => own.name === name && !own.hidden)) continue;
    for (const value of values.all(name)) shared.set(name, value);
  }
  return shared;
}

function* warnOfDeprecated(main: Main, flags: readonly Flag[], values: FlagValues): Routine<void> {
  for (const { name, deprecated } of flags) {
    if (!deprecated || !values.changed(name)) continue;
    main.err.put(`Flag --${name} has been deprecated, ${deprecated}\n`);
    yield* main.err.flush();
  }
}

function stopped(flags: readonly Flag[], rest: readonly string[]): readonly string[] {
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    if (word === '--') return rest;
    if (!word.startsWith('-')) return [...rest.slice(0, i), '--', ...rest.slice(i)];
    const flag = flags.find((one) => word === `--${one.name}` || word === `-${one.short}`);
    if (flag && flag.kind !== 'bool' && flag.bare === undefined) i++;
  }
  return rest;
}

/** Follows the words that name commands; flags between them stay with the rest. */
export function findCommand(
  root: Declared,
  words: readonly string[],
): { readonly path: readonly Declared[]; readonly rest: readonly string[] } {
  const path = [root];
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const here = path[path.length - 1] as Declared;
    if (word === '--') return { path, rest: [...rest, ...words.slice(i)] };
    if (word.startsWith('-')) {
      rest.push(word);
      const flag = GLOBAL_FLAGS.find((one) => word === `--${one.name}` || word === `-${one.short}`);
      if (flag && flag.kind !== 'bool' && words[i + 1] !== undefined) rest.push(words[++i] ?? '');
      continue;
    }
    const next = here.commands.find((one) => one.name === word || one.aliases.includes(word));
    if (!next) return { path, rest: [...rest, ...words.slice(i)] };
    path.push(next);
  }
  return { path, rest };
}

function* group(
  main: Main,
  command: Declared,
  name: string,
  args: readonly string[],
  help: Routine<string>,
): Routine<number> {
  const [word] = args;
  if (word === undefined || name === 'kubectl certificate') {
    const wrong = !['kubectl', 'kubectl certificate'].includes(name);
    const text = yield* help;
    if (wrong && name !== 'kubectl rollout') throw new Failure(text);
    yield* main.out.print(text);
    return wrong ? 1 : 0;
  }
  if (name === 'kubectl') unknownCommand(command, word);
  throw new Failure(
    `error: unknown command ${goQuoted(args.join(' '))}\nSee '${name} -h' for help and examples`,
  );
}

/** The refusal of a first word that is no command: it comes before anything is said of flags. */
function unknownCommand(command: Declared, word: string): never {
  const near = suggestions(command, word);
  const hint =
    near.length > 0 ? `\n\nDid you mean this?\n${near.map((one) => `\t${one}\n`).join('')}` : '';
  throw new Failure(`error: unknown command ${goQuoted(word)} for "kubectl"${hint}`);
}

function suggestions(command: Declared, typed: string): string[] {
  return command.commands
    .filter(({ hidden }) => !hidden)
    .map(({ name }) => name)
    .filter(
      (name) => distance(typed.toLowerCase(), name) <= 2 || name.startsWith(typed.toLowerCase()),
    );
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function callOf(
  main: Main,
  line: Pick<Call, 'path' | 'values' | 'shared' | 'args' | 'dash'>,
): Call {
  const { shared } = line;
  let client: RestClient | undefined;
  let found: CachedDiscovery | undefined;
  function* cache(): Routine<CachedDiscovery> {
    found ??= cachedDiscovery(
      main,
      yield* call.client(),
      cacheFolder(main, shared),
      attemptsOf(line.path),
    );
    return found;
  }
  const call: Call = {
    main,
    ...line,
    *client() {
      client ??= yield* connected(main, shared);
      return client;
    },
    *discovery() {
      return yield* (yield* cache()).get();
    },
    *rediscover() {
      return yield* (yield* cache()).again();
    },
    *forgetDiscovery() {
      (yield* cache()).invalidate();
    },
    warnings: () => client?.warnings() ?? 0,
    *namespace() {
      return (yield* call.client()).connection.namespace;
    },
    *out(words) {
      yield* main.out.print(words);
    },
    *err(words) {
      yield* main.out.flush();
      main.err.put(words);
      yield* main.err.flush();
    },
  };
  return call;
}
