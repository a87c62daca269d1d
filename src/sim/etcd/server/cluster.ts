// The membership as etcd keeps it beside raft's: names and URLs, and the ids that follow from them.

import { encode } from '../../core/text.ts';
import type { Member } from '../api.ts';
import { EtcdError, etcdErrors } from '../error.ts';
import { sha1 } from './sha1.ts';

/** Learners that a cluster may have at one time. */
const MAX_LEARNERS = 1;

/** A member's id: from its peer URLs, the cluster's token and, where it was added later, the time. */
export function memberId(peerUrls: readonly string[], token: string, time?: string): bigint {
  const text = [...peerUrls].sort().join('') + token + (time ?? '');
  return firstEight(sha1(encode(text)));
}

/** The cluster's id: from the ids of its first members. */
export function clusterId(members: readonly Member[]): bigint {
  const bytes = new Uint8Array(members.length * 8);
  const view = new DataView(bytes.buffer);
  const ids = members.map((member) => member.id).sort((a, b) => (a < b ? -1 : 1));
  for (const [i, id] of ids.entries()) view.setBigUint64(i * 8, id);
  return firstEight(sha1(bytes));
}

function firstEight(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
}

/** Sixteen hexadecimal digits without leading zeros, as etcd writes ids. */
export function hexId(id: bigint): string {
  return id.toString(16);
}

export class Membership {
  readonly members = new Map<bigint, Member>();
  /** Ids that were members once and never may be again. */
  readonly removed = new Set<bigint>();

  /** Members in the order of their ids. */
  list(): Member[] {
    return [...this.members.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  set(member: Member): void {
    this.members.set(member.id, member);
  }

  remove(id: bigint): void {
    this.members.delete(id);
    this.removed.add(id);
  }

  /** Why a member may not be added, if it may not. */
  refuseAdd(member: Member): EtcdError | undefined {
    if (this.removed.has(member.id)) {
      return new EtcdError('NotFound', 'membership: ID removed');
    }
    if (this.members.has(member.id)) return etcdErrors.memberExists;
    if (this.urlsTaken(member.peerUrls, member.id)) return etcdErrors.peerUrlExists;
    const learners = this.list().filter((one) => one.isLearner).length;
    if (member.isLearner && learners >= MAX_LEARNERS) return etcdErrors.tooManyLearners;
    return undefined;
  }

  refuseUpdate(id: bigint, peerUrls: readonly string[]): EtcdError | undefined {
    if (!this.members.has(id)) return etcdErrors.memberNotFound;
    return this.urlsTaken(peerUrls, id) ? etcdErrors.peerUrlExists : undefined;
  }

  refuseRemove(id: bigint): EtcdError | undefined {
    return this.members.has(id) ? undefined : etcdErrors.memberNotFound;
  }

  refusePromote(id: bigint): EtcdError | undefined {
    const member = this.members.get(id);
    if (member === undefined) return etcdErrors.memberNotFound;
    return member.isLearner ? undefined : etcdErrors.memberNotLearner;
  }

  private urlsTaken(urls: readonly string[], by: bigint): boolean {
    return this.list().some(
      (member) => member.id !== by && member.peerUrls.some((url) => urls.includes(url)),
    );
  }
}
