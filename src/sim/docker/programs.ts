// The programs of this floor.

import { MILLISECOND } from '../core/time.ts';
import type { ProgramFamily } from '../userland/programs/index.ts';
import { dockerCommand } from './cli/docker.ts';
import { dockerCompose } from './compose/cli/app.ts';
import { criDockerd } from './cri-dockerd/program.ts';
import { dockerInit } from './daemon/docker-init.ts';
import { dockerProxy } from './daemon/docker-proxy.ts';
import { dockerd } from './daemon/dockerd.ts';

export const dockerPrograms: ProgramFamily = {
  name: 'docker',
  startup: 25 * MILLISECOND,
  programs: [dockerCommand, dockerCompose, dockerd, dockerProxy, dockerInit, criDockerd],
};
