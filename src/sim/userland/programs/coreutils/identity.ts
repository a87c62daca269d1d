// Who and where one is: id, whoami, groups, logname, users, who, uname, arch, nproc, tty, hostid.

import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { KERNEL_RELEASE, KERNEL_VERSION } from '../../../kernel/kernel.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { quoteValue } from '../../libc/quote.ts';
import { momentOf, strftime } from '../../libc/strftime.ts';
import { type Command, extraOperand, gnu } from './gnu.ts';

/** The ids that id speaks of. */
interface Ids {
  readonly uid: number;
  readonly gid: number;
  readonly euid: number;
  readonly egid: number;
  readonly groups: readonly number[];
}

export const id = gnu(
  {
    name: 'id',
    usage: ['[OPTION]... [USER]...'],
    options: [
      { key: 'a', short: 'a' },
      { key: 'group', short: 'g', long: 'group' },
      { key: 'groups', short: 'G', long: 'groups' },
      { key: 'name', short: 'n', long: 'name' },
      { key: 'real', short: 'r', long: 'real' },
      { key: 'user', short: 'u', long: 'user' },
      { key: 'zero', short: 'z', long: 'zero' },
    ],
    missing: [{ key: 'Z', short: 'Z', long: 'context' }],
  },
  function* (command) {
    const { options, operands } = command;
    const kinds = ['user', 'group', 'groups'].filter((key) => options.has(key));
    if (kinds.length > 1) {
      yield* command.fail('cannot print "only" of more than one choice');
      return 1;
    }
    if (kinds.length === 0 && (options.has('name') || options.has('real'))) {
      yield* command.fail(`printing only names or real IDs requires -u, -g, or -G`);
      return 1;
    }
    const accounts = yield* readAccounts(command.process);
    if (operands.length === 0) return yield* printIds(command, accounts, ownIds(command), kinds[0]);
    let status = 0;
    for (const name of operands) {
      const user =
        accounts.userByName(name) ??
        (/^\d+$/.test(name) ? accounts.userById(Number(name)) : undefined);
      if (!user) {
        yield* command.fail(`${quoteValue(name)}: no such user`);
        status = 1;
        continue;
      }
      const { uid, gid } = user;
      const ids = { uid, gid, euid: uid, egid: gid, groups: accounts.groupsOf(user.name, gid) };
      yield* printIds(command, accounts, ids, kinds[0]);
    }
    return status;
  },
);

function ownIds({ process }: Command): Ids {
  const { uid, gid, euid, egid, groups } = process;
  const rest = groups.filter((group) => group !== egid);
  return { uid, gid, euid, egid, groups: [egid, ...rest] };
}

function* printIds(
  { options, out, fail, dialect, process }: Command,
  accounts: Accounts,
  ids: Ids,
  kind: string | undefined,
): Routine<number> {
  const end = options.has('zero') ? '\0' : '\n';
  const user = (uid: number): string | undefined => accounts.userById(uid)?.name;
  const group = (gid: number): string | undefined => accounts.groupById(gid)?.name;
  let status = 0;
  if (kind) {
    const real = options.has('real');
    const numbers =
      kind === 'user'
        ? [real ? ids.uid : ids.euid]
        : kind === 'group'
          ? [real ? ids.gid : ids.egid]
          : ids.groups;
    const names: string[] = [];
    for (const number of numbers) {
      const name = options.has('name')
        ? kind === 'user'
          ? user(number)
          : group(number)
        : String(number);
      if (name === undefined) {
        yield* fail(`cannot find name for ${kind === 'user' ? 'user' : 'group'} ID ${number}`);
        status = 1;
      }
      names.push(name ?? String(number));
    }
    yield* out.print(names.join(options.has('zero') ? '\0' : ' ') + end);
    return status;
  }
  const named = (number: number, name: string | undefined): string =>
    name ? `${number}(${name})` : String(number);
  let text = `uid=${named(ids.uid, user(ids.uid))} gid=${named(ids.gid, group(ids.gid))}`;
  if (ids.euid !== ids.uid) text += ` euid=${named(ids.euid, user(ids.euid))}`;
  if (ids.egid !== ids.gid) text += ` egid=${named(ids.egid, group(ids.egid))}`;
  const groups = dialect ? process.groups : ids.groups;
  if (groups.length > 0) text += ` groups=${groups.map((gid) => named(gid, group(gid))).join(',')}`;
  yield* out.print(text + end);
  return status;
}

export const whoami = gnu({ name: 'whoami', usage: ['[OPTION]...'] }, function* (command) {
  const { process, operands, out } = command;
  if (operands[0] !== undefined) return yield* extraOperand(command, operands[0]);
  const user = (yield* readAccounts(process)).userById(process.euid);
  if (!user) {
    yield* command.fail(`cannot find name for user ID ${process.euid}`);
    return 1;
  }
  yield* out.print(`${user.name}\n`);
  return 0;
});

