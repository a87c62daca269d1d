// How benches report: a figure, what it is held against, and whether it keeps its budget. Host time only.

/** One line of the report. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What DESIGN allows, in the same unit; `least`: the value must not be below it. */
  readonly budget?: number;
  readonly least?: boolean;
  /** A peer or a reference loop measured in the same run. */
  readonly beside?: string;
}

/** A group of figures. */
export interface Bench {
  readonly title: string;
  run(): Figure[] | Promise<Figure[]>;
}

/** Milliseconds of processor time that `body` takes in this process. */
export function cpuMilliseconds(body: () => void): number {
  const before = process.cpuUsage();
  body();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The middle one of several values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** What a body costs in milliseconds of processor time. */
export interface SettledCost {
  /** The first time, all threads. */
  readonly first: number;
  /** Each measured time: the thread that runs the body. */
  readonly thread: readonly number[];
  /** Each measured time: all threads, with those in which the engine compiles and collects. */
  readonly whole: readonly number[];
}

/** Runs `body` until the engine has compiled it, and then measures it. */
export function settledCost(
  rounds: { readonly warm: number; readonly measured: number },
  body: () => void,
): SettledCost {
  const first = cpuMilliseconds(body);
  for (let i = 1; i < rounds.warm; i++) body();
  const thread: number[] = [];
  const whole: number[] = [];
  for (let i = 0; i < rounds.measured; i++) {
    const before = process.threadCpuUsage();
    whole.push(cpuMilliseconds(body));
    const { user, system } = process.threadCpuUsage(before);
    thread.push((user + system) / 1000);
  }
  return { first, thread, whole };
}

/** Turns of an empty generator loop per second: what the engine itself allows, for ratios. */
export function referenceLoop(): number {
  const count = 2_000_000;
  function* empty(): Generator<number> {
    for (;;) yield 0;
  }
  const loop = empty();
  const took = cpuMilliseconds(() => {
    for (let i = 0; i < count; i++) loop.next();
  });
  return count / (took / 1000);
}

/** `1.2 M`, `35 k`, `4.20`. */
export function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)} k`;
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

/** Prints a group; the number of budgets that were not kept. */
export function print(title: string, figures: readonly Figure[]): number {
  console.log(`\n${title}`);
  let missed = 0;
  for (const { name, value, unit, budget, least, beside } of figures) {
    const kept = budget === undefined || (least ? value >= budget : value <= budget);
    if (!kept) missed++;
    const held = budget === undefined ? '' : `  ${least ? 'at least' : 'at most'} ${short(budget)}`;
    const mark = budget === undefined ? ' ' : kept ? '✓' : '✗';
    console.log(
      ` ${mark} ${name.padEnd(52)} ${short(value).padStart(9)} ${unit}${held}${beside ? `  (${beside})` : ''}`,
    );
  }
  return missed;
}
