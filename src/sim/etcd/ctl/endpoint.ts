// etcdctl endpoint: health, status, hashkv; and what else goes to each endpoint by itself (defrag, move-leader).

import { type Routine, WaitQueue, waitUntil } from '../../core/wait.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import type { StatusResponse } from '../api.ts';
import type { Command, Invocation } from '../cobra/command.ts';
import { type Flag, goDuration, goQuoted } from '../cobra/flags.ts';
import { EtcdError, etcdErrors } from '../error.ts';
import { dial } from '../remote/connection.ts';
import { type Json, messageToJson } from '../wire/json.ts';
import type { RpcName, RpcRequest, RpcResponse } from '../wire/rpcs.ts';
import { connect, type Ctl, EXIT, fail, parseHex, startCtl } from './ctl.ts';
import { complain, drawTable, headerFields, say, show } from './show.ts';

const CLUSTER: Flag = {
  name: 'cluster',
  kind: 'bool',
  value: 'false',
  usage: 'use all endpoints from the cluster member list',
};

/** The endpoints that were named, or with --cluster those of all members. */
function* endpointsOf(ctl: Ctl): Routine<readonly string[]> {
  if (!ctl.values.is('cluster')) return ctl.options.endpoints;
  const connection = yield* connect(ctl);
  const deadline = ctl.main.process.now + ctl.timeout;
  const answer = yield* connection.call('Cluster/MemberList', { linearizable: true }, deadline);
  connection.close();
  if (answer instanceof EtcdError) {
    const text = `failed to fetch endpoints from etcd cluster member list: ${answer.message}`;
    return yield* fail(ctl.main, EXIT.error, text);
  }
  return answer.members.flatMap((member) => member.clientUrls);
}

/** Asks one endpoint within the command's time. */
function* askEndpoint<M extends RpcName>(
  ctl: Ctl,
  endpoint: string,
  method: M,
  request: RpcRequest<M>,
): Routine<RpcResponse<M> | EtcdError> {
  const connection = yield* connect(ctl, [endpoint]);
  const deadline = ctl.main.process.now + ctl.timeout;
  const answer = yield* connection.call(method, request, deadline);
  connection.close();
  return answer;
}

interface Health {
  readonly endpoint: string;
  readonly health: boolean;
  readonly took: string;
  readonly error: string;
}

const health: Command = {
  name: 'health',
  short: 'Checks the healthiness of endpoints specified in `--endpoints` flag',
  *run(invocation): ProgramRun {
    const ctl = yield* startCtl(invocation);
    const found = yield* checkAll(ctl, yield* endpointsOf(ctl));
    if (ctl.format === 'simple') {
      for (const one of found) yield* sayHealth(ctl, one);
    } else {
      yield* show(ctl, {
        simple: () => '',
        fields: () => found.map(healthFields).join(''),
        json: () => found.map(healthJson),
        table: () =>
          drawTable(
            ['endpoint', 'health', 'took', 'error'],
            found.map((one) => [one.endpoint, String(one.health), one.took, one.error]),
          ),
      });
    }
    if (found.some(({ error }) => error !== ''))
      yield* fail(ctl.main, EXIT.error, 'unhealthy cluster');
    return 0;
  },
};

/** Asks every endpoint at the same time; the first to answer comes first. */
function* checkAll(ctl: Ctl, endpoints: readonly string[]): Routine<Health[]> {
  const found: Health[] = [];
  const arrived = new WaitQueue();
  for (const endpoint of endpoints) {
    ctl.main.process.thread(function* () {
      found.push(yield* check(ctl, endpoint));
      arrived.wake();
      return 0;
    });
  }
  yield* waitUntil(arrived, () => found.length === endpoints.length);
  return found;
}

function* check(ctl: Ctl, endpoint: string): Routine<Health> {
  const { process } = ctl.main;
  const options = { ...ctl.options, endpoints: [endpoint], logger: 'client' };
  const connection = yield* dial(ctl.main, options, process.now + ctl.timeout);
  if (connection instanceof EtcdError) {
    return { endpoint, health: false, took: '', error: connection.message };
  }
  const started = process.now;
  const deadline = started + ctl.timeout;
  const read = yield* connection.call('KV/Range', { key: 'health' }, deadline);
  const took = goDuration(process.now - started);
  const refused = read instanceof EtcdError && read.message === etcdErrors.permissionDenied.message;
  if (read instanceof EtcdError && !refused) {
    connection.close();
    return { endpoint, health: false, took, error: read.message };
  }
  const request = { action: 'GET', memberId: 0n, alarm: 'NONE' } as const;
  const alarms = yield* connection.call('Maintenance/Alarm', request, deadline);
  connection.close();
  if (alarms instanceof EtcdError) {
    return { endpoint, health: false, took, error: 'Unable to fetch the alarm list' };
  }
  if (alarms.alarms.length === 0) return { endpoint, health: true, took, error: '' };
  const list = alarms.alarms.map(({ alarm }) => `${alarm} `).join('');
  return { endpoint, health: false, took, error: `Active Alarm(s): ${list}` };
}

