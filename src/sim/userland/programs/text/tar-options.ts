// The words of tar's command line: bundled old-style letters, options whose place among the operands counts (-C),
// and the patterns that choose members.

import type { OptionSpec, ParsedOptions } from '../../libc/options.ts';
import { isOptionError, parseOptions } from '../../libc/options.ts';
import { globPattern } from '../../libc/glob.ts';

export const TAR_OPTIONS: readonly OptionSpec[] = [
  { key: 'create', short: 'c', long: 'create' },
  { key: 'list', short: 't', long: 'list' },
  { key: 'extract', short: 'x', long: 'extract get' },
  { key: 'append', short: 'r', long: 'append' },
  { key: 'file', short: 'f', long: 'file', argument: 'required' },
  { key: 'directory', short: 'C', long: 'directory', argument: 'required' },
  { key: 'verbose', short: 'v', long: 'verbose' },
  { key: 'gzip', short: 'z', long: 'gzip gunzip ungzip' },
  { key: 'auto', short: 'a', long: 'auto-compress' },
  { key: 'stdout', short: 'O', long: 'to-stdout' },
  { key: 'permissions', short: 'p', long: 'preserve-permissions same-permissions' },
  { key: 'noPermissions', long: 'no-same-permissions' },
  { key: 'keep', short: 'k', long: 'keep-old-files' },
  { key: 'skipOld', long: 'skip-old-files' },
  { key: 'overwrite', long: 'overwrite' },
  { key: 'unlink', short: 'U', long: 'unlink-first' },
  { key: 'touch', short: 'm', long: 'touch' },
  { key: 'dereference', short: 'h', long: 'dereference' },
  { key: 'absolute', short: 'P', long: 'absolute-names' },
  { key: 'files', short: 'T', long: 'files-from', argument: 'required' },
  { key: 'exclude', long: 'exclude', argument: 'required' },
  { key: 'excludeFrom', short: 'X', long: 'exclude-from', argument: 'required' },
  { key: 'strip', long: 'strip-components', argument: 'required' },
  { key: 'wildcards', long: 'wildcards' },
  { key: 'noWildcards', long: 'no-wildcards' },
  { key: 'owner', long: 'owner', argument: 'required' },
  { key: 'group', long: 'group', argument: 'required' },
  { key: 'numeric', long: 'numeric-owner' },
  { key: 'mode', long: 'mode', argument: 'required' },
  { key: 'sort', long: 'sort', argument: 'required' },
  { key: 'noRecursion', long: 'no-recursion' },
  { key: 'noSameOwner', short: 'o', long: 'no-same-owner' },
  { key: 'sameOwner', long: 'same-owner' },
  { key: 'removeFiles', long: 'remove-files' },
  { key: 'warning', long: 'warning', argument: 'required' },
  { key: 'blocking', short: 'b', long: 'blocking-factor', argument: 'required' },
  { key: 'ignoreZeros', short: 'i', long: 'ignore-zeros' },
  { key: 'version', long: 'version' },
];

/** Real options that are not simulated. */
export const TAR_MISSING: readonly OptionSpec[] = [
  { key: 'update', short: 'u', long: 'update' },
  { key: 'concatenate', short: 'A', long: 'catenate concatenate' },
  { key: 'compare', short: 'd', long: 'diff compare' },
  { key: 'delete', long: 'delete' },
  { key: 'bzip2', short: 'j', long: 'bzip2' },
  { key: 'xz', short: 'J', long: 'xz' },
  { key: 'zstd', long: 'zstd' },
  { key: 'lzma', long: 'lzma lzip lzop' },
  { key: 'program', short: 'I', long: 'use-compress-program', argument: 'required' },
  { key: 'transform', long: 'transform xform', argument: 'required' },
  { key: 'mtime', long: 'mtime', argument: 'required' },
  { key: 'format', short: 'H', long: 'format', argument: 'required' },
  { key: 'incremental', short: 'g', long: 'listed-incremental', argument: 'required' },
  { key: 'incrementalOld', short: 'G', long: 'incremental' },
  { key: 'multi', short: 'M', long: 'multi-volume' },
  { key: 'sparse', short: 'S', long: 'sparse' },
  { key: 'verify', short: 'W', long: 'verify' },
  { key: 'interactive', short: 'w', long: 'interactive confirmation' },
  { key: 'totals', long: 'totals' },
  { key: 'oneTop', long: 'one-top-level', argument: 'optional' },
  { key: 'oneSystem', long: 'one-file-system' },
  { key: 'newer', short: 'N', long: 'newer after-date', argument: 'required' },
  { key: 'keepNewer', long: 'keep-newer-files' },
  { key: 'xattrs', long: 'xattrs acls selinux' },
  { key: 'nulls', long: 'null' },
  { key: 'block', short: 'R', long: 'block-number' },
  { key: 'label', short: 'V', long: 'label', argument: 'required' },
  { key: 'anchored', long: 'anchored' },
  { key: 'suffix', long: 'backup suffix', argument: 'optional' },
  { key: 'excludeVcs', long: 'exclude-vcs exclude-backups exclude-caches' },
  { key: 'checkpoint', long: 'checkpoint', argument: 'optional' },
  { key: 'hardDereference', long: 'hard-dereference' },
  { key: 'usage', short: '?', long: 'usage' },
  { key: 'help', long: 'help' },
];

