// Processes as a tree, machine by machine. A process that lives in namespaces other than those of PID 1
// carries a plate for each of them; equal colours are the same namespace.

import type { MachineEntry, ProcessEntry } from '../../../src/worker/views.ts';
import { draw, drawButton } from './draw.ts';

const HUES = 6;

/** Returns the function that draws the machines anew. */
export function processesView(
  place: HTMLElement,
  look: (command: string) => void,
): (machines: readonly MachineEntry[]) => void {
  const hues = new Map<number, number>();
  const plate = (kind: string, inode: number): HTMLElement => {
    if (!hues.has(inode)) hues.set(inode, hues.size % HUES);
    const element = draw('span', `plate hue-${hues.get(inode)}`, kind);
    element.title = `${kind}:[${inode}]`;
    return element;
  };
  const branch = (
    machine: MachineEntry,
    process: ProcessEntry,
    home: ProcessEntry,
  ): HTMLElement => {
    const children = machine.processes.filter((other) => other.parent === process.pid);
    const own = Object.entries(process.namespaces).filter(
      ([kind, inode]) => home.namespaces[kind] !== inode,
    );
    const inner = process.innerPid === process.pid ? '' : ` = ${process.innerPid} inside`;
    const pid = drawButton('pid', String(process.pid), () => look(`lsns -p ${process.pid}`));
    pid.title = 'Its namespaces';
    const command = draw('code', '', process.command);
    command.title = process.command;
    const line = draw(
      'div',
      `process state-${process.state}`,
      pid,
      draw('span', 'inner', inner),
      command,
      ...own.map(([kind, inode]) => plate(kind, inode)),
    );
    if (process.cgroup !== '/') line.append(draw('span', 'cgroup', process.cgroup));
    return draw('li', '', line, draw('ul', '', ...children.map((c) => branch(machine, c, home))));
  };
  return (machines) => {
    place.replaceChildren(
      ...machines.map((machine) => {
        const pids = new Set(machine.processes.map((process) => process.pid));
        const roots = machine.processes.filter((process) => !pids.has(process.parent));
        const home = machine.processes.find((process) => process.pid === 1) ?? roots[0];
        const trees = home ? roots.map((root) => branch(machine, root, home)) : [];
        return draw(
          'section',
          'machine',
          draw('h3', '', machine.name),
          draw('ul', 'tree', ...trees),
        );
      }),
    );
  };
}
