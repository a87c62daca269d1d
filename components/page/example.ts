// One example in the page: its state while it runs, and the result under each command.

import type { Step } from '../../src/worker/block.ts';
import { STEP_TERMINAL } from '../../src/worker/step-terminal.ts';
import type { LabConnection } from './connection.ts';
import { LiveOutput } from './live-output.ts';

export class Example {
  private readonly section: HTMLElement;
  private readonly button: HTMLButtonElement | null;
  private readonly results: HTMLElement[];
  /** What the build had put under each command. */
  private readonly built: Node[][];
  private outputs: (LiveOutput | undefined)[] = [];
  private readonly label: string;

  constructor(section: HTMLElement, step: Step) {
    this.section = section;
    this.button = section.querySelector<HTMLButtonElement>('[data-action=run]');
    this.results = [...section.querySelectorAll<HTMLElement>('[data-result]')];
    this.built = this.results.map((result) => [...result.childNodes]);
    this.label = `Example ${step.id.replace(/^run-/, '')}`;
  }

  get running(): boolean {
    return this.section.dataset.state === 'running' || this.section.dataset.state === 'waiting';
  }

  /** Has the step run in a lab and shows what comes of it. */
  run(connection: LabConnection, step: Step, quick: boolean): void {
    this.outputs = [];
    this.state('waiting');
    connection.ran.set(step.id, '');
    connection.run(step, quick, {
      begin: () => {
        this.state('running');
        for (const result of this.results) result.classList.add('stale');
      },
      output: (command, text) => this.output(command)?.append(text),
      status: (command, status) => {
        this.output(command)?.end(status);
      },
      opened: (command, terminal) => void this.open(connection, command, terminal),
      over: (ran) => {
        if (!ran) connection.ran.delete(step.id);
        for (const result of this.results) result.classList.remove('stale');
        this.state('');
      },
    });
  }

  /** Shows again what the build had made. */
  restore(): void {
    this.outputs = [];
    this.results.forEach((result, i) => {
      delete result.dataset.terminal;
      result.classList.remove('stale');
      result.replaceChildren(...(this.built[i] ?? []));
    });
    this.state('');
  }

  private output(command: number): LiveOutput | undefined {
    const place = this.results[command];
    if (!place || place.dataset.terminal !== undefined) return undefined;
    place.classList.remove('stale');
    this.outputs[command] ??= new LiveOutput(place);
    return this.outputs[command];
  }

  private async open(connection: LabConnection, command: number, terminal: number): Promise<void> {
    const place = this.results[command];
    if (!place) return;
    place.dataset.terminal = '';
    const { openScreen } = await import('./terminal.ts');
    place.replaceChildren();
    openScreen(place, connection, terminal, { ...STEP_TERMINAL, fit: false });
  }

  private state(state: '' | 'waiting' | 'running'): void {
    this.section.dataset.state = state;
    if (!this.button) return;
    this.button.textContent = state === '' ? 'Run' : 'Stop';
    this.button.setAttribute('aria-label', `${this.button.textContent} ${this.label}`);
  }
}
