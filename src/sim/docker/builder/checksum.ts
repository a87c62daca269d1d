// Checksums of files for the cache (BuildKit's contenthash): names, kinds, modes, owners, links and contents count, times
// do not.

import { digestOf } from '../../containers/images/oci.ts';
import { contentsOf } from '../../containers/images/layer.ts';
import { encode } from '../../core/text.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../kernel/files/inode.ts';
import { inodeAtPath } from '../daemon/archive.ts';
import { resolveSources, rootPath } from './copy-files.ts';
import { joinPath } from './dockerfile/paths.ts';
import type { CopyAction } from './llb.ts';
import { PatternMatcher } from './patterns.ts';

function record(
  p: Process,
  path: string,
  name: string,
  out: string[],
  skip: (name: string) => boolean,
): void {
  if (name !== '' && skip(name)) return;
  const stat = p.lstat(path);
  if (isErrno(stat)) return;
  const kind = stat.mode & S_IFMT;
  const head = `${name} ${stat.mode.toString(8)} ${stat.uid} ${stat.gid}`;
  if (kind === S_IFLNK) {
    const target = p.readlink(path);
    out.push(`${head} ${isErrno(target) ? '' : target}`);
  } else if (kind === S_IFREG) {
    const inode = inodeAtPath(p, path);
    out.push(`${head} ${inode ? digestOf(contentsOf(inode)) : ''}`);
  } else out.push(head);
  if (kind !== S_IFDIR) return;
  const items = p.readdir(path);
  if (isErrno(items)) return;
  for (const item of items.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (item.name === '.' || item.name === '..') continue;
    record(p, `${path}/${item.name}`, name === '' ? item.name : `${name}/${item.name}`, out, skip);
  }
}

/** The checksum of one path below a root; undefined where nothing is there. */
export function pathChecksum(p: Process, root: string, path: string): string | undefined {
  const full = rootPath(p, root, path);
  if (isErrno(p.lstat(full))) return undefined;
  const out: string[] = [];
  record(p, full, '', out, () => false);
  return digestOf(encode(out.join('\n')));
}

/** The checksum of what a copy takes; `missing` where a path that must be there is not. */
export function copyChecksum(
  p: Process,
  root: string,
  action: CopyAction,
): { digest: string } | { missing: string } {
  const out: string[] = [];
  const include = action.include.length > 0 ? new PatternMatcher(action.include) : undefined;
  const exclude = action.exclude.length > 0 ? new PatternMatcher(action.exclude) : undefined;
  const isFile = (name: string): boolean => {
    const stat = p.lstat(rootPath(p, root, joinPath(action.source, name)));
    return !isErrno(stat) && (stat.mode & S_IFMT) !== S_IFDIR;
  };
  const skip = (name: string): boolean =>
    (exclude?.matches(name) ?? false) || (include ? !include.matches(name) && isFile(name) : false);
  for (const path of resolveSources(p, root, action)) {
    const full = rootPath(p, root, path);
    const required = action.include[0];
    const needed = required === undefined ? path : joinPath(path, required);
    if (action.required && isErrno(p.lstat(rootPath(p, root, needed)))) return { missing: needed };
    if (isErrno(p.lstat(full))) return { missing: path };
    out.push(path);
    record(p, full, '', out, skip);
  }
  return { digest: digestOf(encode(out.join('\n'))) };
}
