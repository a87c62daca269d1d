// IPC namespaces: System V shared memory, semaphores and message queues (ipc_namespaces(7), sysvipc(7)).

import type { MemoryFileSystem } from '../files/memory.ts';
import type { Namespace } from './namespace.ts';
import type { UserNamespace } from './user.ts';

/** A shared memory segment, semaphore array or message queue. */
export interface IpcObject {
  readonly id: number;
  readonly key: number;
  readonly ownerUid: number;
  readonly ownerGid: number;
  readonly mode: number;
  /** Virtual nanoseconds of creation. */
  readonly created: number;
  /** Bytes of a segment, semaphores of an array; 0 for a queue. */
  readonly size: number;
  readonly creatorPid: number;
}

export type IpcKind = 'sharedMemory' | 'semaphores' | 'messageQueues';

export class IpcNamespace implements Namespace {
  readonly kind = 'ipc';
  readonly inode: number;
  readonly owner: UserNamespace;
  readonly sharedMemory = new Map<number, IpcObject>();
  readonly semaphores = new Map<number, IpcObject>();
  readonly messageQueues = new Map<number, IpcObject>();
  /** What mounting mqueue shows; made with the first mount. */
  messageFiles: MemoryFileSystem | undefined;
  private readonly last = { sharedMemory: -1, semaphores: -1, messageQueues: -1 };
  constructor(inode: number, owner: UserNamespace) {
    this.inode = inode;
    this.owner = owner;
  }
  /** The next identifier of a kind. */
  nextId(kind: IpcKind): number {
    return ++this.last[kind];
  }
}
