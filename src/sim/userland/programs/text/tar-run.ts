// What the modes of tar share: messages, the exit status, the lines of -v, and names made safe.

import type { Routine } from '../../../core/wait.ts';
import { permissionLetters } from '../../libc/modes.ts';
import type { ParsedOptions } from '../../libc/options.ts';
import type { Main } from '../../libc/stdio.ts';
import { strftime } from '../../libc/strftime.ts';
import type { TarMember } from './tar-format.ts';

/** One run of tar. */
export interface TarRun {
  readonly main: Main;
  readonly options: ParsedOptions;
  /** 2 once something went wrong. */
  status(): number;
  /** `tar: text`; the run goes on and fails at its end. */
  problem(text: string): Routine<void>;
  /** `tar: text`, no failure. */
  note(text: string): Routine<void>;
  /** The line or the name that -v prints for a member. */
  announce(member: TarMember): Routine<void>;
  /** The name without what would lead out of the archive's directory; the first removal of its kind is said. */
  safeName(name: string, what: 'member names' | 'hard link targets'): Routine<string>;
}

/** `quiet`: where the archive or the files go to standard output, names go to stderr. */
export function newTarRun(
  main: Main,
  options: ParsedOptions,
  namesToStderr: boolean,
  baseline: number,
): TarRun {
  let failed = false;
  const said = new Set<string>();
  const note = function* (text: string): Routine<void> {
    yield* main.out.flush();
    main.err.put(`tar: ${text}\n`);
    yield* main.err.flush();
  };
  const verbosity = options.values('verbose').length + baseline;
  const columns = { width: 19 };
  return {
    main,
    options,
    note,
    status: () => (failed ? 2 : 0),
    *problem(text) {
      failed = true;
      yield* note(text);
    },
    *announce(member) {
      if (verbosity === 0) return;
      const line = verbosity > 1 ? longLine(member, options.has('numeric'), columns) : member.name;
      yield* (namesToStderr ? main.err : main.out).print(`${line}\n`);
      if (namesToStderr) yield* main.err.flush();
    },
    *safeName(name, what) {
      if (options.has('absolute')) return name;
      const prefix = /^(?:.*\/)?\.\.(?:\/+|$)|^\/+/.exec(name)?.[0] ?? '';
      if (prefix === '') return name;
      const key = `${what}${prefix}`;
      if (!said.has(key))
        yield* note(`Removing leading \`${prefix.replace(/^\/+$/, '/')}' from ${what}`);
      said.add(key);
      return name.slice(prefix.length).replace(/^\/+/, '') || '.';
    },
  };
}

const LETTERS: Readonly<Record<string, string>> = {
  0: '-',
  1: 'h',
  2: 'l',
  3: 'c',
  4: 'b',
  5: 'd',
  6: 'p',
};

/** `-rw-r--r-- root/root         2 2024-01-02 03:04 f`; the column of sizes grows to the right and stays there. */
function longLine(member: TarMember, numeric: boolean, columns: { width: number }): string {
  const owner = numeric || member.user === '' ? String(member.uid) : member.user;
  const group = numeric || member.group === '' ? String(member.gid) : member.group;
  const device = member.flag === '3' || member.flag === '4';
  const size = device ? `${member.major},${member.minor}` : String(member.content.length);
  columns.width = Math.max(columns.width, owner.length + group.length + size.length + 2);
  const who = `${owner}/${group}`;
  const time = strftime('%Y-%m-%d %H:%M', { seconds: member.mtime, nanoseconds: 0 });
  const link =
    member.flag === '2'
      ? ` -> ${member.target}`
      : member.flag === '1'
        ? ` link to ${member.target}`
        : '';
  const letters = (LETTERS[member.flag] ?? '?') + permissionLetters(member.mode);
  return `${letters} ${who}${size.padStart(columns.width - who.length)} ${time} ${member.name}${link}`;
}
