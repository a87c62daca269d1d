// useradd, userdel, usermod, groupadd, groupdel, passwd of shadow 4.13, and getent of glibc.

import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { type Accounts, readAccounts } from '../../libc/accounts.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { readText } from '../procps/processes.ts';
import { tool, type Tool } from '../util-linux/tool.ts';
import { addLine, dayOf, readLines, removeName, writeLines } from './account-files.ts';

const SHADOW = { version: 'shadow-utils 4.13', usageStatus: 2, usageOnError: true } as const;
const FIRST_ID = 1000;
const FIRST_SYSTEM_ID = 999;

/** The next free id: upward from 1000, or for system accounts downward from 999. */
function freeId(taken: readonly number[], system: boolean): number {
  let id = system
    ? FIRST_SYSTEM_ID
    : Math.max(FIRST_ID - 1, ...taken.filter((each) => each < 60_000)) + 1;
  while (system && taken.includes(id)) id--;
  return id;
}

/** Only root may change the files: the message and status that others get. */
function* refused(main: Tool): Routine<number | undefined> {
  if (main.process.euid === 0) return undefined;
  const group = main.name.startsWith('group');
  yield* main.fail('Permission denied.');
  return yield* main.stop(
    `cannot lock /etc/${group ? 'group' : 'passwd'}; try again later.`,
    group ? 10 : 1,
  );
}

function primaryGroup(main: Tool, accounts: Accounts): number | string | undefined {
  const wanted = main.options.value('gid');
  if (wanted === undefined) return undefined;
  const group = accounts.groups.find((each) => each.name === wanted || String(each.gid) === wanted);
  return group?.gid ?? `group '${wanted}' does not exist`;
}

function* addToGroups(main: Tool, name: string, list: string): Routine<string | undefined> {
  const lines = yield* readLines(main.process, '/etc/group');
  for (const group of list.split(',').filter((each) => each !== '')) {
    const line = lines.find(([first, , gid]) => first === group || gid === group);
    if (!line) return `group '${group}' does not exist`;
    const members = (line[3] ?? '').split(',').filter((each) => each !== '');
    line[3] = [...new Set([...members, name])].join(',');
  }
  yield* writeLines(main.process, '/etc/group', lines);
  return undefined;
}

export const useradd = tool(
  {
    ...SHADOW,
    name: 'useradd',
    usage: ['[options] LOGIN', '-D', '-D [options]'],
    options: [
      { key: 'base', short: 'b', long: 'base-dir', argument: 'required' },
      { key: 'comment', short: 'c', long: 'comment', argument: 'required' },
      { key: 'home', short: 'd', long: 'home-dir', argument: 'required' },
      { key: 'expire', short: 'e', long: 'expiredate', argument: 'required' },
      { key: 'gid', short: 'g', long: 'gid', argument: 'required' },
      { key: 'groups', short: 'G', long: 'groups', argument: 'required' },
      { key: 'skel', short: 'k', long: 'skel', argument: 'required' },
      { key: 'create', short: 'm', long: 'create-home' },
      { key: 'nocreate', short: 'M', long: 'no-create-home' },
      { key: 'nogroup', short: 'N', long: 'no-user-group' },
      { key: 'nonunique', short: 'o', long: 'non-unique' },
      { key: 'password', short: 'p', long: 'password', argument: 'required' },
      { key: 'system', short: 'r', long: 'system' },
      { key: 'shell', short: 's', long: 'shell', argument: 'required' },
      { key: 'uid', short: 'u', long: 'uid', argument: 'required' },
      { key: 'usergroup', short: 'U', long: 'user-group' },
    ],
    missing: [{ key: 'defaults', short: 'D', long: 'defaults' }],
  },
  function* (main) {
    const { options, process, operands } = main;
    const [name] = operands;
    if (name === undefined) return yield* main.badUsage();
    if (!/^[a-z_][a-z0-9_.-]*\$?$/i.test(name))
      return yield* main.stop(`invalid user name '${name}': use --badname to ignore`, 3);
    const no = yield* refused(main);
    if (no !== undefined) return no;
    const accounts = yield* readAccounts(process);
    if (accounts.userByName(name)) return yield* main.stop(`user '${name}' already exists`, 9);
    const given = primaryGroup(main, accounts);
    if (typeof given === 'string') return yield* main.stop(given, 6);
    if (given === undefined && !options.has('nogroup') && accounts.groupByName(name)) {
      return yield* main.stop(
        `group ${name} exists - if you want to add this user to that group, use -g.`,
        9,
      );
    }
    const uid = Number(
      options.value('uid') ??
        freeId(
          accounts.users.map((user) => user.uid),
          options.has('system'),
        ),
    );
    if (accounts.userById(uid) && !options.has('nonunique'))
      return yield* main.stop(`UID ${uid} is not unique`, 4);
    const gid =
      given ??
      (options.has('nogroup')
        ? 100
        : accounts.groupById(uid)
          ? freeId(
              accounts.groups.map((g) => g.gid),
              options.has('system'),
            )
          : uid);
    const home = options.value('home') ?? `${options.value('base') ?? '/home'}/${name}`;
    const shell = options.value('shell') ?? '/bin/sh';
    yield* addLine(process, '/etc/passwd', [
      name,
      'x',
      String(uid),
      String(gid),
      options.value('comment') ?? '',
      home,
      shell,
    ]);
    yield* addLine(process, '/etc/shadow', [
      name,
      options.value('password') ?? '!',
      dayOf(epochMilliseconds(process.now)),
      ...(options.has('system') ? ['', '', ''] : ['0', '99999', '7']),
      '',
      '',
      '',
    ]);
    if (given === undefined && !options.has('nogroup'))
      yield* addLine(process, '/etc/group', [name, 'x', String(gid), '']);
    const groups = options.value('groups');
    const failure = groups === undefined ? undefined : yield* addToGroups(main, name, groups);
    if (failure) return yield* main.stop(failure, 6);
    if (options.has('create')) {
      process.mkdir(home, 0o755);
      process.chown(home, uid, gid);
    }
    return 0;
  },
);

