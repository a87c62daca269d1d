// What a worker does once its code is here: opens the lab that the first message names, hands the others to its host, and
// lends the host a wall clock and a timer.

import type { DistantCode } from '../sim/core/code.ts';
import type { Eyes } from './eyes.ts';
import { LabHost } from './host.ts';
import { PAGE_SEED } from './lab.ts';
import { loadLab } from './load.ts';
import type { FromLab, ToLab } from './messages.ts';
import { twice } from './twice.ts';

const early: ToLab[] = [];
/** Here once a view was opened. */
let eyes: Eyes | undefined;
let host: LabHost | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
const soon = new MessageChannel();
soon.port1.onmessage = () => guarded((running) => running.turn());

/** Does what the page asks; before the lab is ready, remembers it. */
export function take(message: ToLab): void {
  if (message.type === 'open') void open(message.lab);
  else if (message.type === 'watch' && message.views.length > 0) void watch(message);
  else if (host) guarded((running) => running.take(message));
  else early.push(message);
}

async function open(name: string): Promise<void> {
  try {
    const lab = await loadLab(name, PAGE_SEED);
    host = new LabHost(lab, { wall: () => performance.now(), later, bring, send });
    host.eyes = eyes;
  } catch (error) {
    fault(error);
    return;
  }
  send({ type: 'ready' });
  for (const message of early.splice(0)) guarded((running) => running.take(message));
}

/** Code that the lab's next turn needs; the lab stands still until it is here. */
function bring(code: DistantCode): void {
  twice(() => code.bring()).then(() => guarded((running) => running.turn()), fault);
}

/** What views see is loaded with the first of them. */
async function watch(message: ToLab): Promise<void> {
  try {
    ({ eyes } = await twice(() => import('./eyes.ts')));
    if (host) host.eyes = eyes;
    else early.push(message);
    guarded((running) => running.take(message));
  } catch (error) {
    fault(error);
  }
}

/** A timer of zero would be held back to four milliseconds; a message is not. */
function later(delay: number): void {
  clearTimeout(timer);
  if (delay > 0) timer = setTimeout(() => guarded((running) => running.turn()), delay);
  else soon.port2.postMessage(undefined);
}

function guarded(action: (running: LabHost) => void): void {
  if (!host) return;
  try {
    action(host);
  } catch (error) {
    host = undefined;
    fault(error);
  }
}

function fault(error: unknown): void {
  send({ type: 'fault', text: error instanceof Error ? error.message : String(error) });
  console.error(error);
}

function send(message: FromLab): void {
  postMessage(message);
}
