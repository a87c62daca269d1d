// The Web Worker of a lab, as the page starts it: fetches what hosts the lab and what the lab is switched on with, side by
// side. What the page says meanwhile waits. Reset is the end of the worker and the start of another.

import type { FromLab, ToLab } from './messages.ts';
import { LIST } from './scripts.ts';
import { twice } from './twice.ts';

const early: ToLab[] = [];
let take: ((message: ToLab) => void) | undefined;

addEventListener('message', ({ data }: MessageEvent<ToLab>) => {
  if (data.type === 'open') void begin(data);
  else if (take) take(data);
  else early.push(data);
});

async function begin(open: ToLab & { type: 'open' }): Promise<void> {
  fetchScripts(open.lab);
  try {
    ({ take } = await twice(() => import('./hosting.ts')));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    postMessage({ type: 'fault', text } satisfies FromLab);
    return;
  }
  take(open);
  for (const message of early.splice(0)) take(message);
}

/** Begins to fetch a lab's scripts. What fails is fetched again by whoever imports it. */
function fetchScripts(lab: string): void {
  for (const line of LIST.split(';')) {
    const [name, ...scripts] = line.split(' ');
    if (name !== lab) continue;
    for (const script of scripts) import(/* @vite-ignore */ `./${script}`).catch(() => undefined);
  }
}
