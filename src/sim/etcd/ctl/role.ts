// etcdctl role: roles and what they may do with which keys.

import type { ProgramRun } from '../../kernel/program.ts';
import type { Permission, PermissionType } from '../api.ts';
import { prefixEnd } from '../client.ts';
import type { Command } from '../cobra/command.ts';
import { type FlagValues, goQuoted } from '../cobra/flags.ts';
import type { RpcResponse } from '../wire/rpcs.ts';
import { askLong, bool, doAndSay, expect } from './ask-long.ts';
import { type Ctl, EXIT, fail, keyOf, startCtl, textOf } from './ctl.ts';
import { headerFields, show, type Shown, shownMessage } from './show.ts';

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

/** A role with what it may read and write. */
export function shownRole(ctl: Ctl, role: string, answer: RpcResponse<'Auth/RoleGet'>): Shown {
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
