// Hanging trees of mounts up and taking them down, with everything that shared subtrees make of it: the same event
// in every peer and slave of the mount where it happens (mount_namespaces(7)).

import type { Kernel } from '../kernel.ts';
import { attach, cloneMount, detach, liesUnder, type Location, Mount, mountTree } from './mount.ts';
import type { Inode } from './inode.ts';

type Copying = 'peer' | 'slave' | 'private';

/** Copies of a mount and, with `deep`, of what lies on it; unbindable mounts are left out. */
export function copyTree(
  kernel: Kernel,
  from: Mount,
  root: Inode,
  deep: boolean,
  how: Copying = 'peer',
): Mount {
  const { peerGroups } = kernel;
  const copy = (mount: Mount, at: Inode): Mount => {
    const id = kernel.nextMountId();
    if (how === 'peer') return cloneMount(mount, at, id, peerGroups);
    const clone = new Mount(id, mount.fs, at, mount.source, mount.flags);
    clone.lockedFlags = mount.lockedFlags;
    clone.origin = mount.origin;
    if (how === 'slave' && mount.peerGroup) peerGroups.enslave(clone, mount.peerGroup);
    return clone;
  };
  const top = copy(from, root);
  const below = (original: Mount, clone: Mount): void => {
    for (const child of [...original.children.values()]) {
      if (child.unbindable || !child.at) continue;
      if (original === from && !liesUnder(child.at, root)) continue;
      const twin = copy(child, child.root);
      twin.locked = child.locked;
      attach(twin, { ...child.at, mount: clone });
      below(child, twin);
    }
  };
  if (deep) below(from, top);
  return top;
}

/** Hangs a tree on a place; where that place's mount is shared, the tree becomes shared and appears in all receivers. */
export function attachTree(kernel: Kernel, tree: Mount, at: Location): void {
  const { peerGroups } = kernel;
  const target = at.mount;
  if (!target.peerGroup) {
    attach(tree, at);
    return;
  }
  for (const mount of mountTree(tree)) peerGroups.share(mount);
  const copies: (readonly [Mount, Mount])[] = [];
  const spread = (group: number, source: Mount, seen: Set<Mount>): void => {
    for (const peer of peerGroups.peers(group)) {
      if (seen.has(peer) || !liesUnder(at, peer.root)) continue;
      seen.add(peer);
      copies.push([copyTree(kernel, source, source.root, true), peer]);
    }
    for (const slave of peerGroups.slavesOf(group)) {
      if (seen.has(slave)) continue;
      seen.add(slave);
      if (!liesUnder(at, slave.root)) continue;
      const copy = copyTree(kernel, source, source.root, true, 'slave');
      copies.push([copy, slave]);
      if (!slave.peerGroup) continue;
      for (const mount of mountTree(copy)) peerGroups.share(mount);
      spread(slave.peerGroup, copy, seen);
    }
  };
  spread(target.peerGroup, tree, new Set([target, ...mountTree(tree)]));
  attach(tree, at);
  for (const [copy, mount] of copies) attach(copy, { ...at, mount });
}

/** Takes a tree of mounts down for good, here and (with `propagate`) in every receiver of its parent. */
export function detachTree(kernel: Kernel, top: Mount, propagate = true): void {
  const list = mountTree(top);
  if (propagate) addReceived(kernel, list);
  for (const mount of list) {
    kernel.peerGroups.forget(mount);
    detach(mount);
    forgetMount(mount);
  }
}

function forgetMount(mount: Mount): void {
  const { fs } = mount;
  fs.hidden?.(mount);
  fs.mounts = (fs.mounts ?? 1) - 1;
  if (fs.mounts === 0) fs.released?.();
}

/** Adds the twins of the listed mounts under the receivers of their parents, unless something else lies on them. */
function addReceived(kernel: Kernel, list: Mount[]): void {
  for (let i = list.length - 1; i >= 0; i--) {
    const mount = list[i];
    const { parent, point } = mount ?? {};
    if (!parent || !point) continue;
    for (const receiver of kernel.peerGroups.receivers(parent)) {
      const twin = receiver.children.get(point);
      if (!twin || list.includes(twin)) continue;
      if ([...twin.children.values()].every((child) => list.includes(child))) list.push(twin);
    }
  }
}

/** True where something holds the mount: a mount on it, a task's directory or root, an open file, a program. */
export function mountInUse(kernel: Kernel, mount: Mount): boolean {
  if (mount.children.size > 0 || mount.pins > 0) return true;
  for (const task of kernel.tasks.values()) {
    if (task.ended) continue;
    const { fs, process } = task;
    if (fs.cwd.mount === mount || fs.root.mount === mount) return true;
    if (process.executable?.mount === mount) return true;
    for (const [, { file }] of task.files.list()) if (file.location?.mount === mount) return true;
  }
  return false;
}
