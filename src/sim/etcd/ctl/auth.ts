// etcdctl auth and user.

import type { Routine } from '../../core/wait.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import type { Command, Invocation } from '../cobra/command.ts';
import { EtcdError, etcdErrors } from '../error.ts';
import { askLong, bool, doAndSay, expect } from './ask-long.ts';
import { connect, EXIT, fail, startCtl } from './ctl.ts';
import { askPassword } from './options.ts';
import { shownRole } from './role.ts';
import { say, show, shownMessage } from './show.ts';

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
    const simple = (): string =>
      `Authentication Status: ${enabled}\nAuthRevision: ${authRevision}\n`;
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
