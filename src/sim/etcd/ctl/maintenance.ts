// etcdctl alarm, downgrade, snapshot, check and version.

import { rfc3339Fraction } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import { writeFile } from '../../userland/libc/whole-file.ts';
import type { AlarmResponse } from '../api.ts';
import type { Command, Invocation } from '../cobra/command.ts';
import { goDuration } from '../cobra/flags.ts';
import { EtcdError, rpcText } from '../error.ts';
import { messageToJson } from '../wire/json.ts';
import { ask, connect, type Ctl, EXIT, fail, startCtl } from './ctl.ts';
import { humanBytes } from './endpoint.ts';
import { complain, headerFields, say, show, type Shown, shownMessage } from './show.ts';

const alarmList: Command = {
  name: 'list',
  short: 'Lists all alarms',
  *run(invocation): ProgramRun {
    return yield* alarms(invocation, 'list', 'GET');
  },
};

const alarmDisarm: Command = {
  name: 'disarm',
  short: 'Disarms all alarms',
  *run(invocation): ProgramRun {
    return yield* alarms(invocation, 'disarm', 'DEACTIVATE');
  },
};

function* alarms(invocation: Invocation, name: string, action: 'GET' | 'DEACTIVATE'): ProgramRun {
  if (invocation.args.length > 0) {
    const text = `alarm ${name} command accepts no arguments`;
    return yield* fail(invocation.main, EXIT.badArguments, text);
  }
  const ctl = yield* startCtl(invocation);
  const request = { action, memberId: 0n, alarm: 'NONE' } as const;
  yield* show(ctl, shownAlarms(ctl, yield* ask(ctl, 'Maintenance/Alarm', request)));
  return 0;
}

function shownAlarms(ctl: Ctl, answer: AlarmResponse): Shown {
  const id = (value: bigint): string => (ctl.hex ? value.toString(16) : value.toString());
  return shownMessage(
    ctl,
    'AlarmResponse',
    answer,
    () => answer.alarms.map((one) => `memberID:${one.memberId} alarm:${one.alarm} \n`).join(''),
    () =>
      headerFields(ctl, answer.header) +
      answer.alarms
        .map((one) => `"MemberID" : ${id(one.memberId)}\n"AlarmType" : ${one.alarm}\n\n`)
        .join(''),
  );
}

export const alarmCommand: Command = {
  name: 'alarm',
  operands: '<subcommand>',
  short: 'Alarm related commands',
  commands: [alarmDisarm, alarmList],
};

type DowngradeAction = 'VALIDATE' | 'ENABLE' | 'CANCEL';

function* downgrade(invocation: Invocation, action: DowngradeAction): ProgramRun {
  const { main, args } = invocation;
  const [version] = args;
  if (action !== 'CANCEL') {
    const bad =
      version === undefined
        ? 'TARGET_VERSION not provided'
        : args.length > 1
          ? 'too many arguments'
          : version === ''
            ? 'target version not provided'
            : undefined;
    if (bad !== undefined) return yield* fail(main, EXIT.badArguments, bad);
  }
  const ctl = yield* startCtl(invocation);
  const request = { action, version: action === 'CANCEL' ? '' : (version ?? '') };
  const answer = yield* ask(ctl, 'Maintenance/Downgrade', request);
  const text = `Downgrade ${action.toLowerCase()} success, cluster version ${answer.version}\n`;
  yield* show(ctl, {
    simple: () => text,
    json: () => messageToJson('DowngradeResponse', answer, 'go'),
  });
  return 0;
}

export const downgradeCommand: Command = {
  name: 'downgrade',
  operands: '<TARGET_VERSION>',
  short: 'Downgrade related commands',
  commands: [
    {
      name: 'validate',
      operands: '<TARGET_VERSION>',
      short: 'Validate downgrade capability before starting downgrade',
      run: (invocation) => downgrade(invocation, 'VALIDATE'),
    },
    {
      name: 'enable',
      operands: '<TARGET_VERSION>',
      short: 'Start a downgrade action to cluster',
      run: (invocation) => downgrade(invocation, 'ENABLE'),
    },
    {
      name: 'cancel',
      short: 'Cancel the ongoing downgrade action to cluster',
      run: (invocation) => downgrade(invocation, 'CANCEL'),
    },
  ],
};

