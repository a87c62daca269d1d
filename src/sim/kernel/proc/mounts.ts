// /proc/PID/mounts, mountinfo and mountstats: the mounts of a process's namespace that lie under its root.

import type { Errno } from '../errno.ts';
import { EINVAL } from '../errno.ts';
import { type Mount, mountOptions, mountTree, pathOf } from '../files/mount.ts';
import { NamespaceInode } from '../files/nsfs.ts';
import { CgroupDirectory } from '../cgroup/cgroupfs.ts';
import type { Task } from '../task/task.ts';
import { groupPathFrom } from './process-text.ts';

/** White space and backslashes as octal numbers. */
function escaped(text: string): string {
  return text.replace(/[ \t\n\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** Mounts in the order in which they were made, with their paths from the process's root. */
function visible(subject: Task): (readonly [Mount, string])[] {
  const { root } = subject.fs;
  const found: (readonly [Mount, string])[] = [];
  for (const mount of mountTree(subject.namespaces.mnt.root).sort((a, b) => a.id - b.id)) {
    const path = pathOf({ mount, inode: mount.root }, root);
    if (isUnder(mount, root.mount) && !path.startsWith('(unreachable)')) found.push([mount, path]);
  }
  return found;
}

function isUnder(mount: Mount, top: Mount): boolean {
  for (let at: Mount | undefined = mount; at; at = at.parent) if (at === top) return true;
  return false;
}

/** `rw,relatime,size=1024k`: a mount's own options, then its file system's. */
function allOptions(mount: Mount): string {
  const words = mountOptions(mount).split(',');
  words[0] = mount.readOnly ? 'ro' : 'rw';
  if (mount.fs.options !== '') words.push(mount.fs.options);
  return words.join(',');
}

/** Where in its file system a mount begins. */
function rootPath(mount: Mount, reader: Task): string {
  const { root, fs, origin } = mount;
  if (root instanceof NamespaceInode) return root.label;
  if (root instanceof CgroupDirectory)
    return groupPathFrom(root.group, reader.namespaces.cgroup.root);
  if (!root.isDirectory && origin?.directory) {
    const above = pathInside(origin.directory);
    return `${above === '/' ? '' : above}/${origin.name ?? ''}`;
  }
  return root === fs.root ? '/' : pathInside(root);
}

function pathInside(inode: Mount['root']): string {
  let path = '';
  for (let at = inode; at.home; at = at.home.parent) path = `/${at.home.name}${path}`;
  return path || '/';
}

/** fstab's six columns. */
export function mountsTable(subject: Task): string | Errno {
  if (subject.ended) return EINVAL;
  return visible(subject)
    .map(
      ([mount, path]) =>
        `${escaped(mount.source)} ${escaped(path)} ${mount.fs.type} ${escaped(allOptions(mount))} 0 0\n`,
    )
    .join('');
}

/** proc(5), /proc/PID/mountinfo. */
export function mountInfo(subject: Task, reader: Task): string | Errno {
  if (subject.ended) return EINVAL;
  return visible(subject)
    .map(([mount, path]) => {
      const { fs } = mount;
      const optional: string[] = [];
      if (mount.peerGroup) optional.push(`shared:${mount.peerGroup}`);
      if (mount.master) optional.push(`master:${mount.master}`);
      if (mount.unbindable) optional.push('unbindable');
      const device = `${fs.device >> 8}:${fs.device & 255}`;
      const superOptions = [fs.readOnly ? 'ro' : 'rw', ...(fs.options ? [fs.options] : [])].join(
        ',',
      );
      const parts = [
        mount.id,
        mount.parent?.id ?? 1,
        device,
        escaped(rootPath(mount, reader)),
        escaped(path),
        mountOptions(mount),
        ...optional,
        '-',
        fs.type,
        escaped(mount.source),
        escaped(superOptions),
      ];
      return `${parts.join(' ')}\n`;
    })
    .join('');
}

export function mountStatistics(subject: Task): string | Errno {
  if (subject.ended) return EINVAL;
  return visible(subject)
    .map(
      ([mount, path]) =>
        `device ${escaped(mount.source)} mounted on ${escaped(path)} with fstype ${mount.fs.type}\n`,
    )
    .join('');
}
