// The bar and panel at the foot of the page: the lab that was used last, its clock, and one view at a time.

import type { FromLab } from '../../src/worker/messages.ts';
import type { Pace } from '../../src/worker/pace.ts';
import type { ViewName } from '../../src/worker/views.ts';
import type { LabConnection } from './connection.ts';
import type { Screen } from './terminal.ts';

/** What the dock asks of the page. */
export interface DockActions {
  /** The lab to show where none has been used yet. */
  lab(): LabConnection;
  reset(): void;
  runAll(): void;
}

/** A view draws its data anew. */
export interface View {
  show(data: unknown): void;
}

type TabName = ViewName | 'terminal';

const MINUTE = 60e9;

export class Dock {
  private readonly root: HTMLElement | null;
  private readonly actions: DockActions;
  private readonly panel: HTMLElement | null;
  private connection: LabConnection | undefined;
  private tab: TabName | undefined;
  private view: View | undefined;
  private terminal: (Screen & { element: HTMLElement }) | undefined;

  constructor(root: HTMLElement | null, actions: DockActions) {
    this.root = root;
    this.actions = actions;
    this.panel = root?.querySelector<HTMLElement>('#dock-panel') ?? null;
    this.panel?.addEventListener('keydown', (event) => this.leave(event));
    this.find<HTMLSelectElement>('[data-dock-pace]')?.addEventListener('change', ({ target }) => {
      const pace = (target as HTMLSelectElement).value as Pace;
      this.lab().send({ type: 'pace', pace });
    });
  }

  /** Follows another lab. */
  show(connection: LabConnection): void {
    if (this.connection === connection) return;
    this.connection?.listeners.delete(this.take);
    this.connection = connection;
    this.terminal?.dispose();
    this.terminal = undefined;
    connection.listeners.add(this.take);
    const name = this.find('[data-dock-lab]');
    if (name) name.textContent = connection.lab;
    this.say('switching on');
    const reset = this.find<HTMLButtonElement>('[data-action=reset]');
    if (reset) reset.disabled = false;
    if (this.tab) void this.open(this.tab);
  }

  /** Does what a button of the bar says. */
  act(button: HTMLElement): void {
    const { action, view } = button.dataset;
    if (view) {
      if (this.tab === view) this.close();
      else void this.open(view as TabName);
    } else if (action === 'stop') this.lab().send({ type: 'stop' });
    else if (action === 'step') this.lab().send({ type: 'step' });
    else if (action === 'skip') this.lab().send({ type: 'skip', time: MINUTE });
    else if (action === 'taller') {
      const tall = this.root?.toggleAttribute('data-tall') ?? false;
      button.setAttribute('aria-pressed', String(tall));
    } else if (action === 'run-all') this.actions.runAll();
    else if (action === 'reset') this.actions.reset();
  }

  private lab(): LabConnection {
    if (!this.connection) this.show(this.actions.lab());
    return this.connection as LabConnection;
  }

  private readonly take = (message: FromLab): void => {
    if (message.type === 'ready') this.say('ready');
    else if (message.type === 'fault') this.say(`fault: ${message.text}`);
    else if (message.type === 'clock') this.clock(message.now, message.busy);
    else if (message.type === 'view' && message.view === this.tab) this.view?.show(message.data);
  };

  private async open(tab: TabName): Promise<void> {
    const { panel } = this;
    if (!panel) return;
    const connection = this.lab();
    this.tab = tab;
    this.view = undefined;
    panel.hidden = false;
    for (const button of this.root?.querySelectorAll('[data-view]') ?? []) {
      button.setAttribute('aria-expanded', String((button as HTMLElement).dataset.view === tab));
    }
    connection.send({ type: 'watch', views: [] });
    if (tab === 'terminal') await this.openTerminal(panel, connection);
    else await this.openView(panel, tab);
  }

  private async openTerminal(panel: HTMLElement, connection: LabConnection): Promise<void> {
    if (!this.terminal) {
      const element = document.createElement('div');
      element.className = 'dock-screen';
      panel.replaceChildren(element);
      const { openScreen } = await import('./terminal.ts');
      if (this.connection !== connection || this.tab !== 'terminal') return;
      const size = { columns: 80, rows: 16, fit: true };
      const screen = openScreen(element, connection, connection.newTerminal(), size);
      this.terminal = { element, ...screen };
    } else {
      panel.replaceChildren(this.terminal.element);
    }
    this.terminal.focus();
  }

  private async openView(panel: HTMLElement, tab: ViewName): Promise<void> {
    const place = document.createElement('div');
    place.className = `view view-${tab}`;
    panel.replaceChildren(place);
    const { createView } = await import('./views/index.ts');
    if (this.tab !== tab) return;
    this.view = createView(tab, place, (command) => void this.look(command));
    this.lab().send({ type: 'watch', views: [tab] });
  }

  /** Types a command into the terminal, as the reader would to look at something. */
  private async look(command: string): Promise<void> {
    await this.open('terminal');
    this.terminal?.type(`${command}\r`);
  }

  /** F6 goes from the panel to its tab; Escape, which programs need, closes only what is no terminal. */
  private leave(event: KeyboardEvent): void {
    const tab = this.find<HTMLElement>(`[data-view=${this.tab}]`);
    if (event.key === 'F6') {
      event.preventDefault();
      tab?.focus();
    } else if (event.key === 'Escape' && this.tab !== 'terminal') {
      this.close();
      tab?.focus();
    }
  }

  private close(): void {
    this.tab = undefined;
    if (this.panel) this.panel.hidden = true;
    this.connection?.send({ type: 'watch', views: [] });
    for (const button of this.root?.querySelectorAll('[data-view]') ?? []) {
      button.setAttribute('aria-expanded', 'false');
    }
  }

  private clock(now: number, busy: boolean): void {
    const face = this.find('[data-dock-clock]');
    if (face) face.textContent = faceOf(now);
    this.root?.toggleAttribute('data-busy', busy);
    const stop = this.find<HTMLButtonElement>('[data-action=stop]');
    if (stop) stop.disabled = !busy;
    this.say(busy ? 'running' : 'ready');
  }

  private say(text: string): void {
    const state = this.find('[data-dock-state]');
    if (state && state.textContent !== text) state.textContent = text;
  }

  private find<E extends HTMLElement>(selector: string): E | null {
    return this.root?.querySelector<E>(selector) ?? null;
  }
}

/** `1:02.5`, or `2:01:02` from an hour on. */
function faceOf(now: number): string {
  const tenths = Math.floor(now / 1e8);
  const seconds = Math.floor(tenths / 10);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}.${tenths % 10}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
