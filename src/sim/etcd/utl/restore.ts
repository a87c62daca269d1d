// etcdutl snapshot restore: a data directory for a member of a new cluster, with the keys of a snapshot.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import { readFile, writeFile } from '../../userland/libc/whole-file.ts';
import type { Member } from '../api.ts';
import type { Command, Invocation } from '../cobra/command.ts';
import type { Flag } from '../cobra/flags.ts';
import { EXIT, fail } from '../ctl/ctl.ts';
import type { BackendImage } from '../server/backend.ts';
import { clusterId, hexId, memberId } from '../server/cluster.ts';
import { makeDirectories } from '../server/data-dir.ts';
import type { WriteAheadLog } from '../server/disk.ts';
import {
  DIGEST,
  decodeImage,
  digestHolds,
  encodeImage,
  encodeWal,
  hasDigest,
} from '../server/image.ts';
import { logLine, logOpening } from './log.ts';

const TRIMMING = 'Trimming membership information from the backend...';

const text = (name: string, value: string, usage: string): Flag => ({
  name,
  kind: 'string',
  value,
  usage,
});

export const restoreCommand: Command = {
  name: 'restore',
  operands: '<filename> --data-dir {output dir} [options]',
  short: 'Restores an etcd member snapshot to an etcd directory',
  flags: [
    text('data-dir', '', 'Path to the output data directory'),
    text('wal-dir', '', 'Path to the WAL directory (use --data-dir if none given)'),
    text(
      'initial-cluster',
      'default=http://localhost:2380',
      'Initial cluster configuration for restore bootstrap',
    ),
    text(
      'initial-cluster-token',
      'etcd-cluster',
      'Initial cluster token for the etcd cluster during restore bootstrap',
    ),
    text(
      'initial-advertise-peer-urls',
      'http://localhost:2380',
      "List of this member's peer URLs to advertise to the rest of the cluster",
    ),
    text('name', 'default', 'Human-readable name for this member'),
    {
      name: 'skip-hash-check',
      kind: 'bool',
      value: 'false',
      usage: 'Ignore snapshot integrity hash value (required if copied from data directory)',
    },
    {
      name: 'bump-revision',
      kind: 'uint',
      value: '0',
      usage: 'How much to increase the latest revision after restore',
    },
    {
      name: 'mark-compacted',
      kind: 'bool',
      value: 'false',
      usage:
        'Mark the latest revision after restore as the point of scheduled compaction (required if --bump-revision > 0, disallowed otherwise)',
    },
    {
      name: 'initial-memory-map-size',
      kind: 'uint',
      value: '10737418240',
      usage:
        'Initial memory map size of the database in bytes. It uses the default value if not defined or defined to 0',
    },
  ],
  *run(invocation): ProgramRun {
    const { main, args, values } = invocation;
    const [path = ''] = args;
    if (args.length !== 1) {
      const needs = 'snapshot restore requires exactly one argument';
      return yield* fail(main, EXIT.badArguments, needs);
    }
    const dataDir = values.text('data-dir') || `${values.text('name')}.etcd`;
    const items = main.process.readdir(dataDir);
    if (isErrno(items) ? items.name !== 'ENOENT' : items.length > 0) {
      const text = `data-dir ${JSON.stringify(dataDir)} not empty or could not be read`;
      return yield* fail(main, EXIT.error, text);
    }
    const places = {
      path,
      'wal-dir': values.text('wal-dir') || `${dataDir}/member/wal`,
      'data-dir': dataDir,
      'snap-dir': `${dataDir}/member/snap`,
      'initial-memory-map-size': values.number('initial-memory-map-size'),
    };
    if (values.text('wal-dir') !== '' && !isErrno(main.process.stat(places['wal-dir']))) {
      return yield* fail(main, EXIT.error, `wal-dir ${JSON.stringify(places['wal-dir'])} exists`);
    }
    const founders = yield* foundersOf(invocation);
    yield* logLine(main, 'snapshot/v3_snapshot.go:305', 'restoring snapshot', places);
    const image = yield* readSnapshot(invocation, places, dataDir);
    yield* writeMember(invocation, places, bumped(invocation, image), founders);
    yield* logLine(main, 'snapshot/v3_snapshot.go:333', 'restored snapshot', places);
    return 0;
  },
};

/** Where a member's files go, as the log tells it. */
interface Places extends Readonly<Record<string, string | number>> {
  readonly path: string;
  readonly 'wal-dir': string;
  readonly 'snap-dir': string;
  readonly 'initial-memory-map-size': number;
}

