// A note that runs: which lab a step belongs to, what must run before it, and what the page's buttons do.

import { fileCommand, type Step, stepsBefore } from '../../src/worker/block.ts';
import { LabConnection } from './connection.ts';
import { Dock } from './dock.ts';
import { Example } from './example.ts';
import { FileEditor } from './file-editor.ts';

const steps = JSON.parse(document.getElementById('steps')?.textContent ?? '[]') as Step[];
const connections = new Map<string, LabConnection>();
const examples = new Map<string, Example>();
const files = new Map<string, FileEditor>();
const dock = new Dock(document.querySelector<HTMLElement>('[data-dock]'), {
  lab: () => connectionOf(steps[0]),
  reset,
  runAll,
});

for (const step of steps) {
  const section = document.getElementById(step.id);
  if (!section) continue;
  if (step.file) files.set(step.id, new FileEditor(section, step.file.text));
  else examples.set(step.id, new Example(section, step));
}

/** Switches on the lab of the page's first step, so that the first click finds it ready. */
export function warmUp(): void {
  if (connections.size === 0) connectionOf(steps[0]);
}

/** Does what a button of the page says. */
export function act(button: HTMLElement): void {
  const block = button.closest<HTMLElement>('[data-step], [data-file]');
  const id = block?.id ?? '';
  const action = button.dataset.action;
  if (block === null) dock.act(button);
  else if (action === 'run') toggle(id);
  else if (action === 'edit') files.get(id)?.edit();
  else if (action === 'restore') files.get(id)?.restore();
}

function toggle(id: string): void {
  const example = examples.get(id);
  const step = steps.find((other) => other.id === id);
  if (!example || !step) return;
  if (example.running) connectionOf(step).send({ type: 'stop' });
  else runTo(step);
}

/** Runs a step; first, at full speed, those above it that its lab has not seen. */
function runTo(step: Step): void {
  const connection = connectionOf(step);
  dock.show(connection);
  for (const before of stepsBefore(steps, step)) bring(connection, before);
  examples.get(step.id)?.run(connection, step, false);
}

function bring(connection: LabConnection, step: Step): void {
  const text = step.file ? (files.get(step.id)?.text ?? step.file.text) : '';
  if (connection.ran.get(step.id) === text) return;
  connection.ran.set(step.id, text);
  const example = examples.get(step.id);
  if (example) {
    example.run(connection, step, true);
  } else {
    const commands = step.file ? [fileCommand(step.file.path, text)] : step.commands;
    connection.run({ ...step, commands }, true, silent(connection, step));
  }
}

/** A hidden step or a file: nothing of it shows, but a step that was dropped has not run. */
function silent(connection: LabConnection, step: Step) {
  const nothing = (): void => undefined;
  return {
    begin: nothing,
    output: nothing,
    status: nothing,
    opened: nothing,
    over: (ran: boolean) => {
      if (!ran) connection.ran.delete(step.id);
    },
  };
}

function runAll(): void {
  for (const step of steps) if (examples.has(step.id)) runTo(step);
}

function reset(): void {
  for (const connection of connections.values()) connection.close();
  connections.clear();
  for (const example of examples.values()) example.restore();
  warmUp();
}

/** The lab of a step: one for each name, and another from each `fresh` on. */
function connectionOf(step: Step | undefined): LabConnection {
  const first = step && (stepsBefore(steps, step)[0] ?? step);
  const lab = step?.lab ?? 'linux';
  const key = `${lab} ${first?.id}`;
  let connection = connections.get(key);
  if (!connection || connection.dead) {
    connection = new LabConnection(lab);
    connections.set(key, connection);
    dock.show(connection);
  }
  return connection;
}
