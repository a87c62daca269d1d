// Images of languages: node, python and golang, on Debian (whole and slim) and on Alpine.

import {
  directory,
  executable,
  type FileDefinition,
  file,
  type ImageDefinition,
  symlink,
} from '../../containers/images/definition.ts';
import type { RunConfig } from '../../containers/images/oci.ts';
import { imageNode, NODE_RELEASES } from '../../userland/languages/javascript/releases.ts';
import { imagePython, PYTHON_RELEASES } from '../../userland/languages/python/releases.ts';
import { DEFAULT_PATH, debianAccounts } from './base.ts';
import { debianLayer, USUAL_PLATFORMS } from './distributions.ts';
import { alpineLayer, layerStep, settingSteps, sharedStep } from './history.ts';

/** On what an image of a language stands. */
type Base = 'debian' | 'slim' | 'alpine';

/** buildpack-deps: what compilers and downloads need, in three layers. */
const buildpack = [
  layerStep(
    'RUN /bin/sh -c set -eux;  apt-get update;  apt-get install -y --no-install-recommends   ca-certificates   curl   gnupg   netbase   sq   wget  ;  rm -rf /var/lib/apt/lists/*',
    [24, 67],
    () => ['curl', 'wget', 'openssl'].map((name) => executable(`usr/bin/${name}`)),
  ),
  layerStep(
    'RUN /bin/sh -c apt-get update && apt-get install -y --no-install-recommends   git   mercurial   openssh-client   subversion     procps  && rm -rf /var/lib/apt/lists/*',
    [64.4, 183],
    () =>
      ['git', 'ps', 'top', 'free', 'pgrep', 'pkill'].map((name) => executable(`usr/bin/${name}`)),
  ),
  layerStep(
    'RUN /bin/sh -c set -ex;  apt-get update;  apt-get install -y --no-install-recommends   autoconf   automake   bzip2   default-libmysqlclient-dev   dpkg-dev   file   g++   gcc',
    [211, 588],
    () => [directory('usr/include')],
  ),
];

/** When what the languages' images stand on was made. */
const BASES_MADE = '2026-02-02T12:00:00Z';

const STANDS: Readonly<Record<Base, readonly ReturnType<typeof layerStep>[]>> = {
  debian: [debianLayer, ...buildpack.map((step) => sharedStep(step, BASES_MADE))],
  slim: [debianLayer],
  alpine: [sharedStep(alpineLayer('3.23.3'), BASES_MADE)],
};

/** Tags of a release on a base: `20`, `20.20`, `20.20.0` with what the base adds, and names of channels. */
function tagsOf(
  release: string,
  base: Base,
  channels: readonly string[],
  latest: boolean,
): string[] {
  const [major = '', minor = ''] = release.split('.');
  const numbers = [`${major}.${minor}`, release];
  const names = [...numbers, ...channels];
  const endings: Readonly<Record<Base, readonly string[]>> = {
    debian: ['', '-bookworm'],
    slim: ['-slim', '-bookworm-slim'],
    alpine: ['-alpine', '-alpine3.23'],
  };
  const tags = names.flatMap((name) => endings[base].map((ending) => name + ending));
  const plain = base === 'debian' ? ['latest', 'bookworm'] : [base];
  return latest ? [...tags, ...plain] : tags;
}

const BASES: readonly Base[] = ['debian', 'slim', 'alpine'];

const NODE_ENTRYPOINT = `#!/bin/sh
set -e
# Options, names that are no command, and files that cannot be executed are node's.
case "\${1-}" in
  -* | '') set -- node "$@" ;;
  *)
    if ! command -v "$1" > /dev/null || { [ -f "$1" ] && ! [ -x "$1" ]; }; then
      set -- node "$@"
    fi
    ;;
esac
exec "$@"
`;

function nodeFiles(major: string, base: Base): FileDefinition[] {
  const user = {
    name: 'node',
    uid: 1000,
    home: '/home/node',
    shell: base === 'alpine' ? '/bin/sh' : '/bin/bash',
  };
  return [
    ...(base === 'alpine' ? alpineAccounts(user.name) : debianAccounts([user])),
    directory('home/node', 0o755, 1000, 1000),
    executable('usr/local/bin/node', imageNode(major)),
    symlink('usr/local/bin/nodejs', '/usr/local/bin/node'),
    executable('usr/local/lib/node_modules/npm/bin/npm-cli.js', 'npm'),
    file(
      'usr/local/lib/node_modules/npm/package.json',
      `${JSON.stringify({ name: 'npm', version: NODE_RELEASES[major]?.npm }, undefined, 2)}\n`,
    ),
    symlink('usr/local/bin/npm', '../lib/node_modules/npm/bin/npm-cli.js'),
    executable('usr/local/lib/node_modules/npm/bin/npx-cli.js', 'npx'),
    symlink('usr/local/bin/npx', '../lib/node_modules/npm/bin/npx-cli.js'),
  ];
}

