// Writing /proc/PID/uid_map, gid_map and setgroups: the rules of user_namespaces(7).

import { EINVAL, EPERM, type Errno, isErrno } from '../errno.ts';
import { CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN, capableIn } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import type { IdRange, UserNamespace } from './user.ts';

/** Lines of a map at the most (UID_GID_MAP_MAX_EXTENTS). */
const MOST_LINES = 340;
const HIGHEST = 4294967295;

/** Writes a map of `target`: EPERM where it is written already or not allowed, EINVAL where it is malformed. */
export function writeIdMap(
  writer: Task,
  target: UserNamespace,
  which: 'uid' | 'gid',
  text: string,
): Errno | undefined {
  const { parent } = target;
  const before = which === 'uid' ? target.uidMap : target.gidMap;
  if (before || !parent) return EPERM;
  if (!capableIn(writer, target, CAP_SYS_ADMIN)) return EPERM;
  const map = parseMap(text);
  if (isErrno(map)) return map;
  const { user } = writer.credentials;
  if (user !== target && user !== parent) return EPERM;
  if (!mayMap(writer, target, parent, which, map)) return EPERM;
  for (const range of map) {
    const seen =
      which === 'uid' ? parent.uidToKernel(range.outside) : parent.gidToKernel(range.outside);
    if (seen === undefined) return EPERM;
  }
  if (which === 'uid') target.uidMap = map;
  else target.gidMap = map;
  return undefined;
}

function parseMap(text: string): readonly IdRange[] | Errno {
  const lines = text.replace(/\n$/, '').split('\n');
  if (lines.length > MOST_LINES) return EINVAL;
  const map: IdRange[] = [];
  for (const line of lines) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/.exec(line);
    if (!match) return EINVAL;
    const range = { inside: Number(match[1]), outside: Number(match[2]), count: Number(match[3]) };
    if (range.count === 0 || range.inside + range.count > HIGHEST) return EINVAL;
    if (range.outside + range.count > HIGHEST) return EINVAL;
    if (map.some((other) => overlaps(other, range))) return EINVAL;
    map.push(range);
  }
  return map;
}

function overlaps(a: IdRange, b: IdRange): boolean {
  const meets = (from: number, other: number): boolean =>
    from < other + b.count && other < from + a.count;
  return meets(a.inside, b.inside) || meets(a.outside, b.outside);
}

/** One's own id may be mapped by oneself; everything else takes CAP_SETUID or CAP_SETGID in the parent. */
function mayMap(
  writer: Task,
  target: UserNamespace,
  parent: UserNamespace,
  which: 'uid' | 'gid',
  map: readonly IdRange[],
): boolean {
  const who = writer.credentials;
  const [only] = map;
  if (map.length === 1 && only?.count === 1 && target.ownerUid === who.euid) {
    if (which === 'uid' && parent.uidToKernel(only.outside) === who.euid) return true;
    const own = parent.gidToKernel(only.outside) === who.egid;
    if (which === 'gid' && own && target.setgroups === 'deny') return true;
  }
  return capableIn(writer, parent, which === 'uid' ? CAP_SETUID : CAP_SETGID);
}

/** /proc/PID/setgroups: `deny` cannot be taken back, nor written once a gid_map is there. */
export function writeSetgroups(
  writer: Task,
  target: UserNamespace,
  text: string,
): Errno | undefined {
  const word = text.replace(/\n$/, '');
  if (word !== 'allow' && word !== 'deny') return EINVAL;
  if (!capableIn(writer, target, CAP_SYS_ADMIN)) return EPERM;
  if (word === 'allow' && target.setgroups === 'deny') return EPERM;
  if (word === 'deny' && target.gidMap) return EPERM;
  target.setgroups = word;
  return undefined;
}

/** The map as `viewer`'s user namespace reads it: the second column is in the reader's own ids. */
export function formatIdMap(
  target: UserNamespace,
  which: 'uid' | 'gid',
  viewer: UserNamespace,
): string {
  const map = (which === 'uid' ? target.uidMap : target.gidMap) ?? [];
  const { parent } = target;
  const outside = (id: number): number => {
    if (!parent) return id;
    if (viewer === target) return id;
    const kernel = which === 'uid' ? parent.uidToKernel(id) : parent.gidToKernel(id);
    if (kernel === undefined) return HIGHEST;
    return which === 'uid' ? viewer.uidFromKernel(kernel) : viewer.gidFromKernel(kernel);
  };
  const column = (id: number): string => String(id).padStart(10);
  return map
    .map(
      (range) =>
        `${column(range.inside)} ${column(outside(range.outside))} ${column(range.count)}\n`,
    )
    .join('');
}
