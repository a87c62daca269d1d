// minikube: the command tree. The cluster's node is a machine that is reached over SSH (the driver `ssh`).

import { program } from '../../userland/libc/stdio.ts';
import { ADDON_COMMANDS } from './addons-command.ts';
import { runMinikube } from './command.ts';
import { CONFIG_COMMANDS } from './config-commands.ts';
import { ENV_COMMANDS } from './env-commands.ts';
import { IMAGE_COMMANDS } from './image-commands.ts';
import { LIFECYCLE_COMMANDS } from './lifecycle-commands.ts';
import { SERVICE_COMMANDS } from './service-commands.ts';
import { START_COMMANDS } from './start-command.ts';
import { STATUS_COMMANDS } from './status-commands.ts';

const COMMANDS = [
  ...START_COMMANDS,
  ...STATUS_COMMANDS,
  ...LIFECYCLE_COMMANDS,
  ...ADDON_COMMANDS,
  ...SERVICE_COMMANDS,
  ...IMAGE_COMMANDS,
  ...ENV_COMMANDS,
  ...CONFIG_COMMANDS,
];

/** Commands that are known and not simulated, by the group of the help text that they stand in. */
const UNKNOWN_GROUPS: ReadonlyMap<string, string> = new Map([
  ['addons', 'addons'],
  ['config', 'config'],
  ['image', 'image'],
  ['node', 'node'],
  ['others', 'cache mount ssh-key ssh-host update-check options completion license help'],
]);

export const minikube = program('minikube', (main) => runMinikube(main, COMMANDS, UNKNOWN_GROUPS));
