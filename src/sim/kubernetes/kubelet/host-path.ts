// hostPath volumes: the types that are checked before a container sees the path.

import { makeDirectories, writeWholeFile } from '../../containers/containerd/daemon.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';

const KINDS: Readonly<Record<string, readonly [format: number, words: string]>> = {
  Directory: [0o040000, 'is not a directory'],
  File: [0o100000, 'is not a file'],
  Socket: [0o140000, 'is not a socket file'],
  CharDevice: [0o020000, 'is not a character device'],
  BlockDevice: [0o060000, 'is not a block device'],
};

/** Makes or checks the path as its type asks; the mount's failure as text, or undefined. */
export function checkHostPath(p: Process, path: string, type: string): string | undefined {
  if (type === '') return undefined;
  const stat = p.stat(path);
  if (isErrno(stat) && type === 'DirectoryOrCreate') {
    makeDirectories(p, path);
    return undefined;
  }
  if (isErrno(stat) && type === 'FileOrCreate') {
    writeWholeFile(p, path, new Uint8Array(0), 0o644);
    return undefined;
  }
  const kind = KINDS[type.replace(/OrCreate$/, '')];
  if (!kind || (!isErrno(stat) && (stat.mode & 0o170000) === kind[0])) return undefined;
  return `hostPath type check failed: ${path} ${kind[1]}`;
}
