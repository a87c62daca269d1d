// Images of small servers: Apache httpd, whoami, memcached, consul, and the page of Docker's getting-started.

import {
  directory,
  executable,
  type FileDefinition,
  file,
  type ImageDefinition,
} from '../../containers/images/definition.ts';
import { DEFAULT_PATH, debianAccounts } from './base.ts';
import { debianLayer, USUAL_PLATFORMS } from './distributions.ts';
import { alpineLayer, layerStep, settingSteps } from './history.ts';
import { nginxImages } from './nginx.ts';

const HTTPD_CONF = `# The main configuration of the Apache HTTP Server, as far as the server here reads it.
ServerRoot "/usr/local/apache2"
Listen 80
User www-data
Group www-data
ServerAdmin you@example.com
#ServerName www.example.com:80
DocumentRoot "/usr/local/apache2/htdocs"
<Directory "/usr/local/apache2/htdocs">
    Options Indexes FollowSymLinks
    AllowOverride None
    Require all granted
</Directory>
DirectoryIndex index.html
ErrorLog /proc/self/fd/2
LogLevel warn
CustomLog /proc/self/fd/1 common
`;

function httpdFiles(): FileDefinition[] {
  return [
    file(
      'usr/local/bin/httpd-foreground',
      '#!/bin/sh\nset -e\n\nrm -f /usr/local/apache2/logs/httpd.pid\n\nexec httpd -DFOREGROUND "$@"\n',
      0o755,
    ),
    executable('usr/local/apache2/bin/httpd', 'apache-httpd'),
    executable('usr/local/apache2/bin/apachectl', 'apache-httpd'),
    directory('usr/local/apache2/cgi-bin'),
    file('usr/local/apache2/conf/httpd.conf', HTTPD_CONF),
    file(
      'usr/local/apache2/htdocs/index.html',
      '<html><body><h1>It works!</h1></body></html>\n',
      0o644,
      501,
      20,
    ),
    directory('usr/local/apache2/logs'),
    directory('usr/local/apache2/modules'),
  ];
}

function httpd(version: string, tags: readonly string[], created: string): ImageDefinition {
  const config = {
    ExposedPorts: { '80/tcp': {} },
    Env: [
      'PATH=/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'HTTPD_PREFIX=/usr/local/apache2',
      `HTTPD_VERSION=${version}`,
    ],
    Cmd: ['httpd-foreground'],
    WorkingDir: '/usr/local/apache2',
    StopSignal: 'SIGWINCH',
  };
  return {
    repository: 'docker.io/library/httpd',
    tags,
    created,
    steps: [
      debianLayer,
      layerStep(
        'RUN /bin/sh -c set -eux; apt-get install -y --no-install-recommends libaprutil1',
        [4.2, 11],
        () => [directory('var/lib/apt')],
      ),
      layerStep(
        'RUN /bin/sh -c set -eux; ./configure --enable-mods-shared=reallyall; make install',
        [26, 64],
        httpdFiles,
      ),
      ...settingSteps(config),
    ],
    config,
    otherPlatforms: USUAL_PLATFORMS,
  };
}

const whoamiConfig = {
  ExposedPorts: { '80/tcp': {} },
  Env: [DEFAULT_PATH],
  Entrypoint: ['/whoami'],
};

const whoami: ImageDefinition = {
  repository: 'docker.io/traefik/whoami',
  tags: ['latest', 'v1.10', 'v1.10.4', 'v1.11', 'v1.11.0'],
  created: '2025-04-14T09:18:49Z',
  steps: [
    layerStep('COPY /usr/share/zoneinfo /usr/share/zoneinfo', [0.4, 1.8], () => [
      directory('usr/share/zoneinfo'),
    ]),
    layerStep('COPY /go/whoami/whoami .', [2.6, 6.9], () => [
      executable('whoami', 'traefik-whoami'),
    ]),
    ...settingSteps(whoamiConfig),
  ],
  config: whoamiConfig,
  otherPlatforms: USUAL_PLATFORMS,
};

