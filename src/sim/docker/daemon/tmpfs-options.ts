// The options of a container's tmpfs mounts, merged over the daemon's own (MergeTmpfsOptions of moby/sys/mount).

import type { SpecMount } from '../../containers/runc/spec.ts';

/** Flags by the bit of mount(2) that they set or clear: the last one of a bit counts. */
const FLAGS: readonly (readonly string[])[] = [
  ['ro', 'rw'],
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
  ['exec', 'noexec'],
  ['sync', 'async'],
  ['dirsync'],
  ['remount'],
  ['mand', 'nomand'],
  ['atime', 'noatime'],
  ['diratime', 'nodiratime'],
  ['relatime', 'norelatime'],
  ['strictatime', 'nostrictatime'],
  [
    'bind',
    'rbind',
    'unbindable',
    'runbindable',
    'private',
    'rprivate',
    'shared',
    'rshared',
    'slave',
    'rslave',
  ],
];
const VALUES = ['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'];

/** A tmpfs as runc is told of it; a text where an option is none. */
export function tmpfsMount(destination: string, given: string): SpecMount | string {
  const asked = given === '' ? [] : given.split(',');
  const all = ['noexec', 'nosuid', 'nodev', 'rprivate', ...asked];
  const seen = new Set<string>();
  const options: string[] = [];
  for (const option of all.reverse()) {
    if (option === 'defaults') continue;
    const bit = FLAGS.findIndex((names) => names.includes(option));
    const [name = '', value] = option.split('=', 2);
    if (bit < 0 && (value === undefined || !VALUES.includes(name)))
      return `invalid tmpfs option ${JSON.stringify(name)}`;
    const key = bit < 0 ? name : String(bit);
    if (!seen.has(key)) options.unshift(option);
    seen.add(key);
  }
  return { destination, type: 'tmpfs', source: 'tmpfs', options };
}
