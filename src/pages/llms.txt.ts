// The site for readers that are programs (llmstxt.org): what it is, and every note with a sentence.

import type { APIContext } from 'astro';
import { href } from '../layouts/href.ts';
import { notePath, notesInOrder } from '../layouts/notes.ts';
import { parts } from '../layouts/topics.ts';

export async function GET({ site }: APIContext): Promise<Response> {
  const notes = await notesInOrder();
  const address = (path: string): string => new URL(href(path), site).href;
  const sections = parts().flatMap(({ title, topics }) => {
    const own = notes.filter((note) => topics.some((topic) => topic.id === note.data.topic));
    const lines = own.map(
      ({ id, data }) => `- [${data.title}](${address(notePath(id))}): ${data.summary}`,
    );
    return lines.length > 0 ? [`## ${title}\n\n${lines.join('\n')}`] : [];
  });
  const head = [
    '# Drydock',
    '> Notes on containers, Docker and Kubernetes. Every command in them runs in the page, in a simulator without a backend; the results in the text are what it printed when the site was built.',
    `The commands by program: ${address('/commands/')}. Words: ${address('/glossary/')}. What is simulated: ${address('/coverage/')}. How faithfully: ${address('/fidelity/')}.`,
  ];
  return new Response(`${[...head, ...sections].join('\n\n')}\n`, {
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
}
