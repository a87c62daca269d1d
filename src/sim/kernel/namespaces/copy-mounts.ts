// A copy of the mount namespace: every mount is cloned, and the task's root and working directory move to the
// clones of the mounts they were on. For another user namespace the copy is less privileged: shared mounts become
// slaves, and what lay on each other stays together (mount_namespaces(7), "Restrictions on mount namespaces").

import { attach, cloneMount, type Location, Mount, MS_RDONLY, mountTree } from '../files/mount.ts';
import { LOCKABLE_FLAGS } from '../files/mounting.ts';
import type { Task } from '../task/task.ts';
import { MountNamespace } from './mount.ts';
import type { UserNamespace } from './user.ts';

/** Clones the mounts of the task's namespace for a new one. */
export function copyMountNamespace(task: Task, owner: UserNamespace): MountNamespace {
  const { kernel } = task;
  const old = task.namespaces.mnt;
  const lessPrivileged = owner !== old.owner;
  const clones = new Map<Mount, Mount>();
  for (const mount of mountTree(old.root)) {
    const id = kernel.nextMountId();
    const clone = lessPrivileged
      ? lockedClone(task, mount, id)
      : cloneMount(mount, mount.root, id, kernel.peerGroups);
    clone.unbindable = mount.unbindable;
    if (!lessPrivileged) clone.locked = mount.locked;
    clones.set(mount, clone);
    const above = mount.parent && clones.get(mount.parent);
    if (above && mount.at) attach(clone, { ...mount.at, mount: above });
  }
  const moved = (place: Location): Location => ({
    ...place,
    mount: clones.get(place.mount) ?? place.mount,
  });
  task.fs = { ...task.fs, root: moved(task.fs.root), cwd: moved(task.fs.cwd) };
  const root = clones.get(old.root) ?? old.root;
  return new MountNamespace(kernel.nextNamespaceInode(), owner, root);
}

function lockedClone(task: Task, mount: Mount, id: number): Mount {
  const clone = new Mount(id, mount.fs, mount.root, mount.source, mount.flags);
  clone.origin = mount.origin;
  const { peerGroups } = task.kernel;
  if (mount.peerGroup) peerGroups.enslave(clone, mount.peerGroup);
  else if (mount.master) peerGroups.enslave(clone, mount.master);
  clone.lockedFlags = (mount.flags & LOCKABLE_FLAGS) | (mount.fs.readOnly ? MS_RDONLY : 0);
  clone.locked = mount.parent !== undefined;
  return clone;
}
