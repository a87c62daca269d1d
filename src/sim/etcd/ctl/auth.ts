// etcdctl auth, user and role.

import type { Routine } from '../../core/wait.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import type { Header, Permission, PermissionType } from '../api.ts';
import { prefixEnd } from '../client.ts';
import type { Command, Invocation } from '../cobra/command.ts';
import { type Flag, type FlagValues, goQuoted } from '../cobra/flags.ts';
import { EtcdError, etcdErrors } from '../error.ts';
import type { RpcName, RpcRequest, RpcResponse } from '../wire/rpcs.ts';
import { connect, type Ctl, EXIT, fail, keyOf, startCtl, textOf } from './ctl.ts';
import { askPassword } from './options.ts';
import { headerFields, say, show, type Shown, shownMessage } from './show.ts';

const bool = (name: string, value: string, usage: string): Flag => ({ name, kind: 'bool', value, usage });

/** Refuses any other number of arguments than a command takes. */
function* expect({ main, args }: Invocation, count: number, text: string): Routine<void> {
  if (args.length !== count) yield* fail(main, EXIT.badArguments, text);
}

/** Asks without a time limit, as etcdctl does for users and roles. */
function* askLong<M extends RpcName>(
  ctl: Ctl,
  method: M,
  request: RpcRequest<M>,
): Routine<RpcResponse<M>> {
  const connection = yield* connect(ctl);
  const answer = yield* connection.call(method, request, undefined);
  connection.close();
  if (answer instanceof EtcdError) return yield* fail(ctl.main, EXIT.error, answer.message);
  return answer;
}

/** Asks, and prints a line for people. */
function* doAndSay<M extends RpcName>(
  invocation: Invocation,
  method: M,
  request: RpcRequest<M>,
  text: string,
): ProgramRun {
  const ctl = yield* startCtl(invocation);
  const answer = (yield* askLong(ctl, method, request)) as { readonly header: Header };
  yield* show(ctl, shownMessage(ctl, 'Done', answer, () => `${text}\n`));
  return 0;
}

const noArguments = (name: string): string => `${name} command does not accept any arguments`;

const authEnable: Command = {
  name: 'enable',
  short: 'Enables authentication',
  *run(invocation): ProgramRun {
    yield* expect(invocation, 0, noArguments('auth enable'));
    const ctl = yield* startCtl(invocation);
    const connection = yield* connect(ctl);
    const deadline = ctl.main.process.now + ctl.timeout;
    let answer = yield* connection.call('Auth/AuthEnable', {}, deadline);
    if (answer instanceof EtcdError && answer.message === etcdErrors.rootRoleNotExist.message) {
      answer = yield* connection.call('Auth/RoleAdd', { name: 'root' }, deadline);
      if (!(answer instanceof EtcdError)) {
        const root = { user: 'root', role: 'root' };
        answer = yield* connection.call('Auth/UserGrantRole', root, deadline);
      }
      if (!(answer instanceof EtcdError)) {
        answer = yield* connection.call('Auth/AuthEnable', {}, deadline);
      }
    }
    if (answer instanceof EtcdError) return yield* fail(ctl.main, EXIT.error, answer.message);
    yield* say(ctl, 'Authentication Enabled\n');
    return 0;
  },
};

const authDisable: Command = {
  name: 'disable',
  short: 'Disables authentication',
  *run(invocation): ProgramRun {
    yield* expect(invocation, 0, noArguments('auth disable'));
    const ctl = yield* startCtl(invocation);
    yield* askLong(ctl, 'Auth/AuthDisable', {});
    yield* say(ctl, 'Authentication Disabled\n');
    return 0;
  },
};

const authStatus: Command = {
  name: 'status',
  short: 'Returns authentication status',
  *run(invocation): ProgramRun {
    yield* expect(invocation, 0, noArguments('auth status'));
    const ctl = yield* startCtl(invocation);
    const answer = yield* askLong(ctl, 'Auth/AuthStatus', {});
    const { enabled, authRevision } = answer;
    const simple = (): string => `Authentication Status: ${enabled}\nAuthRevision: ${authRevision}\n`;
    yield* show(ctl, shownMessage(ctl, 'AuthStatusResponse', answer, simple, null));
    return 0;
  },
};

