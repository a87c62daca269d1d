// The reading order of the simulator's source, as src/sim/READING.md has it: headings, the prose under
// them, and files with a line on each.

export interface ReadingFile {
  /** Path under src/sim. */
  readonly path: string;
  readonly about: string;
}

export interface ReadingChapter {
  readonly title: string;
  readonly prose: readonly string[];
  readonly files: readonly ReadingFile[];
}

const FILE_LINE = /^(?:[-*]|\d+\.)\s+\[?`([^`]+\.ts)`\]?(?:\([^)]*\))?\s*(?:[:—–-]\s*)?(.*)$/;

/** Reads the Markdown of the reading order. */
export function readingChapters(markdown: string): ReadingChapter[] {
  const chapters: { title: string; prose: string[]; files: ReadingFile[] }[] = [];
  for (const line of markdown.split('\n')) {
    const heading = /^#{1,3}\s+(.*)$/.exec(line);
    const file = FILE_LINE.exec(line);
    const chapter = chapters.at(-1);
    if (heading)
      chapters.push({ title: (heading[1] ?? '').replace(' · ', ': '), prose: [], files: [] });
    else if (file) chapter?.files.push({ path: file[1] ?? '', about: file[2] ?? '' });
    else if (line.trim() !== '') chapter?.prose.push(line.trim());
  }
  return chapters;
}
