// Programs that only images hold.

import type { ProgramFamily } from '../../userland/programs/index.ts';
import { apk } from './apk.ts';
import { helloApp } from './hello-app.ts';
import { helloWorld } from './hello-world.ts';
import { nginx } from './nginx.ts';
import { pause } from './pause.ts';
import { redisCli } from './redis-cli.ts';
import { redisServer } from './redis-server.ts';
import { registry } from './registry.ts';

export const imagePrograms: ProgramFamily = {
  name: 'programs of images',
  elsewhere: true,
  programs: [apk, helloWorld, pause, helloApp, nginx, redisServer, redisCli, registry],
};