export const authCommand: Command = {
  name: 'auth',
  operands: '<enable or disable>',
  short: 'Enable or disable authentication',
  commands: [authEnable, authDisable, authStatus],
};

const userAdd: Command = {
  name: 'add',
  operands: '<user name or user:password> [options]',
  short: 'Adds a new user',
  flags: [
    bool('interactive', 'true', 'Read password from stdin instead of interactive terminal'),
    {
      name: 'new-user-password',
      kind: 'string',
      value: '',
      usage: 'Supply password from the command line flag',
    },
    bool('no-password', 'false', 'Create a user without password (CN based auth only)'),
  ],
  *run(invocation): ProgramRun {
    const { main, args, values } = invocation;
    yield* expect(invocation, 1, 'user add command requires user name as its argument');
    const [word = ''] = args;
    const noPassword = values.is('no-password');
    const given = values.text('new-user-password');
    const colon = word.indexOf(':');
    let name = word;
    let password = given;
    if (!noPassword && given === '') {
      name = colon < 0 ? word : word.slice(0, colon);
      password = colon < 0 ? yield* newPassword(invocation, word) : word.slice(colon + 1);
      if (colon === 0) yield* fail(main, EXIT.badArguments, 'empty user name is not allowed');
    }
    const request = { name, password, noPassword };
    return yield* doAndSay(invocation, 'Auth/UserAdd', request, `User ${name} created`);
  },
};

/** Reads a new password: twice from the terminal, or once from standard input. */
function* newPassword({ main, values }: Invocation, name: string): Routine<string> {
  if (!values.is('interactive')) {
    const line = yield* main.input.line();
    return (line ?? '').trim().split(/\s+/)[0] ?? '';
  }
  const first = yield* askPassword(main, `Password of ${name}: `);
  if (first === '') yield* fail(main, EXIT.badArguments, 'empty password');
  const second = yield* askPassword(main, `Type password of ${name} again for confirmation: `);
  if (first !== second) yield* fail(main, EXIT.badArguments, 'given passwords are different');
  return first;
}

const userDelete: Command = {
  name: 'delete',
  operands: '<user name>',
  short: 'Deletes a user',
  *run(invocation): ProgramRun {
    yield* expect(invocation, 1, 'user delete command requires user name as its argument');
    const [name = ''] = invocation.args;
    return yield* doAndSay(invocation, 'Auth/UserDelete', { name }, `User ${name} deleted`);
  },
};

const userGet: Command = {
  name: 'get',
  operands: '<user name> [options]',
  short: 'Gets detailed information of a user',
  flags: [bool('detail', 'false', 'Show permissions of roles granted to the user')],
  *run(invocation): ProgramRun {
    yield* expect(invocation, 1, 'user get command requires user name as its argument');
    const [name = ''] = invocation.args;
    const ctl = yield* startCtl(invocation);
    const answer = yield* askLong(ctl, 'Auth/UserGet', { name });
    if (!invocation.values.is('detail')) {
      const roles = answer.names.map((role) => ` ${role}`).join('');
      const simple = (): string => `User: ${name}\nRoles:${roles}\n`;
      yield* show(ctl, shownMessage(ctl, 'UserGetResponse', answer, simple, null));
      return 0;
    }
    yield* say(ctl, `User: ${name}\n`);
    for (const role of answer.names) {
      yield* say(ctl, '\n');
      yield* show(ctl, shownRole(ctl, role, yield* askLong(ctl, 'Auth/RoleGet', { role })));
    }
    return 0;
  },
};

const userList: Command = {
  name: 'list',
  short: 'Lists all users',
  *run(invocation): ProgramRun {
    yield* expect(invocation, 0, 'user list command requires no arguments');
    const ctl = yield* startCtl(invocation);
    const answer = yield* askLong(ctl, 'Auth/UserList', {});
    const simple = (): string => answer.names.map((name) => `${name}\n`).join('');
    yield* show(ctl, shownMessage(ctl, 'UserListResponse', answer, simple, null));
    return 0;
  },
};

const userPasswd: Command = {
  name: 'passwd',
  operands: '<user name> [options]',
  short: 'Changes password of user',
  flags: [
    bool(
      'interactive',
      'true',
      'If true, read password from stdin instead of interactive terminal',
    ),
  ],
  *run(invocation): ProgramRun {
    yield* expect(invocation, 1, 'user passwd command requires user name as its argument');
    const [name = ''] = invocation.args;
    const password = yield* newPassword(invocation, name);
    const request = { name, password };
    return yield* doAndSay(invocation, 'Auth/UserChangePassword', request, 'Password updated');
  },
};

