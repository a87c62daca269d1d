// Images that examples of others use: phusion/baseimage, spurin/funbox, and those of Kubernetes' tutorials and tests.

import {
  directory,
  executable,
  executables,
  type FileDefinition,
  file,
  type ImageDefinition,
} from '../../containers/images/definition.ts';
import type { RunConfig } from '../../containers/images/oci.ts';
import { absent, DEFAULT_PATH } from './base.ts';
import { debianLayer, ubuntuFiles, USUAL_PLATFORMS } from './distributions.ts';
import { alpineLayer, BUILDKIT, layerStep, settingSteps } from './history.ts';

const SYSLOG_INIT = `#!/bin/sh
set -em
rm -f /var/run/syslog-ng.pid
exec /usr/sbin/syslog-ng --pidfile /var/run/syslog-ng.pid -F --no-caps
`;

function phusionFiles(): FileDefinition[] {
  return [
    executable('sbin/my_init'),
    executables('usr/bin', ['runsvdir', 'runsv', 'ps', 'curl']),
    executable('usr/sbin/cron'),
    executable('usr/sbin/syslog-ng'),
    directory('etc/container_environment'),
    directory('etc/my_init.d'),
    file('etc/my_init.d/00_regen_ssh_host_keys.sh', '#!/bin/bash\nset -e\nexit 0\n', 0o755),
    file('etc/my_init.d/10_syslog-ng.init', SYSLOG_INIT, 0o755),
    directory('etc/my_init.post_shutdown.d'),
    file('etc/my_init.post_shutdown.d/10_syslog-ng.shutdown', '#!/bin/sh\nexit 0\n', 0o755),
    file('etc/service/cron/run', '#!/bin/sh\nexec /usr/sbin/cron -f\n', 0o755),
    file('etc/service/sshd/run', '#!/bin/sh\nset -e\nexec /usr/sbin/sshd -D\n', 0o755),
    file('etc/service/sshd/down', ''),
    directory('var/spool/cron/crontabs', 0o1730),
  ].flat();
}

const phusionConfig: RunConfig = {
  Env: [
    DEFAULT_PATH,
    'DEBIAN_FRONTEND=teletype',
    'LANG=en_US.UTF-8',
    'LANGUAGE=en_US:en',
    'LC_ALL=en_US.UTF-8',
  ],
  Cmd: ['/sbin/my_init'],
};

const phusion: ImageDefinition = {
  repository: 'docker.io/phusion/baseimage',
  tags: ['noble-1.0.0', 'noble-1.0.1', 'noble-1.0.2', 'jammy-1.0.4'],
  created: '2024-09-02T12:04:32Z',
  steps: [
    {
      createdBy:
        '/bin/sh -c #(nop) ADD file:ee4ba9eef3d0ed9e7b1ff1dc2b2d1b3bdd2ec5ba7b2c3a3e5cbd0b1a in / ',
      layer: { compressed: 29_720_000, unpacked: 78_100_000, files: () => ubuntuFiles('24.04') },
    },
    { createdBy: 'COPY . /bd_build # buildkit', ...BUILDKIT },
    layerStep(
      'RUN /bin/sh -c /bd_build/prepare.sh && /bd_build/system_services.sh',
      [68, 182],
      phusionFiles,
    ),
    ...settingSteps(phusionConfig),
  ],
  config: phusionConfig,
  otherPlatforms: USUAL_PLATFORMS.slice(0, 3),
};

/** Amusements for a terminal; they are there and say that they are not modelled. */
const FUN = ['asciiquarium', 'cmatrix', 'cowsay', 'figlet', 'fortune', 'nyancat', 'sl', 'toilet'];
const funboxConfig: RunConfig = { Env: [DEFAULT_PATH], Cmd: ['bash'] };

