// chmod, chown, chgrp.

import type { Routine } from '../../../core/wait.ts';
import { ENOENT, isErrno } from '../../../kernel/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT } from '../../../kernel/files/inode.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { type ModeChange, parseMode, permissionLetters } from '../../libc/modes.ts';
import type { OptionSpec } from '../../libc/options.ts';
import { quoteAlways, quoteValue } from '../../libc/quote.ts';
import { joinPath } from '../../libc/whole-file.ts';
import { type Command, gnu } from './gnu.ts';

const COMMON: readonly OptionSpec[] = [
  { key: 'changes', short: 'c', long: 'changes' },
  { key: 'quiet', short: 'f', long: 'silent quiet' },
  { key: 'verbose', short: 'v', long: 'verbose' },
  { key: 'recursive', short: 'R', long: 'recursive' },
  { key: 'reference', long: 'reference', argument: 'required' },
  { key: 'root', long: 'preserve-root' },
  { key: 'noroot', long: 'no-preserve-root' },
];

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

export const chmod = gnu(
  {
    name: 'chmod',
    usage: [
      '[OPTION]... MODE[,MODE]... FILE...',
      '[OPTION]... OCTAL-MODE FILE...',
      '[OPTION]... --reference=RFILE FILE...',
    ],
    options: COMMON,
    rewrite: (args) => {
      const at = args.findIndex(
        (word) => /^-(?:[rwxXst]+|[0-7]+|[ugo])(?:[,+=-].*)?$/.test(word) && word !== '-c',
      );
      if (at < 0 || args.slice(0, at).includes('--')) return args;
      return [...args.slice(0, at), '--', ...args.slice(at)];
    },
  },
  function* (command) {
    const { process, options } = command;
    const files = [...command.operands];
    let change: ModeChange | undefined;
    const reference = options.value('reference');
    if (reference !== undefined) {
      const stat = process.stat(reference);
      if (isErrno(stat)) {
        yield* command.fail(
          `failed to get attributes of ${quoteAlways(reference)}: ${stat.message}`,
        );
        return 1;
      }
      change = () => stat.mode & 0o7777;
    } else {
      const text = files.shift();
      if (text === undefined) return yield* command.usage('missing operand');
      if (files.length === 0)
        return yield* command.usage(`missing operand after ${quoteValue(text)}`);
      const mask = process.umask(0);
      process.umask(mask);
      change = parseMode(text, mask);
      if (!change) return yield* command.usage(`invalid mode: ${quoteValue(text)}`);
    }
    let status = 0;
    for (const path of files) if (!(yield* chmodPath(command, path, change, true))) status = 1;
    return status;
  },
);

function* chmodPath(
  command: Command,
  path: string,
  change: ModeChange,
  top: boolean,
): Routine<boolean> {
  const { process, options } = command;
  const quiet = options.has('quiet');
  const link = process.lstat(path);
  const stat = top ? process.stat(path) : link;
  if (isErrno(stat)) {
    const dangling = !isErrno(link) && stat === ENOENT;
    const text = dangling
      ? `cannot operate on dangling symlink ${quoteAlways(path)}`
      : `cannot access ${quoteAlways(path)}: ${stat.message}`;
    if (!quiet) yield* command.fail(text);
    return false;
  }
  if ((stat.mode & S_IFMT) === S_IFLNK) return true;
  const directory = (stat.mode & S_IFMT) === S_IFDIR;
  const mode = change(stat.mode & 0o7777, directory);
  const failure = process.chmod(path, mode);
  if (failure) {
    if (!quiet) {
      yield* command.fail(`changing permissions of ${quoteAlways(path)}: ${failure.message}`);
    }
    return false;
  }
  yield* reportMode(command, path, stat.mode, mode);
  if (!directory || !options.has('recursive')) return true;
  const entries = process.readdir(path);
  if (isErrno(entries)) {
    if (!quiet)
      yield* command.fail(`cannot read directory ${quoteAlways(path)}: ${entries.message}`);
    return false;
  }
  let good = true;
  for (const { name } of entries) {
    if (!(yield* chmodPath(command, joinPath(path, name), change, false))) good = false;
  }
  return good;
}

