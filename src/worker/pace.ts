// How fast virtual time runs in the page. `brisk` follows the wall clock for a moment and then ever faster,
// so that a pull of twenty seconds takes a second and a half and still shows its progress.

import { MILLISECOND } from '../sim/core/time.ts';

export type Pace = 'brisk' | 'real' | 'paused';

/** Milliseconds for which brisk time is real time. */
const REAL_FOR = 400;
/** Milliseconds in which brisk time then grows e-fold. */
const GROWTH = 250;
/** Virtual milliseconds that one wall millisecond may become at the most. */
const STEEPEST = 40_000;

/** Virtual nanoseconds that pass in the first `wall` milliseconds of a job. */
export function virtualTime(pace: Pace, wall: number): number {
  if (pace === 'paused') return 0;
  if (pace === 'real' || wall <= REAL_FOR) return wall * MILLISECOND;
  const grown = Math.exp(Math.min((wall - REAL_FOR) / GROWTH, Math.log(STEEPEST)));
  return REAL_FOR * grown * MILLISECOND;
}
