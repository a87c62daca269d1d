// nginx's images: the server on Debian, with the entry point that runs the scripts of /docker-entrypoint.d.

import {
  directory,
  executable,
  type FileDefinition,
  file,
  type ImageDefinition,
  symlink,
} from '../../containers/images/definition.ts';
import { alpineFiles } from './alpine-files.ts';
import { DEFAULT_PATH, debianAccounts } from './base.ts';
import { debianLayer, USUAL_PLATFORMS } from './distributions.ts';

const WELCOME = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`;

const ERROR_PAGE = `<!DOCTYPE html>
<html>
<head>
<title>Error</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>An error occurred.</h1>
<p>Sorry, the page you are looking for is currently unavailable.<br/>
Please try again later.</p>
<p>If you are the system administrator of this resource then you should check
the error log for details.</p>
<p><em>Faithfully yours, nginx.</em></p>
</body>
</html>
`;

const NGINX_CONF = `
user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;


events {
    worker_connections  1024;
}


http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile        on;
    #tcp_nopush     on;

    keepalive_timeout  65;

    #gzip  on;

    include /etc/nginx/conf.d/*.conf;
}
`;

const DEFAULT_CONF = `server {
    listen       80;
    server_name  localhost;

    #access_log  /var/log/nginx/host.access.log  main;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    #error_page  404              /404.html;

    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`;

const MIME_TYPES = `
types {
    text/html                                        html htm shtml;
    text/css                                         css;
    text/xml                                         xml;
    image/gif                                        gif;
    image/jpeg                                       jpeg jpg;
    application/javascript                           js;
    text/plain                                       txt;
    image/png                                        png;
    image/svg+xml                                    svg svgz;
    image/x-icon                                     ico;
    application/json                                 json;
    application/pdf                                  pdf;
    application/zip                                  zip;
    video/mp4                                        mp4;
}
`;

/** Starts what is in /docker-entrypoint.d before nginx, and says so, as nginx's own entry point does. */
const ENTRYPOINT = `#!/bin/sh
set -e
say() { [ -n "$NGINX_ENTRYPOINT_QUIET_LOGS" ] || echo "$0: $*"; }
case "$1" in
nginx|nginx-debug)
  if [ -n "$(ls -A /docker-entrypoint.d/ 2>/dev/null)" ]; then
    say "/docker-entrypoint.d/ is not empty, will attempt to perform configuration"
    say "Looking for shell scripts in /docker-entrypoint.d/"
    for f in /docker-entrypoint.d/*; do
      case "$f" in
      *.envsh)
        if [ -x "$f" ]; then say "Sourcing $f"; . "$f"; else say "Ignoring $f, not executable"; fi ;;
      *.sh)
        if [ -x "$f" ]; then say "Launching $f"; "$f"; else say "Ignoring $f, not executable"; fi ;;
      *) say "Ignoring $f" ;;
      esac
    done
    say "Configuration complete; ready for start up"
  else
    say "No files found in /docker-entrypoint.d/, skipping configuration"
  fi ;;
esac
exec "$@"
`;

const LISTEN_SCRIPT = `#!/bin/sh
me=10-listen-on-ipv6-by-default.sh
conf=etc/nginx/conf.d/default.conf
if [ ! -f "/$conf" ]; then echo "$me: info: /$conf is not a file or does not exist"; exit 0; fi
if [ ! -w "/$conf" ]; then echo "$me: info: can not modify /$conf (read-only file system?)"; exit 0; fi
echo "$me: info: Getting the checksum of /$conf"
if ! cmp -s "/$conf" /usr/share/nginx/default.conf.orig; then
  echo "$me: info: /$conf differs from the packaged version"
  exit 0
fi
[ -e /proc/net/if_inet6 ] || exit 0
sed -i -e 's,listen       80;,listen       80;\\n    listen  [::]:80;,' "/$conf"
echo "$me: info: Enabled listen on IPv6 in /$conf"
`;

