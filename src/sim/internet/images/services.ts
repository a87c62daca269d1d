// Images of services and languages: redis, the registry, curl, netshoot, hello-app, perl.

import {
  directory,
  executable,
  executables,
  type FileDefinition,
  file,
  type ImageDefinition,
} from '../../containers/images/definition.ts';
import { DEFAULT_PATH, debianAccounts } from './base.ts';
import { debianLayer, USUAL_PLATFORMS } from './distributions.ts';
import { alpineLayer, sharedStep } from './history.ts';

const BUILDKIT = { comment: 'buildkit.dockerfile.v0' };

const alpine = sharedStep(alpineLayer('3.20.9'), '2023-10-02T18:42:10Z');

/** Drops to the user redis where started by root, as the image's entry point does. */
const REDIS_ENTRYPOINT = `#!/bin/sh
set -e
if [ "\${1#-}" != "$1" ] || [ "\${1%.conf}" != "$1" ]; then
  set -- redis-server "$@"
fi
umask 0077
exec "$@"
`;

function redisFiles(): FileDefinition[] {
  return [
    ...debianAccounts([
      { name: 'redis', uid: 999, home: '/nonexistent', shell: '/usr/sbin/nologin' },
    ]),
    directory('data', 0o755, 999, 999),
    ...executables('usr/local/bin', ['redis-server', 'redis-cli', 'redis-benchmark']),
    file('usr/local/bin/docker-entrypoint.sh', REDIS_ENTRYPOINT, 0o755),
  ];
}

function redis(version: string, tags: readonly string[], created: string): ImageDefinition {
  return {
    repository: 'docker.io/library/redis',
    tags,
    created,
    steps: [
      debianLayer,
      {
        createdBy:
          'RUN /bin/sh -c set -eux; groupadd -r -g 999 redis; useradd -r -g redis -u 999 redis # buildkit',
        ...BUILDKIT,
      },
      { createdBy: `ENV REDIS_VERSION=${version}`, ...BUILDKIT },
      {
        createdBy: 'RUN /bin/sh -c set -eux; make -C /usr/src/redis install # buildkit',
        ...BUILDKIT,
        layer: { compressed: 11_900_000, unpacked: 35_000_000, files: redisFiles },
      },
      { createdBy: 'VOLUME [/data]', ...BUILDKIT },
      { createdBy: 'WORKDIR /data', ...BUILDKIT },
      { createdBy: 'ENTRYPOINT ["docker-entrypoint.sh"]', ...BUILDKIT },
      { createdBy: 'EXPOSE map[6379/tcp:{}]', ...BUILDKIT },
      { createdBy: 'CMD ["redis-server" "--protected-mode" "no"]', ...BUILDKIT },
    ],
    config: {
      ExposedPorts: { '6379/tcp': {} },
      Env: [DEFAULT_PATH, `REDIS_VERSION=${version}`],
      Entrypoint: ['docker-entrypoint.sh'],
      Cmd: ['redis-server', '--protected-mode', 'no'],
      Volumes: { '/data': {} },
      WorkingDir: '/data',
    },
    otherPlatforms: USUAL_PLATFORMS,
  };
}

const registry: ImageDefinition = {
  repository: 'docker.io/library/registry',
  tags: ['2', '2.8', '2.8.3', 'latest', '3'],
  created: '2023-10-02T18:42:10Z',
  steps: [
    alpine,
    { createdBy: 'RUN /bin/sh -c apk add --no-cache ca-certificates' },
    {
      createdBy:
        'COPY file:21256ff7df5369f7ad2e19c6d020a644303aded200b11eb3d2ad6a2f0b8ac6ba in /bin/registry ',
      layer: {
        compressed: 6_200_000,
        unpacked: 17_400_000,
        files: () => [
          executable('bin/registry'),
          directory('var/lib/registry'),
          file(
            'entrypoint.sh',
            '#!/bin/sh\nset -e\ncase "$1" in\n*.yaml|*.yml) set -- registry serve "$@" ;;\nserve|garbage-collect|help|-*) set -- registry "$@" ;;\nesac\nexec "$@"\n',
            0o755,
          ),
          file(
            'etc/docker/registry/config.yml',
            'version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: /var/lib/registry\nhttp:\n  addr: :5000\n',
          ),
        ],
      },
    },
    { createdBy: 'VOLUME [/var/lib/registry]' },
    { createdBy: 'EXPOSE 5000' },
    { createdBy: 'ENTRYPOINT ["/entrypoint.sh"]' },
    { createdBy: 'CMD ["/etc/docker/registry/config.yml"]' },
  ],
  config: {
    ExposedPorts: { '5000/tcp': {} },
    Env: [DEFAULT_PATH],
    Entrypoint: ['/entrypoint.sh'],
    Cmd: ['/etc/docker/registry/config.yml'],
    Volumes: { '/var/lib/registry': {} },
  },
  otherPlatforms: USUAL_PLATFORMS,
};

