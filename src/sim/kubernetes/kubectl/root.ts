// kubectl's command tree.

import type { Command } from './command.ts';
import { apply } from './commands/apply.ts';
import { create } from './commands/create.ts';
import { remove } from './commands/delete.ts';
import { get } from './commands/get.ts';

export const ROOT: Command = {
  name: 'kubectl',
  short: 'kubectl controls the Kubernetes cluster manager',
  long: 'kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/',
  commands: [get, create, apply, remove],
};
