// Keeps src/sim/READING.md complete: adds files that are missing under the heading of their folder, with the first
// sentence of their header, and drops those that are gone. Order and words of what is there are left as they are.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SIM = 'src/sim';
const READING = join(SIM, 'READING.md');
const FLOORS = [
  'core',
  'kernel',
  'userland',
  'containers',
  'docker',
  'etcd',
  'kubernetes',
  'internet',
  'labs',
];
const INTRODUCTION = `# Reading the simulator

From the bottom up: each file stands on those before it. Every file opens with what it models and what it leaves out.
`;

interface Entry {
  readonly path: string;
  readonly words: string;
}

function files(): string[] {
  return readdirSync(SIM, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('generated/'))
    .sort((a, b) => floor(a) - floor(b) || depthFirst(a, b));
}

function floor(path: string): number {
  return FLOORS.indexOf(path.split('/')[0] ?? '');
}

function depthFirst(a: string, b: string): number {
  return dirname(a) === dirname(b) ? a.localeCompare(b) : dirname(a).localeCompare(dirname(b));
}

/** The first sentence of a file's header. */
function firstSentence(path: string): string {
  const lines = readFileSync(join(SIM, path), 'utf8').split('\n');
  const header: string[] = [];
  for (const line of lines) {
    if (!line.startsWith('//')) break;
    header.push(line.replace(/^\/\/ ?/, ''));
  }
  const text = header.join(' ');
  return (/^.*?[.:](?=\s|$)/.exec(text)?.[0] ?? text).replace(/[.:]$/, '');
}

function existing(): { headings: Map<string, string>; entries: Map<string, Entry[]> } {
  const headings = new Map<string, string>();
  const entries = new Map<string, Entry[]>();
  let folder = '';
  let text = '';
  try {
    text = readFileSync(READING, 'utf8');
  } catch {
    return { headings, entries };
  }
  for (const line of text.split('\n')) {
    const heading = /^## (.*?)(?: · (.*))?$/.exec(line);
    if (heading) {
      folder = heading[1] ?? '';
      headings.set(folder, heading[2] ?? '');
      entries.set(folder, []);
    }
    const [, path, words] = /^\d+\. \[`([^`]+)`\]\([^)]*\) (.*)$/.exec(line) ?? [];
    if (path && words !== undefined) entries.get(folder)?.push({ path, words });
  }
  return { headings, entries };
}

const present = files();
const { headings, entries } = existing();
const listed = new Set([...entries.values()].flat().map((entry) => entry.path));
for (const path of present) {
  if (listed.has(path)) continue;
  const folder = dirname(path);
  const list = entries.get(folder) ?? [];
  list.push({ path, words: firstSentence(path) });
  entries.set(folder, list);
}
const order = [...new Set([...present.map((path) => dirname(path))])];
const out = [INTRODUCTION];
for (const folder of order) {
  const list = (entries.get(folder) ?? []).filter((entry) => present.includes(entry.path));
  if (list.length === 0) continue;
  const title = headings.get(folder);
  out.push(`## ${folder}${title ? ` · ${title}` : ''}\n`);
  out.push(...list.map(({ path, words }) => `1. [\`${path}\`](${path}) ${words}`), '');
}
writeFileSync(READING, `${out.join('\n').trimEnd()}\n`);
