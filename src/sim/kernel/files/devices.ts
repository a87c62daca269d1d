// Character devices by number (devices.txt): null, zero, full, random, urandom, tty, console, ptmx, kmsg.

import type { Routine } from '../../core/wait.ts';
import { ENOSPC, ENXIO, type Errno } from '../errno.ts';
import type { Task } from '../task/task.ts';
import { TerminalMaster, TerminalSlave } from '../terminal/terminal.ts';
import type { Location } from './mount.ts';
import { OpenFile } from './open-file.ts';

const EMPTY = new Uint8Array(0);
const PAGE = 65_536;

/** What a device does when read and written. */
interface Behaviour {
  read(task: Task, count: number): Uint8Array;
  write(task: Task, bytes: Uint8Array): number | Errno;
}

const swallow = (_task: Task, bytes: Uint8Array): number => bytes.length;

function noise(task: Task, count: number): Uint8Array {
  const bytes = new Uint8Array(Math.min(count, PAGE));
  const random = task.kernel.entropy;
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.int(256);
  return bytes;
}

/** Readers share it: nobody changes what a read gave. */
const ZEROES = new Uint8Array(PAGE * 2);
const zeroes = (_task: Task, count: number): Uint8Array => ZEROES.subarray(0, count);

/** Memory devices (major 1) by minor number. */
const MEMORY_DEVICES: Readonly<Record<number, Behaviour>> = {
  3: { read: () => EMPTY, write: swallow },
  5: { read: zeroes, write: swallow },
  7: { read: zeroes, write: () => ENOSPC },
  8: { read: noise, write: swallow },
  9: { read: noise, write: swallow },
  11: {
    read: () => EMPTY,
    write: (task, bytes) => {
      task.kernel.print(textOf(bytes));
      return bytes.length;
    },
  },
};

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes).trimEnd();
}

class DeviceFile extends OpenFile {
  private readonly behaviour: Behaviour;
  constructor(behaviour: Behaviour, location: Location, flags: number) {
    super(location, flags);
    this.behaviour = behaviour;
  }
  *read(task: Task, count: number): Routine<Uint8Array | Errno> {
    return this.behaviour.read(task, count);
  }
  *write(task: Task, bytes: Uint8Array): Routine<number | Errno> {
    return this.behaviour.write(task, bytes);
  }
  override seek(offset: number): number {
    return offset;
  }
}

/** Opens a character device node. ENXIO where no driver has that number. */
export function openDevice(task: Task, location: Location, flags: number): OpenFile | Errno {
  const { rdev } = location.inode;
  const major = rdev >> 8;
  const minor = rdev & 255;
  if (major === 1) {
    const behaviour = MEMORY_DEVICES[minor];
    return behaviour ? new DeviceFile(behaviour, location, flags) : ENXIO;
  }
  if (major === 5 && minor === 2) {
    return new TerminalMaster(task.kernel.terminals.create(), flags);
  }
  if (major === 5 && minor === 0) {
    const { terminal } = task.leader.process;
    return terminal ? new TerminalSlave(terminal, location, flags) : ENXIO;
  }
  const terminal = task.kernel.terminals.byDevice(rdev);
  return terminal ? new TerminalSlave(terminal, location, flags) : ENXIO;
}
