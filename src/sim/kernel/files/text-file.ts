// Files whose contents are made when they are read (seq_file, kernfs): proc, sysfs and cgroup use them. What is
// read stays the same from the first byte to the last; a read from the start again makes it anew.

import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { EINVAL, type Errno, isErrno } from '../errno.ts';
import type { Task } from '../task/task.ts';
import type { Location } from './mount.ts';
import { OpenFile } from './open-file.ts';

/** What such a file says, and what writing it does. Without `read` or `write` the call fails with EINVAL. */
export interface TextBehaviour {
  read?(task: Task): string | Uint8Array | Errno;
  /** The text of one write(2) call; `offset`: what was written through this open file before. */
  write?(text: string, task: Task, offset: number): Errno | undefined;
}

export class TextFile extends OpenFile {
  private readonly behaviour: TextBehaviour;
  private offset = 0;
  private written = 0;
  private held: Uint8Array | undefined;

  constructor(behaviour: TextBehaviour, location: Location, flags: number) {
    super(location, flags);
    this.behaviour = behaviour;
  }

  *read(task: Task, count: number): Routine<Uint8Array | Errno> {
    if (this.offset === 0 || !this.held) {
      const text = this.behaviour.read ? this.behaviour.read(task) : EINVAL;
      if (isErrno(text)) return text;
      this.held = typeof text === 'string' ? encode(text) : text;
    }
    const bytes = this.held.subarray(this.offset, this.offset + count);
    this.offset += bytes.length;
    return bytes;
  }

  *write(task: Task, bytes: Uint8Array): Routine<number | Errno> {
    if (!this.behaviour.write) return EINVAL;
    const failure = this.behaviour.write(decode(bytes), task, this.written);
    if (failure) return failure;
    this.written += bytes.length;
    return bytes.length;
  }

  override seek(offset: number, whence: 0 | 1 | 2): number | Errno {
    if (whence === 2) return EINVAL;
    const to = whence === 1 ? this.offset + offset : offset;
    if (to < 0) return EINVAL;
    this.offset = to;
    return to;
  }
}