function* sayHealth(ctl: Ctl, { endpoint, took, error }: Health): Routine<void> {
  if (error === '') {
    yield* say(ctl, `${endpoint} is healthy: successfully committed proposal: took = ${took}\n`);
  } else {
    yield* complain(ctl, `${endpoint} is unhealthy: failed to commit proposal: ${error}\n`);
  }
}

const healthFields = (one: Health): string =>
  `"Endpoint" : ${goQuoted(one.endpoint)}\n"Health" : ${one.health}\n"Took" : ${one.took}\n"Error" : ${one.error}\n\n`;

const healthJson = ({ endpoint, health, took, error }: Health): Json =>
  error === '' ? { endpoint, health, took } : { endpoint, health, took, error };

const status: Command = {
  name: 'status',
  short: 'Prints out the status of endpoints specified in `--endpoints` flag',
  long: `When --write-out is set to simple, this command prints out comma-separated status lists for each endpoint.
The items in the lists are endpoint, ID, version, db size, is leader, is learner, raft term, raft index, raft applied index, errors.`,
  *run(invocation): ProgramRun {
    const ctl = yield* startCtl(invocation);
    const found: { endpoint: string; answer: StatusResponse }[] = [];
    let failed = false;
    for (const endpoint of yield* endpointsOf(ctl)) {
      const answer = yield* askEndpoint(ctl, endpoint, 'Maintenance/Status', {});
      if (answer instanceof EtcdError) {
        failed = true;
        const text = `Failed to get the status of endpoint ${endpoint} (${answer.message})\n`;
        yield* complain(ctl, text);
      } else {
        found.push({ endpoint, answer });
      }
    }
    const rows = found.map(({ endpoint, answer }) => statusRow(endpoint, answer));
    yield* show(ctl, {
      simple: () => rows.map((row) => `${row.join(', ')}\n`).join(''),
      fields: () =>
        found.map(({ endpoint, answer }) => statusFields(ctl, endpoint, answer)).join(''),
      json: () =>
        listOrNull(
          found.map(({ endpoint, answer }) => ({
            Endpoint: endpoint,
            Status: messageToJson('StatusResponse', answer, 'go'),
          })),
        ),
      table: () => drawTable(STATUS_HEADINGS, rows),
    });
    return failed ? EXIT.error : 0;
  },
};

const STATUS_HEADINGS = [
  'endpoint',
  'ID',
  'version',
  'storage version',
  'db size',
  'in use',
  'percentage not in use',
  'quota',
  'is leader',
  'is learner',
  'raft term',
  'raft index',
  'raft applied index',
  'errors',
  'downgrade target version',
  'downgrade enabled',
];

function statusRow(endpoint: string, answer: StatusResponse): string[] {
  const { dbSize, dbSizeInUse, dbSizeQuota, downgradeInfo } = answer;
  return [
    endpoint,
    answer.header.memberId.toString(16),
    answer.version,
    answer.storageVersion,
    humanBytes(dbSize),
    humanBytes(dbSizeInUse),
    `${100 - Math.floor((dbSizeInUse * 100) / dbSize)}%`,
    humanBytes(dbSizeQuota),
    String(answer.leader === answer.header.memberId),
    String(answer.isLearner),
    String(answer.raftTerm),
    String(answer.raftIndex),
    String(answer.raftAppliedIndex),
    answer.errors.join(', '),
    downgradeInfo.targetVersion,
    String(downgradeInfo.enabled),
  ];
}

function statusFields(ctl: Ctl, endpoint: string, answer: StatusResponse): string {
  const rows: [string, string][] = [
    ['Version', goQuoted(answer.version)],
    ['StorageVersion', goQuoted(answer.storageVersion)],
    ['DBSize', String(answer.dbSize)],
    ['DBSizeInUse', String(answer.dbSizeInUse)],
    ['DBSizeQuota', String(answer.dbSizeQuota)],
    ['Leader', String(answer.leader)],
    ['IsLearner', String(answer.isLearner)],
    ['RaftIndex', String(answer.raftIndex)],
    ['RaftAppliedIndex', String(answer.raftAppliedIndex)],
    ['Errors', `[${answer.errors.join(' ')}]`],
    ['Endpoint', goQuoted(endpoint)],
    ['DowngradeTargetVersion', goQuoted(answer.downgradeInfo.targetVersion)],
    ['DowngradeEnabled', String(answer.downgradeInfo.enabled)],
  ];
  const lines = rows.map(([name, value]) => `"${name}" : ${value}\n`).join('');
  return `${headerFields(ctl, answer.header)}${lines}\n`;
}

/** Bytes for people, in powers of a thousand, as dustin/go-humanize writes them. */
export function humanBytes(bytes: number): string {
  if (bytes < 10) return `${bytes} B`;
  const power = Math.min(6, Math.floor(Math.log(bytes) / Math.log(1000)));
  const value = Math.floor((bytes / 1000 ** power) * 10 + 0.5) / 10;
  const unit = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'][power] ?? 'EB';
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}