const QUIET_SCRIPT = '#!/bin/sh\nexit 0\n';

function nginxFiles(): FileDefinition[] {
  return [
    file('docker-entrypoint.sh', ENTRYPOINT, 0o755),
    directory('docker-entrypoint.d'),
    file('docker-entrypoint.d/10-listen-on-ipv6-by-default.sh', LISTEN_SCRIPT, 0o755),
    file('docker-entrypoint.d/15-local-resolvers.envsh', '#!/bin/sh\n:\n', 0o755),
    file('docker-entrypoint.d/20-envsubst-on-templates.sh', QUIET_SCRIPT, 0o755),
    file('docker-entrypoint.d/30-tune-worker-processes.sh', QUIET_SCRIPT, 0o755),
    directory('etc/nginx'),
    directory('etc/nginx/conf.d'),
    file('etc/nginx/conf.d/default.conf', DEFAULT_CONF),
    file('etc/nginx/mime.types', MIME_TYPES),
    file('etc/nginx/nginx.conf', NGINX_CONF),
    executable('usr/sbin/nginx', 'nginx'),
    file('usr/share/nginx/default.conf.orig', DEFAULT_CONF),
    file('usr/share/nginx/html/50x.html', ERROR_PAGE),
    file('usr/share/nginx/html/index.html', WELCOME),
    directory('var/cache/nginx'),
    directory('var/log/nginx'),
    symlink('var/log/nginx/access.log', '/dev/stdout'),
    symlink('var/log/nginx/error.log', '/dev/stderr'),
  ];
}

function onDebian(): FileDefinition[] {
  const user = { name: 'nginx', uid: 101, home: '/nonexistent' };
  return [
    ...debianAccounts([user]),
    ...nginxFiles(),
    executable('usr/bin/curl'),
    executable('usr/bin/envsubst'),
  ];
}

function onAlpine(): FileDefinition[] {
  return [
    ...nginxFiles(),
    executable('usr/bin/curl'),
    file(
      'etc/passwd',
      'root:x:0:0:root:/root:/bin/sh\nnginx:x:101:101:nginx:/var/cache/nginx:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n',
    ),
  ];
}

function nginx(
  version: string,
  tags: readonly string[],
  created: string,
  alpine = false,
): ImageDefinition {
  const base = alpine
    ? {
        createdBy: 'ADD alpine-minirootfs-3.23.3-x86_64.tar.gz / # buildkit',
        layer: {
          compressed: 3_802_452,
          unpacked: 8_120_000,
          created,
          files: () => alpineFiles('3.23.3'),
        },
      }
    : debianLayer;
  const note = { comment: 'buildkit.dockerfile.v0' };
  return {
    repository: 'docker.io/library/nginx',
    tags,
    created,
    steps: [
      base,
      { createdBy: 'LABEL maintainer=NGINX Docker Maintainers <docker-maint@nginx.com>', ...note },
      { createdBy: `ENV NGINX_VERSION=${version}`, ...note },
      { createdBy: 'ENV PKG_RELEASE=1~bookworm', ...note },
      {
        createdBy:
          'RUN /bin/sh -c set -x     && groupadd --system --gid 101 nginx     && apt-get install nginx # buildkit',
        ...note,
        layer: alpine
          ? { compressed: 16_200_000, unpacked: 44_000_000, created, files: onAlpine }
          : { compressed: 9_960_000, unpacked: 25_200_000, files: onDebian },
      },
      { createdBy: 'ENTRYPOINT ["/docker-entrypoint.sh"]', ...note },
      { createdBy: 'EXPOSE map[80/tcp:{}]', ...note },
      { createdBy: 'STOPSIGNAL SIGQUIT', ...note },
      { createdBy: 'CMD ["nginx" "-g" "daemon off;"]', ...note },
    ],
    config: {
      ExposedPorts: { '80/tcp': {} },
      Env: [DEFAULT_PATH, `NGINX_VERSION=${version}`, 'PKG_RELEASE=1~bookworm'],
      Entrypoint: ['/docker-entrypoint.sh'],
      Cmd: ['nginx', '-g', 'daemon off;'],
      Labels: { maintainer: 'NGINX Docker Maintainers <docker-maint@nginx.com>' },
      StopSignal: 'SIGQUIT',
    },
    otherPlatforms: USUAL_PLATFORMS,
  };
}

