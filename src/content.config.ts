// The notes: MDX under content/, one folder per topic. The front matter is checked here.

import { defineCollection } from 'astro:content';
import { glob } from 'astro/loaders';
import { z } from 'astro/zod';
import { topicIds } from './layouts/topics.ts';

const notes = defineCollection({
  loader: glob({ base: './content', pattern: '**/*.mdx' }),
  schema: z.strictObject({
    title: z.string().max(70),
    /** One sentence for lists, search results and the page's description. */
    summary: z.string().max(200),
    topic: z.enum(topicIds),
    /** Place within its topic. */
    order: z.number().int(),
    /** The lab that the examples start in. */
    lab: z.string(),
    /** It runs what is not simulated yet: the text is there to read, its examples are not run. */
    pending: z.boolean().default(false),
    /** Notes to read first, as `topic` or `topic/note`. */
    needs: z.array(z.string()).default([]),
    /** Ids of the commands and claims that the note covers. */
    covers: z.array(z.string()).default([]),
    /** Source files of the simulator that do what the note tells of. */
    code: z.array(z.string()).default([]),
  }),
});

export const collections = { notes };
