// etcdctl lease: grant, revoke, timetolive, list, keep-alive.

import type { Routine } from '../../core/wait.ts';
import { SECOND } from '../../core/time.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import type { Header } from '../api.ts';
import type { Command, Invocation } from '../cobra/command.ts';
import { goQuoted } from '../cobra/flags.ts';
import { EtcdError, etcdErrors } from '../error.ts';
import { base64 } from '../../core/base64.ts';
import { type Json, messageToJson } from '../wire/json.ts';
import type { RpcName, RpcRequest, RpcResponse } from '../wire/rpcs.ts';
import { binaryBytes } from '../../core/text.ts';
import { connect, type Ctl, EXIT, fail, parseHex, startCtl, textOf } from './ctl.ts';
import { headerFields, hexLease, say, show, shownMessage } from './show.ts';

const grant: Command = {
  name: 'grant',
  operands: '<ttl>',
  short: 'Creates leases',
  *run(invocation): ProgramRun {
    const { main, args } = invocation;
    const [word = ''] = args;
    if (args.length !== 1) {
      return yield* fail(main, EXIT.badArguments, 'lease grant command needs TTL argument');
    }
    if (!/^[-+]?\d+$/.test(word)) {
      const why = `strconv.ParseInt: parsing ${goQuoted(word)}: invalid syntax`;
      return yield* fail(main, EXIT.badArguments, `bad TTL (${why})`);
    }
    const ctl = yield* startCtl(invocation);
    const request = { id: 0n, ttl: Number(word) };
    const answer = yield* askLease(ctl, 'Lease/LeaseGrant', request, true);
    if (answer instanceof EtcdError) {
      return yield* fail(main, EXIT.error, `failed to grant lease (${answer.message})`);
    }
    const { header, id, ttl } = answer;
    yield* show(ctl, {
      simple: () => `lease ${hexLease(id)} granted with TTL(${ttl}s)\n`,
      fields: () => `${headerFields(ctl, header)}"ID" : ${shownId(ctl, id)}\n"TTL" : ${ttl}\n`,
      json: () => ({ ...flatHeader(header), ID: id, TTL: ttl, Error: '' }),
    });
    return 0;
  },
};

const revoke: Command = {
  name: 'revoke',
  operands: '<leaseID>',
  short: 'Revokes leases',
  *run(invocation): ProgramRun {
    const { main } = invocation;
    const id = yield* leaseArgument(invocation, 'lease revoke command needs 1 argument');
    const ctl = yield* startCtl(invocation);
    const answer = yield* askLease(ctl, 'Lease/LeaseRevoke', { id }, true);
    if (answer instanceof EtcdError) {
      return yield* fail(main, EXIT.error, `failed to revoke lease (${answer.message})`);
    }
    const simple = (): string => `lease ${hexLease(id)} revoked\n`;
    yield* show(ctl, shownMessage(ctl, 'Done', answer, simple));
    return 0;
  },
};

const timeToLive: Command = {
  name: 'timetolive',
  operands: '<leaseID> [options]',
  short: 'Get lease information',
  flags: [{ name: 'keys', kind: 'bool', value: 'false', usage: 'Get keys attached to this lease' }],
  *run(invocation): ProgramRun {
    const { main, values } = invocation;
    const needs = 'lease timetolive command needs lease ID as argument';
    const id = yield* leaseArgument(invocation, needs);
    const ctl = yield* startCtl(invocation);
    const withKeys = values.is('keys');
    const answer = yield* askLease(ctl, 'Lease/LeaseTimeToLive', { id, keys: withKeys }, false);
    if (answer instanceof EtcdError) return yield* fail(main, EXIT.badConnection, answer.message);
    const { header, ttl, grantedTtl, keys } = answer;
    const attached = withKeys ? `, attached keys([${keys.map(textOf).join(' ')}])` : '';
    yield* show(ctl, {
      simple: () =>
        ttl === -1 && grantedTtl === 0
          ? `lease ${hexLease(id)} already expired\n`
          : `lease ${hexLease(id)} granted with TTL(${grantedTtl}s), remaining(${ttl}s)${attached}\n`,
      fields: () =>
        `${headerFields(ctl, header)}"ID" : ${shownId(ctl, id)}\n"TTL" : ${ttl}\n"GrantedTTL" : ${grantedTtl}\n` +
        keys.map((key) => `"Key" : ${goQuoted(textOf(key))}\n`).join(''),
      json: () => ({
        ...flatHeader(header),
        id,
        ttl,
        'granted-ttl': grantedTtl,
        keys: keys.length > 0 ? keys.map((key) => base64(binaryBytes(key))) : null,
      }),
    });
    return 0;
  },
};