function alpineAccounts(name: string): FileDefinition[] {
  return [
    file(
      'etc/passwd',
      `root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/sbin/nologin\ndaemon:x:2:2:daemon:/sbin:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n${name}:x:1000:1000::/home/${name}:/bin/sh\n`,
    ),
    file(
      'etc/group',
      `root:x:0:root\nbin:x:1:root,bin,daemon\ndaemon:x:2:root,bin,daemon\nnobody:x:65534:\n${name}:x:1000:\n`,
    ),
  ];
}

/** Compressed and unpacked megabytes of what is installed, by base. */
const NODE_SIZES: Readonly<Record<Base, readonly [number, number]>> = {
  debian: [56.8, 193],
  slim: [49.2, 154],
  alpine: [42.6, 151],
};

function node(
  major: string,
  base: Base,
  channels: readonly string[],
  latest: boolean,
  created: string,
): ImageDefinition {
  const release = NODE_RELEASES[major]?.node ?? '';
  const config: RunConfig = {
    Env: [DEFAULT_PATH, `NODE_VERSION=${release}`, 'YARN_VERSION=1.22.22'],
    Entrypoint: ['docker-entrypoint.sh'],
    Cmd: ['node'],
  };
  return {
    repository: 'docker.io/library/node',
    tags: [
      ...tagsOf(release, base, [major, ...channels], latest),
      ...(base === 'debian' ? [`${major}-bullseye`] : []),
    ],
    created,
    steps: [
      ...STANDS[base],
      layerStep(
        `RUN /bin/sh -c ${base === 'alpine' ? 'addgroup -g 1000 node     && adduser -u 1000 -G node -s /bin/sh -D node' : 'groupadd --gid 1000 node   && useradd --uid 1000 --gid node --shell /bin/bash --create-home node'}   && curl -fsSLO --compressed "https://nodejs.org/dist/v$NODE_VERSION/node-v$NODE_VERSION-linux-x64.tar.xz"`,
        NODE_SIZES[base],
        () => nodeFiles(major, base),
      ),
      layerStep(
        'RUN /bin/sh -c set -ex   && curl -fsSLO "https://yarnpkg.com/downloads/$YARN_VERSION/yarn-v$YARN_VERSION.tar.gz"',
        [1.25, 5.6],
        () => [
          executable('opt/yarn-v1.22.22/bin/yarn', 'yarn'),
          symlink('usr/local/bin/yarn', '/opt/yarn-v1.22.22/bin/yarn'),
          symlink('usr/local/bin/yarnpkg', '/opt/yarn-v1.22.22/bin/yarn'),
        ],
      ),
      layerStep('COPY docker-entrypoint.sh /usr/local/bin/', [0, 0.0004], () => [
        file('usr/local/bin/docker-entrypoint.sh', NODE_ENTRYPOINT, 0o755),
      ]),
      ...settingSteps(config),
    ],
    config,
    otherPlatforms: USUAL_PLATFORMS,
  };
}

const PYTHON_SIZES: Readonly<Record<Base, readonly [number, number]>> = {
  debian: [24.5, 68],
  slim: [12.1, 40.9],
  alpine: [12.9, 36.8],
};

function pythonFiles(series: string): FileDefinition[] {
  const library = `usr/local/lib/python${series}`;
  return [
    executable(`usr/local/bin/python${series}`, imagePython(series)),
    symlink('usr/local/bin/python3', `python${series}`),
    symlink('usr/local/bin/python', 'python3'),
    executable(`usr/local/bin/pip${series}`, 'pip'),
    symlink('usr/local/bin/pip3', `pip${series}`),
    symlink('usr/local/bin/pip', `pip${series}`),
    directory(library),
    file(`${library}/os.py`, '# Part of the interpreter here.\n'),
    directory(`${library}/site-packages`),
    file(
      `${library}/site-packages/pip-25.0.1.dist-info/METADATA`,
      'Metadata-Version: 2.1\nName: pip\nVersion: 25.0.1\nSummary: The PyPA recommended tool for installing Python packages.\nHome-page: https://pip.pypa.io/\n',
    ),
  ];
}

