// Images of database servers: mysql, mariadb, postgres.

import {
  directory,
  executable,
  executables,
  type FileDefinition,
  file,
  type ImageDefinition,
} from '../../containers/images/definition.ts';
import { DEFAULT_PATH, debianAccounts } from './base.ts';
import { redHatLayer } from './centos.ts';
import { mysqlEntrypoint, POSTGRES_ENTRYPOINT } from './database-scripts.ts';
import { debianLayer, USUAL_PLATFORMS } from './distributions.ts';
import { layerStep, settingSteps } from './history.ts';

const MYSQL_MISSING = `Database is uninitialized and password option is not specified
    You need to specify one of the following as an environment variable:
    - MYSQL_ROOT_PASSWORD
    - MYSQL_ALLOW_EMPTY_PASSWORD
    - MYSQL_RANDOM_ROOT_PASSWORD`;

const MARIADB_MISSING = `Database is uninitialized and password option is not specified
	You need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD`;

const MYSQL_ACCOUNTS = [{ name: 'mysql', uid: 999, home: '/var/lib/mysql', shell: '/bin/false' }];

function mysqlFiles(title: string, redHat: boolean): FileDefinition[] {
  const script = mysqlEntrypoint({
    title,
    prefix: 'MYSQL',
    server: 'mysqld',
    client: 'mysql',
    admin: 'mysqladmin',
    socket: '/var/run/mysqld/mysqld.sock',
    missing: MYSQL_MISSING,
  });
  const accounts = redHat
    ? [
        file(
          'etc/passwd',
          'root:x:0:0:root:/root:/bin/bash\nbin:x:1:1:bin:/bin:/sbin/nologin\nnobody:x:65534:65534:Kernel Overflow User:/:/sbin/nologin\nmysql:x:999:999::/var/lib/mysql:/bin/bash\n',
        ),
        file('etc/group', 'root:x:0:\nbin:x:1:\nnobody:x:65534:\nmysql:x:999:\n'),
      ]
    : debianAccounts(MYSQL_ACCOUNTS);
  return [
    ...accounts,
    directory('docker-entrypoint-initdb.d'),
    file(
      'etc/my.cnf',
      '[mysqld]\nskip-host-cache\nskip-name-resolve\ndatadir=/var/lib/mysql\nsocket=/var/run/mysqld/mysqld.sock\nuser=mysql\n\n[client]\nsocket=/var/run/mysqld/mysqld.sock\n',
    ),
    ...executables('usr/bin', ['mysql', 'mysqladmin', 'mysqldump']),
    executable('usr/sbin/mysqld'),
    executable('usr/local/bin/gosu'),
    file('usr/local/bin/docker-entrypoint.sh', script, 0o755),
    directory('var/lib/mysql', 0o1777, 999, 999),
    directory('var/run/mysqld', 0o1777, 999, 999),
  ];
}

function mysql(
  version: string,
  release: string,
  tags: readonly string[],
  created: string,
  size: readonly [number, number],
): ImageDefinition {
  const redHat = Number.parseInt(version, 10) >= 8;
  const full = `${version}-${release}`;
  const config = {
    ExposedPorts: { '3306/tcp': {}, ...(redHat ? { '33060/tcp': {} } : {}) },
    Env: [
      DEFAULT_PATH,
      'GOSU_VERSION=1.19',
      `MYSQL_MAJOR=${version.replace(/\.\d+$/, '')}`,
      `MYSQL_VERSION=${full}`,
    ],
    Entrypoint: ['docker-entrypoint.sh'],
    Cmd: ['mysqld'],
    Volumes: { '/var/lib/mysql': {} },
  };
  return {
    repository: 'docker.io/library/mysql',
    tags,
    created,
    steps: [
      redHat ? redHatLayer : debianLayer,
      layerStep(
        'RUN /bin/sh -c set -eux; groupadd --system --gid 999 mysql; useradd --system --uid 999 mysql',
        size,
        () => mysqlFiles(`MySQL Server ${full}`, redHat),
      ),
      ...settingSteps(config),
    ],
    config,
    otherPlatforms: redHat ? USUAL_PLATFORMS.slice(2, 3) : [],
  };
}

function mariadbFiles(version: string): FileDefinition[] {
  const script = mysqlEntrypoint({
    title: `MariaDB Server ${version}`,
    prefix: 'MARIADB',
    server: 'mariadbd',
    client: 'mariadb',
    admin: 'mariadb-admin',
    socket: '/run/mysqld/mysqld.sock',
    missing: MARIADB_MISSING,
  });
  return [
    ...debianAccounts(MYSQL_ACCOUNTS),
    directory('docker-entrypoint-initdb.d'),
    executable('usr/bin/mariadb', 'mysql'),
    executable('usr/bin/mariadb-admin', 'mysqladmin'),
    executable('usr/bin/mariadb-dump', 'mysqldump'),
    executable('usr/sbin/mariadbd', 'mysqld'),
    executable('usr/local/bin/gosu'),
    file('usr/local/bin/docker-entrypoint.sh', script, 0o755),
    file(
      'usr/local/bin/healthcheck.sh',
      '#!/bin/bash\nexec mariadb-admin ping -s > /dev/null\n',
      0o755,
    ),
    directory('run/mysqld', 0o1777, 999, 999),
    directory('var/lib/mysql', 0o755, 999, 999),
  ];
}

