// The search: notes by Pagefind, whose index is a part of the site, and commands by a list of our own. A
// command that is found leads to its block. Both are fetched when the dialog opens for the first time.

import './search.css';

/** One example's command, as src/pages/commands.json.ts lists it. */
interface CommandEntry {
  readonly command: string;
  readonly note: string;
  readonly href: string;
}

interface PagefindResult {
  data(): Promise<{
    url: string;
    excerpt: string;
    meta: { title?: string; topic?: string };
    sub_results: { url: string; title: string; excerpt: string }[];
  }>;
}

interface Pagefind {
  options(options: { baseUrl: string; excerptLength: number }): Promise<void>;
  debouncedSearch(words: string): Promise<{ results: PagefindResult[] } | null>;
}

interface Sources {
  readonly pagefind: Pagefind | undefined;
  readonly commands: readonly CommandEntry[];
}

let sources: Promise<Sources> | undefined;

/** Opens the dialog. */
export function openSearch(base: string): void {
  const dialog = document.querySelector<HTMLDialogElement>('[data-search]');
  const input = dialog?.querySelector('input');
  const place = dialog?.querySelector<HTMLElement>('[data-search-results]');
  if (!dialog || !input || !place) return;
  if (sources === undefined) {
    sources = load(base);
    input.addEventListener('input', () => void search(input.value, place, base));
    dialog.addEventListener('keydown', (event) => walk(event, dialog));
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog || (event.target as Element).closest('a')) dialog.close();
    });
  }
  if (!dialog.open) dialog.showModal();
  input.select();
}

async function load(base: string): Promise<Sources> {
  const [pagefind, commands] = await Promise.all([
    import(/* @vite-ignore */ `${base}pagefind/pagefind.js`).catch(() => undefined),
    fetch(`${base}commands.json`).then((response) => response.json()),
  ]);
  await pagefind?.options({ baseUrl: base, excerptLength: 18 });
  return { pagefind, commands: commands as CommandEntry[] };
}

async function search(words: string, place: HTMLElement, base: string): Promise<void> {
  const { pagefind, commands } = await (sources as Promise<Sources>);
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) {
    place.replaceChildren();
    return;
  }
  const hits = commands
    .filter(({ command }) => wanted.every((word) => command.toLowerCase().includes(word)))
    .slice(0, 6);
  const found = await pagefind?.debouncedSearch(words);
  if (found === null) return;
  const notes = await Promise.all((found?.results ?? []).slice(0, 6).map((hit) => hit.data()));
  const commandItems = hits.map((hit) =>
    item(`${base}${hit.href}`, code(hit.command), text(hit.note)),
  );
  const topics = new Map<string, HTMLElement[]>();
  for (const note of notes) {
    const part = note.sub_results[0];
    const { title = '', topic = 'More' } = note.meta;
    const name = part && part.title !== title ? `${title} · ${part.title}` : title;
    const hit = item(part?.url ?? note.url, text(name), excerpt(part?.excerpt ?? note.excerpt));
    topics.set(topic, [...(topics.get(topic) ?? []), hit]);
  }
  const groups = Array.from(topics, ([topic, items]) => group(topic, items)).flat();
  place.replaceChildren(...group('Commands', commandItems), ...groups);
  if (commandItems.length + notes.length === 0) place.append('Nothing was found.');
}

function group(title: string, items: readonly HTMLElement[]): HTMLElement[] {
  if (items.length === 0) return [];
  const heading = document.createElement('h2');
  heading.textContent = title;
  const list = document.createElement('ul');
  list.append(...items);
  return [heading, list];
}

function item(address: string, title: Node, body: Node): HTMLElement {
  const line = document.createElement('li');
  const link = document.createElement('a');
  const name = document.createElement('b');
  link.href = address;
  name.append(title);
  link.append(name, body);
  line.append(link);
  return line;
}

function text(words: string): Node {
  const element = document.createElement('span');
  element.textContent = words;
  return element;
}

function code(command: string): Node {
  const element = document.createElement('code');
  element.textContent = command;
  return element;
}

/** Pagefind marks the words that were found with `<mark>`; everything else is text. */
function excerpt(html: string): Node {
  const line = document.createElement('span');
  const parsed = new DOMParser().parseFromString(html, 'text/html').body;
  for (const node of parsed.childNodes) {
    const marked = node.nodeName === 'MARK';
    const part = marked ? document.createElement('mark') : document.createElement('span');
    part.textContent = node.textContent;
    line.append(part);
  }
  return line;
}

/** Arrow keys go through the results, as in a list. */
function walk(event: KeyboardEvent, dialog: HTMLElement): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const stops = [...dialog.querySelectorAll<HTMLElement>('input, a')];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  stops[Math.max(0, Math.min(stops.length - 1, at + step))]?.focus();
  event.preventDefault();
}
