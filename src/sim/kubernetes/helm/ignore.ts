// The files of a chart's folder (pkg/ignore): everything but what .helmignore names.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import type { ChartFile } from './chart.ts';

/** A rule of .helmignore. */
interface IgnoreRule {
  readonly negated: boolean;
  readonly onlyFolders: boolean;
  readonly matches: (path: string) => boolean;
}

/** A rule as filepath.Match reads it: `*` and `?` within a name; without a slash it is about names anywhere. */
function ruleOf(line: string): IgnoreRule {
  const negated = line.startsWith('!');
  const bare = negated ? line.slice(1) : line;
  const onlyFolders = bare.endsWith('/');
  const pattern = bare.replace(/\/$/, '');
  const source = pattern
    .replace(/^\//, '')
    .replace(/[.+^$(){}|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  const expression = new RegExp(`^${source}$`);
  const whole = pattern.includes('/');
  const matches = (path: string): boolean =>
    expression.test(whole ? path : (path.split('/').pop() ?? ''));
  return { negated, onlyFolders, matches };
}

/** The rules of a chart's .helmignore, and the one that always holds. */
function* ignoreRules(process: Process, directory: string): Routine<IgnoreRule[]> {
  const bytes = yield* readFile(process, `${directory}/.helmignore`);
  const lines = isErrno(bytes) ? [] : decode(bytes).split('\n');
  return [...lines.map((line) => line.trim()), 'templates/.?*']
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(ruleOf);
}

function isIgnored(rules: readonly IgnoreRule[], path: string, folder: boolean): boolean {
  return rules.some(({ negated, onlyFolders, matches }) => {
    if (negated) return !matches(path) && !(onlyFolders && !folder);
    return (folder || !onlyFolders) && matches(path);
  });
}

function* walk(
  process: Process,
  directory: string,
  rules: readonly IgnoreRule[],
  prefix = '',
): Routine<ChartFile[]> {
  const items = process.readdir(directory);
  if (isErrno(items)) return [];
  const found: ChartFile[] = [];
  for (const { name } of [...items].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (name === '.' || name === '..') continue;
    const path = `${directory}/${name}`;
    const stat = process.stat(path);
    if (isErrno(stat)) continue;
    const folder = (stat.mode & 0o170000) === 0o040000;
    if (isIgnored(rules, prefix + name, folder)) continue;
    if (folder) {
      found.push(...(yield* walk(process, path, rules, `${prefix}${name}/`)));
      continue;
    }
    const bytes = yield* readFile(process, path);
    if (!isErrno(bytes)) found.push({ name: prefix + name, bytes });
  }
  return found;
}

/** The files of a chart's folder in the order of their names. */
export function* filesOfFolder(process: Process, directory: string): Routine<ChartFile[]> {
  return yield* walk(process, directory, yield* ignoreRules(process, directory));
}
