// Runs every example of the notes and leaves the results in generated/results/, from where the pages take
// them. A note whose text and simulator did not change is not run again. A failing example fails the run,
// naming file, line, command and output; with --keep-going it is reported only. So does what a note's labs still hold
// once they are closed.

import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { load } from 'js-yaml';
import { closed } from '../src/cli/leftovers.ts';
import type { Lab as WholeLab } from '../src/sim/labs/lab.ts';
import { noteSteps } from '../src/worker/block.ts';
import { type Lab, type Labs, PAGE_SEED } from '../src/worker/lab.ts';
import { type NoteResults, runSteps } from '../src/worker/results.ts';

const keepGoing = process.argv.includes('--keep-going');
const only = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const labsFile = resolve(process.env.DRYDOCK_LABS ?? 'src/sim/labs/index.ts');
const labs: Labs = await import(pathToFileURL(labsFile).href);
const codeKey = hashOf(
  [labsFile, ...globSync(['src/sim/**/*.ts', 'src/worker/*.ts'])].sort().map(read).join('\0'),
);

/** Timers of a lab that nobody used and that was closed. */
const unusedTimers = new Map<string, number>();

let failed = 0;
for (const file of globSync('content/**/*.mdx').sort()) {
  if (only.length > 0 && !only.some((word) => file.includes(word))) continue;
  const results = resultsOf(file);
  for (const failure of results.failures) console.error(`${file}: ${failure}\n`);
  failed += results.failures.length;
}
if (failed > 0) {
  console.error(`${failed} examples do not do what their note expects`);
  if (!keepGoing) process.exit(1);
}

function resultsOf(file: string): NoteResults {
  const text = read(file);
  const path = join('generated/results', file.replace(/^content\//, '').replace(/\.mdx$/, '.json'));
  const key = hashOf(codeKey + text);
  const kept = readResults(path);
  if (kept?.key === key) return kept;
  const began = performance.now();
  const results = { key, ...run(text) };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(results, undefined, 1));
  console.log(
    `${file}: ${results.steps.length} steps, ${Math.round(performance.now() - began)} ms`,
  );
  return results;
}

function run(text: string): Omit<NoteResults, 'key'> {
  try {
    const matter = load(/^---\n([\s\S]*?)\n---/.exec(text)?.[1] ?? '') as {
      lab?: string;
      pending?: boolean;
    };
    if (matter.pending) return { steps: [], failures: [] };
    const opened: Lab[] = [];
    const { steps, failures } = runSteps(noteSteps(text, matter.lab ?? 'linux'), (name) => {
      const lab = labs.openLab(name, PAGE_SEED);
      opened.push(lab);
      return lab;
    });
    return { steps, failures: [...failures, ...opened.filter(isWhole).flatMap(leftBehind)] };
  } catch (error) {
    return { steps: [], failures: [error instanceof Error ? (error.stack ?? '') : String(error)] };
  }
}

/** The small lab of the page's tests cannot be closed. */
function isWhole(lab: Lab): lab is WholeLab {
  return 'close' in lab;
}

/** What a lab still holds when it is closed after the examples, in words. */
function leftBehind(lab: WholeLab): string[] {
  const { name } = lab;
  const { left, timers } = closed(lab);
  const usual = unusedTimers.get(name) ?? closed(labs.openLab(name, PAGE_SEED) as WholeLab).timers;
  unusedTimers.set(name, usual);
  const waiting = timers > usual ? [`${timers} timers, not ${usual}`] : [];
  return [...left, ...waiting].map((thing) => `the closed lab ${name} still holds ${thing}`);
}

function readResults(path: string): NoteResults | undefined {
  try {
    return JSON.parse(read(path)) as NoteResults;
  } catch {
    return undefined;
  }
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
