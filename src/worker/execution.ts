// One step of a note under way in a lab: its commands one after another, in slices as small as the host
// wants. Who calls decides how far virtual time may go; nothing here looks at a clock.

import { firstCause } from '../sim/core/cause.ts';
import { limits } from '../sim/core/limits.ts';
import { MILLISECOND, SECOND } from '../sim/core/time.ts';
import type { Command, Step } from './block.ts';
import type { Lab, TerminalSession } from './lab.ts';
import { STEP_TERMINAL } from './step-terminal.ts';

/** Told what happens. `command` counts from 0 within the step. */
export interface Listener {
  output(command: number, text: string): void;
  status(command: number, status: number): void;
  /** A program that is typed into has a terminal of its own; its output follows there. */
  terminal(command: number, terminal: TerminalSession): void;
}

/** Virtual time for which a terminal must be silent before the next line is typed into it. */
const SILENCE = 400 * MILLISECOND;
/** The same where no program reads from it: it may still be pulling an image. A control key does not wait for that. */
const UNREAD_SILENCE = 10 * SECOND;
/** How long a command that got Ctrl-C at the step's end may go on. */
const INTERRUPT_GRACE = 5 * SECOND;

const CUT = `\ndrydock: output past ${limits.outputBytes} bytes is not shown\n`;

export class Execution {
  readonly step: Step;
  ended = false;
  private readonly lab: Lab;
  private readonly listener: Listener;
  private deadline: number | undefined;
  private index = -1;
  private shown = 0;
  private interrupted = false;
  /** Where the command is typed: what comes next, and when something was typed last. */
  private terminal: { session: TerminalSession; next: number; typedAt: number } | undefined;

  constructor(lab: Lab, step: Step, listener: Listener) {
    this.lab = lab;
    this.step = step;
    this.listener = listener;
    this.deadline = step.lasts === undefined ? undefined : lab.simulation.now + step.lasts;
    this.startNext();
  }

  /** Lives on to virtual time `until` at the most, for `budget` turns and events at the most. */
  advance(until: number, budget: number): void {
    if (this.ended) return;
    const { simulation } = this.lab;
    const stops = [until, this.deadline, this.typingDue()].filter((at) => at !== undefined);
    const patient = this.patient;
    const end = simulation.advance({
      until: Math.min(...stops),
      done: () => this.commandEnded() || (patient && !this.patient),
      budget,
    });
    this.flush();
    if (this.commandEnded()) this.commandOver();
    else if (end === 'budget' || end === 'code') return;
    else if (this.terminal && simulation.now >= (this.typingDue() ?? 0)) this.typeNext();
    else if (this.deadline !== undefined && simulation.now >= this.deadline) this.timeIsUp();
  }

  /** Ctrl-C for what runs; what was still to be typed is left out. */
  interrupt(): void {
    this.interrupted = true;
    if (this.terminal) {
      this.terminal.session.write('\x03');
      this.over();
    } else if (this.lab.session.running) {
      this.lab.session.interrupt();
    } else {
      this.over();
    }
  }

  private get command(): Command | undefined {
    return this.step.commands[this.index];
  }

  private startNext(): void {
    this.index++;
    this.shown = 0;
    const { command, lab } = this;
    if (!command) {
      if (this.deadline === undefined || lab.simulation.now >= this.deadline) this.over();
      return;
    }
    lab.simulation.causedBy(firstCause(), () => {
      if (command.typed.length === 0) lab.session.start(command.text);
      else this.openTerminal();
    });
  }

  private openTerminal(): void {
    const { simulation, session: shell } = this.lab;
    const session = shell.openTerminal(STEP_TERMINAL.columns, STEP_TERMINAL.rows);
    this.terminal = { session, next: -1, typedAt: simulation.now };
    this.listener.terminal(this.index, session);
  }

  private commandEnded(): boolean {
    if (!this.command) return false;
    return this.terminal ? this.terminal.session.ended : !this.lab.session.running;
  }

  private commandOver(): void {
    const status = this.terminal ? 0 : this.lab.session.status;
    this.listener.status(this.index, status);
    this.terminal = undefined;
    if (this.interrupted) this.over();
    else this.startNext();
  }

  private timeIsUp(): void {
    if (!this.command || this.interrupted) {
      this.over();
      return;
    }
    this.interrupt();
    this.deadline = this.lab.simulation.now + INTERRUPT_GRACE;
  }

  private over(): void {
    this.ended = true;
    this.terminal = undefined;
  }

  private flush(): void {
    const text = this.terminal?.session.takeOutput() ?? this.lab.session.takeOutput();
    if (text === '') return;
    const room = limits.outputBytes - this.shown;
    this.shown += text.length;
    if (room <= 0) return;
    this.listener.output(this.index, text.length > room ? text.slice(0, room) + CUT : text);
  }

  /** No program reads what is to be typed next. */
  private get patient(): boolean {
    const { terminal, command } = this;
    const next = (terminal && command?.typed[terminal.next]) ?? '';
    return terminal?.session.awaited === false && next !== '' && !isControl(next);
  }

  /** When the next line is typed, if all stays as it is; in whatever slices time goes by, it is typed at one and the same. */
  private typingDue(): number | undefined {
    const { terminal } = this;
    if (!terminal) return undefined;
    const quietSince = Math.max(terminal.typedAt, terminal.session.outputAt);
    return quietSince + (this.patient ? UNREAD_SILENCE : SILENCE);
  }

  private typeNext(): void {
    const { terminal, command } = this;
    if (!terminal || !command) return;
    const line = terminal.next < 0 ? command.text : command.typed[terminal.next];
    terminal.next++;
    terminal.typedAt = this.lab.simulation.now;
    if (line === undefined) {
      this.listener.status(this.index, 0);
      this.terminal = undefined;
      this.startNext();
    } else {
      const { session } = terminal;
      this.lab.simulation.causedBy(firstCause(), () => session.write(keysOf(line)));
    }
  }
}

function isControl(line: string): boolean {
  return /^(?:\^[@-_a-z])+$/.test(line);
}

/** What the keyboard sends for a line: itself and Enter, or a control key for `^C`. */
function keysOf(line: string): string {
  if (!isControl(line)) return `${line}\r`;
  return line.replace(/\^(.)/g, (_, key: string) =>
    String.fromCharCode(key.toUpperCase().charCodeAt(0) & 31),
  );
}