const funbox: ImageDefinition = {
  repository: 'docker.io/spurin/funbox',
  tags: ['latest'],
  created: '2024-06-19T09:12:26Z',
  steps: [
    debianLayer,
    layerStep(
      'RUN /bin/sh -c apt-get update && apt-get install -y cmatrix cowsay figlet sl toilet',
      [41, 118],
      () => absent('usr/games', FUN),
    ),
    layerStep('COPY /nyancat /usr/games/nyancat', [0.1, 0.2], () =>
      absent('usr/games', ['nyancat']),
    ),
    { createdBy: 'ENV PATH=/usr/games:$PATH', ...BUILDKIT },
    ...settingSteps(funboxConfig),
  ],
  config: {
    ...funboxConfig,
    Env: ['PATH=/usr/games:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  },
  otherPlatforms: USUAL_PLATFORMS.slice(0, 3),
};

interface Small {
  readonly repository: string;
  readonly tags: readonly string[];
  readonly created: string;
  readonly size: readonly [number, number];
  readonly files: () => FileDefinition[];
  readonly config: RunConfig;
  readonly alpine?: boolean;
}

const SMALL: readonly Small[] = [
  {
    repository: 'registry.k8s.io/e2e-test-images/agnhost',
    tags: ['2.39', '2.40', '2.43', '2.45', '2.47', '2.53', '2.57', '2.59'],
    created: '2025-06-17T08:00:00Z',
    size: [52, 140],
    alpine: true,
    files: () => [
      executable('agnhost'),
      ...executables('usr/bin', ['curl', 'dig', 'host', 'nslookup']),
    ],
    config: {
      Env: [DEFAULT_PATH],
      Entrypoint: ['/agnhost'],
      Cmd: ['pause'],
      ExposedPorts: {
        '80/tcp': {},
        '8080/tcp': {},
        '8081/tcp': {},
        '9376/tcp': {},
        '5000/tcp': {},
      },
    },
  },
  {
    repository: 'registry.k8s.io/e2e-test-images/jessie-dnsutils',
    tags: ['1.3', '1.4', '1.5', '1.7'],
    created: '2021-04-22T13:47:12Z',
    size: [112, 290],
    files: () => executables('usr/bin', ['dig', 'host', 'nslookup']),
    config: { Env: [DEFAULT_PATH], Cmd: ['/bin/sh', '-c', 'sleep 360000'] },
  },
  {
    repository: 'registry.k8s.io/echoserver',
    tags: ['1.10'],
    created: '2018-05-23T00:26:32Z',
    size: [43, 95],
    alpine: true,
    files: () => [
      executable('usr/sbin/nginx', 'echoserver'),
      file('usr/local/bin/run.sh', '#!/bin/sh\nexec nginx -g "daemon off;"\n', 0o755),
    ],
    config: { Env: [DEFAULT_PATH], Cmd: ['/usr/local/bin/run.sh'] },
  },
  {
    repository: 'registry.k8s.io/echoserver',
    tags: ['1.4'],
    created: '2016-03-26T02:42:41Z',
    size: [50, 140],
    files: () => [executable('usr/sbin/nginx', 'echoserver-1.4')],
    config: { Env: [DEFAULT_PATH], Cmd: ['nginx', '-g', 'daemon off;'] },
  },
  {
    repository: 'docker.io/kicbase/echo-server',
    tags: ['1.0', 'latest'],
    created: '2022-06-13T17:08:54Z',
    size: [2.2, 4.9],
    files: () => [executable('bin/echo-server')],
    config: {
      Env: [DEFAULT_PATH, 'PORT=8080'],
      ExposedPorts: { '8080/tcp': {} },
      Entrypoint: ['/bin/echo-server'],
    },
  },
];

function small(image: Small): ImageDefinition {
  const { repository, tags, created, config, size, files } = image;
  const onScratch = repository.endsWith('echo-server');
  const base = image.alpine ? alpineLayer('3.20.9') : debianLayer;
  return {
    repository,
    tags,
    created,
    steps: [
      ...(onScratch ? [] : [base]),
      layerStep(`COPY ${config.Entrypoint?.[0] ?? '.'} /`, size, files),
      ...settingSteps(config),
    ],
    config,
    otherPlatforms: USUAL_PLATFORMS.slice(1, 3),
  };
}

/** The images of this file. */
export const sampleImages: readonly ImageDefinition[] = [phusion, funbox, ...SMALL.map(small)];