function python(series: string, base: Base, latest: boolean, created: string): ImageDefinition {
  const release = PYTHON_RELEASES[series] ?? '';
  const path = `PATH=/usr/local/bin:${DEFAULT_PATH.slice('PATH='.length)}`;
  const config: RunConfig = {
    Env: [path, 'LANG=C.UTF-8', `PYTHON_VERSION=${release}`],
    Cmd: ['python3'],
  };
  return {
    repository: 'docker.io/library/python',
    tags: tagsOf(release, base, latest ? ['3'] : [], latest),
    created,
    steps: [
      ...STANDS[base],
      layerStep(
        'RUN /bin/sh -c set -eux;   apt-get update;  apt-get install -y --no-install-recommends   libbluetooth-dev   tk-dev   uuid-dev  ;  rm -rf /var/lib/apt/lists/*',
        base === 'debian' ? [6.1, 18.5] : [3.5, 9.2],
        () => [directory('usr/share/ca-certificates')],
      ),
      layerStep(
        'RUN /bin/sh -c set -eux;   wget -O python.tar.xz "https://www.python.org/ftp/python/${PYTHON_VERSION%%[a-z]*}/Python-$PYTHON_VERSION.tar.xz"',
        PYTHON_SIZES[base],
        () => pythonFiles(series),
      ),
      ...settingSteps(config),
    ],
    config,
    otherPlatforms: USUAL_PLATFORMS,
  };
}

/** Releases of Go by series. */
const GO_RELEASES: Readonly<Record<string, string>> = {
  '1.21': '1.21.13',
  '1.22': '1.22.12',
  '1.23': '1.23.12',
  '1.24': '1.24.13',
  '1.25': '1.25.7',
};

const GO_SIZES: Readonly<Record<Base, readonly [number, number]>> = {
  debian: [78.4, 251],
  slim: [78.4, 251],
  alpine: [66.7, 213],
};

function golang(series: string, base: Base, latest: boolean, created: string): ImageDefinition {
  const release = GO_RELEASES[series] ?? '';
  const path = `PATH=/go/bin:/usr/local/go/bin:${DEFAULT_PATH.slice('PATH='.length)}`;
  const config: RunConfig = {
    Env: [path, `GOLANG_VERSION=${release}`, 'GOTOOLCHAIN=local', 'GOPATH=/go'],
    WorkingDir: '/go',
    Cmd: [base === 'alpine' ? '/bin/sh' : 'bash'],
  };
  return {
    repository: 'docker.io/library/golang',
    tags: tagsOf(release, base, latest ? ['1'] : [], latest),
    created,
    steps: [
      ...STANDS[base],
      layerStep('COPY /target/ /', GO_SIZES[base], () => [
        directory('go/bin', 0o1777),
        directory('go/src', 0o1777),
        executable('usr/local/go/bin/go', 'go'),
        executable('usr/local/go/bin/gofmt', 'not-simulated'),
        file('usr/local/go/VERSION', `go${release}\ntime 2026-02-04T00:00:00Z\n`),
      ]),
      ...settingSteps(config),
    ],
    config,
    otherPlatforms: USUAL_PLATFORMS,
  };
}

/** The channels of Node's releases, beside their numbers. */
const NODE_CHANNELS: Readonly<Record<string, readonly string[]>> = {
  '18': ['hydrogen'],
  '20': ['iron'],
  '22': ['jod'],
  '24': ['lts', 'krypton'],
  '25': ['current'],
};

/** The images of this file. */
export const languageImages: readonly ImageDefinition[] = [
  ...Object.keys(NODE_RELEASES).flatMap((major) =>
    BASES.map((base) =>
      node(major, base, NODE_CHANNELS[major] ?? [], major === '25', '2026-02-03T02:00:00Z'),
    ),
  ),
  ...Object.keys(PYTHON_RELEASES).flatMap((series) =>
    BASES.map((base) => python(series, base, series === '3.14', '2026-02-04T01:00:00Z')),
  ),
  ...Object.keys(GO_RELEASES).flatMap((series) =>
    (['debian', 'alpine'] as const).map((base) =>
      golang(series, base, series === '1.25', '2026-02-05T03:00:00Z'),
    ),
  ),
];
