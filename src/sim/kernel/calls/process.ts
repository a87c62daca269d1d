// What a program holds of the kernel: its system calls, by family. Each class of the chain is one family and one file:
// files, directories, tasks, identity, namespaces and mounts, network.

import type { Task } from '../task/task.ts';
import { NetworkCalls } from './network.ts';

export class Process extends NetworkCalls {
  // biome-ignore lint/complexity/noUselessConstructor: the type of the parameter is the interface of this class
  constructor(task: Task) {
    super(task);
  }
}
