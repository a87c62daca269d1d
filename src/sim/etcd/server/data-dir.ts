// A member's data directory: member/wal with the log, member/snap with the database. While etcd owns them the files
// are the objects themselves, and become bytes for whoever reads or copies them.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { EPERM, type Errno, isErrno } from '../../kernel/errno.ts';
import { Inode, S_IFREG } from '../../kernel/files/inode.ts';
import { MemoryFileSystem } from '../../kernel/files/memory.ts';
import { O_DIRECTORY, O_RDONLY } from '../../kernel/files/open-file.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { imageOf, newBackend, restoreImage } from './backend.ts';
import type { Disk } from './disk.ts';
import { decodeImage, decodeWal, encodeImage, encodeWal } from './image.ts';

const WAL_NAME = '0000000000000000-0000000000000000.wal';

/** One of the two files: bytes are made of the object when they are asked for. */
class DiskFile extends Inode {
  readonly disk: Disk;
  private readonly which: 'wal' | 'database';
  private made: Uint8Array | undefined;
  private madeAt = '';

  constructor(fs: MemoryFileSystem, disk: Disk, which: 'wal' | 'database', now: number) {
    super(fs, fs.nextInode(), S_IFREG | 0o600, 0, 0, now);
    this.disk = disk;
    this.which = which;
    this.nlink = 0;
  }

  override get size(): number {
    return this.bytes().length;
  }

  override readAt(offset: number, count: number): Uint8Array | Errno {
    return this.bytes().slice(offset, offset + count);
  }

  override writeAt(): number | Errno {
    return EPERM;
  }

  /** The object as it stands, made anew only where it has changed. */
  private bytes(): Uint8Array {
    const { wal, backend } = this.disk;
    const stamp = `${backend.index} ${wal.entries.length} ${wal.hardState.term}`;
    if (this.made === undefined || stamp !== this.madeAt) {
      this.made = this.which === 'wal' ? encodeWal(wal) : encodeImage(imageOf(backend));
      this.madeAt = stamp;
    }
    return this.made;
  }
}

/** Makes the directories of a new member. */
export function makeDirectories(
  process: Process,
  dataDir: string,
  walDir = `${dataDir}/member/wal`,
): Errno | undefined {
  for (const path of [dataDir, `${dataDir}/member`, `${dataDir}/member/snap`, walDir]) {
    const failure = process.mkdir(path, 0o700);
    if (failure && failure.name !== 'EEXIST') return failure;
  }
  return undefined;
}

/** What a data directory holds of a member that was there before; undefined where there was none. */
export function* loadDisk(process: Process, dataDir: string): Routine<Disk | undefined> {
  const wal = yield* loadWal(process, dataDir);
  if (wal === undefined) return undefined;
  if ('backend' in wal) return wal;
  const bytes = yield* readFile(process, `${dataDir}/member/snap/db`);
  const image = isErrno(bytes) ? undefined : decodeImage(bytes);
  if (image === undefined) return undefined;
  const backend = newBackend();
  restoreImage(backend, image, process.now);
  return { wal, backend };
}

/** The log's file: the objects themselves where etcd left them, or what its bytes say. */
function* loadWal(process: Process, dataDir: string): Routine<Disk | Disk['wal'] | undefined> {
  const directory = `${dataDir}/member/wal`;
  const items = process.readdir(directory);
  const name = isErrno(items) ? undefined : items.find((one) => one.name.endsWith('.wal'))?.name;
  if (name === undefined) return undefined;
  const fd = process.open(`${directory}/${name}`, O_RDONLY);
  if (isErrno(fd)) return undefined;
  const file = process.task.files.get(fd);
  const inode = isErrno(file) ? undefined : file.inode;
  const bytes = inode instanceof DiskFile ? undefined : yield* process.readAll(fd);
  process.close(fd);
  if (inode instanceof DiskFile) return inode.disk;
  return bytes === undefined || isErrno(bytes) ? undefined : decodeWal(bytes);
}

/** Puts a member's files in place of what the directory held. */
export function storeDisk(process: Process, dataDir: string, disk: Disk): void {
  place(process, `${dataDir}/member/wal`, WAL_NAME, disk, 'wal');
  place(process, `${dataDir}/member/snap`, 'db', disk, 'database');
}

function place(
  process: Process,
  directory: string,
  name: string,
  disk: Disk,
  which: 'wal' | 'database',
): void {
  const fd = process.open(directory, O_RDONLY | O_DIRECTORY);
  if (isErrno(fd)) return;
  const file = process.task.files.get(fd);
  process.close(fd);
  const inode = isErrno(file) ? undefined : file.inode;
  const fs = inode?.fs;
  if (inode === undefined || !(fs instanceof MemoryFileSystem)) return;
  const old = inode.lookup(name, process.task);
  if (old instanceof DiskFile && old.disk === disk) return;
  if (old) inode.unlink(name);
  inode.link(name, new DiskFile(fs, disk, which, process.now));
}
