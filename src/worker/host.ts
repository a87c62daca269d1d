// Hosts one lab: takes the page's messages, runs jobs one after another, keeps terminals and views going,
// and decides in slices how far virtual time goes. The worker lends it a clock and a way to be called again.

import { firstCause } from '../sim/core/cause.ts';
import type { DistantCode } from '../sim/core/code.ts';
import { Execution } from './execution.ts';
import type { Eyes } from './eyes.ts';
import type { Lab, TerminalSession } from './lab.ts';
import type { FromLab, ToLab } from './messages.ts';
import { type Pace, virtualTime } from './pace.ts';
import { type Story, storyOf } from './story.ts';
import type { ViewName } from './views.ts';

/** What the worker lends: wall milliseconds, a later call, and the way to the page. */
export interface Surroundings {
  wall(): number;
  /** Calls `turn` once in `delay` milliseconds, in place of any call asked for before. */
  later(delay: number): void;
  /** Fetches code that was left out, then calls `turn`. */
  bring(code: DistantCode): void;
  send(message: FromLab): void;
}

type RunMessage = Extract<ToLab, { type: 'run' }>;

/** Turns and events in one slice, in pieces, and the wall milliseconds after which no other is begun, so that Stop is heard. */
const SLICE = 20_000;
const PIECE = 20;
const SLICE_TIME = 12;
/** Virtual time that a quick job may take. */
const QUICK = 3600e9;
/** Milliseconds between two turns: while something runs, and while the lab just lives on. */
const FRAME = 16;
const IDLE_FRAME = 120;
/** Milliseconds between two looks at what the views show, while a job runs. */
const VIEW_FRAME = 80;
/** Milliseconds without a message after which an idle lab rests. */
const REST_AFTER = 600_000;
/** Characters of a terminal that the page may have to draw yet; what is printed beyond stays in the terminal, as in a tty. */
const UNSEEN = 100_000;

export class LabHost {
  /** What views see; set before the first is watched. */
  eyes: Eyes | undefined;
  private readonly lab: Lab;
  private readonly around: Surroundings;
  private readonly story: Story;
  private readonly waiting: RunMessage[] = [];
  private readonly terminals = new Map<number, TerminalSession>();
  /** Characters sent per terminal that the page has not drawn yet. */
  private readonly unseen = new Map<number, number>();
  private terminalCount = 0;
  private job: { message: RunMessage; execution: Execution } | undefined;
  private pace: Pace = 'brisk';
  private skipTo = 0;
  /** Wall and virtual time from which the pace is reckoned. */
  private origin: { wall: number; virtual: number };
  private heardAt: number;
  private watched: readonly ViewName[] = [];
  private shownAt = 0;
  private clockFace = '';
  private readonly shown = new Map<ViewName, string>();

  constructor(lab: Lab, around: Surroundings) {
    this.lab = lab;
    this.around = around;
    this.story = storyOf(lab.simulation);
    this.heardAt = around.wall();
    this.origin = { wall: this.heardAt, virtual: lab.simulation.now };
  }

  /** Does what the page asks. */
  take(message: ToLab): void {
    this.heardAt = this.around.wall();
    switch (message.type) {
      case 'run':
        this.waiting.push(message);
        break;
      case 'stop':
        this.dropWaiting();
        this.skipTo = 0;
        this.job?.execution.interrupt();
        break;
      case 'pace':
        this.pace = message.pace;
        this.reckonFromNow();
        break;
      case 'skip':
        this.skipTo = Math.max(this.skipTo, this.lab.simulation.now) + message.time;
        break;
      case 'step':
        this.liveOn(this.lab.simulation.nextEventAt ?? this.lab.simulation.now, 1);
        break;
      case 'terminal':
        this.openTerminal(message.terminal, message.columns, message.rows);
        break;
      case 'keys':
        this.type(message.terminal, message.keys);
        break;
      case 'seen':
        this.unseen.set(message.terminal, this.unseenOf(message.terminal) - message.length);
        break;
      case 'watch':
        this.watched = message.views;
        this.shown.clear();
        break;
    }
    this.turn();
  }

  /** One slice of the lab's life. */
  turn(): void {
    const { wanted } = this.lab.simulation;
    if (wanted && !wanted.present) return;
    if (!this.job) this.startJob();
    const until = this.target();
    const unfinished = this.slice(until);
    if (this.job?.execution.ended) this.endJob();
    this.flushTerminals();
    this.showViews();
    const { now, busy: ready, wanted: missing } = this.lab.simulation;
    const busy = this.job !== undefined || this.waiting.length > 0;
    this.showClock(now, busy);
    if (missing) {
      this.around.bring(missing);
      return;
    }
    const next = !this.job && this.waiting.length > 0;
    if (unfinished || ready || next || now < this.skipTo) this.around.later(0);
    else if (busy) this.around.later(this.job?.message.quick ? 0 : FRAME);
    else if (this.around.wall() - this.heardAt < REST_AFTER) {
      this.around.later(this.terminals.size > 0 ? FRAME * 2 : IDLE_FRAME);
    }
  }