function mariadb(version: string, tags: readonly string[], created: string): ImageDefinition {
  const full = `1:${version}+maria~ubu2404`;
  const config = {
    ExposedPorts: { '3306/tcp': {} },
    Env: [DEFAULT_PATH, 'GOSU_VERSION=1.19', 'LANG=C.UTF-8', `MARIADB_VERSION=${full}`],
    Entrypoint: ['docker-entrypoint.sh'],
    Cmd: ['mariadbd'],
    Volumes: { '/var/lib/mysql': {} },
  };
  return {
    repository: 'docker.io/library/mariadb',
    tags,
    created,
    steps: [
      debianLayer,
      layerStep('RUN /bin/sh -c set -ex; apt-get install -y mariadb-server', [86, 245], () =>
        mariadbFiles(full),
      ),
      ...settingSteps(config),
    ],
    config,
    otherPlatforms: USUAL_PLATFORMS.slice(2),
  };
}

const POSTGRES_HOME = '/var/lib/postgresql';

function postgresFiles(major: string): FileDefinition[] {
  const bin = `usr/lib/postgresql/${major}/bin`;
  return [
    ...debianAccounts([{ name: 'postgres', uid: 999, home: POSTGRES_HOME, shell: '/bin/bash' }]),
    directory('docker-entrypoint-initdb.d'),
    ...executables(bin, ['initdb', 'pg_isready', 'postgres', 'psql', 'createdb', 'dropdb']),
    executable('usr/local/bin/gosu'),
    file('usr/local/bin/docker-entrypoint.sh', POSTGRES_ENTRYPOINT, 0o755),
    directory('var/lib/postgresql', 0o1777, 999, 999),
    directory('var/run/postgresql', 0o3777, 999, 999),
  ];
}

function postgres(
  version: string,
  tags: readonly string[],
  created: string,
  repository = 'docker.io/library/postgres',
): ImageDefinition {
  const major = version.split('.')[0] ?? '';
  const data = Number(major) >= 18 ? `${POSTGRES_HOME}/${major}/docker` : `${POSTGRES_HOME}/data`;
  // The course's image of 2014 asked for no password and declared no volume.
  const early = Number(major) < 10;
  const config = {
    ExposedPorts: { '5432/tcp': {} },
    Env: [
      `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/${major}/bin`,
      ...(early ? ['POSTGRES_HOST_AUTH_METHOD=trust'] : []),
      'GOSU_VERSION=1.19',
      'LANG=en_US.utf8',
      `PG_MAJOR=${major}`,
      `PG_VERSION=${version}-1.pgdg12+1`,
      `PGDATA=${data}`,
      // The training's image is older than the rule that a password be given.
      ...(repository.endsWith('training/postgres') ? ['POSTGRES_HOST_AUTH_METHOD=trust'] : []),
    ],
    Entrypoint: ['docker-entrypoint.sh'],
    Cmd: ['postgres'],
    ...(early ? {} : { Volumes: { [Number(major) >= 18 ? POSTGRES_HOME : data]: {} } }),
    StopSignal: 'SIGINT',
  };
  return {
    repository,
    tags,
    created,
    steps: [
      debianLayer,
      layerStep(
        'RUN /bin/sh -c set -ex; apt-get install -y --no-install-recommends postgresql',
        [118, 330],
        () => postgresFiles(major),
      ),
      ...settingSteps(config),
    ],
    config,
    otherPlatforms: USUAL_PLATFORMS,
  };
}

/** The images of this file. */
export const databaseImages: readonly ImageDefinition[] = [
  mysql(
    '9.5.0',
    '1.el9',
    ['latest', '9', '9.5', '9.5.0', 'innovation'],
    '2025-10-21T22:50:10Z',
    [210, 640],
  ),
  mysql('8.4.7', '1.el9', ['8', '8.4', '8.4.7', 'lts'], '2025-10-21T22:51:32Z', [170, 510]),
  mysql('8.0.44', '1.el9', ['8.0', '8.0.44', '8.0-debian'], '2025-10-21T22:53:44Z', [165, 500]),
  mysql('5.7.44', '1.el7', ['5', '5.7', '5.7.44'], '2023-12-14T00:38:16Z', [110, 430]),
  mysql('5.6.51', '1debian9', ['5.6', '5.6.51'], '2021-12-21T02:57:37Z', [80, 240]),
  mariadb('12.1.2', ['latest', '12', '12.1', '12.1.2'], '2025-11-18T20:14:06Z'),
  mariadb('11.8.5', ['11', '11.8', '11.8.5', 'lts'], '2025-11-18T20:16:41Z'),
  mariadb('10.11.15', ['10', '10.11', '10.11.15'], '2025-11-18T20:19:12Z'),
  postgres('18.1', ['latest', '18', '18.1', 'bookworm'], '2025-11-18T03:24:08Z'),
  postgres('17.7', ['17', '17.7'], '2025-11-18T03:26:11Z'),
  postgres('16.11', ['16', '16.11'], '2025-11-18T03:28:15Z'),
  postgres('15.15', ['15', '15.15'], '2025-11-18T03:30:20Z'),
  postgres('14.20', ['14', '14.20'], '2025-11-18T03:32:26Z'),
  postgres('13.23', ['13', '13.23'], '2025-11-18T03:34:31Z'),
  postgres('9.3.4', ['latest'], '2014-05-19T18:04:13Z', 'docker.io/training/postgres'),
];
