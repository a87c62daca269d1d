// System calls on namespaces and mounts: unshare, setns, mount, umount2, pivot_root, System V IPC objects.

import { EBADF, EINVAL, EPERM, ESRCH, type Errno, isErrno } from '../errno.ts';
import type { Mount } from '../files/mount.ts';
import { doMount, doUnmount } from '../files/mounting.ts';
import { NamespaceFile } from '../files/nsfs.ts';
import { pivotRoot } from '../files/pivot.ts';
import { splitMountOptions } from '../files/mount-options.ts';
import { joinNamespace } from '../namespaces/join.ts';
import { changeSet } from '../namespaces/lifetime.ts';
import { CLONE_NEWUSER, flaggedKinds, NAMESPACE_KINDS } from '../namespaces/namespace.ts';
import { unsharedNamespaces, unsharedUser } from '../namespaces/unshare.ts';
import { CAP_SYS_ADMIN, capable } from '../task/credentials.ts';
import { CLONE_NEWANY } from '../task/fork.ts';
import { MachineCalls } from './machine.ts';

export class NamespaceCalls extends MachineCalls {
  /** unshare(2): CLONE_NEW* flags. A new PID or time namespace is for the next children. */
  unshare(flags: number): Errno | undefined {
    const { task } = this;
    const before = task.credentials;
    if (flags & CLONE_NEWUSER) {
      // A filter is the runtimes' default one, which lets only those unshare who hold CAP_SYS_ADMIN already.
      if (before.seccomp === 2 && !capable(task, CAP_SYS_ADMIN)) return EPERM;
      if (task.leader.threads.size > 0) return EINVAL;
      const credentials = unsharedUser(task);
      if (isErrno(credentials)) return credentials;
      task.credentials = credentials;
    }
    if ((flags & CLONE_NEWANY) === 0) return undefined;
    const namespaces = capable(task, CAP_SYS_ADMIN)
      ? unsharedNamespaces(task, flags, task.credentials.user)
      : EPERM;
    if (isErrno(namespaces)) {
      task.credentials = before;
      return namespaces;
    }
    changeSet(task, namespaces);
    task.kernel.because(
      `unshare ${flaggedKinds(flags).join(', ')} of PID ${task.leader.pid}`,
      task,
    );
    return undefined;
  }

  /** setns(2) with a descriptor of /proc/PID/ns/KIND. `flags` 0, or the CLONE_NEW* that it must be. */
  setns(fd: number, flags = 0): Errno | undefined {
    const file = this.task.files.get(fd);
    if (isErrno(file)) return EBADF;
    if (!(file instanceof NamespaceFile)) return EINVAL;
    const { namespace } = file;
    if (flags !== 0 && NAMESPACE_KINDS[namespace.kind].flag !== flags) return EINVAL;
    return joinNamespace(this.task, namespace);
  }

  /** setns(2) with a pidfd: joins those namespaces of a process that `flags` names, the user namespace first. */
  setnsOf(pid: number, flags: number): Errno | undefined {
    const target = this.task.pidNamespace.tasks.get(pid);
    if (!target || target.ended) return ESRCH;
    if (flags & CLONE_NEWUSER) {
      const failure = joinNamespace(this.task, target.credentials.user);
      if (failure) return failure;
    }
    const { namespaces } = target;
    const order = ['cgroup', 'ipc', 'uts', 'net', 'pid', 'time', 'mnt'] as const;
    for (const kind of order) {
      if (!(flags & NAMESPACE_KINDS[kind].flag)) continue;
      const failure = joinNamespace(this.task, namespaces[kind]);
      if (failure) return failure;
    }
    return undefined;
  }

  /** mount(2): `flags` is a sum of MS_*, `data` the file system's own options with commas. */
  mount(source: string, target: string, type: string, flags: number, data = ''): Errno | undefined {
    return doMount(this.task, { source, target, type, flags, data });
  }

  /** mount(2) with all options in one text, as fstab and mount(8) have them. */
  mountByText(source: string, target: string, type: string, options = ''): Errno | undefined {
    const { flags, data } = splitMountOptions(options);
    return this.mount(source, target, type, flags, data);
  }

  /** umount2(2): `flags` of MNT_DETACH, MNT_FORCE, UMOUNT_NOFOLLOW. */
  umount(target: string, flags = 0): Errno | undefined {
    return doUnmount(this.task, target, flags);
  }

  /** pivot_root(2). */
  pivotRoot(newRoot: string, putOld: string): Errno | undefined {
    return pivotRoot(this.task, newRoot, putOld);
  }

  /** The mount that a path is on. */
  mountOf(path: string): Mount | Errno {
    const place = this.place(path);
    return isErrno(place) ? place : place.mount;
  }
}
