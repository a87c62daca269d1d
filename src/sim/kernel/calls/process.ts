// What a program holds of the kernel: its system calls, by family. Each class of the chain is one family and one file:
// files, directories, tasks, identity, namespaces and mounts, network.

import { NetworkCalls } from './network.ts';

export class Process extends NetworkCalls {}
