// Mount options as words (mount(8), "FILESYSTEM-INDEPENDENT MOUNT OPTIONS"): which are flags of mount(2), and which
// are left for the file system.

import {
  MS_BIND,
  MS_MOVE,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_RELATIME,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_STRICTATIME,
  MS_UNBINDABLE,
} from './mount.ts';

/** What a word sets and what it takes away. */
interface OptionWord {
  readonly set?: number;
  readonly clear?: number;
}

export const MOUNT_OPTION_WORDS: Readonly<Record<string, OptionWord>> = {
  ro: { set: MS_RDONLY },
  rw: { clear: MS_RDONLY },
  suid: { clear: MS_NOSUID },
  nosuid: { set: MS_NOSUID },
  dev: { clear: MS_NODEV },
  nodev: { set: MS_NODEV },
  exec: { clear: MS_NOEXEC },
  noexec: { set: MS_NOEXEC },
  atime: { clear: MS_NOATIME },
  noatime: { set: MS_NOATIME },
  diratime: { clear: MS_NODIRATIME },
  nodiratime: { set: MS_NODIRATIME },
  relatime: { set: MS_RELATIME },
  norelatime: { clear: MS_RELATIME },
  strictatime: { set: MS_STRICTATIME },
  nostrictatime: { clear: MS_STRICTATIME },
  symfollow: { clear: MS_NOSYMFOLLOW },
  nosymfollow: { set: MS_NOSYMFOLLOW },
  remount: { set: MS_REMOUNT },
  bind: { set: MS_BIND },
  rbind: { set: MS_BIND | MS_REC },
  move: { set: MS_MOVE },
  shared: { set: MS_SHARED },
  rshared: { set: MS_SHARED | MS_REC },
  slave: { set: MS_SLAVE },
  rslave: { set: MS_SLAVE | MS_REC },
  private: { set: MS_PRIVATE },
  rprivate: { set: MS_PRIVATE | MS_REC },
  unbindable: { set: MS_UNBINDABLE },
  runbindable: { set: MS_UNBINDABLE | MS_REC },
  defaults: {},
  async: {},
  sync: {},
  auto: {},
  noauto: {},
  user: {},
  nouser: {},
  users: {},
  nofail: {},
  silent: {},
  loud: {},
  lazytime: {},
  nolazytime: {},
  iversion: {},
  noiversion: {},
  mand: {},
  nomand: {},
  _netdev: {},
  owner: {},
  group: {},
  dirsync: {},
};

/** Splits `nosuid,size=1m` into flags and the file system's own part. */
export function splitMountOptions(options: string): {
  readonly flags: number;
  readonly data: string;
} {
  let flags = 0;
  const data: string[] = [];
  for (const word of options.split(/(?<!\\),/)) {
    const known = Object.hasOwn(MOUNT_OPTION_WORDS, word) ? MOUNT_OPTION_WORDS[word] : undefined;
    if (known) flags = (flags | (known.set ?? 0)) & ~(known.clear ?? 0);
    else if (
      word !== '' &&
      !word.startsWith('x-') &&
      !word.startsWith('X-') &&
      !word.startsWith('comment=')
    ) {
      data.push(word);
    }
  }
  return { flags, data: data.join(',') };
}
