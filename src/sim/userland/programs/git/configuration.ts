// git config: values of sections in .git/config and ~/.gitconfig, read from the nearer file first.

import { encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import type { Main } from '../../libc/stdio.ts';
import { writeFile } from '../../libc/whole-file.ts';
import { readText, type Repository } from './repository.ts';

function globalPath(process: Process): string {
  return `${process.environment.get('HOME') ?? '/root'}/.gitconfig`;
}

/** The settings of a file: `section.key` and value, in order. */
function parse(text: string): [string, string][] {
  const found: [string, string][] = [];
  let section = '';
  for (const line of text.split('\n')) {
    const [, name, sub] = /^\s*\[([\w.-]+)(?:\s+"(.*)")?\]/.exec(line) ?? [];
    if (name !== undefined) section = sub === undefined ? name : `${name}.${sub}`;
    const [, key, value = 'true'] = /^\s*([\w-]+)(?:\s*=\s*(.*))?$/.exec(line) ?? [];
    if (key !== undefined) found.push([`${section}.${key}`, value.trim()]);
  }
  return found;
}

/** A setting's value; undefined where no file has it. */
export function* configured(
  process: Process,
  repository: Repository | undefined,
  key: string,
): Routine<string | undefined> {
  const paths = [...(repository ? [`${repository.directory}/config`] : []), globalPath(process)];
  for (const path of paths) {
    const found = parse((yield* readText(process, path)) ?? '').findLast(([name]) => name === key);
    if (found) return found[1];
  }
  return undefined;
}

/** `git config [--global] key [value]`, and --list. */
export function* config(
  main: Main,
  words: readonly string[],
  repository: Repository | undefined,
): Routine<number> {
  const { process } = main;
  const [key, value] = words.filter((word) => !word.startsWith('-'));
  const path =
    words.includes('--global') || !repository
      ? globalPath(process)
      : `${repository.directory}/config`;
  const text = (yield* readText(process, path)) ?? '';
  if (words.includes('--list') || words.includes('-l')) {
    for (const one of [
      globalPath(process),
      ...(repository ? [`${repository.directory}/config`] : []),
    ])
      for (const [name, own] of parse((yield* readText(process, one)) ?? ''))
        main.out.put(`${name}=${own}\n`);
    return 0;
  }
  if (key === undefined) return 129;
  if (value === undefined) {
    const found = yield* configured(process, repository, key);
    if (found === undefined) return 1;
    main.out.put(`${found}\n`);
    return 0;
  }
  yield* writeFile(process, path, encode(withSetting(text, key, value)));
  return 0;
}

function withSetting(text: string, key: string, value: string): string {
  const dot = key.lastIndexOf('.');
  const [section, name] = [key.slice(0, dot), key.slice(dot + 1)];
  const line = `\t${name} = ${value}`;
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const start = lines.findIndex((one) => one.trim() === `[${section}]`);
  if (start < 0) return `${[...lines, `[${section}]`, line].join('\n')}\n`;
  let end = lines.findIndex((one, i) => i > start && one.trim().startsWith('['));
  if (end < 0) end = lines.length;
  const at = lines.findIndex((one, i) => i > start && i < end && one.trim().startsWith(`${name} `));
  if (at < 0) lines.splice(end, 0, line);
  else lines[at] = line;
  return `${lines.join('\n')}\n`;
}
