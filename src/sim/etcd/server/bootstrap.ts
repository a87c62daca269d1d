// How a member begins (etcdserver's bootstrap): from its data directory, as one of a new cluster, as a new member of
// a cluster that is there, or alone with what is left of one (--force-new-cluster).

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { Member } from '../api.ts';
import type { Entry } from '../raft/message.ts';
import { newBackend } from './backend.ts';
import { clusterId, hexId, Membership, memberId } from './cluster.ts';
import { type Config, initialCluster, urlsOf, valueOf } from './config.ts';
import { loadDisk, makeDirectories } from './data-dir.ts';
import type { Disk } from './disk.ts';
import { askOnce } from './peers.ts';

/** Who the member is, what it goes on from, and whom it knows at first. */
export interface Bootstrap {
  readonly id: bigint;
  readonly clusterId: bigint;
  readonly disk: Disk;
  readonly peers: readonly Pick<Member, 'id' | 'peerUrls'>[];
}

/** Finds out how to begin; why it cannot, where it cannot. */
export function* bootstrap(
  process: Process,
  config: Config,
  dataDir: string,
): Routine<Bootstrap | string> {
  const kept = yield* loadDisk(process, dataDir);
  if (kept !== undefined) return restarted(config, kept);
  const members = initialCluster(config);
  const name = valueOf(config, 'name');
  const own = members.find((member) => member.name === name);
  if (own === undefined) {
    return `couldn't find local name ${JSON.stringify(name)} in the initial cluster configuration`;
  }
  const advertised = [...urlsOf(config, 'initial-advertise-peer-urls')].sort().join(',');
  if ([...own.peerUrls].sort().join(',') !== advertised && config.given.has('initial-cluster')) {
    const listed = own.peerUrls.map((url) => `${name}=${url}`).join(',');
    return `--initial-cluster has ${listed} but missing from --initial-advertise-peer-urls=${advertised}`;
  }
  const failure = makeDirectories(process, dataDir);
  if (failure) return `cannot access data directory: ${failure.message.toLowerCase()}`;
  const others = members.filter((member) => member !== own);
  const answer = yield* askOthers(process, others);
  if (valueOf(config, 'initial-cluster-state') === 'existing') {
    return joining(own.peerUrls, answer);
  }
  return founding(config, members, own.peerUrls, answer);
}

interface KnownCluster {
  readonly members: readonly Member[];
  readonly clusterId: bigint;
}

/** What the first of the others that answers knows of the cluster. */
function* askOthers(
  process: Process,
  others: readonly { readonly peerUrls: readonly string[] }[],
): Routine<KnownCluster | undefined> {
  for (const { peerUrls } of others) {
    const answer = yield* askOnce(process, peerUrls, '/members');
    if (answer !== undefined) return answer as KnownCluster;
  }
  return undefined;
}

function founding(
  config: Config,
  members: readonly { readonly name: string; readonly peerUrls: readonly string[] }[],
  ownUrls: readonly string[],
  known: KnownCluster | undefined,
): Bootstrap | string {
  const token = valueOf(config, 'initial-cluster-token');
  const founders: Member[] = members.map(({ peerUrls }) => ({
    id: memberId(peerUrls, token),
    name: '',
    peerUrls,
    clientUrls: [],
    isLearner: false,
  }));
  founders.sort((a, b) => (a.id < b.id ? -1 : 1));
  const id = memberId(ownUrls, token);
  const cluster = clusterId(founders);
  const before = known?.members.find((member) => member.id === id);
  if (before !== undefined && before.clientUrls.length > 0) {
    return `member ${hexId(id)} has already been bootstrapped`;
  }
  const entries = founders.map((founder, i): Entry => {
    const context = { id: 0, from: 0n, context: { peerUrls: founder.peerUrls } };
    return { term: 1, index: i + 1, change: { type: 'addVoter', id: founder.id, context } };
  });
  const disk: Disk = {
    wal: {
      memberId: id,
      clusterId: cluster,
      hardState: { term: 1, vote: 0n, committed: entries.length },
      entries,
      snapshotIndex: 0,
      snapshotTerm: 0,
      configuration: { voters: founders.map((founder) => founder.id), learners: [] },
    },
    backend: newBackend(),
  };
  return { id, clusterId: cluster, disk, peers: founders.filter((one) => one.id !== id) };
}

function joining(ownUrls: readonly string[], known: KnownCluster | undefined): Bootstrap | string {
  if (known === undefined) {
    return 'cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs';
  }
  const own = known.members.find((member) => member.peerUrls.join() === [...ownUrls].join());
  if (own === undefined) {
    return 'error validating peerURLs: member count is unequal';
  }
  const disk: Disk = {
    wal: {
      memberId: own.id,
      clusterId: known.clusterId,
      hardState: { term: 0, vote: 0n, committed: 0 },
      entries: [],
      snapshotIndex: 0,
      snapshotTerm: 0,
      configuration: { voters: [], learners: [] },
    },
    backend: newBackend(),
  };
  const peers = known.members.filter((member) => member.id !== own.id);
  return { id: own.id, clusterId: known.clusterId, disk, peers };
}

function restarted(config: Config, disk: Disk): Bootstrap {
  const { wal, backend } = disk;
  if (valueOf(config, 'force-new-cluster') === 'true') forceAlone(disk);
  const peers = backend.cluster.list().filter((member) => member.id !== wal.memberId);
  return { id: wal.memberId, clusterId: wal.clusterId, disk, peers };
}

/** Leaves one member of the cluster: itself, with everything that was committed. */
function forceAlone({ wal, backend }: Disk): void {
  const { committed } = wal.hardState;
  wal.entries = wal.entries.filter((entry) => entry.index <= committed);
  const own = backend.cluster.members.get(wal.memberId);
  const alone = new Membership();
  if (own) alone.set({ ...own, isLearner: false });
  backend.cluster = alone;
}