export const groups = gnu(
  { name: 'groups', usage: ['[OPTION]... [USERNAME]...'] },
  function* (command) {
    const { operands, out, process } = command;
    const accounts = yield* readAccounts(process);
    const names = (list: readonly number[]): string =>
      list.map((gid) => accounts.groupById(gid)?.name ?? String(gid)).join(' ');
    if (operands.length === 0) {
      yield* out.print(`${names(ownIds(command).groups)}\n`);
      return 0;
    }
    let status = 0;
    for (const name of operands) {
      const user = accounts.userByName(name);
      if (user) yield* out.print(`${name} : ${names(accounts.groupsOf(name, user.gid))}\n`);
      else {
        yield* command.fail(`${quoteValue(name)}: no such user`);
        status = 1;
      }
    }
    return status;
  },
);

export const logname = gnu({ name: 'logname', usage: ['[OPTION]'] }, function* ({ fail }) {
  yield* fail('no login name');
  return 1;
});

/** Nobody is logged in by login(1): utmp is empty. */
export const users = gnu({ name: 'users', usage: ['[OPTION]... [FILE]'] }, function* () {
  return 0;
});
export const who = gnu(
  {
    name: 'who',
    usage: ['[OPTION]... [ FILE | ARG1 ARG2 ]'],
    options: [
      { key: 'a', short: 'a', long: 'all' },
      { key: 'b', short: 'b', long: 'boot' },
      { key: 'H', short: 'H', long: 'heading' },
      { key: 'm', short: 'm' },
      { key: 'q', short: 'q', long: 'count' },
      { key: 'r', short: 'r', long: 'runlevel' },
      { key: 'u', short: 'u', long: 'users' },
    ],
  },
  function* ({ options, out, process }) {
    if (options.has('H')) out.put('NAME     LINE         TIME             COMMENT\n');
    if (options.has('q')) out.put('\n# users=0\n');
    if (options.has('b') || options.has('a')) {
      const booted = momentOf(epochMilliseconds(process.task.kernel.bootedAt));
      out.put(`         system boot  ${strftime('%F %R', booted)}\n`);
    }
    return 0;
  },
);

const UNAME_FIELDS = [
  'kernel-name',
  'nodename',
  'kernel-release',
  'kernel-version',
  'machine',
  'processor',
  'hardware-platform',
  'operating-system',
] as const;

export const uname = gnu(
  {
    name: 'uname',
    usage: ['[OPTION]...'],
    options: [
      { key: 'all', short: 'a', long: 'all' },
      ...UNAME_FIELDS.map((long, i) => ({ key: long, short: 'snrvmpio'.charAt(i), long })),
    ],
  },
  function* (command) {
    const { process, options, operands, out } = command;
    if (operands[0] !== undefined) return yield* extraOperand(command, operands[0]);
    const values = [
      'Linux',
      process.hostname,
      KERNEL_RELEASE,
      KERNEL_VERSION,
      'x86_64',
      'unknown',
      'unknown',
      'GNU/Linux',
    ];
    const all = options.has('all');
    const shown = UNAME_FIELDS.map((field, i) => ({ field, value: values[i] ?? '' })).filter(
      ({ field, value }) =>
        all
          ? value !== 'unknown'
          : options.has(field) || (options.list.length === 0 && field === 'kernel-name'),
    );
    yield* out.print(`${shown.map(({ value }) => value).join(' ')}\n`);
    return 0;
  },
);

export const arch = gnu({ name: 'arch', usage: ['[OPTION]...'] }, function* ({ out }) {
  yield* out.print('x86_64\n');
  return 0;
});

export const nproc = gnu(
  {
    name: 'nproc',
    usage: ['[OPTION]...'],
    options: [
      { key: 'all', long: 'all' },
      { key: 'ignore', long: 'ignore', argument: 'required' },
    ],
  },
  function* ({ process, options, out }) {
    const allowed = process.getAffinity(0);
    const count = isErrno(allowed) ? 1 : allowed.length;
    yield* out.print(`${Math.max(1, count - Number(options.value('ignore') ?? 0))}\n`);
    return 0;
  },
);

export const tty = gnu(
  {
    name: 'tty',
    usage: ['[OPTION]...'],
    usageStatus: 2,
    options: [{ key: 's', short: 's', long: 'silent quiet' }],
  },
  function* ({ process, options, out }) {
    const terminal = process.isTerminal(0);
    const path = terminal ? process.readlink('/proc/self/fd/0') : 'not a tty';
    if (!options.has('s')) yield* out.print(`${isErrno(path) ? '/dev/tty' : path}\n`);
    return terminal ? 0 : 1;
  },
);

export const hostid = gnu({ name: 'hostid', usage: ['[OPTION]'] }, function* ({ out }) {
  yield* out.print('007f0101\n');
  return 0;
});