function* reportMode(command: Command, path: string, before: number, after: number): Routine<void> {
  const { options, out } = command;
  const changed = (before & 0o7777) !== after;
  if (!options.has('verbose') && !(options.has('changes') && changed)) return;
  const now = `${octal(after)} (${permissionLetters(after)})`;
  yield* out.print(
    changed
      ? `mode of ${quoteAlways(path)} changed from ${octal(before)} (${permissionLetters(before)}) to ${now}\n`
      : `mode of ${quoteAlways(path)} retained as ${now}\n`,
  );
}

/** Who a file shall belong to; -1 leaves an id alone. */
interface Owner {
  readonly uid: number;
  readonly gid: number;
  readonly text: string;
}

/** Understands USER, USER:GROUP, USER:, :GROUP and numbers; a string is what is wrong with it. */
export function parseOwner(text: string, accounts: Accounts): Owner | string {
  const match = /^([^:.]*)(?:([:.])(.*))?$/.exec(text);
  const whole = accounts.userByName(text);
  if (whole) return { uid: whole.uid, gid: -1, text };
  const [, userName = '', separator, groupName = ''] = match ?? [];
  const user = accounts.userByName(userName);
  let uid = -1;
  let gid = -1;
  if (userName !== '') {
    if (user) uid = user.uid;
    else if (/^\+?\d+$/.test(userName)) uid = Number(userName);
    else return `invalid user: ${quoteValue(text)}`;
  }
  if (separator && groupName === '' && userName !== '') {
    if (!user) return `invalid spec: ${quoteValue(text)}`;
    gid = user.gid;
  } else if (groupName !== '') {
    const group = parseGroup(groupName, accounts);
    if (group === undefined) {
      return userName === ''
        ? `invalid group: ${quoteValue(text)}`
        : `invalid group: ${quoteValue(text)}`;
    }
    gid = group;
  }
  return { uid, gid, text };
}

function parseGroup(name: string, accounts: Accounts): number | undefined {
  const group = accounts.groupByName(name);
  if (group) return group.gid;
  return /^\+?\d+$/.test(name) ? Number(name) : undefined;
}

const OWNING: readonly OptionSpec[] = [
  ...COMMON,
  { key: 'deref', long: 'dereference' },
  { key: 'noderef', short: 'h', long: 'no-dereference' },
  { key: 'H', short: 'H' },
  { key: 'L', short: 'L' },
  { key: 'P', short: 'P' },
];

export const chown = gnu(
  {
    name: 'chown',
    usage: ['[OPTION]... [OWNER][:[GROUP]] FILE...', '[OPTION]... --reference=RFILE FILE...'],
    options: [...OWNING, { key: 'from', long: 'from', argument: 'required' }],
  },
  (command) => changeOwner(command, false),
);

export const chgrp = gnu(
  {
    name: 'chgrp',
    usage: ['[OPTION]... GROUP FILE...', '[OPTION]... --reference=RFILE FILE...'],
    options: OWNING,
  },
  (command) => changeOwner(command, true),
);