function memcached(tags: readonly string[], alpine: boolean): ImageDefinition {
  const config = {
    ExposedPorts: { '11211/tcp': {} },
    Env: [DEFAULT_PATH, 'MEMCACHED_VERSION=1.6.40'],
    Entrypoint: ['docker-entrypoint.sh'],
    Cmd: ['memcached'],
    User: 'memcache',
  };
  const entrypoint = file(
    'usr/local/bin/docker-entrypoint.sh',
    '#!/bin/sh\nset -e\n\nif [ "${1#-}" != "$1" ]; then\n\tset -- memcached "$@"\nfi\n\nexec "$@"\n',
    0o755,
  );
  const files = (): FileDefinition[] => [
    ...(alpine
      ? [
          file(
            'etc/passwd',
            'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\nmemcache:x:11211:11211:Linux User,,,:/home/memcache:/sbin/nologin\n',
          ),
          file('etc/group', 'root:x:0:root\nnobody:x:65534:\nmemcache:x:11211:\n'),
        ]
      : debianAccounts([{ name: 'memcache', uid: 999, home: '/home/memcache' }])),
    executable('usr/local/bin/memcached'),
    entrypoint,
  ];
  return {
    repository: 'docker.io/library/memcached',
    tags,
    created: '2026-01-13T01:12:34Z',
    steps: [
      alpine ? alpineLayer('3.23.3') : debianLayer,
      layerStep('RUN /bin/sh -c set -x; ./configure; make install', [1.2, 3.4], files),
      ...settingSteps(config),
    ],
    config,
    otherPlatforms: USUAL_PLATFORMS,
  };
}

function consul(
  repository: string,
  version: string,
  tags: readonly string[],
  created: string,
): ImageDefinition {
  const ports = [
    '8300/tcp',
    '8301/tcp',
    '8301/udp',
    '8302/tcp',
    '8302/udp',
    '8500/tcp',
    '8600/tcp',
    '8600/udp',
  ];
  const config = {
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    Env: [DEFAULT_PATH, `VERSION=${version}`],
    Entrypoint: ['docker-entrypoint.sh'],
    Cmd: ['agent', '-dev', '-client', '0.0.0.0'],
    Volumes: { '/consul/data': {} },
  };
  const entrypoint = `#!/bin/sh
set -e
if [ "\${1#-}" != "$1" ]; then set -- consul "$@"; fi
case "$1" in
agent) shift; set -- consul agent -data-dir=/consul/data -config-dir=/consul/config "$@" ;;
version|members|kv|info|leave|catalog) set -- consul "$@" ;;
esac
exec "$@"
`;
  return {
    repository,
    tags,
    created,
    steps: [
      alpineLayer('3.20.9'),
      layerStep(
        'RUN /bin/sh -c addgroup $BIN_NAME && adduser -S -G $BIN_NAME $BIN_NAME',
        [60, 165],
        () => [
          executable('bin/consul'),
          file('usr/local/bin/docker-entrypoint.sh', entrypoint, 0o755),
          directory('consul/config', 0o755, 100, 1000),
          directory('consul/data', 0o755, 100, 1000),
        ],
      ),
      ...settingSteps(config),
    ],
    config,
    otherPlatforms: USUAL_PLATFORMS,
  };
}

const TUTORIAL = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Getting Started</title></head>
<body>
<h1>Getting Started</h1>
<p>This page is served by nginx from inside a container of the image docker/getting-started.</p>
</body>
</html>
`;

/** Docker's tutorial: nginx with other pages. */
function gettingStarted(): ImageDefinition[] {
  const nginx = nginxImages.find(({ tags }) => tags.includes('alpine'));
  if (!nginx) return [];
  const [base, ...rest] = nginx.steps;
  const pages = layerStep('COPY /app/site /usr/share/nginx/html', [3.9, 9.8], () => [
    file('usr/share/nginx/html/index.html', TUTORIAL),
    file('usr/share/nginx/html/tutorial/index.html', TUTORIAL),
  ]);
  return [
    {
      ...nginx,
      repository: 'docker.io/docker/getting-started',
      tags: ['latest', 'pwd'],
      created: '2022-12-22T18:10:01Z',
      steps: base ? [base, ...rest, pages] : [pages],
    },
  ];
}

/** The images of this file. */
export const webImages: readonly ImageDefinition[] = [
  httpd(
    '2.4.66',
    ['latest', '2', '2.4', '2.4.66', 'bookworm', 'alpine', '2.4-alpine'],
    '2026-01-13T01:08:30Z',
  ),
  whoami,
  memcached(['latest', '1', '1.6', '1.6.40'], false),
  memcached(['alpine', '1-alpine', '1.6-alpine'], true),
  consul(
    'docker.io/hashicorp/consul',
    '1.22.3',
    ['latest', '1.22', '1.22.3'],
    '2026-01-23T17:00:00Z',
  ),
  consul('docker.io/library/consul', '1.15.4', ['1.15', '1.15.4'], '2023-07-10T22:00:00Z'),
  ...gettingStarted(),
];
