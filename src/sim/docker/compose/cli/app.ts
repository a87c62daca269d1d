// docker compose (docker-compose(1)): finds the command of a line, checks its flags and arguments, runs it.

import type { Routine } from '../../../core/wait.ts';
import { type Main, notSimulated, program } from '../../../userland/libc/stdio.ts';
import { Api, NOT_HAD } from '../../cli/api.ts';
import {
  type CommandTable,
  type Flag,
  type FlagValues,
  flagOf,
  flagsOf,
  parseFlags,
} from '../../cli/command.ts';
import { commandHelp, flagLines } from '../../cli/help.ts';
import { ComposeProblem } from '../model/tree.ts';
import { DryRunApi } from '../service/dry-run.ts';
import { displayOf } from './display.ts';
import { composeActions } from './actions.ts';
import { type ComposeAction, ExitStatus, projectOptions } from './call.ts';
import { firstCommands } from './tables-a.ts';
import { lastCommands } from './tables-b.ts';

const TABLES: readonly CommandTable[] = [...firstCommands, ...lastCommands];

const GLOBALS: readonly Flag[] = [
  '|all-resources|bool|Include all resources, even those not used by services',
  '|ansi|string|Control when to print ANSI control characters ("never"|"always"|"auto") (default "auto")',
  '|compatibility|bool|Run compose in backward compatibility mode',
  '|dry-run|bool|Execute command in dry run mode',
  '|env-file|stringArray|Specify an alternate environment file',
  'f|file|stringArray|Compose configuration files',
  '|parallel|int|Control max parallelism, -1 for unlimited (default -1)',
  '|profile|stringArray|Specify a profile to enable',
  '|progress|string|Set type of progress output (auto, tty, plain, json, quiet)',
  '|project-directory|string|Specify an alternate working directory\n(default: the path of the, first specified, Compose file)',
  'p|project-name|string|Project name',
].map(flagOf);

const HIDDEN_GLOBALS: readonly Flag[] = [
  '|workdir|string|',
  '|no-ansi|bool|',
  '|verbose|bool|',
  'v|version|bool|',
].map(flagOf);

const MANAGEMENT = [['bridge', 'Convert compose files into another model']] as const;

/** Flags that are known and do nothing yet: a command that is given one says so. */
const NOT_SIMULATED: Readonly<Record<string, readonly string[]>> = {
  '': ['compatibility'],
  up: ['watch', 'menu'],
  build: ['builder', 'check', 'memory', 'print', 'provenance', 'push', 'sbom', 'ssh'],
  cp: ['follow-link'],
  exec: [],
  run: [],
};

/** Commands that take at least so many arguments (cobra.MinimumNArgs), or none. */
const LEAST: Readonly<Record<string, number>> = {
  exec: 2,
  run: 1,
  port: 2,
  scale: 1,
  cp: 2,
  commit: 1,
  export: 1,
  attach: 1,
  wait: 1,
  publish: 1,
};
const NONE = new Set(['ls', 'version']);
const MOST: Readonly<Record<string, number>> = { attach: 1, commit: 2, export: 1 };
/** Commands whose work is done by docker's own, which know of no dry run. */
const NOT_DRY = new Set(['attach', 'cp', 'export', 'push']);
const NOT_INTERSPERSED = new Set(['exec', 'run']);

function rows(list: readonly (readonly [string, string])[]): string {
  return list.map(([name, text]) => `  ${name.padEnd(11)} ${text}\n`).join('');
}

function rootHelp(): string {
  const commands = TABLES.map(({ path, short }) => [path, short] as const);
  return [
    'Usage:  docker compose [OPTIONS] COMMAND\n',
    'Define and run multi-container applications with Docker\n',
    `Options:\n${flagLines(GLOBALS)}`,
    `Management Commands:\n${rows(MANAGEMENT)}`,
    `Commands:\n${rows(commands)}`,
    "Run 'docker compose COMMAND --help' for more information on a command.\n",
  ].join('\n');
}

function* complain(main: Main, text: string, status = 1): Routine<number> {
  yield* main.out.flush();
  main.err.put(`${text}\n`);
  yield* main.err.flush();
  return status;
}

/** What cobra says of a wrong number of arguments. */
function wrongCount(table: CommandTable, args: readonly string[]): string | undefined {
  const { path } = table;
  if (NONE.has(path) && args.length > 0)
    return `unknown command ${JSON.stringify(args[0])} for "docker compose ${path}"`;
  const least = LEAST[path] ?? 0;
  const most = MOST[path] ?? Number.POSITIVE_INFINITY;
  const plural = `${least} arg(s)`;
  if (least === most && args.length !== least) return `accepts ${plural}, received ${args.length}`;
  if (args.length < least)
    return path === 'commit'
      ? `accepts between ${least} and ${most} arg(s), received ${args.length}`
      : `requires at least ${plural}, only received ${args.length}`;
  if (args.length > most)
    return `accepts between ${least} and ${most} arg(s), received ${args.length}`;
  return undefined;
}