const list: Command = {
  name: 'list',
  short: 'List all active leases',
  *run(invocation): ProgramRun {
    const ctl = yield* startCtl(invocation);
    const answer = yield* askLease(ctl, 'Lease/LeaseLeases', {}, false);
    if (answer instanceof EtcdError)
      return yield* fail(ctl.main, EXIT.badConnection, answer.message);
    const { header, leases } = answer;
    yield* show(ctl, {
      simple: () =>
        `found ${leases.length} leases\n${leases.map((id) => `${hexLease(id)}\n`).join('')}`,
      fields: () =>
        headerFields(ctl, header) + leases.map((id) => `"ID" : ${shownId(ctl, id)}\n`).join(''),
      json: () => ({ ...flatHeader(header), leases: leases.map((id) => ({ id })) }),
    });
    return 0;
  },
};

const keepAlive: Command = {
  name: 'keep-alive',
  operands: '[options] <leaseID>',
  short: 'Keeps leases alive (renew)',
  flags: [
    {
      name: 'once',
      kind: 'bool',
      value: 'false',
      usage: 'Resets the keep-alive time to its original value and cobrautl.Exits immediately',
    },
  ],
  *run(invocation): ProgramRun {
    const { main, values } = invocation;
    const needs = 'lease keep-alive command needs lease ID as argument';
    const id = yield* leaseArgument(invocation, needs);
    const ctl = yield* startCtl(invocation);
    const connection = yield* connect(ctl);
    for (;;) {
      const answer = yield* connection.call('Lease/LeaseKeepAlive', { id }, undefined);
      if (answer instanceof EtcdError) return yield* fail(main, EXIT.badConnection, answer.message);
      if (answer.ttl <= 0) break;
      yield* showKept(ctl, answer);
      if (values.is('once')) return 0;
      yield* main.process.sleep((answer.ttl / 3) * SECOND);
    }
    if (values.is('once')) {
      return yield* fail(main, EXIT.badConnection, etcdErrors.leaseNotFound.message);
    }
    if (ctl.format === 'simple') yield* say(ctl, `lease ${hexLease(id)} expired or revoked.\n`);
    return 0;
  },
};

function* showKept(ctl: Ctl, answer: RpcResponse<'Lease/LeaseKeepAlive'>): Routine<void> {
  const { header, id, ttl } = answer;
  yield* show(ctl, {
    simple: () => `lease ${hexLease(id)} keepalived with TTL(${ttl})\n`,
    fields: () => `${headerFields(ctl, header)}"ID" : ${shownId(ctl, id)}\n"TTL" : ${ttl}\n`,
    json: () => ({ ...flatHeader(header), ID: id, TTL: ttl }),
  });
}

/** Lease answers carry their header's fields beside their own. */
function flatHeader(header: Header): { readonly [name: string]: Json } {
  return messageToJson('Header', header, 'go') as { readonly [name: string]: Json };
}

const shownId = (ctl: Ctl, id: bigint): string => (ctl.hex ? hexLease(id) : id.toString());

function* leaseArgument({ main, args }: Invocation, needs: string): Routine<bigint> {
  if (args.length !== 1) return yield* fail(main, EXIT.badArguments, needs);
  const id = parseHex(args[0] ?? '', 'ParseInt');
  if (typeof id !== 'string') return id;
  return yield* fail(main, EXIT.badArguments, `bad lease ID arg (${id}), expecting ID in Hex`);
}

function* askLease<M extends RpcName>(
  ctl: Ctl,
  method: M,
  request: RpcRequest<M>,
  timed: boolean,
): Routine<RpcResponse<M> | EtcdError> {
  const connection = yield* connect(ctl);
  const deadline = timed ? ctl.main.process.now + ctl.timeout : undefined;
  const answer = yield* connection.call(method, request, deadline);
  connection.close();
  return answer;
}

export const leaseCommand: Command = {
  name: 'lease',
  operands: '<subcommand>',
  short: 'Lease related commands',
  commands: [grant, revoke, timeToLive, list, keepAlive],
};