export const userdel = tool(
  {
    ...SHADOW,
    name: 'userdel',
    usage: ['[options] LOGIN'],
    options: [
      { key: 'force', short: 'f', long: 'force' },
      { key: 'remove', short: 'r', long: 'remove' },
    ],
  },
  function* (main) {
    const { process, options } = main;
    const [name] = main.operands;
    if (name === undefined) return yield* main.badUsage();
    const no = yield* refused(main);
    if (no !== undefined) return no;
    const accounts = yield* readAccounts(process);
    const user = accounts.userByName(name);
    if (!user) return yield* main.stop(`user '${name}' does not exist`, 6);
    for (const path of ['/etc/passwd', '/etc/shadow', '/etc/group'])
      yield* removeName(process, path, name);
    const groups = yield* readLines(process, '/etc/group');
    for (const line of groups)
      line[3] = (line[3] ?? '')
        .split(',')
        .filter((each) => each !== name)
        .join(',');
    yield* writeLines(process, '/etc/group', groups);
    if (options.has('remove')) {
      yield* main.fail(`${name} mail spool (/var/mail/${name}) not found`);
      process.rmdir(user.home);
    }
    return 0;
  },
);

export const usermod = tool(
  {
    ...SHADOW,
    name: 'usermod',
    usage: ['[options] LOGIN'],
    options: [
      { key: 'append', short: 'a', long: 'append' },
      { key: 'comment', short: 'c', long: 'comment', argument: 'required' },
      { key: 'home', short: 'd', long: 'home', argument: 'required' },
      { key: 'gid', short: 'g', long: 'gid', argument: 'required' },
      { key: 'groups', short: 'G', long: 'groups', argument: 'required' },
      { key: 'login', short: 'l', long: 'login', argument: 'required' },
      { key: 'lock', short: 'L', long: 'lock' },
      { key: 'shell', short: 's', long: 'shell', argument: 'required' },
      { key: 'uid', short: 'u', long: 'uid', argument: 'required' },
      { key: 'unlock', short: 'U', long: 'unlock' },
    ],
    missing: [{ key: 'move-home', short: 'm', long: 'move-home' }],
  },
  function* (main) {
    const { options, process } = main;
    const [name] = main.operands;
    if (name === undefined) return yield* main.badUsage();
    const no = yield* refused(main);
    if (no !== undefined) return no;
    const accounts = yield* readAccounts(process);
    if (!accounts.userByName(name)) return yield* main.stop(`user '${name}' does not exist`, 6);
    const gid = primaryGroup(main, accounts);
    if (typeof gid === 'string') return yield* main.stop(gid, 6);
    const lines = yield* readLines(process, '/etc/passwd');
    const line = lines.find(([first]) => first === name) ?? [];
    const fields = [
      ['login', 0],
      ['uid', 2],
      ['comment', 4],
      ['home', 5],
      ['shell', 6],
    ] as const;
    for (const [key, index] of fields) if (options.has(key)) line[index] = options.value(key) ?? '';
    if (gid !== undefined) line[3] = String(gid);
    yield* writeLines(process, '/etc/passwd', lines);
    const groups = options.value('groups');
    if (groups === undefined) return 0;
    if (!options.has('append')) {
      const all = yield* readLines(process, '/etc/group');
      for (const each of all)
        each[3] = (each[3] ?? '')
          .split(',')
          .filter((member) => member !== name)
          .join(',');
      yield* writeLines(process, '/etc/group', all);
    }
    const failure = yield* addToGroups(main, name, groups);
    return failure ? yield* main.stop(failure, 6) : 0;
  },
);

