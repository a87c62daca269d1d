// Traps: what a signal, EXIT, ERR, DEBUG or RETURN runs. A signal only marks its trap as pending;
// it is run between commands, as in the real shell.

import type { Routine } from '../../../core/wait.ts';
import { signalInfo, signalNumber, signals } from '../../../kernel/signals.ts';
import type { Shell } from '../shell.ts';
import { runText } from './text.ts';

/** Traps that are no signals. */
export const PSEUDO_SIGNALS = ['EXIT', 'DEBUG', 'ERR', 'RETURN'] as const;
type Pseudo = (typeof PSEUDO_SIGNALS)[number];

export class Traps {
  /** By name without SIG; '' ignores. */
  readonly actions = new Map<string, string>();
  /** Signals ignored when the shell began: they cannot be trapped. */
  readonly hardIgnored = new Set<string>();
  pending: number[] = [];
  /** A trap is running: DEBUG, ERR and RETURN do not nest. */
  running = 0;
  /** What the parent had: `trap -p` in a subshell still shows it. */
  inherited: ReadonlyMap<string, string> | undefined;

  copyForSubshell(): Traps {
    const copy = new Traps();
    for (const [name, action] of this.actions) {
      if (action === '') copy.actions.set(name, action);
    }
    for (const name of this.hardIgnored) copy.hardIgnored.add(name);
    copy.inherited = this.actions;
    return copy;
  }
}

/** The name of a trap from `INT`, `SIGINT`, `2`, `exit`, `0`; undefined where there is none. */
export function trapName(text: string): string | undefined {
  const upper = text.toUpperCase();
  if (text === '0') return 'EXIT';
  if (PSEUDO_SIGNALS.includes(upper as Pseudo)) return upper;
  const number = signalNumber(text);
  return number === undefined || number === 0 ? undefined : signalInfo(number)?.name;
}

/** The order in which `trap` lists: EXIT, signals by number, then the others. */
export function trapOrder(name: string): number {
  if (name === 'EXIT') return 0;
  const known = signals.find((signal) => signal.name === name);
  return known ? known.number : 65 + PSEUDO_SIGNALS.indexOf(name as Pseudo);
}

/** What a trap is called when printed: signals with SIG. */
export function trapTitle(name: string): string {
  return PSEUDO_SIGNALS.includes(name as Pseudo) ? name : `SIG${name}`;
}

/** Sets (or with undefined resets) a trap and the kernel's disposition with it. */
export function setTrap(shell: Shell, name: string, action: string | undefined): void {
  const { traps } = shell;
  traps.inherited = undefined;
  if (traps.hardIgnored.has(name)) return;
  if (action === undefined) traps.actions.delete(name);
  else traps.actions.set(name, action);
  applyDisposition(shell, name);
  if (name === 'EXIT') for (const fatal of FATAL) applyDisposition(shell, fatal);
}

/** Signals on which a script's shell runs its EXIT trap before it dies of them. */
const FATAL = ['HUP', 'INT', 'QUIT', 'TERM'];

/** Tells the kernel what a signal is to do, by its trap and by what the shell itself needs. */
export function applyDisposition(shell: Shell, name: string): void {
  const number = signalNumber(name);
  if (number === undefined || PSEUDO_SIGNALS.includes(name as Pseudo)) return;
  const { process, traps } = shell;
  const action = traps.actions.get(name);
  if (name === 'CHLD') return;
  if (action === '') process.sigaction(number, 'ignore');
  else if (action !== undefined) {
    process.sigaction(number, () => {
      if (!traps.pending.includes(number)) traps.pending.push(number);
    });
  } else if (shell.interactive) process.sigaction(number, interactiveHandler(shell, name));
  else if (FATAL.includes(name) && traps.actions.has('EXIT')) {
    process.sigaction(number, () => traps.pending.push(number));
  } else process.sigaction(number, 'default');
}

/** What an interactive shell does with signals that are not trapped. */
function interactiveHandler(shell: Shell, name: string): 'default' | 'ignore' | (() => void) {
  if (name === 'INT') {
    return () => {
      shell.interrupted = true;
    };
  }
  return ['TERM', 'QUIT', 'TSTP', 'TTIN', 'TTOU'].includes(name) ? 'ignore' : 'default';
}

/** Runs the traps of the signals that have come. */
export function* runPendingTraps(shell: Shell): Routine<void> {
  for (;;) {
    const number = shell.traps.pending.shift();
    if (number === undefined) return;
    const name = signalInfo(number)?.name ?? '';
    const action = shell.traps.actions.get(name);
    if (action) yield* runTrap(shell, action);
    else if (action === undefined && FATAL.includes(name)) yield* dieOf(shell, number);
  }
}

/** True where a signal has come that ends the shell. */
export function isDying(shell: Shell): boolean {
  return shell.traps.pending.some((number) => {
    const name = signalInfo(number)?.name ?? '';
    return FATAL.includes(name) && !shell.traps.actions.has(name);
  });
}

/** Runs the EXIT trap and dies of a signal. */
export function* dieOf(shell: Shell, number: number): Routine<void> {
  shell.lastStatus = 128 + number;
  yield* runExitTrap(shell);
  shell.process.sigaction(number, 'default');
  shell.process.raise(number);
  yield { on: [], until: shell.process.now };
  shell.jump = { kind: 'exit' };
}

/** Runs an action and keeps `$?` as it was. */
export function* runTrap(shell: Shell, action: string): Routine<void> {
  const { lastStatus, pipeStatus, line, jump } = shell;
  shell.traps.running++;
  shell.jump = undefined;
  yield* runText(shell, action, { line });
  shell.traps.running--;
  shell.jump ??= jump;
  if (shell.jump?.kind !== 'exit') shell.lastStatus = lastStatus;
  shell.pipeStatus = pipeStatus;
  shell.line = line;
}

/** The EXIT trap, once; the status the shell ends with. */
export function* runExitTrap(shell: Shell): Routine<number> {
  const action = shell.traps.actions.get('EXIT');
  if (!action) return shell.lastStatus;
  shell.traps.actions.delete('EXIT');
  const status = shell.lastStatus;
  shell.jump = undefined;
  yield* runText(shell, action, { line: shell.line });
  const ended = shell.jump as Shell['jump'];
  return ended?.kind === 'exit' ? shell.lastStatus : status;
}