/** The images of this file. */
export const nginxImages: readonly ImageDefinition[] = [
  nginx('1.27.5', ['1.27', '1.27.5'], '2025-04-16T18:19:08Z'),
  nginx('1.28.2', ['1.28', '1.28.2', 'stable'], '2026-02-04T23:50:19Z'),
  nginx('1.29.5', ['latest', '1.29', '1.29.5', 'mainline', '1'], '2026-02-04T23:53:03Z'),
  nginx('1.28.2', ['stable-alpine', '1.28-alpine'], '2026-02-04T23:53:40Z', true),
  nginx('1.29.5', ['alpine', '1-alpine', '1.29-alpine'], '2026-02-04T23:53:30Z', true),
  nginx('1.27.5', ['1.27-alpine'], '2025-04-16T18:21:30Z', true),
  nginx('1.26.3', ['1.26', '1.26.3'], '2025-02-05T21:27:16Z'),
  nginx('1.26.3', ['1.26-alpine'], '2025-02-05T21:29:10Z', true),
  nginx('1.25.5', ['1.25', '1.25.5'], '2024-04-16T17:20:00Z'),
  nginx('1.25.5', ['1.25-alpine'], '2024-04-16T17:23:00Z', true),
  nginx('1.24.0', ['1.24', '1.24.0'], '2023-04-11T17:21:00Z'),
  nginx('1.23.4', ['1.23', '1.23.4'], '2023-03-28T18:09:00Z'),
  nginx('1.22.1', ['1.22', '1.22.1'], '2022-10-19T09:32:00Z'),
  nginx('1.21.6', ['1.21', '1.21.6'], '2022-01-25T15:26:00Z'),
  nginx('1.20.2', ['1.20', '1.20.2'], '2021-11-16T18:21:00Z'),
  nginx('1.19.10', ['1.19', '1.19.10'], '2021-04-13T15:43:00Z'),
  nginx('1.18.0', ['1.18', '1.18.0'], '2020-04-21T15:07:00Z'),
  nginx('1.24.0', ['1.24-alpine'], '2023-04-11T17:24:00Z', true),
  nginx('1.23.4', ['1.23-alpine'], '2023-03-28T18:12:00Z', true),
  nginx('1.22.1', ['1.22-alpine'], '2022-10-19T09:35:00Z', true),
  nginx('1.21.6', ['1.21-alpine'], '2022-01-25T15:29:00Z', true),
  nginx('1.20.2', ['1.20-alpine'], '2021-11-16T18:24:00Z', true),
  nginx('1.19.10', ['1.19-alpine'], '2021-04-13T15:46:00Z', true),
  nginx('1.18.0', ['1.18-alpine'], '2020-04-21T15:10:00Z', true),
  nginx('1.14.2', ['1.14-alpine', '1.14.2-alpine'], '2019-03-26T23:20:00Z', true),
  nginx('1.7.9', ['1.7.9'], '2015-01-26T18:00:00Z'),
  nginx('1.9.15', ['1.9', '1.9.1', '1.9.15'], '2016-04-20T18:00:00Z'),
  nginx('1.17.10', ['1.17-alpine', '1.17'], '2020-04-14T14:20:00Z', true),
  nginx('1.16.1', ['1.16-alpine', '1.16'], '2020-04-23T22:10:00Z', true),
  nginx('1.16.0', ['1.16.0'], '2019-05-08T03:01:00Z'),
  nginx('1.15.12', ['1.15-alpine', '1.15'], '2019-05-08T03:00:00Z', true),
  nginx('1.14.2', ['1.14', '1.14.2'], '2019-03-26T23:14:00Z'),
];
