// Copying up in an overlay: contents and extended attributes of a lower inode, and the whiteouts that make room.

import { ENOSPC, type Errno, isErrno } from '../errno.ts';
import type { Inode } from './inode.ts';
import { MemoryFileSystem, MemoryInode } from './memory.ts';

/** Empties a directory of the upper layer that holds whiteouts only. */
export function clearWhiteouts(directory: Inode): Errno | undefined {
  for (const { name } of [...directory.entries(undefined)]) {
    const failure = directory.unlink(name);
    if (failure) return failure;
  }
  return undefined;
}

/** Copies what is in a file, shared where both are in memory. ENOSPC where the upper layer is full. */
export function copyContents(from: Inode, to: Inode): Errno | undefined {
  if (to.fs instanceof MemoryFileSystem && to.fs.used + from.size > to.fs.capacity) return ENOSPC;
  if (from instanceof MemoryInode && to instanceof MemoryInode) {
    to.setContents(from.sharedContents());
    return undefined;
  }
  const bytes = from.readAt(0, from.size, undefined);
  if (isErrno(bytes)) return bytes;
  const count = to.writeAt(0, bytes, undefined);
  return isErrno(count) ? count : undefined;
}

/** Copies extended attributes, but for the overlay's own. */
export function copyAttributes(from: Inode, to: Inode, prefix: string): void {
  if (!from.hasAttributes) return;
  const attributes = from.attributes();
  if (isErrno(attributes)) return;
  for (const [name, value] of attributes)
    if (!name.startsWith(prefix)) to.setAttribute(name, value);
}
