// CentOS: the root file system of Red Hat's family as an image holds it, and the images of its versions.

import {
  directory,
  executables,
  type FileDefinition,
  file,
  type ImageDefinition,
  symlink,
} from '../../containers/images/definition.ts';
import { absent, DEBIAN_BIN, DEBIAN_SBIN, DEFAULT_PATH, lines } from './base.ts';
import { USUAL_PLATFORMS } from './distributions.ts';

const PASSWD = [
  'root:x:0:0:root:/root:/bin/bash',
  'bin:x:1:1:bin:/bin:/sbin/nologin',
  'daemon:x:2:2:daemon:/sbin:/sbin/nologin',
  'adm:x:3:4:adm:/var/adm:/sbin/nologin',
  'lp:x:4:7:lp:/var/spool/lpd:/sbin/nologin',
  'sync:x:5:0:sync:/sbin:/bin/sync',
  'shutdown:x:6:0:shutdown:/sbin:/sbin/shutdown',
  'halt:x:7:0:halt:/sbin:/sbin/halt',
  'mail:x:8:12:mail:/var/spool/mail:/sbin/nologin',
  'operator:x:11:0:operator:/root:/sbin/nologin',
  'games:x:12:100:games:/usr/games:/sbin/nologin',
  'ftp:x:14:50:FTP User:/var/ftp:/sbin/nologin',
  'nobody:x:65534:65534:Kernel Overflow User:/:/sbin/nologin',
  'dbus:x:81:81:System message bus:/:/sbin/nologin',
];
const GROUP = [
  'root:x:0:',
  'bin:x:1:',
  'daemon:x:2:',
  'sys:x:3:',
  'adm:x:4:',
  'tty:x:5:',
  'disk:x:6:',
  'lp:x:7:',
  'mem:x:8:',
  'kmem:x:9:',
  'wheel:x:10:',
  'cdrom:x:11:',
  'mail:x:12:',
  'man:x:15:',
  'games:x:20:',
  'ftp:x:50:',
  'users:x:100:',
  'nobody:x:65534:',
  'dbus:x:81:',
];

interface Release {
  readonly version: string;
  /** /etc/redhat-release. */
  readonly text: string;
  readonly pretty: string;
  /** Compressed and unpacked bytes. */
  readonly size: readonly [number, number];
  readonly created: string;
}

function osRelease(release: Release): string {
  if (release.pretty.startsWith('Oracle')) {
    const name = 'NAME="Oracle Linux Server"\nVERSION="9.6"\nID="ol"\nID_LIKE="fedora"\n';
    return `${name}VERSION_ID="9.6"\nPLATFORM_ID="platform:el9"\nPRETTY_NAME="${release.pretty}"\n`;
  }
  const stream = release.pretty.includes('Stream');
  return lines([
    `NAME="CentOS ${stream ? 'Stream' : 'Linux'}"`,
    `VERSION="${release.version}${release.version === '7' ? ' (Core)' : ''}"`,
    'ID="centos"',
    'ID_LIKE="rhel fedora"',
    `VERSION_ID="${release.version}"`,
    ...(release.version === '7' ? [] : [`PLATFORM_ID="platform:el${release.version}"`]),
    `PRETTY_NAME="${release.pretty}"`,
    'ANSI_COLOR="0;31"',
    `CPE_NAME="cpe:/o:centos:centos:${release.version}"`,
    'HOME_URL="https://centos.org/"',
    'BUG_REPORT_URL="https://bugs.centos.org/"',
  ]);
}

/** Programs that Debian has and Red Hat's images have not. */
const FOREIGN = ['dash', 'mawk'];

