// The commands of docker compose by name.

import type { ComposeAction } from './call.ts';
import { config } from './config.ts';

export const composeActions: Readonly<Record<string, ComposeAction>> = {
  config,
};
