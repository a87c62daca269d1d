// How faithful the simulator is, read off the recordings of real tools and the list of those that do not pass yet.
// The list is held true by every test run: one that fails must be on it, one that passes may not.

import { globSync, readFileSync } from 'node:fs';

const FOLDER = 'tests/sessions/';

/** One recording. */
export interface Recording {
  /** `linux/304-pid-namespace`. */
  readonly name: string;
  readonly about: string;
  /** What was running when it was made. */
  readonly recorded: string;
  readonly commands: number;
  /** Why it does not pass yet; empty where it passes. */
  readonly reason: string;
}

/** The recordings of one area, in the order of their names. */
export interface Area {
  readonly name: string;
  readonly recordings: readonly Recording[];
}

/** All areas. */
export function areas(): Area[] {
  const known = knownFailing();
  const byArea = new Map<string, Recording[]>();
  for (const path of globSync('*/*.session', { cwd: FOLDER }).sort()) {
    const area = path.slice(0, path.indexOf('/'));
    byArea.set(area, [...(byArea.get(area) ?? []), recordingOf(path, known.get(path) ?? '')]);
  }
  return Array.from(byArea, ([name, recordings]) => ({ name, recordings }));
}

function recordingOf(path: string, reason: string): Recording {
  const text = readFileSync(FOLDER + path, 'utf8');
  const header = (key: string): string => new RegExp(`^# ${key}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    name: path.replace(/\.session$/, ''),
    about: header('about'),
    recorded: header('recorded'),
    commands: (text.match(/^\$ /gm) ?? []).length,
    reason,
  };
}

function knownFailing(): Map<string, string> {
  const lines = readFileSync(`${FOLDER}known.txt`, 'utf8').split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, path, reason] = /^([^#\s]\S*)\s+(.+)$/.exec(line) ?? [];
      return path && reason ? [[path, reason] as const] : [];
    }),
  );
}
