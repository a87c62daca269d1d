// The page's end of one lab: a worker, the jobs that it was given, and who listens to what it says.

import type { Step } from '../../src/worker/block.ts';
import type { FromLab, ToLab } from '../../src/worker/messages.ts';

/** Told what a job does. `over` comes last, with false where the job was dropped. */
export interface JobListener {
  begin(): void;
  output(command: number, text: string): void;
  status(command: number, status: number): void;
  opened(command: number, terminal: number): void;
  over(ran: boolean): void;
}

/** The page's end of a terminal; what comes before somebody shows it is kept. */
interface ScreenEnd {
  backlog: string;
  write: ((text: string, ended: boolean) => void) | undefined;
}

export class LabConnection {
  readonly lab: string;
  /** Ids of the steps that have run here; files with the text that was put. */
  readonly ran = new Map<string, string>();
  /** Told of every message that is about no job. */
  readonly listeners = new Set<(message: FromLab) => void>();
  /** The lab could not be opened, or a fault ended it. */
  dead = false;
  private readonly worker: Worker;
  private readonly jobs = new Map<number, JobListener>();
  private readonly screens = new Map<number, ScreenEnd>();
  private jobCount = 0;
  private begun = 0;
  private terminalCount = 0;

  /** Starts a worker and has it open the lab. */
  constructor(lab: string) {
    this.lab = lab;
    this.worker = new Worker(new URL('../../src/worker/worker.ts', import.meta.url), {
      type: 'module',
    });
    this.worker.addEventListener('message', ({ data }: MessageEvent<FromLab>) => this.take(data));
    this.worker.addEventListener('error', (event) => {
      this.take({ type: 'fault', text: event.message || 'the lab could not be loaded' });
    });
    this.send({ type: 'open', lab });
  }

  send(message: ToLab): void {
    this.worker.postMessage(message);
  }

  /** Has a step run after those that were asked for before. */
  run(step: Step, quick: boolean, listener: JobListener): void {
    const job = ++this.jobCount;
    this.jobs.set(job, listener);
    if (this.jobs.size === 1) this.begin(job);
    this.send({ type: 'run', job, step, quick });
  }

  /** A number for a terminal that the page opens. */
  newTerminal(): number {
    return ++this.terminalCount;
  }

  /** Has terminal `number` shown by `write`, from its first byte on. */
  attach(number: number, write: (text: string, ended: boolean) => void): void {
    const screen = this.screen(number);
    screen.write = write;
    if (screen.backlog !== '') write(screen.backlog, false);
    screen.backlog = '';
  }

  get busy(): boolean {
    return this.jobs.size > 0;
  }

  /** Ends the lab where it stands. */
  close(): void {
    this.worker.terminate();
    for (const listener of this.jobs.values()) listener.over(false);
    this.jobs.clear();
    this.listeners.clear();
  }

  private screen(number: number): ScreenEnd {
    let screen = this.screens.get(number);
    if (!screen) {
      screen = { backlog: '', write: undefined };
      this.screens.set(number, screen);
    }
    return screen;
  }

  private die(): void {
    this.dead = true;
    for (const job of [...this.jobs.keys()]) this.end(job, false);
  }

  private begin(job: number): void {
    if (job <= this.begun) return;
    this.begun = job;
    this.jobs.get(job)?.begin();
  }

  private take(message: FromLab): void {
    if (message.type === 'screen') {
      const screen = this.screen(message.terminal);
      if (screen.write) screen.write(message.text, message.ended);
      else screen.backlog += message.text;
    } else if (!('job' in message)) {
      if (message.type === 'fault') this.die();
      for (const listener of this.listeners) listener(message);
    } else {
      this.takeJob(message);
    }
  }

  private takeJob(message: Extract<FromLab, { job: number }>): void {
    this.begin(message.job);
    const listener = this.jobs.get(message.job);
    if (message.type === 'output') listener?.output(message.command, message.text);
    else if (message.type === 'status') listener?.status(message.command, message.status);
    else if (message.type === 'opened') listener?.opened(message.command, message.terminal);
    else if (message.type === 'done') this.end(message.job, message.ran);
  }

  private end(job: number, ran: boolean): void {
    const listener = this.jobs.get(job);
    this.jobs.delete(job);
    listener?.over(ran);
    const next = this.jobs.keys().next();
    if (!next.done) this.begin(next.value);
  }
}