const userGrantRole: Command = {
  name: 'grant-role',
  operands: '<user name> <role name>',
  short: 'Grants a role to a user',
  *run(invocation): ProgramRun {
    const needs = 'user grant command requires user name and role name as its argument';
    yield* expect(invocation, 2, needs);
    const [user = '', role = ''] = invocation.args;
    const text = `Role ${role} is granted to user ${user}`;
    return yield* doAndSay(invocation, 'Auth/UserGrantRole', { user, role }, text);
  },
};

const userRevokeRole: Command = {
  name: 'revoke-role',
  operands: '<user name> <role name>',
  short: 'Revokes a role from a user',
  *run(invocation): ProgramRun {
    const needs = 'user revoke-role requires user name and role name as its argument';
    yield* expect(invocation, 2, needs);
    const [name = '', role = ''] = invocation.args;
    const text = `Role ${role} is revoked from user ${name}`;
    return yield* doAndSay(invocation, 'Auth/UserRevokeRole', { name, role }, text);
  },
};

export const userCommand: Command = {
  name: 'user',
  operands: '<subcommand>',
  short: 'User related commands',
  commands: [userAdd, userDelete, userGet, userList, userPasswd, userGrantRole, userRevokeRole],
};

const roleAdd: Command = {
  name: 'add',
  operands: '<role name>',
  short: 'Adds a new role',
  *run(invocation): ProgramRun {
    yield* expect(invocation, 1, 'role add command requires role name as its argument');
    const [name = ''] = invocation.args;
    return yield* doAndSay(invocation, 'Auth/RoleAdd', { name }, `Role ${name} created`);
  },
};

const roleDelete: Command = {
  name: 'delete',
  operands: '<role name>',
  short: 'Deletes a role',
  *run(invocation): ProgramRun {
    yield* expect(invocation, 1, 'role delete command requires role name as its argument');
    const [role = ''] = invocation.args;
    return yield* doAndSay(invocation, 'Auth/RoleDelete', { role }, `Role ${role} deleted`);
  },
};

const roleGet: Command = {
  name: 'get',
  operands: '<role name>',
  short: 'Gets detailed information of a role',
  *run(invocation): ProgramRun {
    yield* expect(invocation, 1, 'role get command requires role name as its argument');
    const [role = ''] = invocation.args;
    const ctl = yield* startCtl(invocation);
    yield* show(ctl, shownRole(ctl, role, yield* askLong(ctl, 'Auth/RoleGet', { role })));
    return 0;
  },
};

const roleList: Command = {
  name: 'list',
  short: 'Lists all roles',
  *run(invocation): ProgramRun {
    yield* expect(invocation, 0, 'role list command requires no arguments');
    const ctl = yield* startCtl(invocation);
    const answer = yield* askLong(ctl, 'Auth/RoleList', {});
    const simple = (): string => answer.names.map((name) => `${name}\n`).join('');
    const fields = (): string =>
      `${headerFields(ctl, answer.header)}"Roles" :${answer.names.map((name) => ` ${goQuoted(name)}`).join('')}\n`;
    const shown = shownMessage(ctl, 'RoleListResponse', answer, simple, fields);
    yield* show(ctl, shown);
    return 0;
  },
};

const PERMISSION_TYPES: readonly PermissionType[] = ['READ', 'WRITE', 'READWRITE'];

const roleGrant: Command = {
  name: 'grant-permission',
  operands: '[options] <role name> <permission type> <key> [endkey]',
  short: 'Grants a key to a role',
  flags: [
    bool('prefix', 'false', 'grant a prefix permission'),
    bool(
      'from-key',
      'false',
      'grant a permission of keys that are greater than or equal to the given key using byte compare',
    ),
  ],
  *run(invocation): ProgramRun {
    const { main, args, values } = invocation;
    const [name = '', kind = '', ...keys] = args;
    if (args.length < 3) {
      const text =
        'role grant command requires role name, permission type, and key [endkey] as its argument';
      return yield* fail(main, EXIT.badArguments, text);
    }
    const permType = PERMISSION_TYPES.find((one) => one === kind.toUpperCase());
    if (permType === undefined) {
      return yield* fail(main, EXIT.badArguments, `invalid permission type: ${kind}`);
    }
    const range = permissionRange(values, keys);
    if (typeof range === 'string') return yield* fail(main, EXIT.badArguments, range);
    const request = { name, perm: { permType, ...range } };
    const text = `Role ${name} updated`;
    return yield* doAndSay(invocation, 'Auth/RoleGrantPermission', request, text);
  },
};

