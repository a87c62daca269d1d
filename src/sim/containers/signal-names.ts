// Signals by the names that container tools take: with or without SIG, in any case, or as numbers.

import { signalInfo } from '../kernel/signals.ts';

const LAST_PLAIN = 31;
const RTMIN = 34;
const RTMAX = 64;

/** The number of a signal's name; undefined where there is none. */
export function signalByName(name: string): number | undefined {
  const upper = name.toUpperCase().replace(/^SIG/, '');
  for (let number = 1; number <= LAST_PLAIN; number++) {
    if (signalInfo(number)?.name === upper) return number;
  }
  const realTime = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(upper);
  if (!realTime) return undefined;
  const offset = Number(`${realTime[2] ?? '+'}${realTime[3] ?? '0'}`);
  const number = (realTime[1] === 'MIN' ? RTMIN : RTMAX) + offset;
  return number >= RTMIN && number <= RTMAX ? number : undefined;
}

/** A number or a name; undefined where it is neither. */
export function parseSignal(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return number >= 1 && number <= RTMAX ? number : undefined;
  }
  return signalByName(text);
}
