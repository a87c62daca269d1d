// What every command of docker compose works with: its flags, the project's options, warnings in logrus' form, and the
// daemon.

import { decode } from '../../../core/text.ts';
import { rfc3339 } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Main } from '../../../userland/libc/stdio.ts';
import type { Api, CallError } from '../../cli/api.ts';
import { isCallError } from '../../cli/api.ts';
import type { FlagValues } from '../../cli/command.ts';
import { openProject, type ProjectOptions, resolveEnvFiles } from '../model/open.ts';
import type { Project } from '../model/project.ts';
import { ComposeProblem } from '../model/tree.ts';

export interface ComposeCall {
  readonly main: Main;
  readonly api: Api;
  readonly flags: FlagValues;
  readonly args: readonly string[];
  readonly options: ProjectOptions;
  /** How progress is shown, which --ansi decides too. */
  readonly mode: string;
  /** Whether names of log lines have colours. */
  readonly ansi: boolean;
  /** How many images are pulled at a time. */
  readonly parallel: number;
  /** Whether nothing is to be changed (--dry-run). */
  readonly dryRun: boolean;
  /** The options before the command. */
  readonly globals: FlagValues;
  /** The docker command's line, for commands that docker itself carries out. */
  readonly host: string;
}

export type ComposeAction = (call: ComposeCall) => Routine<number>;

/** Ends a command with a status of its own, as the container's of `exec` and `run`. */
export class ExitStatus extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`exit status ${status}`);
    this.status = status;
  }
}

/** A line that logrus prints. */
export function logLine(main: Main, level: 'warning' | 'info', text: string): string {
  if (main.process.isTerminal(2)) {
    const [color, word] = level === 'warning' ? ['33', 'WARN'] : ['36', 'INFO'];
    return `\x1b[${color}m${word}\x1b[0m[0000] ${text.padEnd(44)} \n`;
  }
  const time = rfc3339(main.process.now);
  return `time="${time}" level=${level} msg=${JSON.stringify(text)}\n`;
}

/** Prints a warning. */
export function* warning(call: Pick<ComposeCall, 'main'>, text: string): Routine<void> {
  const { main } = call;
  yield* main.out.flush();
  main.err.put(logLine(main, 'warning', text));
  yield* main.err.flush();
}

/** The options before the command as a project takes them. */
export function projectOptions(main: Main, globals: FlagValues): ProjectOptions {
  const { process } = main;
  const fromEnvironment = (process.environment.get('COMPOSE_ENV_FILES') ?? '').split(',');
  const envFiles = globals.given('env-file')
    ? globals.list('env-file')
    : fromEnvironment.filter((file) => file !== '');
  return {
    process,
    files: globals.list('file'),
    projectName: globals.text('project-name'),
    projectDirectory: globals.text('project-directory') || globals.text('workdir'),
    envFiles,
    profiles: globals.list('profile'),
    allResources: globals.on('all-resources'),
    warn: (text) => main.err.put(logLine(main, 'warning', text)),
    *stdin() {
      return decode(yield* main.input.rest());
    },
  };
}

/** The project of a command that acts on it. */
export function* loadProject(
  call: ComposeCall,
  names: readonly string[] = call.args,
  options: ProjectOptions = call.options,
): Routine<Project> {
  const project = yield* openProject(options, names);
  yield* resolveEnvFiles(call.main.process, project, { discard: true, warn: options.warn });
  yield* call.main.err.flush();
  return project;
}

export interface Named {
  readonly name: string;
  /** Undefined where only a name was given. */
  readonly project: Project | undefined;
}

/** The project, or its name alone with -p and no file. */
export function* projectOrName(call: ComposeCall, names: readonly string[] = []): Routine<Named> {
  const { options, main } = call;
  if (options.files.length === 0 && options.projectName !== '')
    return { name: options.projectName, project: undefined };
  try {
    const project = yield* openProject(options, names);
    yield* main.err.flush();
    return { name: project.name, project };
  } catch (thrown) {
    const named = main.process.environment.get('COMPOSE_PROJECT_NAME');
    if (thrown instanceof ComposeProblem && named) return { name: named, project: undefined };
    throw thrown;
  }
}

/** An answer of the daemon; its refusal ends the command. */
export function answered<T>(answer: T | CallError): T {
  if (isCallError(answer)) throw new ComposeProblem(answer.text);
  return answer as T;
}