const roleRevoke: Command = {
  name: 'revoke-permission',
  operands: '<role name> <key> [endkey]',
  short: 'Revokes a key from a role',
  flags: [
    bool('prefix', 'false', 'revoke a prefix permission'),
    bool(
      'from-key',
      'false',
      'revoke a permission of keys that are greater than or equal to the given key using byte compare',
    ),
  ],
  *run(invocation): ProgramRun {
    const { main, args, values } = invocation;
    const [role = '', ...keys] = args;
    if (args.length < 2) {
      const text =
        'role revoke-permission command requires role name and key [endkey] as its argument';
      return yield* fail(main, EXIT.badArguments, text);
    }
    const range = permissionRange(values, keys);
    if (typeof range === 'string') return yield* fail(main, EXIT.badArguments, range);
    const [first = ''] = keys;
    const end = range.rangeEnd === '\0' ? '<open ended>' : `${textOf(range.rangeEnd)})`;
    const what = range.rangeEnd === '' ? `key ${first}` : `range [${first}, ${end}`;
    const text = `Permission of ${what} is revoked from role ${role}`;
    return yield* doAndSay(invocation, 'Auth/RoleRevokePermission', { role, ...range }, text);
  },
};

/** The keys that a permission is for; a mistake's text where they contradict. */
function permissionRange(
  values: FlagValues,
  args: readonly string[],
): { key: string; rangeEnd: string } | string {
  const prefix = values.is('prefix');
  const fromKey = values.is('from-key');
  const [first = '', end] = args;
  const key = keyOf(first);
  if (prefix && fromKey && end === undefined) {
    return '--from-key and --prefix flags are mutually exclusive';
  }
  if (key === '') return { key: '\0', rangeEnd: prefix || fromKey ? '\0' : '' };
  if (end === undefined) {
    return { key, rangeEnd: prefix ? prefixEnd(key) : fromKey ? '\0' : '' };
  }
  if (prefix) return 'unexpected endkey argument with --prefix flag';
  if (fromKey) return 'unexpected endkey argument with --from-key flag';
  return { key, rangeEnd: keyOf(end) };
}

function shownRole(ctl: Ctl, role: string, answer: RpcResponse<'Auth/RoleGet'>): Shown {
  const { header, perm } = answer;
  const lines = (kind: PermissionType): string =>
    perm
      .filter(({ permType }) => permType === kind || permType === 'READWRITE')
      .map((one) => `\t${rangeText(one)}\n`)
      .join('');
  const everything = role === 'root' && perm.length === 0 ? '\t[, <open ended>\n' : '';
  return shownMessage(
    ctl,
    'RoleGetResponse',
    answer,
    () =>
      `Role ${role}\nKV Read:\n${everything}${lines('READ')}KV Write:\n${everything}${lines('WRITE')}`,
    () =>
      headerFields(ctl, header) +
      perm
        .map(
          ({ permType, key, rangeEnd }) =>
            `"PermType" :  ${permType}\n"Key" : ${goQuoted(textOf(key))}\n"RangeEnd" : ${goQuoted(textOf(rangeEnd))}\n`,
        )
        .join(''),
  );
}

function rangeText({ key, rangeEnd }: Permission): string {
  if (rangeEnd === '') return textOf(key);
  const end = rangeEnd === '\0' ? '<open ended>' : `${textOf(rangeEnd)})`;
  const isPrefix = key !== '' && prefixEnd(key) === rangeEnd;
  return `[${textOf(key)}, ${end}${isPrefix ? ` (prefix ${textOf(key)})` : ''}`;
}

export const roleCommand: Command = {
  name: 'role',
  operands: '<subcommand>',
  short: 'Role related commands',
  commands: [roleAdd, roleDelete, roleGet, roleList, roleGrant, roleRevoke],
};
