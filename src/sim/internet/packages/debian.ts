// Debian's packages as the archive describes them: the stanzas of its index and of dpkg's status file, and the files in
// a package. A package holds the programs that people start; the rest of its files is left out.

import { directory, type FileDefinition, file } from '../../containers/images/definition.ts';
import { MACHINE, MINIMAL } from './debian-installed.ts';

/** A package of the archive. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly source: 'main' | 'updates' | 'security';
  readonly architecture: 'amd64' | 'all';
  readonly coInstallable: boolean;
  /** Bytes of the archive, and KiB when it is installed. */
  readonly size: number;
  readonly installed: number;
  readonly section: string;
  readonly depends: readonly string[];
  readonly recommends: readonly string[];
  readonly suggests: readonly string[];
  readonly description: string;
}

/** Packages of a table of lines (see debian-installed.ts). */
export function packagesOf(table: string): DebianPackage[] {
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', version = '', flags = '', size, installed, section = '', ...rest] =
        line.split('|');
      const [depends = '', recommends = '', suggests = '', ...description] = rest;
      const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
      return {
        name,
        version,
        source: flags.includes('s') ? 'security' : flags.includes('u') ? 'updates' : 'main',
        architecture: flags.includes('a') ? 'all' : 'amd64',
        coInstallable: flags.includes('m'),
        size: Number(size),
        installed: Number(installed),
        section,
        depends: words(depends),
        recommends: words(recommends),
        suggests: words(suggests),
        description: description.join('|'),
      };
    });
}

/** The name of a package's archive in the pool. */
export function poolPath({ name, version, architecture }: DebianPackage): string {
  const letter = name.startsWith('lib') ? name.slice(0, 4) : name.slice(0, 1);
  const plain = version.replace(/^\d+:/, '');
  return `pool/main/${letter}/${name}/${name}_${plain}_${architecture}.deb`;
}

/** A package's stanza, of the archive's index or (with a status) of dpkg's database. */
export function stanza(one: DebianPackage, status?: string): string {
  const list = (key: string, names: readonly string[]): string[] =>
    names.length > 0 ? [`${key}: ${names.join(', ')}`] : [];
  return [
    `Package: ${one.name}`,
    ...(status === undefined ? [] : [`Status: ${status}`]),
    'Priority: optional',
    `Section: ${one.section}`,
    `Installed-Size: ${one.installed}`,
    `Architecture: ${one.architecture}`,
    ...(one.coInstallable ? ['Multi-Arch: same'] : []),
    `Version: ${one.version}`,
    ...list('Depends', one.depends),
    ...list('Recommends', one.recommends),
    ...list('Suggests', one.suggests),
    ...(status === undefined ? [`Filename: ${poolPath(one)}`, `Size: ${one.size}`] : []),
    `Description: ${one.description}`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** /etc/apt/sources.list.d/debian.sources of the image. */
const SOURCES = [
  ['http://deb.debian.org/debian', 'bookworm bookworm-updates'],
  ['http://deb.debian.org/debian-security', 'bookworm-security'],
]
  .map(
    ([uri, suites]) =>
      `Types: deb\nURIs: ${uri}\nSuites: ${suites}\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n`,
  )
  .join('\n');

let minimal: string | undefined;
let machine: string | undefined;

/** How another distribution has a package. */
type Variant = (one: DebianPackage) => DebianPackage;

const statusOf = (table: string, variant: Variant = (one) => one): string =>
  packagesOf(table)
    .map(variant)
    .map((one) => stanza(one, 'install ok installed'))
    .join('\n');

/** dpkg's status file of the image debian:12. */
export function minimalStatus(): string {
  minimal ??= statusOf(MINIMAL);
  return minimal;
}

/** dpkg's status file of a machine of the labs. */
export function machineStatus(): string {
  machine ??= statusOf(`${MINIMAL.trim()}\n${MACHINE.trim()}`);
  return machine;
}

/** What apt and dpkg keep in the image debian:12. */
export function packageFiles(
  sources = SOURCES,
  name = 'debian',
  variant?: Variant,
): FileDefinition[] {
  return [
    directory('etc/apt'),
    directory('etc/apt/apt.conf.d'),
    file('etc/apt/apt.conf.d/docker-clean', 'APT::Keep-Downloaded-Packages "false";\n'),
    directory('etc/apt/sources.list.d'),
    file(`etc/apt/sources.list.d/${name}.sources`, sources),
    directory('var/cache/apt/archives'),
    directory('var/lib/apt/lists'),
    directory('var/lib/dpkg/info'),
    file('var/lib/dpkg/status', variant ? statusOf(MINIMAL, variant) : minimalStatus()),
  ];
}