export const groupadd = tool(
  {
    ...SHADOW,
    name: 'groupadd',
    usage: ['[options] GROUP'],
    options: [
      { key: 'force', short: 'f', long: 'force' },
      { key: 'gid', short: 'g', long: 'gid', argument: 'required' },
      { key: 'nonunique', short: 'o', long: 'non-unique' },
      { key: 'system', short: 'r', long: 'system' },
    ],
  },
  function* (main) {
    const { options, process } = main;
    const [name] = main.operands;
    if (name === undefined) return yield* main.badUsage();
    const no = yield* refused(main);
    if (no !== undefined) return no;
    const accounts = yield* readAccounts(process);
    if (accounts.groupByName(name))
      return options.has('force') ? 0 : yield* main.stop(`group '${name}' already exists`, 9);
    const gid = Number(
      options.value('gid') ??
        freeId(
          accounts.groups.map((group) => group.gid),
          options.has('system'),
        ),
    );
    if (accounts.groupById(gid) && !options.has('nonunique'))
      return yield* main.stop(`GID '${gid}' already exists`, 4);
    yield* addLine(process, '/etc/group', [name, 'x', String(gid), '']);
    return 0;
  },
);

export const groupdel = tool(
  {
    ...SHADOW,
    name: 'groupdel',
    usage: ['[options] GROUP'],
    options: [{ key: 'force', short: 'f', long: 'force' }],
  },
  function* (main) {
    const [name] = main.operands;
    if (name === undefined) return yield* main.badUsage();
    const no = yield* refused(main);
    if (no !== undefined) return no;
    const accounts = yield* readAccounts(main.process);
    const group = accounts.groupByName(name);
    if (!group) return yield* main.stop(`group '${name}' does not exist`, 6);
    const user = accounts.users.find((each) => each.gid === group.gid);
    if (user) return yield* main.stop(`cannot remove the primary group of user '${user.name}'`, 8);
    yield* removeName(main.process, '/etc/group', name);
    return 0;
  },
);

export const passwd = program('passwd', function* (main) {
  const status = main.args.includes('-S') || main.args.includes('--status');
  const name = main.args.find((word) => !word.startsWith('-')) ?? 'root';
  const lines = yield* readLines(main.process, '/etc/shadow');
  const line = lines.find(([first]) => first === name);
  if (!line) {
    yield* main.fail(`user '${name}' does not exist`);
    return 1;
  }
  if (status) {
    const state = /^[!*]/.test(line[1] ?? '') ? 'L' : line[1] === '' ? 'NP' : 'P';
    const day = new Date(Number(line[2]) * 86_400_000).toISOString().slice(0, 10);
    yield* main.out.print(
      `${name} ${state} ${day} ${line[3] ?? 0} ${line[4] ?? 99999} ${line[5] ?? 7} -1\n`,
    );
    return 0;
  }
  const lock = main.args.find((word) => ['-l', '-u', '-d'].includes(word));
  if (!lock) return yield* notSimulated(main, 'passwd: setting a password');
  const password = (line[1] ?? '').replace(/^!/, '');
  line[1] = lock === '-l' ? `!${password}` : lock === '-d' ? '' : password;
  yield* writeLines(main.process, '/etc/shadow', lines);
  yield* main.out.print('passwd: password changed.\n');
  return 0;
});

/** Databases that getent reads, and their files. */
const DATABASES: Readonly<Record<string, string>> = {
  passwd: '/etc/passwd',
  group: '/etc/group',
  shadow: '/etc/shadow',
  hosts: '/etc/hosts',
  services: '/etc/services',
  protocols: '/etc/protocols',
  networks: '/etc/networks',
  ahosts: '/etc/hosts',
  ahostsv4: '/etc/hosts',
};

export const getent = program('getent', function* (main): ProgramRun {
  const [database, ...keys] = main.args;
  if (database === undefined) {
    main.err.put(
      "getent: wrong number of arguments\nTry `getent --help' or `getent --usage' for more information.\n",
    );
    yield* main.err.flush();
    return 1;
  }
  const path = Object.hasOwn(DATABASES, database) ? DATABASES[database] : undefined;
  if (!path) {
    main.err.put(
      `Unknown database: ${database}\nTry \`getent --help' or \`getent --usage' for more information.\n`,
    );
    yield* main.err.flush();
    return 1;
  }
  if (path === '/etc/hosts') return yield* hosts(main, keys);
  const lines = yield* readLines(main.process, path);
  if (keys.length === 0) {
    for (const line of lines) yield* main.out.print(`${line.join(':')}\n`);
    return 0;
  }
  let status = 0;
  for (const key of keys) {
    const found = lines.find(
      ([name, , id]) => name === key || (database !== 'shadow' && id === key),
    );
    if (found) yield* main.out.print(`${found.join(':')}\n`);
    else status = 2;
  }
  return status;
});

function* hosts(main: Main, keys: readonly string[]): ProgramRun {
  const rows = ((yield* readText(main.process, '/etc/hosts')) ?? '')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter((words) => words.length > 1);
  let status = 0;
  for (const key of keys.length > 0 ? keys : rows.map(([address = '']) => address)) {
    const found = rows.find((words) => words.includes(key));
    if (found)
      yield* main.out.print(`${(found[0] ?? '').padEnd(15)} ${found.slice(1).join(' ')}\n`);
    else status = 2;
  }
  return status;
}
