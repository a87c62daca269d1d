// What of Ubuntu's archive differs from Debian's: suites, where they are, versions of the packages that people name.
// Libraries that come with these have the versions of Debian.

import type { FileDefinition } from '../../containers/images/definition.ts';
import { type DebianPackage, packageFiles } from './debian.ts';

/** Versions by package in 24.04 and 22.04. */
const VERSIONS: Readonly<Record<string, readonly [noble: string, jammy: string]>> = {
  bash: ['5.2.21-2ubuntu4', '5.1-6ubuntu1.1'],
  'build-essential': ['12.10ubuntu1', '12.9ubuntu3'],
  'ca-certificates': ['20240203', '20240203~22.04.1'],
  coreutils: ['9.4-3ubuntu6', '8.32-4.1ubuntu1.2'],
  curl: ['8.5.0-2ubuntu10.6', '7.81.0-1ubuntu1.20'],
  git: ['1:2.43.0-1ubuntu7.3', '1:2.34.1-1ubuntu1.15'],
  iproute2: ['6.1.0-1ubuntu6', '5.15.0-1ubuntu2'],
  iptables: ['1.8.10-3ubuntu2', '1.8.7-1ubuntu5.2'],
  'iputils-ping': ['3:20240117-1ubuntu0.1', '3:20211215-1ubuntu0.1'],
  jq: ['1.7.1-3ubuntu0.24.04.1', '1.6-2.1ubuntu3.1'],
  less: ['590-2ubuntu2.1', '590-1ubuntu0.22.04.3'],
  nano: ['7.2-2ubuntu0.1', '6.2-1ubuntu0.1'],
  'net-tools': ['2.10-0.1ubuntu4', '1.60+git20181103.0eebece-1ubuntu5'],
  'netcat-openbsd': ['1.226-1ubuntu2', '1.218-4ubuntu1'],
  nginx: ['1.24.0-2ubuntu7.5', '1.18.0-6ubuntu14.7'],
  openssl: ['3.0.13-0ubuntu3.6', '3.0.2-0ubuntu1.20'],
  procps: ['2:4.0.4-4ubuntu3.2', '2:3.3.17-6ubuntu2.1'],
  python3: ['3.12.3-0ubuntu2', '3.10.6-1~22.04.1'],
  'python3-pip': ['24.0+dfsg-1ubuntu1.3', '22.0.2+dfsg-1ubuntu0.6'],
  'redis-server': ['5:7.0.15-1ubuntu0.24.04.1', '5:6.0.16-1ubuntu1.1'],
  stress: ['1.0.7-1', '1.0.5-1'],
  strace: ['6.8-0ubuntu2', '5.16-0ubuntu3'],
  tcpdump: ['4.99.4-3ubuntu4', '4.99.1-3ubuntu0.2'],
  tree: ['2.1.1-2ubuntu3', '2.0.2-1'],
  vim: ['2:9.1.0016-1ubuntu7.8', '2:8.2.3995-1ubuntu2.24'],
  wget: ['1.21.4-1ubuntu4.1', '1.21.2-2ubuntu1.1'],
};

/** A release: its name and the sizes of what it was released with, by component. */
export interface UbuntuRelease {
  readonly name: string;
  readonly release: number;
  readonly components: Readonly<Record<string, number>>;
}

export const UBUNTU_RELEASES: readonly UbuntuRelease[] = [
  {
    name: 'noble',
    release: 256_000,
    components: { main: 1_808_000, universe: 19_300_000, restricted: 117_000, multiverse: 331_000 },
  },
  {
    name: 'jammy',
    release: 270_000,
    components: { main: 1_792_000, universe: 17_500_000, restricted: 164_000, multiverse: 266_000 },
  },
  {
    name: 'focal',
    release: 265_000,
    components: { main: 1_275_000, universe: 11_300_000, restricted: 33_400, multiverse: 177_000 },
  },
  {
    name: 'bionic',
    release: 242_000,
    components: { main: 1_344_000, universe: 11_300_000, restricted: 13_500, multiverse: 186_000 },
  },
];

/** A package of Debian as a release of Ubuntu has it. */
export function ofUbuntu(one: DebianPackage, release: string): DebianPackage {
  const own = VERSIONS[one.name]?.[['noble', 'jammy'].indexOf(release)];
  return { ...one, source: 'main', version: own ?? one.version.replace(/[+~]deb12u\d+/, '') };
}

/** What apt and dpkg keep in the image ubuntu. */
export function ubuntuPackageFiles(name: string): FileDefinition[] {
  const components = Object.keys(
    UBUNTU_RELEASES.find((one) => one.name === name)?.components ?? {},
  ).join(' ');
  const source = (host: string, suites: string): string =>
    `Types: deb\nURIs: http://${host}/ubuntu/\nSuites: ${suites}\nComponents: ${components}\nSigned-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg\n`;
  const sources = [
    source('archive.ubuntu.com', `${name} ${name}-updates ${name}-backports`),
    source('security.ubuntu.com', `${name}-security`),
  ].join('\n');
  return packageFiles(sources, 'ubuntu', (one) => ofUbuntu(one, name));
}
