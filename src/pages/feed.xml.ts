// The feed: the notes by the day on which they were last changed.

import rss from '@astrojs/rss';
import type { APIContext } from 'astro';
import { href } from '../layouts/href.ts';
import { changedOn } from '../layouts/history.ts';
import { notePath, notesInOrder } from '../layouts/notes.ts';

export async function GET(context: APIContext): Promise<Response> {
  const notes = await notesInOrder();
  const items = notes.map((note) => {
    const changed = changedOn(note.filePath ?? '');
    return {
      title: note.data.title,
      description: note.data.summary,
      link: href(notePath(note.id)),
      ...(changed ? { pubDate: changed } : {}),
    };
  });
  return rss({
    title: 'Drydock',
    description: 'Notes on containers and Kubernetes in which every command runs, in the page.',
    site: context.site ?? '',
    items: items.sort((a, b) => (b.pubDate?.getTime() ?? 0) - (a.pubDate?.getTime() ?? 0)),
  });
}
