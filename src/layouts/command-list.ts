// The commands that the notes run, each with where it stands.

import { notesInOrder, prepare } from './notes.ts';

export interface CommandEntry {
  /** As typed; continuation lines are joined. */
  readonly command: string;
  /** The first word: the program. */
  readonly program: string;
  readonly note: string;
  /** The block's address relative to the site's root. */
  readonly href: string;
}

/** All commands of all notes that are shown, in reading order. */
export async function commandList(): Promise<CommandEntry[]> {
  return (await notesInOrder()).flatMap((note) =>
    prepare(note)
      .steps.filter((step) => !step.hidden && !step.file)
      .flatMap((step) =>
        step.commands.map(({ text }) => ({
          command: text.replaceAll(/\\?\n/g, ' '),
          program: programOf(text),
          note: note.data.title,
          href: `${note.id}/#${step.id}`,
        })),
      ),
  );
}

/** Shell words that only lead up to what is run. */
const LEADING = ['cd', 'export', 'for', 'until', 'while', 'then', 'do', 'sh', 'bash', 'sudo'];

/** The program that a command is about: its first word, past assignments and the shell's own words. */
function programOf(text: string): string {
  const words = text.matchAll(
    /(?:^|[;|&(]\s*|\b(?:do|then)\s+)(?:\w+=[^\s$("']*\s+)*(?:\w+=\$\()?([\w./-]+)/g,
  );
  const names = [...words].map((match) => match[1] ?? '').filter((name) => !/^\d/.test(name));
  return names.find((name) => !LEADING.includes(name)) ?? names[0] ?? '';
}
