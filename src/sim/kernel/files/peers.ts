// Peer groups (mount_namespaces(7), "Shared subtrees"): which mounts get each other's mount and umount events.
// Numbers are given as the kernel does: the lowest that is free, from 1.

import type { Mount } from './mount.ts';

/** What a mount's propagation can be set to. */
export type Propagation = 'shared' | 'slave' | 'private' | 'unbindable';

export class PeerGroups {
  private readonly members = new Map<number, Set<Mount>>();
  private readonly slaves = new Map<number, Set<Mount>>();

  /** Makes a mount a member of a new group, unless it is in one. */
  share(mount: Mount): void {
    mount.unbindable = false;
    if (mount.peerGroup) return;
    let number = 1;
    while (this.members.has(number) || this.slaves.has(number)) number++;
    this.join(mount, number);
  }

  join(mount: Mount, group: number): void {
    mount.peerGroup = group;
    addTo(this.members, group, mount);
  }

  /** The mount gets what happens in `group`, and gives nothing back. */
  enslave(mount: Mount, group: number): void {
    mount.master = group;
    addTo(this.slaves, group, mount);
  }

  /** A clone begins as its original is: a peer of it, or a slave of the same master. */
  follow(clone: Mount, original: Mount): void {
    if (original.peerGroup) this.join(clone, original.peerGroup);
    if (original.master) this.enslave(clone, original.master);
  }

  /** mount(2) with MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE. */
  change(mount: Mount, to: Propagation): void {
    if (to === 'shared') {
      this.share(mount);
      return;
    }
    const group = mount.peerGroup;
    const hadPeers = (this.members.get(group)?.size ?? 0) > 1;
    if (to === 'slave') {
      if (!group) return;
      this.leaveGroup(mount);
      if (!hadPeers) return;
      this.leaveMaster(mount);
      this.enslave(mount, group);
      return;
    }
    this.leaveGroup(mount);
    this.leaveMaster(mount);
    mount.unbindable = to === 'unbindable';
  }

  /** The mount is gone: it is in no group any more. */
  forget(mount: Mount): void {
    this.leaveGroup(mount);
    this.leaveMaster(mount);
  }

  /** Members of a group. */
  peers(group: number): readonly Mount[] {
    return [...(this.members.get(group) ?? [])];
  }

  slavesOf(group: number): readonly Mount[] {
    return [...(this.slaves.get(group) ?? [])];
  }

  /** All mounts that an event at `mount` reaches, itself left out: peers, then slaves and what follows from them. */
  receivers(mount: Mount): Mount[] {
    const found = new Set<Mount>([mount]);
    const visit = (group: number): void => {
      for (const peer of this.peers(group)) found.add(peer);
      for (const slave of this.slavesOf(group)) {
        if (found.has(slave)) continue;
        found.add(slave);
        if (slave.peerGroup) visit(slave.peerGroup);
      }
    };
    if (mount.peerGroup) visit(mount.peerGroup);
    found.delete(mount);
    return [...found];
  }

  /** The last member takes its group along; its slaves pass to that member's own master, or become private. */
  private leaveGroup(mount: Mount): void {
    const group = mount.peerGroup;
    if (!group) return;
    mount.peerGroup = 0;
    const members = this.members.get(group);
    members?.delete(mount);
    if (members && members.size > 0) return;
    this.members.delete(group);
    for (const slave of this.slavesOf(group)) {
      this.leaveMaster(slave);
      if (mount.master && slave !== mount) this.enslave(slave, mount.master);
    }
  }

  private leaveMaster(mount: Mount): void {
    const { master } = mount;
    if (!master) return;
    mount.master = 0;
    const slaves = this.slaves.get(master);
    slaves?.delete(mount);
    if (slaves?.size === 0) this.slaves.delete(master);
  }
}

function addTo(groups: Map<number, Set<Mount>>, group: number, mount: Mount): void {
  const set = groups.get(group);
  if (set) set.add(mount);
  else groups.set(group, new Set([mount]));
}
