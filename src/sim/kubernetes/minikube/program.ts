// minikube: the command tree. The cluster's node is a machine that is reached over SSH (the driver `ssh`).

import { program } from '../../userland/libc/stdio.ts';
import { ADDON_COMMANDS } from './addons-command.ts';
import { runMinikube } from './command.ts';
import { CONFIG_COMMANDS } from './config-commands.ts';
import { ENV_COMMANDS } from './env-commands.ts';
import { IMAGE_COMMANDS } from './image-commands.ts';
import { REFUSING_COMMANDS } from './refusing-commands.ts';
import { CP_COMMANDS } from './cp-command.ts';
import { NODE_COMMANDS } from './node-commands.ts';
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
  ...NODE_COMMANDS,
  ...CP_COMMANDS,
  ...REFUSING_COMMANDS,
];

export const minikube = program('minikube', (main) => runMinikube(main, COMMANDS));
