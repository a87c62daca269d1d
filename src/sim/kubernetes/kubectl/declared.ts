// What every command of kubectl 1.36.3 declares (names, aliases, flags, help), joined with what runs it here.
// A command that nothing runs says that it is not simulated. What help texts say of commands and flags is joined
// where it is at hand (help-texts.ts); it is empty otherwise.

import type { Flag, FlagKind } from '../../etcd/cobra/flags.ts';
import type { Command } from './command.ts';
import { commandLines, flagLines, groupLines } from './generated/commands.ts';
import type { HelpTexts } from './help-texts.ts';

/** A command with everything that it says of itself. */
export interface Declared {
  readonly name: string;
  /** `create service`, without the program's name. */
  readonly path: string;
  readonly aliases: readonly string[];
  readonly hidden: boolean;
  /** What follows the path in its usage line. */
  readonly operands: string;
  readonly short: string;
  readonly long: string;
  readonly examples: string;
  readonly flags: readonly Flag[];
  readonly commands: readonly Declared[];
  /** What runs it here. */
  readonly behaviour: Command | undefined;
}

/** Headings of the program's own help text, each with the names of its commands. */
export const HELP_GROUPS: readonly (readonly string[])[] = groupLines.map((line) =>
  line.split('\t'),
);

/** pflag's types as the parser knows them; the others take any text. */
const KINDS: Readonly<Record<string, FlagKind>> = {
  bool: 'bool',
  tristate: 'bool',
  string: 'string',
  stringSlice: 'strings',
  stringArray: 'array',
  stringToString: 'array',
  mapStringString: 'map',
  int: 'int',
  int32: 'int',
  int64: 'int64',
  duration: 'duration',
};

function flagOf(line: string, usage: string): Flag {
  const [name = '', short = '', type = '', value = '', bare = '', marks = '', deprecated = ''] =
    line.split('\t');
  const kind = KINDS[type] ?? 'array';
  return {
    name,
    kind,
    usage,
    value: kind === 'strings' || kind === 'array' ? value.slice(1, -1) : value,
    ...(short ? { short } : {}),
    ...(bare ? { bare } : {}),
    ...(deprecated ? { deprecated } : {}),
    ...(marks.includes('h') ? { hidden: true } : {}),
    ...(marks.includes('r') ? { required: true } : {}),
  };
}

/** The lines of a group's commands with their numbers, by the group's path; line 0 is the root's. */
const BELOW = Map.groupBy(
  commandLines.map((line, number) => ({ line, number })).slice(1),
  ({ line }) => line.slice(0, line.indexOf('\t')).split(' ').slice(0, -1).join(' '),
);

const NO_TEXTS: HelpTexts = { helpLines: [], flagUsages: [] };

/** The whole tree, with the behaviours below `root` in their places. */
export function declaredTree(root: Command, texts = NO_TEXTS): Declared {
  const declared = (line: string, number: number): Declared => {
    const [path = '', aliases = '', marks = '', flags = '', operands = ''] = line.split('\t');
    const [short = '', long = '', examples = ''] = (texts.helpLines[number] ?? '').split('\0');
    return {
      name: path.split(' ').pop() || 'kubectl',
      path,
      aliases: words(aliases),
      hidden: marks.includes('h'),
      operands,
      short,
      long,
      examples,
      flags: words(flags).map((word) => {
        const at = Number(word);
        return flagOf(flagLines[at] ?? '', texts.flagUsages[at] ?? '');
      }),
      commands: (BELOW.get(path) ?? []).map(({ line: below, number: at }) => declared(below, at)),
      behaviour: behaviourOf(root, words(path)),
    };
  };
  return declared(commandLines[0] ?? '', 0);
}

function behaviourOf(root: Command, path: readonly string[]): Command | undefined {
  let here: Command | undefined = root;
  for (const name of path) here = here?.commands?.find((one) => one.name === name);
  return here;
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}
