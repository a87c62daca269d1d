// Programs that only images hold.

import type { ProgramFamily } from '../../userland/programs/index.ts';
import { helloApp } from './hello-app.ts';
import { helloWorld } from './hello-world.ts';
import { nginx } from './nginx.ts';
import { pause } from './pause.ts';

export const imagePrograms: ProgramFamily = {
  name: 'programs of images',
  elsewhere: true,
  programs: [helloWorld, pause, helloApp, nginx],
};