/** Commands that hand signals on, or have a way of their own to end. */
const OWN_SIGNALS = new Set(['attach', 'exec', 'run', 'up']);

/** SIGINT and SIGTERM interrupt what a command waits for; whether one has come. */
function heedSignals({ process }: Main): () => boolean {
  let come = false;
  for (const signal of [2, 15])
    process.sigaction(signal, () => {
      come = true;
    });
  return () => come;
}

/** Runs the command; problems become lines on standard error. */
function* perform(
  main: Main,
  host: string,
  globals: FlagValues,
  table: CommandTable,
  words: readonly string[],
): Routine<number> {
  const { path } = table;
  const hidden = (table.hidden ?? []).map(flagOf);
  const known = [...flagsOf(table), ...hidden, ...GLOBALS, ...HIDDEN_GLOBALS].filter(
    (flag, i, all) =>
      all.findIndex((one) => one.name === flag.name) === i &&
      (i < flagsOf(table).length + hidden.length || flag.short === '' || !used(table, flag.short)),
  );
  const parsed = parseFlags(words, known, !NOT_INTERSPERSED.has(path));
  if (typeof parsed === 'string') return yield* complain(main, parsed);
  if (parsed.help) {
    main.out.put(commandHelp(`docker compose ${path}`, table));
    return 0;
  }
  const wrong = wrongCount(table, parsed.args);
  if (wrong !== undefined) return yield* complain(main, wrong);
  const missing =
    NOT_SIMULATED['']?.find((name) => globals.on(name) || parsed.flags.on(name)) ??
    NOT_SIMULATED[path]?.find(
      (name) => parsed.flags.given(name) && parsed.flags.text(name) !== 'false',
    );
  if (missing) return yield* notSimulated(main, `docker compose ${path} --${missing}`);
  const dryRun = globals.on('dry-run') || parsed.flags.on('dry-run');
  if (dryRun && NOT_DRY.has(path))
    return yield* notSimulated(main, `docker compose ${path} --dry-run`);
  const shown = displayOf(main, (name) => (parsed.flags.given(name) ? parsed.flags : globals));
  if (typeof shown === 'string') return yield* complain(main, shown);
  const action: ComposeAction | undefined = composeActions[path];
  if (!action) return yield* notSimulated(main, `docker compose ${[path, ...words].join(' ')}`);
  const interrupted = OWN_SIGNALS.has(path) ? () => false : heedSignals(main);
  try {
    const status = yield* action({
      main,
      api: dryRun ? new DryRunApi(main.process, host) : new Api(main.process, host),
      dryRun,
      host,
      flags: parsed.flags,
      args: parsed.args,
      globals,
      ...shown,
      options: projectOptions(main, globals),
    });
    // An error without words, which takes a line of its own.
    return interrupted() ? yield* complain(main, '', 130) : status;
  } catch (thrown) {
    if (interrupted()) return yield* complain(main, '', 130);
    if (thrown instanceof ExitStatus) return thrown.status;
    if (!(thrown instanceof ComposeProblem)) throw thrown;
    return yield* complain(main, thrown.message, thrown.message.startsWith(NOT_HAD) ? 125 : 1);
  }
}

function used(table: CommandTable, short: string): boolean {
  return flagsOf(table).some((flag) => flag.short === short);
}

/** One line of docker compose: the words after it. */
export function* runCompose(main: Main, host: string, words: readonly string[]): Routine<number> {
  const parsed = parseFlags(words, [...GLOBALS, ...HIDDEN_GLOBALS], false);
  if (typeof parsed === 'string') return yield* complain(main, parsed);
  const { flags: globals, args } = parsed;
  const [word, ...rest] = args;
  if (globals.on('version')) {
    const table = TABLES.find(({ path }) => path === 'version');
    return table ? yield* perform(main, host, globals, table, []) : 1;
  }
  if (word === undefined || parsed.help || (word === 'help' && rest.length === 0)) {
    main.out.put(rootHelp());
    return 0;
  }
  if (word === 'help') return yield* runCompose(main, host, [rest[0] ?? '', '--help']);
  const table = TABLES.find(({ path }) => path === word);
  if (table) return yield* perform(main, host, globals, table, rest);
  if (MANAGEMENT.some(([name]) => name === word))
    return yield* notSimulated(main, `docker compose ${args.join(' ')}`);
  main.out.put(rootHelp());
  return yield* complain(main, `unknown docker command: ${JSON.stringify(`compose ${word}`)}`);
}

/** docker-compose, the same by its own name. */
export const dockerCompose = program('docker-compose', function* (main) {
  const host = main.process.environment.get('DOCKER_HOST') ?? 'unix:///var/run/docker.sock';
  return yield* runCompose(main, host, main.args);
});
