// What compose tells while it works, on standard error: a line an event where there is no terminal, a list that is drawn
// again where there is one, JSON lines, or nothing.

import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { WindowSize } from '../../../kernel/terminal/terminal.ts';
import type { Main } from '../../../userland/libc/stdio.ts';
import { DRY_RUN_PREFIX } from './dry-run.ts';

export type EventStatus = 'working' | 'done' | 'warning' | 'error';

export interface ProgressEvent {
  readonly id: string;
  readonly status: EventStatus;
  readonly text?: string;
  /** `Creating`, `Started`, or a failure. */
  readonly statusText: string;
}

interface Row extends ProgressEvent {
  readonly began: number;
  readonly ended: number | undefined;
}

const MARKS: Readonly<Record<EventStatus, string>> = {
  working: '\x1b[33m⠋\x1b[0m',
  done: '\x1b[32m✔\x1b[0m',
  warning: '\x1b[33m!\x1b[0m',
  error: '\x1b[31m✘\x1b[0m',
};
const COLORS: Readonly<Record<EventStatus, string>> = {
  working: '',
  done: '\x1b[32m',
  warning: '\x1b[33m',
  error: '\x1b[31m',
};

/** Takes events of one piece of work. */
export class Progress {
  private readonly main: Main;
  private readonly mode: string;
  private readonly title: string;
  /** Before every line, in a dry run. */
  private readonly prefix: string;
  private readonly rows = new Map<string, Row>();
  private drawn = 0;

  constructor(main: Main, mode: string, title = 'Running', dryRun = false) {
    this.prefix = dryRun ? DRY_RUN_PREFIX : '';
    this.main = main;
    this.title = title;
    this.mode =
      mode === '' || mode === 'auto' ? (main.process.isTerminal(2) ? 'tty' : 'plain') : mode;
  }

  /** Tells one event. */
  *event(id: string, status: EventStatus, statusText: string, text = ''): Routine<void> {
    const { main } = this;
    if (this.mode === 'quiet') return;
    yield* main.out.flush();
    if (this.mode === 'tty') this.draw({ id, status, statusText, text });
    else if (this.mode === 'json')
      main.err.put(
        `${JSON.stringify({ ...(this.prefix ? { 'dry-run': true } : {}), id, ...(text ? { text } : {}), ...(statusText ? { status: statusText } : {}) })}\n`,
      );
    else main.err.put(`${this.prefix} ${id} ${text} ${statusText}\n`);
    yield* main.err.flush();
  }

  working(id: string, text: string): Routine<void> {
    return this.event(id, 'working', text);
  }
  done(id: string, text: string): Routine<void> {
    return this.event(id, 'done', text);
  }

  private draw(event: ProgressEvent): void {
    const { now } = this.main.process;
    const before = this.rows.get(event.id);
    const ended = event.status === 'working' ? undefined : now;
    this.rows.set(event.id, { ...event, began: before?.began ?? now, ended });
    const size = this.main.process.ioctl(2, 'TIOCGWINSZ') as WindowSize | undefined;
    const width = size?.columns || 80;
    const rows = [...this.rows.values()];
    const finished = rows.filter(({ status }) => status !== 'working').length;
    const head = `[+] ${this.title} ${finished}/${rows.length}`;
    const pad = Math.max(...rows.map(({ id, text }) => `${id} ${text ?? ''}`.length));
    const lines = rows.map((row) => this.line(row, pad, width, now));
    const up = this.drawn > 0 ? `\x1b[${this.drawn}A\x1b[0G` : '';
    const shown = finished === rows.length ? `\x1b[34m${head}\x1b[0m` : head;
    this.main.err.put(`${up}\x1b[?25l${shown}\n${lines.join('')}\x1b[?25h`);
    this.drawn = rows.length + 1;
  }

  private line(row: Row, pad: number, width: number, now: number): string {
    const text = `${row.id} ${row.text ?? ''}`.padEnd(pad);
    const color = COLORS[row.status];
    const room = width - `${row.id} ${row.text ?? ''}`.length - pad - 15;
    const told =
      room > 0 && row.statusText.length > room
        ? `${row.statusText.slice(0, room)}...`
        : row.statusText;
    const status = color === '' ? told : `${color}${told}\x1b[0m`;
    const prefix = this.prefix === '' ? '' : `\x1b[36m${this.prefix}\x1b[0m`;
    const timer = `${(((row.ended ?? now) - row.began) / SECOND).toFixed(1)}s `;
    const plain = 1 + 1 + 1 + this.prefix.length + text.length + 1 + told.length;
    const gap = ' '.repeat(Math.max(0, width - plain - timer.length));
    return ` ${MARKS[row.status]} ${prefix}${text} ${status}${gap}\x1b[34m${timer}\x1b[0m\n`;
  }
}