interface Founders {
  readonly id: bigint;
  readonly clusterId: bigint;
  readonly members: readonly Member[];
}

/** The members of the new cluster, this one among them. */
function* foundersOf({ main, values }: Invocation): Routine<Founders> {
  const token = values.text('initial-cluster-token');
  const name = values.text('name');
  const byName = new Map<string, string[]>();
  for (const part of values.text('initial-cluster').split(',')) {
    const equals = part.indexOf('=');
    const key = part.slice(0, equals).trim();
    byName.set(key, [...(byName.get(key) ?? []), part.slice(equals + 1).trim()]);
  }
  const own = byName.get(name);
  if (own === undefined) {
    const text = `couldn't find local name ${JSON.stringify(name)} in the initial cluster configuration`;
    return yield* fail(main, EXIT.error, text);
  }
  const members = [...byName].map(([key, peerUrls]): Member => {
    const id = memberId(peerUrls, token);
    return { id, name: key, peerUrls, clientUrls: [], isLearner: false };
  });
  return { id: memberId(own, token), clusterId: clusterId(members), members };
}

/** The image in a snapshot, its digest checked; the directory is made first, and stays where that fails. */
function* readSnapshot(
  { main, values }: Invocation,
  { path, ...places }: Places,
  dataDir: string,
): Routine<BackendImage> {
  const bytes = yield* readFile(main.process, path);
  if (isErrno(bytes)) {
    const why = bytes.message.charAt(0).toLowerCase() + bytes.message.slice(1);
    return yield* fail(main, EXIT.error, `open ${path}: ${why}`);
  }
  if (bytes.length < DIGEST) return yield* fail(main, EXIT.error, `seek ${path}: invalid argument`);
  makeDirectories(main.process, dataDir, places['wal-dir']);
  if (!values.is('skip-hash-check')) {
    if (!hasDigest(bytes)) {
      const text = 'snapshot missing hash but --skip-hash-check=false';
      return yield* fail(main, EXIT.error, text);
    }
    if (!digestHolds(bytes)) {
      return yield* fail(main, EXIT.error, 'expected sha256 of the snapshot, got another');
    }
  }
  const image = decodeImage(bytes);
  return image ?? (yield* fail(main, EXIT.error, 'invalid database'));
}

function bumped({ values }: Invocation, image: BackendImage): BackendImage {
  const revision = image.revision + values.number('bump-revision');
  const compacted = values.is('mark-compacted') ? revision : image.compacted;
  return { ...image, revision, compacted };
}

function* writeMember(
  { main }: Invocation,
  places: Places,
  image: BackendImage,
  founders: Founders,
): Routine<void> {
  const index = founders.members.length;
  const members = founders.members.map((member) => ({ ...member, name: '' }));
  const fresh: BackendImage = { ...image, members, removed: [], index, term: 1 };
  const wal: WriteAheadLog = {
    memberId: founders.id,
    clusterId: founders.clusterId,
    hardState: { term: 1, vote: 0n, committed: index },
    entries: [],
    snapshotIndex: index,
    snapshotTerm: 1,
    configuration: { voters: members.map(({ id }) => id), learners: [] },
  };
  const snap = places['snap-dir'];
  const opening = (): Routine<void> =>
    logOpening(main, `${snap}/db`, places['initial-memory-map-size']);
  yield* opening();
  yield* logLine(main, 'schema/membership.go:138', TRIMMING, {});
  yield* opening();
  for (const { id, peerUrls } of members) {
    yield* logLine(main, 'membership/cluster.go:424', 'added member', {
      'cluster-id': hexId(founders.clusterId),
      'local-member-id': '0',
      'added-peer-id': hexId(id),
      'added-peer-peer-urls': peerUrls,
      'added-peer-is-learner': false,
    });
  }
  yield* opening();
  const sixteen = (number: number): string => number.toString(16).padStart(16, '0');
  const { process } = main;
  yield* writeFile(process, `${snap}/db`, encodeImage(fresh), 0o600);
  yield* writeFile(process, `${snap}/${sixteen(1)}-${sixteen(index)}.snap`, encodeWal(wal), 0o666);
  const name = `${sixteen(0)}-${sixteen(0)}.wal`;
  yield* writeFile(process, `${places['wal-dir']}/${name}`, encodeWal(wal), 0o600);
}