function* changeOwner(command: Command, groupOnly: boolean): Routine<number> {
  const { process, options } = command;
  const accounts = yield* readAccounts(process);
  const files = [...command.operands];
  const reference = options.value('reference');
  let owner: Owner | string;
  if (reference !== undefined) {
    const stat = process.stat(reference);
    if (isErrno(stat)) {
      yield* command.fail(`failed to get attributes of ${quoteAlways(reference)}: ${stat.message}`);
      return 1;
    }
    owner = { uid: groupOnly ? -1 : stat.uid, gid: stat.gid, text: reference };
  } else {
    const text = files.shift();
    if (text === undefined) return yield* command.usage('missing operand');
    if (files.length === 0)
      return yield* command.usage(`missing operand after ${quoteValue(text)}`);
    if (groupOnly) {
      const gid = text === '' ? -1 : parseGroup(text, accounts);
      owner = gid === undefined ? `invalid group: ${quoteValue(text)}` : { uid: -1, gid, text };
    } else owner = parseOwner(text, accounts);
  }
  if (typeof owner === 'string') {
    yield* command.fail(owner);
    return 1;
  }
  const from = options.value('from');
  const only = from === undefined ? undefined : parseOwner(from, accounts);
  if (typeof only === 'string') {
    yield* command.fail(only);
    return 1;
  }
  let status = 0;
  for (const path of files) {
    if (!(yield* chownPath({ command, accounts, owner, only, groupOnly }, path, true))) status = 1;
  }
  return status;
}

interface OwnerChange {
  readonly command: Command;
  readonly accounts: Accounts;
  readonly owner: Owner;
  readonly only: Owner | undefined;
  readonly groupOnly: boolean;
}

function* chownPath(run: OwnerChange, path: string, top: boolean): Routine<boolean> {
  const { command, owner, only, groupOnly } = run;
  const { process, options } = command;
  const recursive = options.has('recursive');
  const follow =
    !options.has('noderef') &&
    (!recursive || options.last('L', 'P') === 'L' || (top && options.has('H')));
  const stat = follow ? process.stat(path) : process.lstat(path);
  if (isErrno(stat)) {
    if (!options.has('quiet')) {
      const dangling = stat === ENOENT && !isErrno(process.lstat(path));
      const word = dangling ? 'cannot dereference' : 'cannot access';
      yield* command.fail(`${word} ${quoteAlways(path)}: ${stat.message}`);
    }
    return false;
  }
  let good = true;
  if (recursive && (stat.mode & S_IFMT) === S_IFDIR) {
    const entries = process.readdir(path);
    for (const { name } of isErrno(entries) ? [] : entries) {
      if (!(yield* chownPath(run, joinPath(path, name), false))) good = false;
    }
  }
  if (only && only.uid >= 0 && only.uid !== stat.uid) return good;
  if (only && only.gid >= 0 && only.gid !== stat.gid) return good;
  const failure = process.chown(path, owner.uid, owner.gid, follow);
  if (failure) {
    if (!options.has('quiet')) {
      const what = groupOnly || (owner.uid < 0 && owner.gid >= 0) ? 'group' : 'ownership';
      yield* command.fail(`changing ${what} of ${quoteAlways(path)}: ${failure.message}`);
    }
    return false;
  }
  const changed =
    (owner.uid >= 0 && owner.uid !== stat.uid) || (owner.gid >= 0 && owner.gid !== stat.gid);
  if (options.has('verbose') || (options.has('changes') && changed)) {
    yield* reportOwner(run, path, stat, changed);
  }
  return good;
}

function* reportOwner(
  { command, accounts, owner, groupOnly }: OwnerChange,
  path: string,
  before: { readonly uid: number; readonly gid: number },
  changed: boolean,
): Routine<void> {
  const user = (id: number): string => accounts.userById(id)?.name ?? String(id);
  const group = (id: number): string => accounts.groupById(id)?.name ?? String(id);
  const what = groupOnly || owner.uid < 0 ? 'group' : 'ownership';
  const [u, g] = [owner.uid >= 0, owner.gid >= 0];
  const old =
    u && g ? `${user(before.uid)}:${group(before.gid)}` : u ? user(before.uid) : group(before.gid);
  const now =
    u && g ? `${user(owner.uid)}:${group(owner.gid)}` : u ? user(owner.uid) : group(owner.gid);
  const text = changed
    ? `changed ${what} of ${quoteAlways(path)} from ${old} to ${now}`
    : `${what} of ${quoteAlways(path)} retained as ${old}`;
  yield* command.out.print(`${text}\n`);
}