const curl: ImageDefinition = {
  repository: 'docker.io/curlimages/curl',
  tags: ['8.10.1', 'latest', '8.11.0'],
  created: '2024-09-18T06:20:13Z',
  steps: [
    alpine,
    {
      createdBy: 'RUN /bin/sh -c apk add --no-cache curl # buildkit',
      ...BUILDKIT,
      layer: {
        compressed: 5_600_000,
        unpacked: 13_300_000,
        files: () => [
          executable('usr/bin/curl'),
          file(
            'entrypoint.sh',
            '#!/bin/sh\nset -e\nif [ "${1#-}" != "${1}" ] || [ -z "$(command -v "${1}")" ]; then\n  set -- curl "$@"\nfi\nexec "$@"\n',
            0o755,
          ),
          file(
            'etc/passwd',
            'root:x:0:0:root:/root:/bin/sh\ncurl_user:x:100:101:Linux User,,,:/home/curl_user:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n',
          ),
          directory('home/curl_user', 0o755, 100, 101),
        ],
      },
    },
    { createdBy: 'USER curl_user', ...BUILDKIT },
    { createdBy: 'ENTRYPOINT ["/entrypoint.sh"]', ...BUILDKIT },
    { createdBy: 'CMD ["curl"]', ...BUILDKIT },
  ],
  config: {
    User: 'curl_user',
    Env: [DEFAULT_PATH, 'CURL_CA_BUNDLE=/cacert.pem'],
    Entrypoint: ['/entrypoint.sh'],
    Cmd: ['curl'],
    WorkingDir: '/home/curl_user',
  },
  otherPlatforms: USUAL_PLATFORMS,
};

/** What netshoot adds to Alpine that we have. */
const NETSHOOT_PROGRAMS = [
  'bash',
  'bridge',
  'conntrack',
  'curl',
  'dig',
  'ethtool',
  'host',
  'ip',
  'iptables',
  'iptables-save',
  'ip6tables',
  'ipset',
  'jq',
  'nc',
  'nft',
  'nslookup',
  'ping',
  'socat',
  'ss',
  'strace',
  'tcpdump',
  'tracepath',
  'traceroute',
  'telnet',
  'openssl',
  'file',
  'nmap',
  'mtr',
  'iperf3',
  'vim',
  'git',
];

const netshoot: ImageDefinition = {
  repository: 'docker.io/nicolaka/netshoot',
  tags: ['latest', 'v0.13', 'v0.14'],
  created: '2025-06-13T19:05:00Z',
  steps: [
    alpine,
    {
      createdBy:
        'RUN /bin/sh -c apk add --no-cache bash bind-tools curl iproute2 tcpdump # buildkit',
      ...BUILDKIT,
      layer: {
        compressed: 196_000_000,
        unpacked: 540_000_000,
        files: () => executables('usr/local/bin', NETSHOOT_PROGRAMS),
      },
    },
    { createdBy: 'WORKDIR /root', ...BUILDKIT },
    { createdBy: 'CMD ["zsh"]', ...BUILDKIT },
  ],
  config: { Env: [DEFAULT_PATH], Cmd: ['bash'], WorkingDir: '/root' },
  otherPlatforms: [{ architecture: 'arm64', os: 'linux' }],
};

function helloApp(version: string, created: string): ImageDefinition {
  return {
    repository: 'gcr.io/google-samples/hello-app',
    tags: version === '2.0.0' ? ['2.0', 'latest'] : ['1.0'],
    created,
    steps: [
      { createdBy: `ENV VERSION=${version}`, ...BUILDKIT },
      {
        createdBy: 'COPY /hello-app /hello-app # buildkit',
        ...BUILDKIT,
        layer: {
          compressed: 4_700_000,
          unpacked: 11_500_000,
          files: () => [executable('hello-app')],
        },
      },
      { createdBy: 'ENV PORT=8080', ...BUILDKIT },
      { createdBy: 'USER nonroot:nonroot', ...BUILDKIT },
      { createdBy: 'CMD ["/hello-app"]', ...BUILDKIT },
    ],
    config: {
      Env: [DEFAULT_PATH, `VERSION=${version}`, 'PORT=8080'],
      WorkingDir: '/',
      Cmd: ['/hello-app'],
    },
    otherPlatforms: [{ architecture: 'arm64', os: 'linux' }],
  };
}

/** The images of this file. */
function perl(version: string, tags: readonly string[], created: string): ImageDefinition {
  const names = ['perl', `perl${version}`];
  return {
    repository: 'docker.io/library/perl',
    tags: [version, ...tags],
    created,
    steps: [
      debianLayer,
      { createdBy: 'WORKDIR /usr/src/perl', ...BUILDKIT },
      {
        createdBy: `RUN /bin/sh -c true && curl -fL https://www.cpan.org/src/5.0/perl-${version}.tar.gz -o perl.tar.gz && ./Configure -des && make install # buildkit`,
        ...BUILDKIT,
        layer: {
          compressed: 14_800_000,
          unpacked: 57_000_000,
          files: () => names.map((name) => executable(`usr/local/bin/${name}`, 'perl')),
        },
      },
      { createdBy: `CMD ["perl${version}" "-de0"]`, ...BUILDKIT },
    ],
    config: { Env: [DEFAULT_PATH], Cmd: [`perl${version}`, '-de0'], WorkingDir: '/usr/src/app' },
    otherPlatforms: USUAL_PLATFORMS,
  };
}

export const serviceImages: readonly ImageDefinition[] = [
  redis('7.4.7', ['7', '7.4', 'latest', '7-alpine', 'alpine'], '2025-11-03T18:20:00Z'),
  redis('8.0.5', ['8', '8.0'], '2025-11-03T18:22:00Z'),
  registry,
  curl,
  netshoot,
  perl('5.34.3', ['5.34', '5.34.0', '5.34-slim'], '2023-12-19T03:10:00Z'),
  perl(
    '5.42.0',
    ['5.42', '5', 'latest', 'slim', '5-slim', '5.40', '5.38', '5.36'],
    '2026-01-13T02:48:00Z',
  ),
  helloApp('1.0.0', '2022-10-25T20:49:55Z'),
  helloApp('2.0.0', '2022-10-25T20:50:39Z'),
];
