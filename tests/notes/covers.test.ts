// The book against the lists of what it must hold: every command of commands.yaml is run in a note that covers it,
// every claim of claims.md is spoken of in one. What is not there yet stands in missing.txt, which only shrinks.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { noteSteps } from '../../src/worker/block.ts';

interface Entry {
  readonly id: string;
  readonly topic: string;
  readonly run: string;
}

interface Note {
  readonly path: string;
  readonly covers: readonly string[];
  readonly text: string;
  /** Everything that the note types, files included. */
  readonly typed: string;
}

const entries = load(readFileSync('tests/notes/commands.yaml', 'utf8')) as readonly Entry[];
const claims = Array.from(
  readFileSync('tests/notes/claims.md', 'utf8').matchAll(/^- `(c-[\w-]+)`/gm),
  ([, id]) => id ?? '',
);
const missing = new Set(
  readFileSync('tests/notes/missing.txt', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')),
);

const notes = readdirSync('content', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.mdx'))
  .map(readNote);

function readNote(path: string): Note {
  const text = readFileSync(join('content', path), 'utf8');
  const matter = load(/^---\n([\s\S]*?)\n---/.exec(text)?.[1] ?? '') as {
    lab: string;
    pending?: boolean;
    covers?: readonly string[];
  };
  const commands = noteSteps(text, matter.lab).flatMap((step) => step.commands);
  const typed = commands.flatMap(({ text, typed }) => [text, ...typed]).join('\n');
  return { path, covers: matter.pending ? [] : (matter.covers ?? []), text, typed };
}

/** The programs that an entry runs, with their first argument where that says what is done: `kubectl scale`. */
function programsOf({ run }: Entry): string[] {
  const words = run
    .split('\n')
    .flatMap((line) => line.split(/\s(?:\||&&|;)\s|;\s|\$\(/))
    .map((command) => command.trim().split(/\s+/))
    .filter(([program]) => program && /^[a-z][\w.-]*$/.test(program));
  return words.map(([program = '', verb = '']) =>
    ['docker', 'kubectl', 'minikube', 'kubeadm', 'etcdctl'].includes(program) && /^[a-z]/.test(verb)
      ? `${program} ${verb}`
      : program,
  );
}

function lackingOf(entry: Entry): string[] {
  const covering = notes.filter((note) => note.covers.includes(entry.id));
  if (covering.length === 0) return [`${entry.id} (${entry.topic}): no note covers it`];
  const typed = covering.map((note) => note.typed).join('\n');
  return programsOf(entry)
    .filter((program) => !typed.includes(program))
    .map((program) => `${entry.id}: ${covering[0]?.path} never runs ${program}`);
}

test('every command of the list runs in a note', () => {
  const lacking = entries.filter((entry) => !missing.has(entry.id)).flatMap(lackingOf);
  expect(lacking).toEqual([]);
});

test('every claim of the list is spoken of in a note', () => {
  const spoken = new Set(notes.flatMap((note) => note.covers));
  expect(claims.filter((id) => !spoken.has(id) && !missing.has(id))).toEqual([]);
});

test('what is listed as missing is missing, and what notes cover is on the lists', () => {
  const covered = new Set(notes.flatMap((note) => note.covers));
  const known = new Set([...claims, ...entries.map((entry) => entry.id)]);
  const done = [...missing].filter((id) => {
    const entry = entries.find((other) => other.id === id);
    return covered.has(id) && (entry === undefined || lackingOf(entry).length === 0);
  });
  expect(done, 'take these out of tests/notes/missing.txt').toEqual([]);
  expect([...covered].filter((id) => !known.has(id))).toEqual([]);
});
