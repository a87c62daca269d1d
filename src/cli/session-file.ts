// Session files: commands with what real tools answered. Parsing, and replaying one in a fresh lab.

import { MILLISECOND, MINUTE } from '../sim/core/time.ts';
import { type Lab, openLab } from '../sim/labs/index.ts';
import { presentImage } from '../sim/labs/present-images.ts';
import { normalise } from './normalise.ts';

/** One step of a session file. */
export interface Step {
  /** Set-up steps run silently. */
  readonly silent: boolean;
  readonly command: string;
  readonly output: readonly string[];
}

export interface SessionFile {
  readonly header: ReadonlyMap<string, string>;
  readonly steps: readonly Step[];
}

/** Reads a session file. */
export function parseSession(text: string): SessionFile {
  const header = new Map<string, string>();
  const steps: { silent: boolean; command: string; output: string[] }[] = [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) {
    const step = steps.at(-1);
    if (!step && line.startsWith('# ')) {
      const colon = line.indexOf(':');
      header.set(line.slice(2, colon), line.slice(colon + 1).trim());
    } else if (line.startsWith('$ ') || line.startsWith('! ')) {
      steps.push({ silent: line.startsWith('!'), command: line.slice(2), output: [] });
    } else if (step && line.startsWith('> ') && step.output.length === 0) {
      step.command += `\n${line.slice(2)}`;
    } else if (step && line === '>' && step.output.length === 0) {
      step.command += '\n';
    } else step?.output.push(line);
  }
  return { header, steps };
}

/** A command may take this much virtual time before it is given up. */
const PATIENCE = 4 * MINUTE;
/** Between two commands a person lets this much time pass. */
const PAUSE = 30 * MILLISECOND;
/** Kernel steps that one command may take. */
const BUDGET = 10_000_000;

/** How the recorder's shell was set up, before it read its first line. */
const RECORDER = 'export TERM=dumb COLUMNS=200; LINENO=0';

/** The lab that a session was recorded in, switched on. */
export function labFor(file: SessionFile, seed: string): Lab {
  const images = file.header.get('images');
  const names = images?.split(/\s+/).filter(Boolean);
  const options = names ? { present: { names, find: presentImage } } : {};
  return openLab(file.header.get('lab') ?? 'linux', seed, options);
}

/** What a replay in a fresh lab printed, in the format of a session file, without the header. */
export function replay(file: SessionFile, seed: string): string {
  return replayIn(labFor(file, seed), file);
}

/** The same in a lab that is there. */
export function replayIn(lab: Lab, file: SessionFile): string {
  const out: string[] = [];
  lab.session.start(RECORDER);
  lab.simulation.advance({ done: () => !lab.session.running });
  for (const step of file.steps) {
    out.push(...commandLines(step));
    lab.session.start(step.command);
    const { simulation } = lab;
    const until = simulation.now + PATIENCE;
    const end = simulation.advance({ until, budget: BUDGET, done: () => !lab.session.running });
    const text = lab.session.takeOutput();
    if (!step.silent) {
      out.push(...outputLines(text));
      if (end !== 'done') out.push(`[did not end: ${end}]`);
      else if (lab.session.status !== 0) out.push(`[exit ${lab.session.status}]`);
    }
    if (end !== 'done') {
      if (step.silent) out.push(`[did not end: ${end}]`);
      break;
    }
    simulation.advance({ until: simulation.now + PAUSE });
  }
  return out.join('\n');
}

/** Output as the lines of a session file; bash's line numbers are left out, as in the recordings. */
export function outputLines(text: string): string[] {
  if (text === '') return [];
  const lines = text.replace(/^bash: line \d+: /gm, 'bash: ').split('\n');
  const last = lines.pop() ?? '';
  if (last !== '') lines.push(`${last}⏎no-newline`);
  return lines;
}

/** A step's command as the lines of a session file. */
export function commandLines(step: Step): string[] {
  const [first = '', ...rest] = step.command.split('\n');
  return [`${step.silent ? '!' : '$'} ${first}`, ...rest.map((line) => `> ${line}`)];
}

/** The expected text in the same form as `replay` gives; `loud`: without the silent steps. */
export function expected(file: SessionFile, loud = false): string {
  const out: string[] = [];
  for (const step of file.steps) {
    if (step.silent && loud) continue;
    out.push(...commandLines(step));
    if (!step.silent) out.push(...step.output);
  }
  return out.join('\n');
}

/** The difference between a recording and a replay, as lines with `-` expected and `+` printed; empty: none. */
export function difference(want: string, got: string): string[] {
  const a = normalise(want);
  const b = normalise(got);
  const out: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (a[i] === b[j] && i < a.length && j < b.length) {
      i++;
      j++;
      continue;
    }
    const [nextI, nextJ] = resync(a, b, i, j);
    const context = lastCommand(a, i);
    if (context !== undefined) out.push(`  ${context}`);
    for (; i < nextI; i++) out.push(`- ${a[i]}`);
    for (; j < nextJ; j++) out.push(`+ ${b[j]}`);
  }
  return out;
}

function lastCommand(lines: readonly string[], from: number): string | undefined {
  for (let i = from - 1; i >= 0; i--) if (/^[$!] /.test(lines[i] ?? '')) return lines[i];
  return undefined;
}

function resync(
  a: readonly string[],
  b: readonly string[],
  i: number,
  j: number,
): [number, number] {
  for (let reach = 1; reach < a.length + b.length; reach++) {
    for (let di = 0; di <= reach; di++) {
      const dj = reach - di;
      const line = a[i + di];
      if (line !== undefined && line === b[j + dj] && line !== '') return [i + di, j + dj];
    }
  }
  return [a.length, b.length];
}
