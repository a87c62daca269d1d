// Mounting what a snapshotter gives: types, sources and options as mount(8) writes them (core/mount).

import type { Process } from '../kernel/calls/process.ts';
import type { Errno } from '../kernel/errno.ts';
import { MNT_DETACH, MS_BIND, MS_RDONLY, MS_REC, MS_REMOUNT } from '../kernel/files/mount.ts';
import { splitMountOptions } from '../kernel/files/mount-options.ts';
import type { MountSpec } from './containerd/types.ts';

/** Mounts one after another on a directory. Binds are made read-only by a second call, as the kernel wants it. */
export function mountAll(
  p: Process,
  mounts: readonly MountSpec[],
  target: string,
): Errno | undefined {
  for (const { type, source, options, target: below } of mounts) {
    const place = below === undefined ? target : `${target}/${below}`;
    const { flags, data } = splitMountOptions(options.join(','));
    const bind = (flags & MS_BIND) !== 0;
    const failure = bind
      ? p.mount(source, place, 'bind', flags & (MS_BIND | MS_REC))
      : p.mount(source, place, type, flags, data);
    if (failure) return failure;
    if (bind && flags & MS_RDONLY) {
      const again = p.mount('none', place, 'none', MS_BIND | MS_REMOUNT | MS_RDONLY);
      if (again) return again;
    }
  }
  return undefined;
}

/** Takes all mounts off a directory. */
export function unmountAll(p: Process, target: string): void {
  while (!p.umount(target, MNT_DETACH));
}
