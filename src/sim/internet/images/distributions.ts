// Images of plain distributions: busybox, alpine, debian, ubuntu; and hello-world and pause, which hold one program.

import {
  executable,
  executables,
  type ImageDefinition,
} from '../../containers/images/definition.ts';
import type { Platform } from '../../containers/images/oci.ts';
import { alpineFiles } from './alpine-files.ts';
import { DEFAULT_PATH, debianFiles } from './base.ts';
import { busyboxFiles } from './busybox-files.ts';
import { ubuntuPackageFiles } from '../packages/ubuntu.ts';

export const USUAL_PLATFORMS: readonly Platform[] = [
  { architecture: 'arm', os: 'linux', variant: 'v5' },
  { architecture: 'arm', os: 'linux', variant: 'v7' },
  { architecture: 'arm64', os: 'linux', variant: 'v8' },
  { architecture: '386', os: 'linux' },
  { architecture: 'ppc64le', os: 'linux' },
  { architecture: 'riscv64', os: 'linux' },
  { architecture: 's390x', os: 'linux' },
];

/** The layer of debian:12 that images on top of it share. */
export const debianLayer = {
  createdBy: "# debian.sh --arch 'amd64' out/ 'bookworm' '@1769990400'",
  comment: 'debuerreotype 0.17',
  layer: {
    compressed: 28_230_000,
    unpacked: 74_800_000,
    created: '2026-02-02T00:00:00Z',
    files: () => debianFiles(),
  },
};

const busybox: ImageDefinition = {
  repository: 'docker.io/library/busybox',
  tags: ['latest', '1.36', '1.36.1', '1', 'stable', '1.37', '1.37.0', 'musl', 'uclibc', 'glibc'],
  created: '2024-05-18T19:25:54Z',
  steps: [
    {
      createdBy:
        '/bin/sh -c #(nop) ADD file:8da2a8a745e309d91d4122e8308c82a2029c2a787006f2497ea0a4ddcbce5fc6 in / ',
      layer: { compressed: 1_090_000, unpacked: 2_043_904, files: busyboxFiles },
    },
    { createdBy: '/bin/sh -c #(nop)  CMD ["sh"]' },
  ],
  config: { Env: [DEFAULT_PATH], Cmd: ['sh'] },
  otherPlatforms: USUAL_PLATFORMS,
};

function alpine(version: string, tags: readonly string[], created: string): ImageDefinition {
  return {
    repository: 'docker.io/library/alpine',
    tags,
    created,
    steps: [
      {
        createdBy: `ADD alpine-minirootfs-${version}-x86_64.tar.gz / # buildkit`,
        comment: 'buildkit.dockerfile.v0',
        layer: { compressed: 3_802_452, unpacked: 8_120_000, files: () => alpineFiles(version) },
      },
      { createdBy: 'CMD ["/bin/sh"]', comment: 'buildkit.dockerfile.v0' },
    ],
    config: { Env: [DEFAULT_PATH], WorkingDir: '/', Cmd: ['/bin/sh'] },
    otherPlatforms: USUAL_PLATFORMS,
  };
}

const debian: ImageDefinition = {
  repository: 'docker.io/library/debian',
  tags: ['12', 'bookworm', '12-slim', 'bookworm-slim', '12.12', 'latest', 'stable', 'stable-slim'],
  created: '2026-02-02T00:00:00Z',
  steps: [debianLayer],
  config: { Env: [DEFAULT_PATH], Cmd: ['bash'] },
  otherPlatforms: USUAL_PLATFORMS,
};

function ubuntu(version: string, tags: readonly string[]): ImageDefinition {
  return {
    repository: 'docker.io/library/ubuntu',
    tags,
    created: '2026-01-27T05:00:00Z',
    steps: [
      { createdBy: '/bin/sh -c #(nop)  ARG RELEASE' },
      { createdBy: '/bin/sh -c #(nop)  ARG LAUNCHPAD_BUILD_ARCH' },
      { createdBy: `/bin/sh -c #(nop)  LABEL org.opencontainers.image.version=${version}` },
      {
        createdBy:
          '/bin/sh -c #(nop) ADD file:6089c6bede9eca8ec4a9a6b5b2b7c5e3a4b3d1a5f60f0bd1d2b7a1e4c7f59a0d in / ',
        layer: { compressed: 29_720_000, unpacked: 78_100_000, files: () => ubuntuFiles(version) },
      },
      { createdBy: '/bin/sh -c #(nop)  CMD ["/bin/bash"]' },
    ],
    config: {
      Env: [DEFAULT_PATH],
      Cmd: ['/bin/bash'],
      Labels: { 'org.opencontainers.image.version': version },
    },
    otherPlatforms: USUAL_PLATFORMS,
  };
}