  /** Lives on for a slice; true where there was more to do in it than its time allowed. */
  private slice(until: number): boolean {
    const { simulation } = this.lab;
    const began = this.around.wall();
    for (let left = SLICE; left > 0; left -= PIECE) {
      const before = simulation.steps;
      this.liveOn(until, PIECE);
      if (simulation.steps - before < PIECE || this.job?.execution.ended) return false;
      if (this.around.wall() - began >= SLICE_TIME) break;
    }
    return true;
  }

  private liveOn(until: number, budget: number): void {
    if (this.job) this.job.execution.advance(until, budget);
    else this.lab.simulation.advance({ until, budget });
  }

  /** The virtual time to which the lab may live in this turn. */
  private target(): number {
    const { now } = this.lab.simulation;
    if (this.job?.message.quick) return now + QUICK;
    if (now < this.skipTo) return this.skipTo;
    const wall = this.around.wall() - this.origin.wall;
    const pace = this.job || this.pace === 'paused' ? this.pace : 'real';
    return Math.max(now, this.origin.virtual + virtualTime(pace, wall));
  }

  private reckonFromNow(): void {
    this.origin = { wall: this.around.wall(), virtual: this.lab.simulation.now };
  }

  private startJob(): void {
    const message = this.waiting.shift();
    if (!message) return;
    const { job } = message;
    this.reckonFromNow();
    let terminal: number | undefined;
    const execution = new Execution(this.lab, message.step, {
      output: (command, text) => {
        if (terminal === undefined) this.around.send({ type: 'output', job, command, text });
        else this.show(terminal, text, false);
      },
      status: (command, status) => {
        terminal = undefined;
        this.around.send({ type: 'status', job, command, status });
      },
      terminal: (command, session) => {
        terminal = --this.terminalCount;
        this.terminals.set(terminal, session);
        this.around.send({ type: 'opened', job, command, terminal });
      },
    });
    this.job = { message, execution };
  }

  private endJob(): void {
    if (!this.job) return;
    this.around.send({ type: 'done', job: this.job.message.job, ran: true });
    this.job = undefined;
    this.reckonFromNow();
  }

  private dropWaiting(): void {
    for (const { job } of this.waiting.splice(0))
      this.around.send({ type: 'done', job, ran: false });
  }

  private openTerminal(number: number, columns: number, rows: number): void {
    const open = this.terminals.get(number);
    if (open) open.resize(columns, rows);
    else this.terminals.set(number, this.lab.session.openTerminal(columns, rows));
  }

  /** What the reader types has no cause before it. */
  private type(terminal: number, keys: string): void {
    this.lab.simulation.causedBy(firstCause(), () => this.terminals.get(terminal)?.write(keys));
  }

  private flushTerminals(): void {
    for (const [terminal, session] of this.terminals) {
      if (this.unseenOf(terminal) >= UNSEEN) continue;
      const text = session.takeOutput();
      const { ended } = session;
      if (text !== '' || ended) this.show(terminal, text, ended);
      if (ended) this.terminals.delete(terminal);
    }
  }

  private unseenOf(terminal: number): number {
    return this.unseen.get(terminal) ?? 0;
  }

  private show(terminal: number, text: string, ended: boolean): void {
    this.unseen.set(terminal, this.unseenOf(terminal) + text.length);
    this.around.send({ type: 'screen', terminal, text, ended });
  }

  /** The page shows tenths of a second. */
  private showClock(now: number, busy: boolean): void {
    const face = `${Math.floor(now / 1e8)} ${busy}`;
    if (face === this.clockFace) return;
    this.clockFace = face;
    this.around.send({ type: 'clock', now, busy });
  }

  private showViews(): void {
    const wall = this.around.wall();
    if (wall - this.shownAt < VIEW_FRAME && this.job) return;
    this.shownAt = wall;
    for (const view of this.watched) {
      if (view === 'story') {
        const data = this.shown.has('story') ? this.story.take() : this.story.all();
        this.shown.set('story', '');
        if (data.length > 0) this.around.send({ type: 'view', view, data });
        continue;
      }
      const data = this.eyes?.[view](this.lab);
      const text = JSON.stringify(data) ?? '';
      if (this.shown.get(view) === text) continue;
      this.shown.set(view, text);
      this.around.send({ type: 'view', view, data } as FromLab);
    }
  }
}
