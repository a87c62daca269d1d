// Every command of the notes with the address of its block, for the search.

import { commandList } from '../layouts/command-list.ts';

/** The list as JSON; addresses are relative to the site's root. */
export async function GET(): Promise<Response> {
  const entries = await commandList();
  return new Response(
    JSON.stringify(entries.map(({ command, note, href }) => ({ command, note, href }))),
  );
}
