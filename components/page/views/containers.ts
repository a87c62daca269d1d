// Containers from below: what the kernel has of each. A root made of directories, namespaces of its own, a group
// that counts, and an address at the end of a cable.

import type { ContainerEntry, UseEntry } from '../../../src/worker/views.ts';
import { draw, drawButton } from './draw.ts';

/** Returns the function that draws the containers anew. */
export function containersView(
  place: HTMLElement,
  look: (command: string) => void,
): (containers: readonly ContainerEntry[]) => void {
  const box = (one: ContainerEntry): HTMLElement => {
    const pid = drawButton('pid', String(one.pid), () => look(`lsns -p ${one.pid}`));
    pid.title = 'Its namespaces';
    const [upper, ...lowers] = one.root;
    return draw(
      'section',
      'box',
      draw('h3', '', pid, ' ', draw('code', '', one.command), draw('small', '', one.machine)),
      draw(
        'dl',
        'facts',
        ...fact('Sees', ...one.own.map(plate), common(one.shared)),
        ...fact('Address', one.addresses.filter((a) => !a.startsWith('lo ')).join(', ') || 'none'),
        ...fact('Root', ...stack(upper, lowers)),
        ...fact('Group', draw('code', '', one.cgroup)),
        ...one.use.flatMap((use) => fact(use.name, meter(use))),
        ...fact('Processes', String(one.processes)),
      ),
    );
  };
  return (containers) => {
    place.replaceChildren(
      ...(containers.length > 0
        ? containers.map(box)
        : [draw('p', 'empty', 'No process has a PID namespace of its own.')]),
    );
  };
}

function fact(name: string, ...values: readonly (Node | string)[]): HTMLElement[] {
  return [draw('dt', '', name), draw('dd', '', ...values)];
}

function plate({ kind, inode }: { kind: string; inode: number }): HTMLElement {
  const element = draw('span', 'plate', kind);
  element.title = `${kind}:[${inode}]`;
  return element;
}

function common(kinds: readonly string[]): HTMLElement {
  return draw('small', '', kinds.length > 0 ? ` ${kinds.join(', ')} as the machine` : '');
}

function stack(upper: string | undefined, lowers: readonly string[]): HTMLElement[] {
  return [
    draw('div', 'sheet writable', draw('code', '', upper ?? '')),
    ...lowers.map((path) => draw('div', 'sheet', draw('code', '', path))),
  ];
}

function meter({ now, most }: UseEntry): HTMLElement {
  if (most === undefined) return draw('span', '', `${short(now)}, no limit`);
  const bar = document.createElement('meter');
  bar.max = most;
  bar.value = Math.min(now, most);
  return draw('span', '', bar, ` ${short(now)} of ${short(most)}`);
}

function short(value: number): string {
  if (value < 10_000) return String(value);
  if (value < 10 * 1024 ** 2) return `${Math.round(value / 1024)} Ki`;
  return `${Math.round(value / 1024 ** 2)} Mi`;
}