const hashKv: Command = {
  name: 'hashkv',
  short: 'Prints the KV history hash for each endpoint in --endpoints',
  sharedFlags: [
    {
      name: 'rev',
      kind: 'int64',
      value: '0',
      usage: 'maximum revision to hash (default: latest revision)',
    },
  ],
  *run(invocation): ProgramRun {
    const ctl = yield* startCtl(invocation);
    const found: { endpoint: string; answer: RpcResponse<'Maintenance/HashKV'> }[] = [];
    let failure: EtcdError | undefined;
    const request = { revision: ctl.values.number('rev') };
    for (const endpoint of yield* endpointsOf(ctl)) {
      const answer = yield* askEndpoint(ctl, endpoint, 'Maintenance/HashKV', request);
      if (answer instanceof EtcdError) {
        failure = answer;
        const text = `Failed to get the hash of endpoint ${endpoint} (${answer.message})\n`;
        yield* complain(ctl, text);
      } else {
        found.push({ endpoint, answer });
      }
    }
    const rows = found.map(({ endpoint, answer }) => [
      endpoint,
      String(answer.hash),
      String(answer.hashRevision),
    ]);
    yield* show(ctl, {
      simple: () => rows.map((row) => `${row.join(', ')}\n`).join(''),
      fields: () =>
        found
          .map(
            ({ endpoint, answer }) =>
              `${headerFields(ctl, answer.header)}"Endpoint" : ${goQuoted(endpoint)}\n"Hash" : ${answer.hash}\n"HashRevision" : ${answer.hashRevision}\n\n`,
          )
          .join(''),
      json: () =>
        listOrNull(
          found.map(({ endpoint, answer }) => ({
            Endpoint: endpoint,
            HashKV: messageToJson('HashKvResponse', answer, 'go'),
          })),
        ),
      table: () => drawTable(['endpoint', 'hash', 'hash_revision'], rows),
    });
    if (failure) yield* fail(ctl.main, EXIT.error, failure.message);
    return 0;
  },
};

/** A Go slice that nothing was ever added to is null. */
const listOrNull = (list: readonly Json[]): Json => (list.length > 0 ? list : null);

export const endpointCommand: Command = {
  name: 'endpoint',
  operands: '<subcommand>',
  short: 'Endpoint related commands',
  sharedFlags: [CLUSTER],
  commands: [health, status, hashKv],
};

export const defragCommand: Command = {
  name: 'defrag',
  short: 'Defragments the storage of the etcd members with given endpoints',
  flags: [CLUSTER],
  *run(invocation): ProgramRun {
    const ctl = yield* startCtl(invocation);
    let failed = false;
    for (const endpoint of yield* endpointsOf(ctl)) {
      const started = ctl.main.process.now;
      const answer = yield* askEndpoint(ctl, endpoint, 'Maintenance/Defragment', {});
      const took = goDuration(ctl.main.process.now - started);
      if (answer instanceof EtcdError) {
        failed = true;
        const text = `Failed to defragment etcd member[${endpoint}]. took ${took}. (${answer.message})\n`;
        yield* complain(ctl, text);
      } else {
        yield* say(ctl, `Finished defragmenting etcd member[${endpoint}]. took ${took}\n`);
      }
    }
    return failed ? EXIT.error : 0;
  },
};

export const moveLeaderCommand: Command = {
  name: 'move-leader',
  operands: '<transferee-member-id>',
  short: 'Transfers leadership to another etcd cluster member.',
  *run(invocation): ProgramRun {
    const targetId = yield* transfereeOf(invocation);
    const ctl = yield* startCtl(invocation);
    for (const endpoint of ctl.options.endpoints) {
      const found = yield* askEndpoint(ctl, endpoint, 'Maintenance/Status', {});
      if (found instanceof EtcdError) return yield* fail(ctl.main, EXIT.error, found.message);
      if (found.header.memberId !== found.leader) continue;
      const answer = yield* askEndpoint(ctl, endpoint, 'Maintenance/MoveLeader', { targetId });
      if (answer instanceof EtcdError) return yield* fail(ctl.main, EXIT.error, answer.message);
      const [from, to] = [found.leader.toString(16), targetId.toString(16)];
      yield* show(ctl, {
        simple: () => `Leadership transferred from ${from} to ${to}\n`,
        json: () => messageToJson('Done', answer, 'go'),
      });
      return 0;
    }
    const list = ctl.options.endpoints.join(' ');
    return yield* fail(ctl.main, EXIT.badArguments, `no leader endpoint given at [${list}]`);
  },
};

function* transfereeOf({ main, args }: Invocation): Routine<bigint> {
  if (args.length !== 1) {
    return yield* fail(main, EXIT.badArguments, 'move-leader command needs 1 argument');
  }
  const id = parseHex(args[0] ?? '', 'ParseUint');
  return typeof id === 'string' ? yield* fail(main, EXIT.badArguments, id) : id;
}
