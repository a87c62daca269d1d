// Programs that only images hold.

import type { ProgramFamily } from '../../userland/programs/index.ts';
import { agnhost } from './agnhost.ts';
import { debianMirror } from '../packages/debian-mirror.ts';
import { npmRegistry } from '../packages/npm-registry.ts';
import { pythonIndex } from '../packages/pypi.ts';
import { apk } from './apk.ts';
import { buildkitd } from './buildkitd.ts';
import { consul } from './consul.ts';
import { echoServers } from './echoserver.ts';
import { go } from './go.ts';
import { gosu } from './gosu.ts';
import { helloApp } from './hello-app.ts';
import { helloWorld, localHelloWorld } from './hello-world.ts';
import { apacheHttpd } from './httpd.ts';
import { memcached } from './memcached.ts';
import { cron, myInit, runsv, runsvdir, syslogNg } from './my-init.ts';
import { mysql } from './mysql.ts';
import { mysqladmin, mysqldump } from './mysqladmin.ts';
import { mysqld } from './mysqld.ts';
import { nginx } from './nginx.ts';
import { npm, npx } from './npm/npm.ts';
import { yarn } from './npm/yarn.ts';
import { pause } from './pause.ts';
import { pip } from './pip.ts';
import { perl } from './perl/program.ts';
import { dashboard, metricsSidecar } from './dashboard.ts';
import { createdb, dropdb, pgIsready } from './pg-isready.ts';
import { initdb, postgres } from './postgres.ts';
import { psql } from './psql.ts';
import { redisCli } from './redis-cli.ts';
import { redisServer } from './redis-server.ts';
import { registry } from './registry.ts';
import { whoamiServer } from './whoami.ts';
import { wordpress } from './wordpress.ts';

export const imagePrograms: ProgramFamily = {
  name: 'programs of images',
  elsewhere: true,
  programs: [
    debianMirror,
    npmRegistry,
    pythonIndex,
    npm,
    npx,
    yarn,
    pip,
    go,
    buildkitd,
    apk,
    helloWorld,
    localHelloWorld,
    pause,
    perl,
    helloApp,
    nginx,
    redisServer,
    redisCli,
    registry,
    apacheHttpd,
    whoamiServer,
    memcached,
    consul,
    agnhost,
    ...echoServers,
    myInit,
    runsvdir,
    runsv,
    cron,
    syslogNg,
    gosu,
    mysqld,
    mysql,
    mysqladmin,
    mysqldump,
    wordpress,
    postgres,
    initdb,
    psql,
    pgIsready,
    createdb,
    dropdb,
    dashboard,
    metricsSidecar,
  ],
};
