// helm's commands with their flags and words as their own help texts declare them, and finding one on a command line (cobra).

import type { Flag, FlagKind } from '../../etcd/cobra/flags.ts';
import { GLOBAL_FLAGS_TEXT, HELPS } from './generated/help.ts';

/** pflag's names of types. */
const KINDS: Readonly<Record<string, FlagKind>> = {
  int: 'int',
  duration: 'duration',
  strings: 'strings',
  stringArray: 'array',
  stringToString: 'map',
};

/** A flag of a help text's line: `  -n, --namespace string   …`. */
function flagOf(line: string): Flag | undefined {
  const match =
    /^ +(?:-(\w), )?(?:    )?--([\w-]+)(?: ([\w.]+?)(?:\[=?"?=?(.*?)"?\])?)? {2,}(.*)$/.exec(line);
  if (!match) return undefined;
  const [, short, name = '', type, bare, usage = ''] = match;
  if (name === 'help') return undefined;
  const kind = type === undefined ? 'bool' : (KINDS[type] ?? 'string');
  const said = /\(default "?(.*?)"?\)$/.exec(usage)?.[1];
  const fallback = said === '[]' ? '' : said;
  return {
    name,
    kind,
    value: fallback ?? (kind === 'bool' ? 'false' : ''),
    usage,
    ...(short ? { short } : {}),
    ...(bare === undefined ? {} : { bare }),
  };
}

function flagsIn(text: string): Flag[] {
  return text
    .split('\n')
    .map(flagOf)
    .filter((flag) => flag !== undefined);
}

/** Flags that help texts leave out: old names, with what to say of them. */
const OLD: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  install: [
    ['atomic', 'rollback-on-failure', 'use --rollback-on-failure instead'],
    ['force', 'force-replace', 'use --force-replace instead'],
  ],
  upgrade: [
    ['atomic', 'rollback-on-failure', 'use --rollback-on-failure instead'],
    ['force', 'force-replace', 'use --force-replace instead'],
  ],
  template: [
    ['atomic', 'rollback-on-failure', 'use --rollback-on-failure instead'],
    ['force', 'force-replace', 'use --force-replace instead'],
    ['validate', '', "use '--dry-run=server' instead"],
    ['hide-notes', '', "this flag has no effect for 'helm template' and will be removed in Helm 5"],
    [
      'render-subchart-notes',
      '',
      "this flag has no effect for 'helm template' and will be removed in Helm 5",
    ],
  ],
  rollback: [['force', 'force-replace', 'use --force-replace instead']],
};

/** The newer name of a flag that help texts leave out. */
export function newerName(path: string, flag: string): string | undefined {
  return OLD[path]?.find(([name]) => name === flag)?.[1];
}

let globalFlags: readonly Flag[] | undefined;
const known = new Map<string, readonly Flag[]>();

/** The flags of every command. */
export function sharedFlags(): readonly Flag[] {
  globalFlags ??= flagsIn(GLOBAL_FLAGS_TEXT);
  return globalFlags;
}

/** The flags of a command, its own and those of all. */
export function flagsOf(path: string): readonly Flag[] {
  const found = known.get(path);
  if (found) return found;
  const old = (OLD[path] ?? []).map(
    ([name, , deprecated]): Flag => ({ name, kind: 'bool', value: 'false', usage: '', deprecated }),
  );
  const flags = [...flagsIn(HELPS[path]?.split('\nFlags:\n')[1] ?? ''), ...old, ...sharedFlags()];
  known.set(path, flags);
  return flags;
}

/** A command's line in its help: `helm status RELEASE_NAME [flags]`. */
export function usageLine(path: string): string {
  return /\nUsage:\n {2}(.*)\n/.exec(HELPS[path] ?? '')?.[1] ?? `helm ${path}`;
}

/** A command's help as it is printed. */
export function helpText(path: string): string {
  const own = HELPS[path] ?? '';
  const name = path === '' ? 'helm' : `helm ${path}`;
  if (path === '') return own;
  const shared = `${own}\nGlobal Flags:\n${GLOBAL_FLAGS_TEXT}`;
  return hasCommands(path)
    ? `${shared}\nUse "${name} [command] --help" for more information about a command.\n`
    : shared;
}

/** True for a command that only groups others. */
export function hasCommands(path: string): boolean {
  return Object.keys(HELPS).some((one) => one.startsWith(path === '' ? ' ' : `${path} `));
}

/** Other names of commands, by what they are short for. */
const ALIASES: Readonly<Record<string, string>> = {
  dep: 'dependency',
  dependencies: 'dependency',
  inspect: 'show',
  fetch: 'pull',
  hist: 'history',
  ls: 'list',
  del: 'uninstall',
  delete: 'uninstall',
  un: 'uninstall',
  'dependency ls': 'dependency list',
  'dependency up': 'dependency update',
  'repo ls': 'repo list',
  'repo rm': 'repo remove',
  'repo up': 'repo update',
};

/** The command that the first words name; flags may stand between. `at` says where the words stood. */
export function findCommand(words: readonly string[]): {
  readonly path: string;
  readonly rest: readonly string[];
} {
  let path = '';
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--') return { path, rest: [...rest, ...words.slice(i)] };
    if (word.startsWith('-')) {
      rest.push(word);
      const flag = sharedFlags().find((one) => [`--${one.name}`, `-${one.short}`].includes(word));
      if (flag && flag.kind !== 'bool' && words[i + 1] !== undefined) rest.push(words[++i] ?? '');
      continue;
    }
    const longer = path === '' ? word : `${path} ${word}`;
    const next = ALIASES[longer] ?? longer;
    if (!Object.hasOwn(HELPS, next)) return { path, rest: [...rest, ...words.slice(i)] };
    path = next;
  }
  return { path, rest };
}

/** helm's commands in the order in which cobra looks for ones that are near. */
const ORDER: readonly string[] = [
  ...['create', 'dependency', 'pull', 'show', 'lint', 'package', 'repo', 'search', 'verify'],
  ...['get', 'history', 'install', 'list', 'test', 'rollback', 'status', 'template'],
  ...['uninstall', 'upgrade', 'completion', 'env', 'plugin', 'version', 'registry', 'push'],
];

/** Words that mean another command. */
const MEANT: Readonly<Record<string, string>> = { remove: 'uninstall', rm: 'uninstall' };

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The error of an unknown command. */
export function unknownCommand(name: string): string {
  const typed = name.toLowerCase();
  const near = ORDER.filter(
    (one) => distance(typed, one) <= 2 || one.startsWith(typed) || MEANT[typed] === one,
  );
  const hints =
    near.length > 0 ? `\n\nDid you mean this?\n${near.map((one) => `\t${one}\n`).join('')}` : '';
  return `Error: unknown command "${name}" for "helm"${hints}\nRun 'helm --help' for usage.\n`;
}
