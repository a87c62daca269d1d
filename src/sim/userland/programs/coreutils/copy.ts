// cp, mv, install: which names go where; the copying itself is in copy-tree.ts.

import type { Routine } from '../../../core/wait.ts';
import { ENOTDIR, EXDEV, isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../../kernel/files/inode.ts';
import { readAccounts } from '../../libc/accounts.ts';
import { parseMode } from '../../libc/modes.ts';
import type { OptionSpec } from '../../libc/options.ts';
import { quoteAlways, quoteValue } from '../../libc/quote.ts';
import { baseName, joinPath } from '../../libc/whole-file.ts';
import { type CopyOptions, copyPath, newCopying } from './copy-tree.ts';
import { type Command, gnu } from './gnu.ts';
import { confirm, removePath } from './remove.ts';

const TARGETS: readonly OptionSpec[] = [
  { key: 'target', short: 't', long: 'target-directory', argument: 'required' },
  { key: 'notarget', short: 'T', long: 'no-target-directory' },
  { key: 'backup', short: 'b' },
  { key: 'backups', long: 'backup', argument: 'optional' },
  { key: 'suffix', short: 'S', long: 'suffix', argument: 'required' },
  { key: 'verbose', short: 'v', long: 'verbose' },
];

const OVERWRITING: readonly OptionSpec[] = [
  { key: 'force', short: 'f', long: 'force' },
  { key: 'ask', short: 'i', long: 'interactive' },
  { key: 'no', short: 'n', long: 'no-clobber' },
  { key: 'newer', short: 'u', long: 'update' },
  { key: 'strip', long: 'strip-trailing-slashes' },
];

/** Sources with their targets, or an exit status where the words make no sense. */
function* pairs(command: Command): Routine<(readonly [string, string])[] | number> {
  const { process, options, operands } = command;
  if (operands.length === 0) return yield* command.usage('missing file operand');
  const given = options.value('target');
  const [first = ''] = operands;
  if (given === undefined && operands.length === 1) {
    return yield* command.usage(`missing destination file operand after ${quoteAlways(first)}`);
  }
  if (options.has('notarget')) {
    const [, to = '', extra] = operands;
    if (extra !== undefined) return yield* command.usage(`extra operand ${quoteAlways(extra)}`);
    return [[first, to]];
  }
  const last = given ?? operands.at(-1) ?? '';
  const sources = given === undefined ? operands.slice(0, -1) : operands;
  const stat = process.stat(last);
  const directory = !isErrno(stat) && (stat.mode & S_IFMT) === S_IFDIR;
  if (!directory && (given !== undefined || sources.length > 1)) {
    const why = isErrno(stat) ? stat : ENOTDIR;
    const word = given === undefined ? 'target' : 'target directory';
    yield* command.fail(`${word} ${quoteAlways(last)}: ${why.message}`);
    return 1;
  }
  return sources.map((from) => [from, directory ? joinPath(last, baseName(from)) : last] as const);
}

function backupSuffix({ options, process }: Command): string | undefined {
  if (!options.has('backup') && !options.has('backups') && !options.has('suffix')) return undefined;
  return options.value('suffix') ?? process.environment.get('SIMPLE_BACKUP_SUFFIX') ?? '~';
}

function overwriteOf({ options }: Command): CopyOptions['overwrite'] {
  const last = options.last('ask', 'no', 'force');
  if (last === 'ask' || last === 'no') return last;
  return options.has('newer') ? 'newer' : 'yes';
}

export const cp = gnu(
  {
    name: 'cp',
    usage: [
      '[OPTION]... [-T] SOURCE DEST',
      '[OPTION]... SOURCE... DIRECTORY',
      '[OPTION]... -t DIRECTORY SOURCE...',
    ],
    options: [
      ...TARGETS,
      ...OVERWRITING,
      { key: 'archive', short: 'a', long: 'archive' },
      { key: 'attributes', long: 'attributes-only' },
      { key: 'd', short: 'd' },
      { key: 'H', short: 'H' },
      { key: 'L', short: 'L', long: 'dereference' },
      { key: 'P', short: 'P', long: 'no-dereference' },
      { key: 'link', short: 'l', long: 'link' },
      { key: 'p', short: 'p' },
      { key: 'preserve', long: 'preserve', argument: 'optional' },
      { key: 'nopreserve', long: 'no-preserve', argument: 'required' },
      { key: 'parents', long: 'parents' },
      { key: 'recursive', short: 'rR', long: 'recursive' },
      { key: 'remove', long: 'remove-destination' },
      { key: 'symlink', short: 's', long: 'symbolic-link' },
      { key: 'onefs', short: 'x', long: 'one-file-system' },
      { key: 'reflink', long: 'reflink', argument: 'optional' },
      { key: 'sparse', long: 'sparse', argument: 'required' },
    ],
    missing: [{ key: 'Z', short: 'Z', long: 'context', argument: 'optional' }],
  },
  function* (command) {
    const { options, operands, process } = command;
    const run = newCopying(command, cpOptions(command));
    if (options.has('parents') && operands.length > 1) {
      return yield* copyWithParents(command, run);
    }
    const list = yield* pairs(command);
    if (typeof list === 'number') return list;
    let status = 0;
    for (const [from, to] of list) {
      const clean = options.has('strip') ? from.replace(/(.)\/+$/, '$1') : from;
      const source = process.lstat(clean);
      if (/(^|\/)\.$/.test(from) && !isErrno(source) && to.endsWith('/.')) {
        if (!(yield* copyPath(run, from, to.slice(0, -2) || '/'))) status = 1;
      } else if (!(yield* copyPath(run, clean, to))) status = 1;
    }
    return status;
  },
);

function* copyWithParents(command: Command, run: ReturnType<typeof newCopying>): Routine<number> {
  const { process, operands, options } = command;
  const directory = options.value('target') ?? operands.at(-1) ?? '';
  let status = 0;
  for (const from of options.has('target') ? operands : operands.slice(0, -1)) {
    const to = joinPath(directory, from.replace(/^\/+/, ''));
    const parts = to.split('/').slice(0, -1);
    for (let i = 1; i <= parts.length; i++) {
      const path = parts.slice(0, i).join('/');
      if (path !== '' && !process.exists(path)) process.mkdir(path);
    }
    if (!(yield* copyPath(run, from, to))) status = 1;
  }
  return status;
}

function cpOptions(command: Command): CopyOptions {
  const { options } = command;
  const archive = options.has('archive');
  const words = new Set(
    options.values('preserve').flatMap((list) => (list || 'mode,ownership,timestamps').split(',')),
  );
  for (const word of options.values('nopreserve').flatMap((list) => list.split(','))) {
    words.delete(word);
    words.add(`no-${word}`);
  }
  const keep = (word: string): boolean =>
    !words.has(`no-${word}`) &&
    (words.has(word) || words.has('all') || archive || (options.has('p') && word !== 'links'));
  const recursive = options.has('recursive') || archive;
  const last = options.last('archive', 'd', 'H', 'L', 'P');
  const byDefault = recursive ? 'never' : 'always';
  const follow =
    last === undefined ? byDefault : last === 'L' ? 'always' : last === 'H' ? 'operands' : 'never';
  return {
    recursive,
    follow,
    preserve: {
      mode: keep('mode'),
      owner: keep('ownership'),
      times: keep('timestamps'),
      links: keep('links') || options.has('d'),
      attributes: archive || words.has('xattr') || words.has('all'),
    },
    overwrite: overwriteOf(command),
    force: options.has('force'),
    removeFirst: options.has('remove'),
    verbose: options.has('verbose'),
    make: options.has('link') ? 'link' : options.has('symlink') ? 'symlink' : 'copy',
    attributesOnly: options.has('attributes'),
    oneFileSystem: options.has('onefs'),
    backup: backupSuffix(command),
  };
}

const MOVED: CopyOptions = {
  recursive: true,
  follow: 'never',
  preserve: { mode: true, owner: true, times: true, links: true, attributes: true },
  overwrite: 'yes',
  force: true,
  removeFirst: true,
  verbose: false,
  make: 'copy',
  attributesOnly: false,
  oneFileSystem: false,
  backup: undefined,
};

export const mv = gnu(
  {
    name: 'mv',
    usage: [
      '[OPTION]... [-T] SOURCE DEST',
      '[OPTION]... SOURCE... DIRECTORY',
      '[OPTION]... -t DIRECTORY SOURCE...',
    ],
    options: [...TARGETS, ...OVERWRITING],
    missing: [{ key: 'Z', short: 'Z', long: 'context' }],
  },
  function* (command) {
    const list = yield* pairs(command);
    if (typeof list === 'number') return list;
    let status = 0;
    for (const [from, to] of list) {
      const clean = command.options.has('strip') ? from.replace(/(.)\/+$/, '$1') : from;
      if (!(yield* move(command, clean, to))) status = 1;
    }
    return status;
  },
);

function* move(command: Command, from: string, to: string): Routine<boolean> {
  const { process, options } = command;
  const [q, r] = [quoteAlways(from), quoteAlways(to)];
  const source = process.lstat(from);
  if (isErrno(source)) {
    yield* command.fail(`cannot stat ${q}: ${source.message}`);
    return false;
  }
  const directory = (source.mode & S_IFMT) === S_IFDIR;
  const target = process.lstat(to);
  if (!isErrno(target)) {
    const onDirectory = (target.mode & S_IFMT) === S_IFDIR;
    if (source.device === target.device && source.inode === target.inode && from === to) {
      yield* command.fail(`${q} and ${r} are the same file`);
      return false;
    }
    const overwrite = overwriteOf(command);
    if (overwrite === 'no') return true;
    if (overwrite === 'newer' && target.mtime >= source.mtime) return true;
    if (directory && !onDirectory) {
      yield* command.fail(`cannot overwrite non-directory ${r} with directory ${q}`);
      return false;
    }
    if (!directory && onDirectory) {
      yield* command.fail(`cannot overwrite directory ${r} with non-directory`);
      return false;
    }
    if (overwrite === 'ask' && !(yield* confirm(command, `overwrite ${r}? `))) return true;
    const backup = backupSuffix(command);
    if (backup !== undefined) process.rename(to, to + backup);
  }
  const failure = process.rename(from, to);
  if (failure === EXDEV) return yield* moveAcross(command, from, to);
  if (failure) {
    const inside = failure.name === 'EINVAL' && directory;
    const text = inside
      ? `cannot move ${q} to a subdirectory of itself, ${r}`
      : `cannot move ${q} to ${r}: ${failure.message}`;
    yield* command.fail(text);
    return false;
  }
  if (options.has('verbose')) yield* command.out.print(`renamed ${q} -> ${r}\n`);
  return true;
}

function* moveAcross(command: Command, from: string, to: string): Routine<boolean> {
  const verbose = command.options.has('verbose');
  if (verbose) yield* command.out.print(`copied ${quoteAlways(from)} -> ${quoteAlways(to)}\n`);
  if (!(yield* copyPath(newCopying(command, MOVED), from, to))) return false;
  const removal = { force: true, recursive: true, emptyDirectories: true, verbose, ask: false };
  return yield* removePath(command, from, removal);
}

export const install = gnu(
  {
    name: 'install',
    usage: [
      '[OPTION]... [-T] SOURCE DEST',
      '[OPTION]... SOURCE... DIRECTORY',
      '[OPTION]... -t DIRECTORY SOURCE...',
      '[OPTION]... -d DIRECTORY...',
    ],
    options: [
      ...TARGETS,
      { key: 'c', short: 'c' },
      { key: 'D', short: 'D' },
      { key: 'd', short: 'd', long: 'directory' },
      { key: 'group', short: 'g', long: 'group', argument: 'required' },
      { key: 'mode', short: 'm', long: 'mode', argument: 'required' },
      { key: 'owner', short: 'o', long: 'owner', argument: 'required' },
      { key: 'p', short: 'p', long: 'preserve-timestamps' },
    ],
    missing: [
      { key: 's', short: 's', long: 'strip' },
      { key: 'C', short: 'C', long: 'compare' },
    ],
  },
  function* (command) {
    const { process, options, operands } = command;
    const change = parseMode(options.value('mode') ?? '755', 0);
    if (!change) {
      yield* command.fail(`invalid mode ${quoteAlways(options.value('mode') ?? '')}`);
      return 1;
    }
    const owner = yield* ownerOf(command);
    if (typeof owner === 'number') return owner;
    const finish = (path: string): void => {
      process.chmod(path, change(0, false));
      if (owner.uid >= 0 || owner.gid >= 0) process.chown(path, owner.uid, owner.gid);
    };
    if (options.has('d')) {
      for (const path of operands) {
        makeParents(command, `${path}/`);
        finish(path);
      }
      return 0;
    }
    if (options.has('D'))
      makeParents(
        command,
        options.has('target') ? `${options.value('target')}/` : (operands.at(-1) ?? ''),
      );
    const list = yield* pairs(command);
    if (typeof list === 'number') return list;
    const preserve = { ...MOVED.preserve, mode: false, owner: false, times: options.has('p') };
    const how = { ...MOVED, recursive: false, follow: 'always' as const, preserve };
    const run = newCopying(command, { ...how, verbose: options.has('verbose') });
    let status = 0;
    for (const [from, to] of list) {
      if (yield* copyPath(run, from, to)) finish(to);
      else status = 1;
    }
    return status;
  },
);

function makeParents({ process }: Command, path: string): void {
  for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) {
    const part = path.slice(0, at);
    if (!process.exists(part)) process.mkdir(part);
  }
}

function* ownerOf(command: Command): Routine<{ uid: number; gid: number } | number> {
  const { options } = command;
  const accounts = yield* readAccounts(command.process);
  const ids = { uid: -1, gid: -1 };
  const owner = options.value('owner');
  const group = options.value('group');
  if (owner !== undefined) {
    ids.uid = accounts.userByName(owner)?.uid ?? (/^\d+$/.test(owner) ? Number(owner) : -1);
    if (ids.uid < 0) {
      yield* command.fail(`invalid user ${quoteValue(owner)}`);
      return 1;
    }
  }
  if (group !== undefined) {
    ids.gid = accounts.groupByName(group)?.gid ?? (/^\d+$/.test(group) ? Number(group) : -1);
    if (ids.gid < 0) {
      yield* command.fail(`invalid group ${quoteValue(group)}`);
      return 1;
    }
  }
  return ids;
}