const SNAPSHOT_EXAMPLE = `# Save snapshot to a given file
etcdctl snapshot save /backup/etcd-snapshot.db

# Get snapshot from given address and save it to file
etcdctl snapshot save --endpoints=127.0.0.1:3000 /backup/etcd-snapshot.db

# Get snapshot from given address with certificates
etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/etcd/ca.crt --cert=/etc/etcd/etcd.crt --key=/etc/etcd/etcd.key snapshot save /backup/etcd-snapshot.db

# Get snapshot wih certain user and password
etcdctl --user=root --password=password123 snapshot save /backup/etcd-snapshot.db

# Get snapshot from given address with timeout
etcdctl --endpoints=https://127.0.0.1:2379 --dial-timeout=20s snapshot save /backup/etcd-snapshot.db

# Save snapshot with desirable time format
etcdctl snapshot save /mnt/backup/etcd/backup_$(date +%Y%m%d_%H%M%S).db`;

const save: Command = {
  name: 'save',
  operands: '<filename>',
  short: 'Stores an etcd node backend snapshot to a given file',
  example: SNAPSHOT_EXAMPLE,
  *run(invocation): ProgramRun {
    const { main, args, values } = invocation;
    const [path = ''] = args;
    if (args.length !== 1) {
      const text = 'snapshot save expects one argument <filename>';
      return yield* fail(main, EXIT.badArguments, text);
    }
    const ctl = yield* startCtl(invocation);
    const [endpoint = ''] = ctl.options.endpoints;
    if (ctl.options.endpoints.length !== 1) {
      const list = ctl.options.endpoints.join(' ');
      const text = `snapshot must be requested to one selected node, not multiple [${list}]`;
      return yield* fail(main, EXIT.interrupted, text);
    }
    const started = main.process.now;
    const connection = yield* connect(ctl);
    const part = `${path}.part`;
    const made = yield* writeFile(main.process, part, new Uint8Array(), 0o600);
    if (made) {
      const text = `could not open ${part} (open ${part}: ${made.message.toLowerCase()})`;
      return yield* fail(main, EXIT.interrupted, text);
    }
    yield* log(ctl, 'snapshot/v3_snapshot.go:83', 'created temporary db file', { path: part });
    const deadline = values.changed('command-timeout') ? started + ctl.timeout : undefined;
    const snapshot = yield* connection.snapshot(deadline);
    if (snapshot instanceof EtcdError) {
      main.process.unlink(part);
      return yield* fail(main, EXIT.interrupted, rpcText(snapshot));
    }
    yield* log(
      ctl,
      'v3@v3.6.16/maintenance.go:236',
      'opened snapshot stream; downloading',
      {},
      'client',
    );
    yield* log(ctl, 'snapshot/v3_snapshot.go:96', 'fetching snapshot', { endpoint });
    yield* log(
      ctl,
      'v3@v3.6.16/maintenance.go:302',
      'completed snapshot read; closing',
      {},
      'client',
    );
    yield* writeFile(main.process, part, snapshot.bytes, 0o600);
    yield* log(ctl, 'snapshot/v3_snapshot.go:111', 'fetched snapshot', {
      endpoint,
      size: humanBytes(snapshot.bytes.length),
      took: goDuration(main.process.now - started),
      'etcd-version': snapshot.version,
    });
    main.process.rename(part, path);
    yield* log(ctl, 'snapshot/v3_snapshot.go:121', 'saved', { path });
    yield* say(ctl, `Snapshot saved at ${path}\nServer version ${snapshot.version}\n`);
    return 0;
  },
};

/** A line of the client's log. */
function* log(
  ctl: Ctl,
  caller: string,
  msg: string,
  fields: Readonly<Record<string, string>>,
  logger?: string,
): Routine<void> {
  const ts = rfc3339Fraction(ctl.main.process.now, 6);
  const named = logger === undefined ? {} : { logger };
  yield* complain(
    ctl,
    `${JSON.stringify({ level: 'info', ts, ...named, caller, msg, ...fields })}\n`,
  );
}

export const snapshotCommand: Command = {
  name: 'snapshot',
  operands: '<subcommand>',
  short: 'Manages etcd node snapshots',
  example: SNAPSHOT_EXAMPLE,
  commands: [save],
};

export const versionCommand: Command = {
  name: 'version',
  short: 'Prints the version of etcdctl',
  *run({ main }): ProgramRun {
    yield* main.out.print('etcdctl version: 3.6.16\nAPI version: 3.6\n');
    return 0;
  },
};
