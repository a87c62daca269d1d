// What changed between two lists of lines: the shortest edit script by Myers' divide and conquer, with runs of changes
// slid to where diff(1) puts them. Very common lines get no special treatment, which diff gives them to save time.

/** One change: so many lines deleted at a place of the old file and inserted at one of the new; counted from 0. */
export interface Change {
  readonly from: number;
  readonly to: number;
  readonly deleted: number;
  readonly inserted: number;
}

/** Lines as numbers (equal lines have equal numbers), and which of them the script touches. */
interface Side {
  readonly ids: readonly number[];
  readonly changed: boolean[];
}

/** The changes that make `old` into `young`, in order. Lines are equal when their keys are. */
export function editScript(old: readonly string[], young: readonly string[]): Change[] {
  const numbers = new Map<string, number>();
  const number = (key: string): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, numbers.size);
    return numbers.size - 1;
  };
  const a: Side = { ids: old.map(number), changed: old.map(() => false) };
  const b: Side = { ids: young.map(number), changed: young.map(() => false) };
  const left = sharedLines(a, b);
  const right = sharedLines(b, a);
  compare(a, b, left, right);
  slideRuns(a, b);
  slideRuns(b, a);
  return changesOf(a, b);
}

/** Places of the lines that occur in the other file; the rest are changes from the start. */
function sharedLines(side: Side, other: Side): number[] {
  const there = new Set(other.ids);
  const kept: number[] = [];
  for (const [i, id] of side.ids.entries()) {
    if (there.has(id)) kept.push(i);
    else side.changed[i] = true;
  }
  return kept;
}

function compare(a: Side, b: Side, left: readonly number[], right: readonly number[]): void {
  const x = Int32Array.from(left, (i) => a.ids[i] ?? -1);
  const y = Int32Array.from(right, (i) => b.ids[i] ?? -1);
  const size = x.length + y.length + 3;
  const search: Search = {
    x,
    y,
    forward: new Int32Array(size),
    backward: new Int32Array(size),
    origin: y.length + 1,
  };
  const work: [number, number, number, number][] = [[0, x.length, 0, y.length]];
  for (let box = work.pop(); box; box = work.pop()) {
    let [x0, x1, y0, y1] = box;
    for (; x0 < x1 && y0 < y1 && x[x0] === y[y0]; x0++) y0++;
    for (; x0 < x1 && y0 < y1 && x[x1 - 1] === y[y1 - 1]; x1--) y1--;
    if (x0 === x1) for (; y0 < y1; y0++) b.changed[right[y0] ?? 0] = true;
    else if (y0 === y1) for (; x0 < x1; x0++) a.changed[left[x0] ?? 0] = true;
    else {
      const [xm, ym] = middle(search, x0, x1, y0, y1);
      work.push([xm, x1, ym, y1], [x0, xm, y0, ym]);
    }
  }
}

interface Search {
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** Furthest x reached on each diagonal x - y, from the start and from the end. */
  readonly forward: Int32Array;
  readonly backward: Int32Array;
  /** Index of diagonal 0 in both. */
  readonly origin: number;
}

const FAR = 0x7fffffff;

/** A point of a shortest path through the box, found where searches from both corners meet. */
function middle(
  { x, y, forward, backward, origin }: Search,
  x0: number,
  x1: number,
  y0: number,
  y1: number,
): readonly [number, number] {
  const lowest = x0 - y1;
  const highest = x1 - y0;
  const first = x0 - y0;
  const last = x1 - y1;
  const odd = ((first - last) & 1) !== 0;
  let [fLow, fHigh, bLow, bHigh] = [first, first, last, last];
  forward[origin + first] = x0;
  backward[origin + last] = x1;
  for (;;) {
    if (fLow > lowest) forward[origin + --fLow - 1] = -1;
    else fLow++;
    if (fHigh < highest) forward[origin + ++fHigh + 1] = -1;
    else fHigh--;
    for (let d = fHigh; d >= fLow; d -= 2) {
      const below = forward[origin + d - 1] as number;
      const above = forward[origin + d + 1] as number;
      let at = below < above ? above : below + 1;
      for (; at < x1 && at - d < y1 && x[at] === y[at - d]; at++);
      forward[origin + d] = at;
      if (odd && bLow <= d && d <= bHigh && (backward[origin + d] as number) <= at)
        return [at, at - d];
    }
    if (bLow > lowest) backward[origin + --bLow - 1] = FAR;
    else bLow++;
    if (bHigh < highest) backward[origin + ++bHigh + 1] = FAR;
    else bHigh--;
    for (let d = bHigh; d >= bLow; d -= 2) {
      const below = backward[origin + d - 1] as number;
      const above = backward[origin + d + 1] as number;
      let at = below < above ? below : above - 1;
      for (; x0 < at && y0 < at - d && x[at - 1] === y[at - d - 1]; at--);
      backward[origin + d] = at;
      if (!odd && fLow <= d && d <= fHigh && at <= (forward[origin + d] as number))
        return [at, at - d];
    }
  }
}

/**
 * Slides each run of changed lines as far down as equal lines allow, joining runs that meet, then back up to where
 * the other file has a change at the same place.
 */
function slideRuns(side: Side, other: Side): void {
  const { ids, changed } = side;
  const end = ids.length;
  const touched = (i: number): boolean => other.changed[i] === true;
  let i = 0;
  let j = 0;
  for (;;) {
    for (; i < end && !changed[i]; i++) {
      while (touched(j)) j++;
      j++;
    }
    if (i === end) return;
    let start = i;
    while (changed[i]) i++;
    while (touched(j)) j++;
    let length: number;
    let matching: number;
    do {
      length = i - start;
      while (start > 0 && ids[start - 1] === ids[i - 1]) {
        changed[--start] = true;
        changed[--i] = false;
        while (changed[start - 1]) start--;
        do j--;
        while (touched(j));
      }
      matching = touched(j - 1) ? i : end;
      while (i !== end && ids[start] === ids[i]) {
        changed[start++] = false;
        changed[i++] = true;
        while (changed[i]) i++;
        for (j++; touched(j); j++) matching = i;
      }
    } while (length !== i - start);
    while (matching < i) {
      changed[--start] = true;
      changed[--i] = false;
      do j--;
      while (touched(j));
    }
  }
}

function changesOf(a: Side, b: Side): Change[] {
  const out: Change[] = [];
  let i = 0;
  let j = 0;
  while (i < a.ids.length || j < b.ids.length) {
    const [from, to] = [i, j];
    while (a.changed[i]) i++;
    while (b.changed[j]) j++;
    if (i > from || j > to) out.push({ from, to, deleted: i - from, inserted: j - to });
    else {
      i++;
      j++;
    }
  }
  return out;
}
