// The server's clock: virtual time as objects write it, made into text once a second.

import { rfc3339, SECOND } from '../../core/time.ts';

let lastSecond = -1;
let lastText = '';

/** Virtual time as RFC 3339 to the second. */
export function timeText(now: number): string {
  const second = Math.floor(now / SECOND);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = rfc3339(now);
  }
  return lastText;
}