/** Ubuntu's image has procps in it, Debian's has not. */
const PROCPS = ['free', 'pgrep', 'pidof', 'pkill', 'ps', 'top', 'uptime', 'vmstat', 'w', 'watch'];

const UBUNTU_NAMES: Readonly<Record<string, string>> = {
  '24.04': 'Noble Numbat',
  '22.04': 'Jammy Jellyfish',
  '20.04': 'Focal Fossa',
  '18.04': 'Bionic Beaver',
};
/** What /etc/debian_version says. */
const UBUNTU_DEBIAN: Readonly<Record<string, string>> = {
  '24.04': 'trixie/sid',
  '22.04': 'bookworm/sid',
  '20.04': 'bullseye/sid',
  '18.04': 'buster/sid',
};

/** The root file system of Ubuntu, as a list of files. */
export function ubuntuFiles(version: string): ReturnType<typeof debianFiles> {
  const name = UBUNTU_NAMES[version] ?? '';
  const code = name.split(' ')[0]?.toLowerCase() ?? '';
  const release = [
    `PRETTY_NAME="Ubuntu ${version} LTS"`,
    'NAME="Ubuntu"',
    `VERSION_ID="${version}"`,
    `VERSION="${version} LTS (${name})"`,
    `VERSION_CODENAME=${code}`,
    'ID=ubuntu',
    'ID_LIKE=debian',
  ]
    .map((line) => `${line}\n`)
    .join('');
  const packaging = ubuntuPackageFiles(code);
  const own = new Set(packaging.map((entry) => entry.path));
  const files = debianFiles(UBUNTU_DEBIAN[version])
    .filter(
      ({ path }) =>
        !own.has(path) && !path.endsWith('/debian.sources') && path !== 'usr/share/zoneinfo',
    )
    .map((entry) =>
      entry.path === 'etc/os-release' ? { ...entry, content: textBytes(release) } : entry,
    );
  return [
    ...files,
    ...packaging,
    ...executables('usr/bin', PROCPS),
    executable('usr/sbin/sysctl', 'sysctl'),
  ];
}

function textBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function helloWorldOf(program: string): ImageDefinition {
  return {
    repository: 'docker.io/library/hello-world',
    tags: ['latest', 'linux', 'nanoserver'],
    created: '2025-08-08T19:05:17Z',
    steps: [
      {
        createdBy: 'COPY hello / # buildkit',
        comment: 'buildkit.dockerfile.v0',
        layer: {
          compressed: 290_000,
          unpacked: 679_936,
          files: () => [executable('hello', program)],
        },
      },
      { createdBy: 'CMD ["/hello"]', comment: 'buildkit.dockerfile.v0' },
    ],
    config: { Env: [DEFAULT_PATH], WorkingDir: '/', Cmd: ['/hello'] },
    otherPlatforms: USUAL_PLATFORMS,
  };
}

/** The hub's. */
const helloWorld = helloWorldOf('hello');

/** One that says no more than hello, as somebody without a way to the hub builds it. */
export const localHelloWorld = helloWorldOf('hello-local');

const pause: ImageDefinition = {
  repository: 'registry.k8s.io/pause',
  tags: ['3.10.2', '3.10.1', '3.10', '3.9', '3.8', 'latest'],
  created: '2025-11-06T17:12:05Z',
  steps: [
    { createdBy: 'ARG ARCH', comment: 'buildkit.dockerfile.v0' },
    {
      createdBy: 'ADD bin/pause-linux-amd64 /pause # buildkit',
      comment: 'buildkit.dockerfile.v0',
      layer: {
        compressed: 322_000,
        unpacked: 741_376,
        files: () => [executable('pause', 'pause')],
      },
    },
    { createdBy: 'USER 65535:65535', comment: 'buildkit.dockerfile.v0' },
    { createdBy: 'ENTRYPOINT ["/pause"]', comment: 'buildkit.dockerfile.v0' },
  ],
  config: { User: '65535:65535', Env: [DEFAULT_PATH], Entrypoint: ['/pause'], WorkingDir: '/' },
  otherPlatforms: USUAL_PLATFORMS,
};

/** The images of this file. */
export const distributionImages: readonly ImageDefinition[] = [
  busybox,
  alpine('3.23.3', ['latest', '3.23', '3.23.3', '3'], '2026-01-28T00:10:00Z'),
  alpine('3.20.9', ['3.20', '3.20.9'], '2026-01-28T00:05:00Z'),
  alpine('3.18.12', ['3.18'], '2025-02-14T03:03:05Z'),
  debian,
  ubuntu('24.04', ['latest', '24.04', 'noble']),
  ubuntu('22.04', ['22.04', 'jammy']),
  ubuntu('20.04', ['20.04', 'focal']),
  ubuntu('18.04', ['18.04', 'bionic']),
  helloWorld,
  pause,
];
