// The notes in reading order, and what belongs to one: its steps and the results that the build made.

import { type CollectionEntry, getCollection } from 'astro:content';
import { type FencedStep, noteSteps } from '../worker/block.ts';
import type { NoteResults, StepResult } from '../worker/results.ts';
import { topicIds } from './topics.ts';

export type Note = CollectionEntry<'notes'>;

/** A note with its steps; `results` by the id of the step. */
export interface PreparedNote {
  readonly note: Note;
  readonly steps: readonly FencedStep[];
  readonly results: ReadonlyMap<string, StepResult>;
}

const resultFiles = import.meta.glob<NoteResults>('/generated/results/**/*.json', {
  eager: true,
  import: 'default',
});

/** All notes, by topic and order. */
export async function notesInOrder(): Promise<Note[]> {
  const place = (note: Note) => topicIds.indexOf(note.data.topic) * 1000 + note.data.order;
  return (await getCollection('notes')).sort((a, b) => place(a) - place(b));
}

/** The path of a note on the site. */
export function notePath(id: string): string {
  return `/${id}/`;
}

/** Reads a note's fences and finds their results; those of a text that has changed since are left out. */
export function prepare(note: Note): PreparedNote {
  const file = note.filePath ?? '';
  let steps: FencedStep[];
  try {
    steps = noteSteps(note.body ?? '', note.data.lab);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : error}`);
  }
  const name = file.replace(/^content\//, '').replace(/\.mdx$/, '.json');
  const kept = resultFiles[`/generated/results/${name}`]?.steps ?? [];
  const results = new Map<string, StepResult>();
  for (const step of steps) {
    const found = kept.find((result) => result.id === step.id);
    if (found && found.source === step.source && found.meta === step.meta) {
      results.set(step.id, found);
    }
  }
  return { note, steps, results };
}
