// Mounting an overlay: its options, the directories they name, and the rules about upper and work directory.

import { EINVAL, ENOTDIR, type Errno, isErrno } from '../errno.ts';
import type { Task } from '../task/task.ts';
import { type FileSystem, S_IFDIR } from './inode.ts';
import { liesUnder, type Location } from './mount.ts';
import type { MountData } from './mount-data.ts';
import { OverlayFileSystem } from './overlay.ts';
import { resolve } from './walk.ts';

/** Options that are taken, with what they may say; `undefined`: anything. */
const OPTIONS: Readonly<Record<string, readonly string[] | undefined>> = {
  lowerdir: undefined,
  upperdir: undefined,
  workdir: undefined,
  redirect_dir: ['on', 'off', 'follow', 'nofollow'],
  index: ['on', 'off'],
  nfs_export: ['on', 'off'],
  xino: ['on', 'off', 'auto'],
  metacopy: ['on', 'off'],
  userxattr: [''],
  volatile: [''],
  default_permissions: [''],
};

/** Layers at the most (OVL_MAX_STACK). */
const MOST_LAYERS = 500;

/** A new overlay file system from the options of mount(2). */
export function mountOverlay(task: Task, data: MountData): FileSystem | Errno {
  for (const [name, value] of data) {
    const allowed = OPTIONS[name];
    if (!(name in OPTIONS) || (allowed && !allowed.includes(value))) return EINVAL;
  }
  const lower = data.get('lowerdir');
  if (!lower) return EINVAL;
  const upper = optionalDirectory(task, data.get('upperdir'));
  if (isErrno(upper)) return upper;
  const work = upper ? optionalDirectory(task, data.get('workdir')) : undefined;
  if (isErrno(work)) return work;
  if (upper) {
    if (!work || upper.mount !== work.mount || upper.mount.readOnly) return EINVAL;
    if (liesUnder(upper, work.inode) || liesUnder(work, upper.inode)) return EINVAL;
  }
  const names = splitLayers(lower);
  if (names.length > MOST_LAYERS || (!upper && names.length < 2)) return EINVAL;
  const lowers = [];
  for (const name of names) {
    const place = directory(task, name);
    if (isErrno(place)) return place;
    lowers.push(place.inode);
  }
  if (work) prepareWork(task, work);
  const shown = [...data]
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join(',');
  return new OverlayFileSystem(
    task.kernel.nextDevice(),
    shown,
    { upper: upper?.inode, lowers },
    data.has('userxattr'),
  );
}

/** Directories of lowerdir, between colons; a backslash takes a colon's meaning away. */
function splitLayers(text: string): string[] {
  return text.split(/(?<!\\):/).map((part) => part.replace(/\\([:,\\])/g, '$1'));
}

function directory(task: Task, path: string): Location | Errno {
  const place = resolve(task, path);
  if (isErrno(place)) return place;
  return place.inode.isDirectory ? place : ENOTDIR;
}

function optionalDirectory(task: Task, path: string | undefined): Location | Errno | undefined {
  return path === undefined ? undefined : directory(task, path.replace(/\\([:,\\])/g, '$1'));
}

/** The kernel keeps a directory `work` in the work directory, readable by nobody. */
function prepareWork(task: Task, place: Location): void {
  if (place.inode.lookup('work', task)) return;
  const now = task.kernel.simulation.now;
  place.inode.create('work', { mode: S_IFDIR, uid: 0, gid: 0, now });
}
