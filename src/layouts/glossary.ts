// The glossary: content/glossary.yaml, checked, in alphabetical order.

import { readFileSync } from 'node:fs';
import { z } from 'astro/zod';
import { load } from 'js-yaml';

const entries = z.array(z.strictObject({ term: z.string(), note: z.string(), means: z.string() }));

export type GlossaryEntry = z.infer<typeof entries>[number];

/** All entries by term. */
export function glossary(): GlossaryEntry[] {
  const list = entries.parse(load(readFileSync('content/glossary.yaml', 'utf8')));
  return list.sort((a, b) => a.term.localeCompare(b.term, 'en'));
}
