// patch 2.7.6 (GNU): applies unified and normal diffs, with offsets and fuzz, rejects and backups. Context diffs, ed
// scripts, git's renames and merging (-m, -D) are left out.

import { binaryBytes } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { ENOENT, isErrno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { baseName, dirName, readFile, writeFile } from '../../libc/whole-file.ts';
import { notSimulated } from '../../libc/stdio.ts';
import { quoteName } from '../../libc/quote.ts';
import { type Command, gnu } from '../coreutils/gnu.ts';
import { linesOf } from './diff-files.ts';
import {
  type FilePatch,
  findHunk,
  type Hunk,
  hunkText,
  parsePatch,
  reversed,
} from './patch-parse.ts';

export const patch = gnu(
  {
    name: 'patch',
    usage: ['[OPTION]... [ORIGFILE [PATCHFILE]]'],
    usageStatus: 2,
    named: true,
    version: '2.7.6',
    options: [
      { key: 'strip', short: 'p', long: 'strip', argument: 'required' },
      { key: 'reverse', short: 'R', long: 'reverse' },
      { key: 'input', short: 'i', long: 'input', argument: 'required' },
      { key: 'output', short: 'o', long: 'output', argument: 'required' },
      { key: 'reject', short: 'r', long: 'reject-file', argument: 'required' },
      { key: 'silent', short: 's', long: 'quiet silent' },
      { key: 'backup', short: 'b', long: 'backup' },
      { key: 'noMismatchBackup', long: 'no-backup-if-mismatch' },
      { key: 'dry', long: 'dry-run' },
      { key: 'forward', short: 'N', long: 'forward' },
      { key: 'force', short: 'f', long: 'force' },
      { key: 'batch', short: 't', long: 'batch' },
      { key: 'directory', short: 'd', long: 'directory', argument: 'required' },
      { key: 'empty', short: 'E', long: 'remove-empty-files' },
      { key: 'fuzz', short: 'F', long: 'fuzz', argument: 'required' },
      { key: 'unified', short: 'u', long: 'unified' },
      { key: 'normal', short: 'n', long: 'normal' },
    ],
    missing: [
      { key: 'context', short: 'c', long: 'context' },
      { key: 'ed', short: 'e', long: 'ed' },
      { key: 'merge', short: 'm', long: 'merge', argument: 'optional' },
      { key: 'ifdef', short: 'D', long: 'ifdef', argument: 'required' },
      { key: 'verbose', long: 'verbose' },
      { key: 'time', short: 'TZ', long: 'set-time set-utc' },
      { key: 'space', short: 'l', long: 'ignore-whitespace' },
      { key: 'suffix', short: 'z', long: 'suffix prefix', argument: 'required' },
    ],
  },
  function* (command) {
    const { options, operands, process } = command;
    const strip = options.value('strip');
    if (strip !== undefined && !/^\d+$/.test(strip))
      return yield* fatal(command, `strip count ${strip} is not a number`);
    if (operands.length > 2) return yield* command.usage(`${operands[2] ?? ''}: extra operand`);
    const directory = options.value('directory');
    const refused = directory === undefined ? undefined : process.chdir(directory);
    if (refused)
      return yield* fatal(
        command,
        `Can't change to directory ${directory ?? ''} : ${refused.message}`,
      );
    const source = options.value('input') ?? operands[1] ?? '-';
    const bytes = source === '-' ? yield* command.input.rest() : yield* readFile(process, source);
    if (isErrno(bytes))
      return yield* fatal(command, `Can't open patch file ${source} : ${bytes.message}`);
    if (bytes.length === 0) return 0;
    const lines = linesOf(bytes);
    if (lines.includes('***************\n'))
      return yield* notSimulated(command, 'patch with a context diff');
    const files = parsePatch(lines);
    if ('error' in files) return yield* fatal(command, files.error);
    let status = 0;
    for (const file of files)
      status = Math.max(status, yield* applyFile(command, file, operands[0]));
    return status;
  },
);

function* fatal(command: Command, text: string): ProgramRun {
  yield* command.fail(`**** ${text.replace(/\n$/, '')}${text.startsWith('malformed') ? '\n' : ''}`);
  return 2;
}

/** A name of the patch as a path here: -p takes leading directories off; without it only the last part counts. */
function stripped(command: Command, name: string | undefined): string | undefined {
  if (name === undefined || name === '/dev/null') return undefined;
  const strip = command.options.value('strip');
  if (strip === undefined) return baseName(name);
  const parts = name.split(/\/+/);
  return parts.length > Number(strip) ? parts.slice(Number(strip)).join('/') : undefined;
}

/** The file to patch: of the names that exist, the one with the fewest directories, then the shortest. */
function targetOf(command: Command, file: FilePatch): string | undefined {
  const names = [stripped(command, file.old), stripped(command, file.young)].filter(
    (name): name is string => name !== undefined && name !== '',
  );
  const there = names.filter((name) => command.process.exists(name));
  const depth = (name: string): number => name.split('/').length;
  const best = [...there].sort(
    (a, b) => depth(a) - depth(b) || baseName(a).length - baseName(b).length || a.length - b.length,
  );
  const creates =
    (command.options.has('reverse') ? file.young : file.old) === '/dev/null' ||
    file.hunks.every(isCreation);
  return best[0] ?? (creates ? names[0] : undefined);
}

const isCreation = ({ from, lines }: Hunk): boolean =>
  from <= 1 && lines.every((line) => line.startsWith('+'));

function* applyFile(command: Command, file: FilePatch, named: string | undefined): Routine<number> {
  const { options, process, out } = command;
  const target = named ?? targetOf(command, file);
  if (target === undefined) return yield* skipUnknown(command, file);
  const bytes = yield* readFile(process, target);
  if (isErrno(bytes) && bytes !== ENOENT)
    return yield* fatal(command, `Can't open file ${target} : ${bytes.message}`);
  const output = options.value('output');
  if (!options.has('silent')) {
    const read = output === undefined ? '' : ` (read from ${quoteName(target)})`;
    out.put(
      `${options.has('dry') ? 'checking' : 'patching'} file ${quoteName(output ?? target)}${read}\n`,
    );
  }
  const old = isErrno(bytes) ? [] : linesOf(bytes);
  let hunks = options.has('reverse') ? file.hunks.map(reversed) : file.hunks;
  const fuzz = Number(options.value('fuzz') ?? 2);
  const first = hunks[0];
  const appliedBefore =
    first !== undefined &&
    !options.has('force') &&
    !findHunk(old, first, first.from - 1, 0, fuzz) &&
    findHunk(old, reversed(first), first.to - 1, 0, 0);
  if (appliedBefore) {
    const answer = yield* askReversed(command);
    if (answer === 'skip')
      return yield* reject(command, target, file, hunks, 'ignored', hunks.length);
    if (answer === 'reverse') hunks = hunks.map(reversed);
  }
  const result = yield* applyHunks(command, old, hunks, fuzz);
  const bad = result.failed.length;
  if (isErrno(bytes) && bad > 0)
    return yield* fatal(command, `Can't reopen file ${target} : ${ENOENT.message}`);
  if (!options.has('dry')) {
    const mismatch = result.inexact && !options.has('noMismatchBackup') && output === undefined;
    if (!isErrno(bytes) && (options.has('backup') || mismatch))
      yield* writeFile(process, `${target}.orig`, bytes);
    const gone =
      result.lines.length === 0 &&
      bad === 0 &&
      (options.has('empty') || (options.has('reverse') ? file.old : file.young) === '/dev/null');
    const failure = gone
      ? process.unlink(target)
      : yield* writeOut(command, output ?? target, result.lines);
    if (failure)
      return yield* fatal(command, `Can't create file ${output ?? target} : ${failure.message}`);
  }
  return bad > 0
    ? yield* reject(command, output ?? target, file, result.failed, 'FAILED', hunks.length)
    : 0;
}

function* writeOut(command: Command, path: string, lines: readonly string[]) {
  const directory = dirName(path);
  const missing: string[] = [];
  for (let at = directory; !command.process.exists(at); at = dirName(at)) missing.unshift(at);
  for (const each of missing) command.process.mkdir(each);
  return yield* writeFile(command.process, path, binaryBytes(lines.join('')));
}

interface Applied {
  readonly lines: readonly string[];
  readonly failed: readonly Hunk[];
  /** A hunk was off its place, fuzzy or failed. */
  readonly inexact: boolean;
}

/** Applies hunks in order; each starts its search where the one before it ended up. */
function* applyHunks(
  command: Command,
  old: readonly string[],
  hunks: readonly Hunk[],
  fuzz: number,
): Routine<Applied> {
  const failed: Hunk[] = [];
  const out: string[] = [];
  let done = 0;
  let drift = 0;
  let inexact = false;
  for (const [i, hunk] of hunks.entries()) {
    const fit = findHunk(old, hunk, hunk.from - 1 + drift, done, fuzz);
    const shift = out.length - done;
    if (!fit) {
      failed.push(hunk);
      inexact = true;
      yield* command.out.print(`Hunk #${i + 1} FAILED at ${hunk.from + drift + shift}.\n`);
      continue;
    }
    drift = fit.at - (hunk.from - 1);
    out.push(...old.slice(done, fit.at));
    const place = out.length + 1;
    done = fit.at;
    for (const line of hunk.lines) {
      if (line.startsWith('+')) out.push(line.slice(1));
      else if (line.startsWith('-')) done++;
      else out.push(old[done++] ?? '');
    }
    if (fit.fuzz === 0 && drift === 0) continue;
    inexact = true;
    if (command.options.has('silent')) continue;
    const fuzzy = fit.fuzz ? ` with fuzz ${fit.fuzz}` : '';
    const moved = drift ? ` (offset ${drift} line${Math.abs(drift) === 1 ? '' : 's'})` : '';
    command.out.put(`Hunk #${i + 1} succeeded at ${place}${fuzzy}${moved}.\n`);
  }
  out.push(...old.slice(done));
  return { lines: out, failed, inexact };
}

/** `1 out of 1 hunk FAILED -- saving rejects to file f.rej`. */
function* reject(
  command: Command,
  target: string,
  file: FilePatch,
  hunks: readonly Hunk[],
  word: 'FAILED' | 'ignored',
  all: number,
): Routine<number> {
  const path = command.options.value('reject') ?? `${target}.rej`;
  const saved = !command.options.has('dry');
  const tail = saved ? ` -- saving rejects to file ${quoteName(path)}` : '';
  yield* command.out.print(
    `${hunks.length} out of ${all} hunk${all === 1 ? '' : 's'} ${word}${tail}\n`,
  );
  const heading =
    file.heading.length > 0 ? file.heading.join('') : `--- ${target}\n+++ ${target}\n`;
  if (saved)
    yield* writeFile(command.process, path, binaryBytes(heading + hunks.map(hunkText).join('')));
  return 1;
}

/** A question on the terminal; where there is none, or no answer, the default. */
function* ask(command: Command, question: string): Routine<string> {
  yield* command.out.print(`${question} `);
  yield* command.out.flush();
  const fd = command.process.open('/dev/tty');
  const bytes = isErrno(fd) ? fd : yield* command.process.read(fd, 1024);
  if (!isErrno(fd)) command.process.close(fd);
  const answer = isErrno(bytes) ? '' : String.fromCharCode(...bytes);
  if (answer === '') yield* command.out.print('\n');
  return answer.trim().toLowerCase();
}

function* askReversed(command: Command): Routine<'skip' | 'reverse' | 'apply'> {
  const detected = 'Reversed (or previously applied) patch detected!';
  if (command.options.has('forward')) {
    yield* command.out.print(`${detected}  Skipping patch.\n`);
    return 'skip';
  }
  if (command.options.has('batch')) {
    yield* command.out.print(`${detected}  Assuming -R.\n`);
    return 'reverse';
  }
  if ((yield* ask(command, `${detected}  Assume -R? [n]`)).startsWith('y')) return 'reverse';
  if ((yield* ask(command, 'Apply anyway? [n]')).startsWith('y')) return 'apply';
  yield* command.out.print('Skipping patch.\n');
  return 'skip';
}

function* skipUnknown(command: Command, file: FilePatch): Routine<number> {
  const { out, options } = command;
  const hint = options.has('strip')
    ? 'Perhaps you used the wrong -p or --strip option?'
    : 'Perhaps you should have used the -p or --strip option?';
  out.put(
    `can't find file to patch at input line ${file.line}\n${hint}\nThe text leading up to this was:\n`,
  );
  out.put(
    `--------------------------\n${file.heading.map((line) => `|${line}`).join('')}--------------------------\n`,
  );
  if (!options.has('force') && !options.has('batch')) {
    yield* ask(command, 'File to patch:');
    yield* ask(command, 'Skip this patch? [y]');
  } else out.put('No file to patch.  ');
  out.put('Skipping patch.\n');
  const all = file.hunks.length;
  yield* out.print(`${all} out of ${all} hunk${all === 1 ? '' : 's'} ignored\n`);
  return 1;
}
