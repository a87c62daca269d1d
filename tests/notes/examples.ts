// The examples of the notes in reading order, each with the steps that stand above it in the same lab.

import { globSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { topicIds } from '../../src/layouts/topics.ts';
import { type FencedStep, noteSteps, stepsBefore } from '../../src/worker/block.ts';

/** A note as the tests read it. */
export interface NoteFile {
  readonly path: string;
  readonly lab: string;
  readonly steps: readonly FencedStep[];
}

/** A visible block of commands. */
export interface Example {
  /** `content/pods/index.mdx run-3`. */
  readonly name: string;
  /** What must run for it, itself last. */
  readonly steps: readonly FencedStep[];
}

interface Matter {
  readonly topic: string;
  readonly order: number;
  readonly lab?: string;
  readonly pending?: boolean;
}

/** All notes that run, by topic and order. */
export function notesInOrder(): NoteFile[] {
  const notes = globSync('content/**/*.mdx').flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const matter = load(/^---\n([\s\S]*?)\n---/.exec(text)?.[1] ?? '') as Matter;
    if (matter.pending) return [];
    const place = topicIds.findIndex((id) => id === matter.topic) * 1000 + matter.order;
    const lab = matter.lab ?? 'linux';
    return [{ place, path, lab, steps: noteSteps(text, lab) }];
  });
  return notes.sort((a, b) => a.place - b.place || (a.path < b.path ? -1 : 1));
}

/** All examples of a note in order. */
export function examplesOf({ path, steps }: NoteFile): Example[] {
  return steps
    .filter((step) => !step.file && !step.hidden)
    .map((step) => ({ name: `${path} ${step.id}`, steps: [...stepsBefore(steps, step), step] }));
}
