// `npm run sessions -- FILE…`: replays session files, each in a fresh lab, and prints pass or the difference.
// `--all` replays those of tests/sessions, holding them against known.txt: a listed one that passes fails the run.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replayInteractive } from './interactive.ts';
import { difference, expected, parseSession, replay } from './session-file.ts';

const FOLDER = 'tests/sessions';
const SEED = 'sessions';

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

/** Replays everything and compares with known.txt; how many passed and how many are wrong. */
function everything(): { passed: number; failed: number } {
  const known = knownFailing();
  const areas = new Map<string, { passed: number; of: number }>();
  let passed = 0;
  let failed = 0;
  for (const file of allFiles()) {
    const area = file.split('/')[0] ?? '';
    const count = areas.get(area) ?? { passed: 0, of: 0 };
    areas.set(area, count);
    count.of++;
    const outcome = replayFile(join(FOLDER, file));
    const passes = outcome.difference.length === 0;
    if (passes) {
      passed++;
      count.passed++;
    }
    if (passes === !known.has(file)) continue;
    failed++;
    if (passes) console.log(`${file} passes: take it out of known.txt`);
    else console.log(`FAIL ${file}\n${outcome.difference.map((line) => `    ${line}`).join('\n')}`);
  }
  for (const [area, { passed: good, of }] of areas) {
    console.log(`${area}: ${good} of ${of} (${Math.round((100 * good) / of)}%)`);
  }
  return { passed, failed };
}

const words = process.argv.slice(2);
const quiet = words.includes('--quiet');
const files = words.filter((word) => !word.startsWith('--'));
if (words.includes('--all')) {
  const { passed, failed } = everything();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
} else {
  const results = files.map((path) => one(path, quiet));
  const passed = results.filter((ok) => ok).length;
  console.log(`${passed} passed, ${results.length - passed} failed`);
  process.exitCode = passed < results.length ? 1 : 0;
}
