// `npm run sessions -- FILE…`: replays session files, each in a fresh lab, and prints pass or the difference.
// `--all` replays those of tests/sessions, holding them against known.txt: a listed one that passes fails the run.

import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { replayInteractive } from './interactive.ts';
import { difference, expected, parseSession, replay } from './session-file.ts';

const FOLDER = 'tests/sessions';
const SEED = 'sessions';
/** Files that one process replays before it ends. */
const BATCH = 8;

interface Outcome {
  readonly path: string;
  /** Empty where it passed. */
  readonly difference: readonly string[];
  readonly milliseconds: number;
}

function replayFile(path: string): Outcome {
  const started = performance.now();
  let lines: string[];
  try {
    const file = parseSession(readFileSync(path, 'utf8'));
    const keys = path.replace(/\.session$/, '.cmds');
    const interactive = file.header.get('note') === 'interactive' && existsSync(keys);
    const got = interactive
      ? replayInteractive(file, readFileSync(keys, 'utf8'), SEED)
      : replay(file, SEED);
    lines = difference(expected(file, interactive), got);
  } catch (error) {
    lines = [`! ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
  return { path, difference: lines, milliseconds: performance.now() - started };
}

/** Files that may not pass yet, with the reason: `linux/101-quoting.session  why`. */
function knownFailing(): Map<string, string> {
  const known = new Map<string, string>();
  for (const line of readFileSync(join(FOLDER, 'known.txt'), 'utf8').split('\n')) {
    const [, path, reason] = /^([^#\s]\S*)\s+(.+)$/.exec(line) ?? [];
    if (path && reason) known.set(path, reason);
  }
  return known;
}

function allFiles(): string[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.session'))
    .sort();
}

function one(path: string, quiet: boolean): boolean {
  const outcome = replayFile(path);
  const passed = outcome.difference.length === 0;
  console.log(`${passed ? 'pass' : 'FAIL'} ${path} (${outcome.milliseconds.toFixed(0)} ms)`);
  if (!passed && !quiet) console.log(outcome.difference.map((line) => `    ${line}`).join('\n'));
  return passed;
}

/** Replays files in as many processes as there are processors, and gives what came of each. */
async function replayAll(files: readonly string[]): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const waiting = [...files];
  const total = Math.max(1, availableParallelism());
  const workers = Array.from({ length: total }, async () => {
    for (;;) {
      const batch = waiting.splice(0, BATCH);
      if (batch.length === 0) return;
      for (const outcome of await inProcess(batch)) outcomes.set(outcome.path, outcome);
    }
  });
  await Promise.all(workers);
  return outcomes;
}

/** One batch in a process of its own: what one session leaves in memory does not add up over all of them. */
function inProcess(batch: readonly string[]): Promise<Outcome[]> {
  return new Promise((resolve, reject) => {
    const script = process.argv[1] ?? '';
    execFile(
      process.execPath,
      [script, '--outcomes', ...batch],
      { maxBuffer: 512 * 1024 * 1024 },
      (error, stdout) => (error ? reject(error) : resolve(JSON.parse(stdout) as Outcome[])),
    );
  });
}

/** Replays everything and compares with known.txt; how many passed and how many are wrong. */
async function everything(): Promise<{ passed: number; failed: number }> {
  const known = knownFailing();
  const files = allFiles();
  const outcomes = await replayAll(files.map((file) => join(FOLDER, file)));
  const areas = new Map<string, { passed: number; of: number }>();
  let passed = 0;
  let failed = 0;
  for (const file of files) {
    const area = file.split('/')[0] ?? '';
    const count = areas.get(area) ?? { passed: 0, of: 0 };
    areas.set(area, count);
    count.of++;
    const lines = outcomes.get(join(FOLDER, file))?.difference ?? ['! was not replayed'];
    const passes = lines.length === 0;
    if (passes) {
      passed++;
      count.passed++;
    }
    if (passes === !known.has(file)) continue;
    failed++;
    if (passes) console.log(`${file} passes: take it out of known.txt`);
    else console.log(`FAIL ${file}\n${lines.map((line) => `    ${line}`).join('\n')}`);
  }
  for (const [area, { passed: good, of }] of areas) {
    console.log(`${area}: ${good} of ${of} (${Math.round((100 * good) / of)}%)`);
  }
  return { passed, failed };
}

const words = process.argv.slice(2);
const quiet = words.includes('--quiet');
const files = words.filter((word) => !word.startsWith('--'));
if (words.includes('--outcomes')) {
  process.stdout.write(JSON.stringify(files.map(replayFile)));
} else if (words.includes('--all')) {
  const { passed, failed } = await everything();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
} else {
  const results = files.map((path) => one(path, quiet));
  const passed = results.filter((ok) => ok).length;
  console.log(`${passed} passed, ${results.length - passed} failed`);
  process.exitCode = passed < results.length ? 1 : 0;
}