/** `tar czf a.tgz d` as `tar -c -z -f a.tgz d`: each letter takes its value from the next word. */
export function oldStyle(args: readonly string[]): readonly string[] | { readonly error: string } {
  const [first = '', ...rest] = args;
  if (first === '' || first.startsWith('-')) return args;
  const words: string[] = [];
  for (const letter of first) {
    words.push(`-${letter}`);
    const spec = [...TAR_OPTIONS, ...TAR_MISSING].find((option) => option.short?.includes(letter));
    if (spec?.argument !== 'required') continue;
    const value = rest.shift();
    if (value === undefined) return { error: `Old option '${letter}' requires an argument.` };
    words.push(value);
  }
  return [...words, ...rest];
}

/** What is named on the command line, in order: directories to change to, and files or lists of them. */
export type TarItem = readonly [kind: 'directory' | 'files' | 'name', value: string];

/** The operands with the options that stand between them. */
export function tarItems(args: readonly string[]): TarItem[] {
  const items: TarItem[] = [];
  let rest = args;
  while (rest.length > 0) {
    const parsed = parseOptions(rest, [...TAR_OPTIONS, ...TAR_MISSING], { posixly: true });
    if (isOptionError(parsed)) return items;
    for (const [key, value] of parsed.list) {
      if (key === 'directory' || key === 'files') items.push([key, value]);
    }
    const [name, ...after] = parsed.operands;
    if (name !== undefined) items.push(['name', name]);
    rest = after;
  }
  return items;
}

/** True where a pattern of --exclude matches a name, any of its trailing parts, or a directory above it. */
export function excludes(patterns: readonly string[]): (name: string) => boolean {
  const globs = patterns.map((pattern) => globPattern(pattern.replace(/\/+$/, '')));
  return (name) => {
    const parts = name.replace(/\/$/, '').split('/');
    return globs.some((glob) =>
      parts.some((_, from) =>
        parts.some((__, to) => to >= from && glob.test(parts.slice(from, to + 1).join('/'))),
      ),
    );
  };
}

/** Chooses members by the operands of -t and -x, and remembers which operands chose any. */
export interface MemberChoice {
  chosen(name: string): boolean;
  /** Operands that chose nothing. */
  unused(): readonly string[];
}

export function memberChoice(names: readonly string[], options: ParsedOptions): MemberChoice {
  const wild = options.last('wildcards', 'noWildcards') === 'wildcards';
  const used = new Set<string>();
  const plain = (name: string): string => name.replace(/\/+$/, '');
  const globs = names.map((name) => globPattern(plain(name)));
  const fits = (wanted: string, index: number, name: string): boolean => {
    const member = plain(name);
    if (!wild) return member === plain(wanted) || member.startsWith(`${plain(wanted)}/`);
    const parts = member.split('/');
    return parts.some((_, i) => globs[index]?.test(parts.slice(0, i + 1).join('/')) === true);
  };
  return {
    chosen(name) {
      if (names.length === 0) return true;
      const hits = names.filter((wanted, i) => fits(wanted, i, name));
      for (const hit of hits) used.add(hit);
      return hits.length > 0;
    },
    unused: () => names.filter((name) => !used.has(name)),
  };
}
