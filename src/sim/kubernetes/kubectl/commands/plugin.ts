// kubectl's plugins: executables named kubectl-NAME on the PATH, run where no command has the name; plugin list shows them.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../../kernel/files/inode.ts';
import { spawn, waitFor } from '../../../userland/libc/spawn.ts';
import type { Main } from '../../../userland/libc/stdio.ts';
import { baseName, joinPath } from '../../../userland/libc/whole-file.ts';
import type { Call, Command } from '../command.ts';
import { Failure } from '../failure.ts';

function pathOf(process: Process): string[] {
  const listed = (process.environment.get('PATH') ?? '').split(':').filter((one) => one !== '');
  return [...new Set(listed)];
}

function* list(call: Call): Routine<void> {
  const { process } = call.main;
  const found: string[] = [];
  for (const folder of pathOf(process)) {
    const items = process.readdir(folder);
    if (isErrno(items)) {
      const why = `open ${folder}: ${items.message.toLowerCase()}`;
      yield* call.err(`Unable to read directory "${folder}" from your PATH: ${why}. Skipping...\n`);
      continue;
    }
    for (const { name } of [...items].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = joinPath(folder, name);
      if (name.startsWith('kubectl-') && !isFolder(process, path)) found.push(path);
    }
  }
  if (found.length === 0)
    throw new Failure('error: unable to find any kubectl plugins in your PATH');
  yield* call.out('The following compatible plugins are available:\n\n');
  const seen = new Map<string, string>();
  let warnings = 0;
  for (const path of found) {
    yield* call.out(`${call.values.is('name-only') ? baseName(path) : path}\n`);
    for (const warning of warningsOf(process, path, seen)) {
      warnings++;
      yield* call.err(`  - warning: ${warning}\n`);
    }
  }
  if (warnings === 1) throw new Failure('error: one plugin warning was found');
  if (warnings > 1) throw new Failure(`error: ${warnings} plugin warnings were found`);
}

function isFolder(process: Process, path: string): boolean {
  const stat = process.stat(path);
  return !isErrno(stat) && (stat.mode & S_IFMT) === S_IFDIR;
}

function isExecutable(process: Process, path: string): boolean {
  const stat = process.stat(path);
  return !isErrno(stat) && !isFolder(process, path) && (stat.mode & 0o111) !== 0;
}

function warningsOf(process: Process, path: string, seen: Map<string, string>): string[] {
  const name = baseName(path);
  const warnings: string[] = [];
  if (!isExecutable(process, path))
    warnings.push(`${path} identified as a kubectl plugin, but it is not executable`);
  const first = seen.get(name);
  if (first === undefined) seen.set(name, path);
  else warnings.push(`${path} is overshadowed by a similarly named plugin: ${first}`);
  return warnings;
}

export const plugin: Command = { name: 'plugin', commands: [{ name: 'list', run: list }] };

/**
 * Runs the plugin of the longest name that the words make (`kubectl a b` is kubectl-a-b, else kubectl-a with b); undefined
 * where there is none.
 */
export function* runPlugin(main: Main, words: readonly string[]): Routine<number | undefined> {
  const { process } = main;
  const flag = words.findIndex((word) => word.startsWith('-'));
  const names = words.slice(0, flag < 0 ? words.length : flag).map((one) => one.replace(/-/g, '_'));
  for (let count = names.length; count > 0; count--) {
    const name = `kubectl-${names.slice(0, count).join('-')}`;
    const path = pathOf(process)
      .map((folder) => joinPath(folder, name))
      .find((one) => isExecutable(process, one));
    if (path === undefined) continue;
    yield* main.out.flush();
    const pid = spawn(process, [path, ...words.slice(count)]);
    if (isErrno(pid)) throw new Failure(`error: fork/exec ${path}: ${pid.message.toLowerCase()}`);
    return (yield* waitFor(process, pid)).code;
  }
  return undefined;
}
