// What the etcd lab's own commands work on: its machines, which of them are cut off, and whether the members have
// settled. The commands themselves are programs; see etcd-tools.ts.

import type { Simulation } from '../core/simulation.ts';
import { MILLISECOND, SECOND } from '../core/time.ts';
import type { Routine } from '../core/wait.ts';
import type { Link } from '../kernel/network/link.ts';
import type { Switch } from '../kernel/network/switch.ts';
import type { Task } from '../kernel/task/task.ts';
import { memberOf } from '../etcd/server/etcd.ts';
import type { Member } from '../etcd/server/member.ts';
import type { Machine } from './machine.ts';

/** One machine of the lab with its member. */
export interface EtcdMachine {
  readonly machine: Machine;
  readonly name: string;
  readonly address: string;
  readonly nic: Link;
  readonly wire: Switch;
  /** The member's process while it runs. */
  member: Task | undefined;
  /** Its cable is pulled. */
  cutOff: boolean;
  /** Starts etcd with the lab's command line; sets `member`. */
  start(): void;
}

/** The machines of each etcd lab, for the commands that run in it. */
export const etcdLabControls = new WeakMap<Simulation, readonly EtcdMachine[]>();

/** How long the commands wait for the members to settle at the most. */
const PATIENCE = 30 * SECOND;
const LOOK = 100 * MILLISECOND;

/** Waits until every member that runs and is connected follows one leader and has applied what it has. */
export function* untilSettled(
  simulation: Simulation,
  machines: readonly EtcdMachine[],
): Routine<void> {
  const until = simulation.now + PATIENCE;
  let quiet = 0;
  while (quiet < 5 && simulation.now < until) {
    yield { on: [], until: simulation.now + LOOK };
    quiet = isSettled(machines) ? quiet + 1 : 0;
  }
}

function isSettled(machines: readonly EtcdMachine[]): boolean {
  const running = machines.filter(({ member }) => member !== undefined && !member.ended);
  const members = running.map((one) => ({ cutOff: one.cutOff, member: memberOf(one.member) }));
  if (members.some(({ member }) => member === undefined)) return false;
  const joined = members.flatMap(({ cutOff, member }) => (cutOff || !member ? [] : [member]));
  const alone = members.flatMap(({ cutOff, member }) => (cutOff && member ? [member] : []));
  if (alone.some((member) => member.raft.leader !== 0n)) return false;
  return agree(joined);
}

/** True where members follow one leader that is among them, or too few are there to have one. */
function agree(members: readonly Member[]): boolean {
  const [first] = members;
  if (first === undefined) return true;
  const voters = first.backend.cluster.list().filter((one) => !one.isLearner).length;
  if (members.length * 2 <= voters) return members.every((one) => one.raft.leader === 0n);
  const leader = members.find((one) => one.raft.role === 'leader');
  if (leader === undefined) return false;
  return members.every(
    (one) =>
      one.raft.leader === leader.options.id &&
      one.backend.index === leader.raft.log.lastIndex &&
      members.every(
        (peer) => peer === one || one.host.connectedSince(peer.options.id) !== undefined,
      ),
  );
}
