// Users and groups as getpwnam(3) and getgrnam(3) find them: in /etc/passwd and /etc/group, read anew each time.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { readFile } from './whole-file.ts';

/** A line of /etc/passwd. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
}

/** A line of /etc/group. */
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** Both files together. */
export interface Accounts {
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  userByName(name: string): User | undefined;
  userById(uid: number): User | undefined;
  groupByName(name: string): Group | undefined;
  groupById(gid: number): Group | undefined;
  /** getgrouplist(3): the primary group first, then those that list the user. */
  groupsOf(name: string, primary: number): number[];
}

/** Reads both files; one that is missing counts as empty. */
export function* readAccounts(process: Process): Routine<Accounts> {
  const users = (yield* colonLines(process, '/etc/passwd')).flatMap(userOf);
  const groups = (yield* colonLines(process, '/etc/group')).flatMap(groupOf);
  return {
    users,
    groups,
    userByName: (name) => users.find((user) => user.name === name),
    userById: (uid) => users.find((user) => user.uid === uid),
    groupByName: (name) => groups.find((group) => group.name === name),
    groupById: (gid) => groups.find((group) => group.gid === gid),
    groupsOf: (name, primary) => [
      primary,
      ...groups.filter((g) => g.members.includes(name) && g.gid !== primary).map((g) => g.gid),
    ],
  };
}

function* colonLines(process: Process, path: string): Routine<string[][]> {
  const bytes = yield* readFile(process, path);
  if (isErrno(bytes)) return [];
  return decode(bytes)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
}

function userOf(fields: string[]): User[] {
  const [name = '', , uid = '', gid = '', comment = '', home = '', shell = ''] = fields;
  if (name === '' || !/^\d+$/.test(uid)) return [];
  return [{ name, uid: Number(uid), gid: Number(gid), comment, home, shell }];
}

function groupOf(fields: string[]): Group[] {
  const [name = '', , gid = '', members = ''] = fields;
  if (name === '' || !/^\d+$/.test(gid)) return [];
  return [{ name, gid: Number(gid), members: members === '' ? [] : members.split(',') }];
}
