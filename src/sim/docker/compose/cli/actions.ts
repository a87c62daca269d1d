// The commands of docker compose by name. Those without an action here (bridge, publish, watch) are not simulated.

import type { ComposeAction } from './call.ts';
import { config } from './config.ts';
import { attach, commit, cp, events, exec, exportContainer, logs, stats } from './containers.ts';
import { build, pull, push } from './images.ts';
import { down, kill, pause, restart, rm, start, stop, unpause, wait } from './lifecycle.ts';
import { images, ls, port, ps, top, version, volumes } from './list.ts';
import { run } from './run.ts';
import { createAction, scale, up } from './up.ts';

export const composeActions: Readonly<Record<string, ComposeAction>> = {
  attach,
  build,
  commit,
  config,
  cp,
  create: createAction,
  down,
  events,
  exec,
  export: exportContainer,
  images,
  kill,
  logs,
  ls,
  pause,
  port,
  ps,
  pull,
  push,
  restart,
  rm,
  run,
  scale,
  start,
  stats,
  stop,
  top,
  unpause,
  up,
  version,
  volumes,
  wait,
};
