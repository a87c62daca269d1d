// The shells as programs, and a shell that is driven from outside: by a lab's session, which gives
// it one command after another.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { ProgramFile } from '../../kernel/program.ts';
import type { ProgramFamily } from '../programs/index.ts';
import { ASH, BASH, DASH, type Dialect } from './dialect.ts';
import { runShell } from './invoke.ts';
import { runText } from './run/text.ts';
import { runExitTrap } from './run/traps.ts';
import { Shell } from './shell.ts';
import { prepareShell } from './startup.ts';

function shellProgram(name: string, dialect: Dialect): ProgramFile {
  return { name, run: (process) => runShell(process, dialect) };
}

export const bash: ProgramFile = shellProgram('bash', BASH);
export const dash: ProgramFile = shellProgram('dash', DASH);
/** Debian's sh is dash. */
export const sh: ProgramFile = shellProgram('sh', DASH);
/** Busybox's shell. */
export const ash: ProgramFile = shellProgram('ash', ASH);

export const shells: ProgramFamily = { name: 'shells', programs: [bash, sh, dash, ash] };

export interface ShellOptions {
  /** Messages and job notices as at a prompt. */
  readonly interactive?: boolean;
  readonly name?: string;
  readonly dialect?: Dialect;
}

/** A shell inside a process of somebody else's making. */
export interface DrivenShell {
  /** Runs a piece of script as `eval` would, printing on descriptors 1 and 2; its status. */
  evalText(text: string): Routine<number>;
  /** Ctrl-C: what runs is abandoned at the next command. */
  interrupt(): void;
  /** True once `exit` was run. */
  readonly ended: boolean;
  readonly shell: Shell;
}

/** Makes a shell in a process; its variables come from the process's environment. */
export function createShell(process: Process, options: ShellOptions = {}): DrivenShell {
  const shell = new Shell(process, options.dialect ?? BASH, options.name ?? 'bash');
  prepareShell(shell);
  shell.numbered = shell.dialect.extended && !options.interactive;
  if (shell.dialect.extended && !options.interactive) shell.readFlags = 's';
  shell.traceDepth = 1;
  let ended = false;
  return {
    shell,
    get ended() {
      return ended;
    },
    interrupt() {
      shell.interrupted = true;
    },
    *evalText(text) {
      shell.interrupted = false;
      shell.jump = undefined;
      shell.guarded = 0;
      shell.loops = 0;
      shell.linesRead++;
      const context = shell.dialect.extended ? { context: 'eval' } : {};
      const status = yield* runText(shell, text, {
        line: shell.linesRead,
        showLine: true,
        ...context,
      });
      const jump = shell.jump as Shell['jump'];
      if (!jump) return status;
      shell.jump = undefined;
      if (shell.interrupted) {
        shell.interrupted = false;
        shell.lastStatus = 130;
        return 130;
      }
      if (jump.kind === 'exit') {
        ended = true;
        return yield* runExitTrap(shell);
      }
      return shell.lastStatus;
    },
  };
}