function centosFiles(release: Release): FileDefinition[] {
  const repository = `[baseos]\nname=CentOS ${release.version} - BaseOS\ngpgcheck=1\nenabled=1\n`;
  return [
    symlink('bin', 'usr/bin'),
    directory('dev'),
    file('etc/centos-release', `${release.text}\n`),
    symlink('etc/redhat-release', 'centos-release'),
    symlink('etc/system-release', 'centos-release'),
    file('etc/os-release', osRelease(release)),
    file('etc/passwd', lines(PASSWD)),
    file('etc/group', lines(GROUP)),
    file('etc/shadow', lines(PASSWD.map((l) => `${l.split(':')[0]}:*:18358:0:99999:7:::`)), 0),
    file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n'),
    file('etc/shells', '/bin/sh\n/bin/bash\n/usr/bin/sh\n/usr/bin/bash\n'),
    directory('etc/yum.repos.d'),
    file('etc/yum.repos.d/centos.repo', repository),
    directory('home'),
    symlink('lib', 'usr/lib'),
    symlink('lib64', 'usr/lib64'),
    directory('media'),
    directory('mnt'),
    directory('opt'),
    directory('proc'),
    directory('root', 0o550),
    file('root/.bashrc', "# .bashrc\nalias rm='rm -i'\nalias cp='cp -i'\nalias mv='mv -i'\n"),
    directory('run'),
    symlink('sbin', 'usr/sbin'),
    directory('srv'),
    directory('sys'),
    directory('tmp', 0o1777),
    directory('usr/lib'),
    directory('usr/lib64'),
    directory('usr/local/bin'),
    directory('usr/share'),
    ...executables(
      'usr/bin',
      [...DEBIAN_BIN, 'curl', 'free', 'ps', 'top'].filter((name) => !FOREIGN.includes(name)),
    ),
    ...absent('usr/bin', ['dnf', 'rpm', 'vi', 'yum']),
    symlink('usr/bin/sh', 'bash'),
    ...executables('usr/sbin', DEBIAN_SBIN),
    directory('var/lib/rpm'),
    directory('var/log'),
    directory('var/tmp', 0o1777),
  ];
}

function centos(release: Release, repository: string, tags: readonly string[]): ImageDefinition {
  const labels = {
    'org.label-schema.name': 'CentOS Base Image',
    'org.label-schema.schema-version': '1.0',
    'org.label-schema.vendor': 'CentOS',
  };
  const [compressed, unpacked] = release.size;
  return {
    repository,
    tags,
    created: release.created,
    steps: [
      {
        createdBy:
          '/bin/sh -c #(nop) ADD file:805cb5e15fb6e0bb0326ca33fd2942e068863ce2a8491bb71522c652f31fb466 in / ',
        layer: { compressed, unpacked, files: () => centosFiles(release) },
      },
      {
        createdBy: `/bin/sh -c #(nop)  LABEL ${Object.entries(labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(' ')}`,
      },
      { createdBy: '/bin/sh -c #(nop)  CMD ["/bin/bash"]' },
    ],
    config: { Env: [DEFAULT_PATH], Cmd: ['/bin/bash'], Labels: labels },
    otherPlatforms: USUAL_PLATFORMS.slice(2, 3),
  };
}

const SEVEN: Release = {
  version: '7',
  text: 'CentOS Linux release 7.9.2009 (Core)',
  pretty: 'CentOS Linux 7 (Core)',
  size: [76_100_000, 204_000_000],
  created: '2021-09-15T18:20:05Z',
};
const EIGHT: Release = {
  version: '8',
  text: 'CentOS Linux release 8.4.2105',
  pretty: 'CentOS Linux 8',
  size: [83_500_000, 231_000_000],
  created: '2021-09-15T18:20:05Z',
};
const NINE: Release = {
  version: '9',
  text: 'CentOS Stream release 9',
  pretty: 'CentOS Stream 9',
  size: [62_700_000, 158_000_000],
  created: '2025-11-24T06:10:00Z',
};

const ORACLE: Release = {
  version: '9',
  text: 'Red Hat Enterprise Linux release 9.6 (Plow)',
  pretty: 'Oracle Linux Server 9.6',
  size: [44_000_000, 112_000_000],
  created: '2025-10-21T20:00:00Z',
};

/** The layer of Oracle Linux that MySQL's images stand on. */
export const redHatLayer = {
  createdBy: 'ADD oraclelinux-9-slim-amd64-rootfs.tar.xz / # buildkit',
  comment: 'buildkit.dockerfile.v0',
  layer: {
    compressed: ORACLE.size[0],
    unpacked: ORACLE.size[1],
    created: ORACLE.created,
    files: (): FileDefinition[] =>
      centosFiles(ORACLE).filter(({ path }) => !/bin\/(ps|top|free)$|centos/.test(path)),
  },
};

/** The images of this file. The one on Docker Hub ended with version 8; Stream's stand on quay.io. */
export const centosImages: readonly ImageDefinition[] = [
  centos(EIGHT, 'docker.io/library/centos', [
    'latest',
    '8',
    'centos8',
    '8.4.2105',
    'centos8.4.2105',
  ]),
  centos(SEVEN, 'docker.io/library/centos', ['7', 'centos7', '7.9.2009', 'centos7.9.2009']),
  centos(NINE, 'quay.io/centos/centos', ['stream9', 'stream']),
];
