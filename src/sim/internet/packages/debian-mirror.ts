// The mirrors of Debian and Ubuntu: releases, indexes and packages. An index is the text that apt keeps; a package is a
// compressed archive of its files. The index holds the packages of debian-installed.ts and debian-available.ts.

import { Content } from '../../core/content.ts';
import { encode } from '../../core/text.ts';
import { elfStub, type ProgramTable } from '../../kernel/program.ts';
import { type TarEntry, writeTar } from '../../containers/images/tar.ts';
import { gzip } from '../../userland/libc/gzip.ts';
import { program } from '../../userland/libc/stdio.ts';
import { PLACEHOLDER } from '../../userland/libc/stdio.ts';
import { type DebianPackage, packagesOf, poolPath, stanza } from './debian.ts';
import type { SiteProgram } from './site.ts';
import { ofUbuntu, UBUNTU_RELEASES } from './ubuntu.ts';
import { AVAILABLE } from './debian-available.ts';
import { MACHINE, MINIMAL } from './debian-installed.ts';
import { PROGRAM_PATHS, TEXT_FILES } from './debian-programs.ts';

/** Says how large the file is that an answer stands for. */
export const REAL_SIZE = 'x-real-size';

/** A suite: where it is, whose packages it has, and the sizes of its release and its index on the real mirror. */
interface Suite {
  readonly path: string;
  readonly source: DebianPackage['source'];
  readonly release: number;
  readonly index: number;
}

const SUITES: readonly Suite[] = [
  {
    path: '/debian/dists/bookworm/',
    source: 'main',
    release: 151_075,
    index: 8_790_000,
  },
  {
    path: '/debian/dists/bookworm-updates/',
    source: 'updates',
    release: 55_403,
    index: 6_924,
  },
  {
    path: '/debian-security/dists/bookworm-security/',
    source: 'security',
    release: 34_770,
    index: 305_000,
  },
];

let packages: readonly DebianPackage[] | undefined;

function all(): readonly DebianPackage[] {
  packages ??= packagesOf([MINIMAL, MACHINE, AVAILABLE].map((text) => text.trim()).join('\n'));
  return packages;
}

function indexText(source: DebianPackage['source']): string {
  return all()
    .filter((one) => one.source === source)
    .map((one) => stanza(one))
    .join('\n');
}

function archive(one: DebianPackage, programs: ProgramTable): Uint8Array {
  const entry = (name: string, mode: number, content: Uint8Array): TarEntry => ({
    name,
    kind: 'file',
    mode,
    uid: 0,
    gid: 0,
    mtime: 1_716_000_000,
    content,
  });
  const paths = (PROGRAM_PATHS[one.name] ?? '').split(' ').filter((path) => path !== '');
  return gzip(
    writeTar([
      entry('control', 0o644, encode(stanza(one))),
      ...paths.map((word) => {
        const [path = '', alias] = word.split('=');
        const name = alias ?? path.slice(path.lastIndexOf('/') + 1);
        return entry(path.slice(1), 0o755, elfStub(programs(name) ? name : PLACEHOLDER));
      }),
      ...Object.entries(TEXT_FILES[one.name] ?? {}).map(([path, text]) =>
        entry(path, 0o644, encode(text)),
      ),
      entry(`usr/share/doc/${one.name}/copyright`, 0o644, encode(`${one.name}\n`)),
    ]),
  );
}

/** What the mirror holds at a path, and how large it is there. */
function fileAt(path: string, programs: ProgramTable): [Uint8Array, number] | undefined {
  if (path.startsWith('/ubuntu/')) return ubuntuFileAt(path, programs);
  const suite = SUITES.find((one) => path.startsWith(one.path));
  if (suite && path === `${suite.path}InRelease`)
    return [releaseText('Debian', suite.path.split('/')[3] ?? ''), suite.release];
  if (suite && path === `${suite.path}main/binary-amd64/Packages`)
    return [encode(indexText(suite.source)), suite.index];
  const [, pool] = /^\/debian(?:-security)?\/(pool\/.*)$/.exec(path) ?? [];
  const found = all().find((one) => poolPath(one) === pool);
  return found && [archive(found, programs), found.size];
}

function releaseText(origin: string, codename: string): Uint8Array {
  return encode(`Origin: ${origin}\nCodename: ${codename}\nComponents: main\n`);
}

/** The pockets of a release beside the one it was released with: sizes of their releases and of an index. */
const POCKET = { release: 126_000, index: 1_310_000 };

function ubuntuFileAt(path: string, programs: ProgramTable): [Uint8Array, number] | undefined {
  const [, codename = '', rest = ''] = /^\/ubuntu\/dists\/([\w-]+)\/(.*)$/.exec(path) ?? [];
  const release = UBUNTU_RELEASES.find((one) => one.name === codename.split('-')[0]);
  if (release) {
    const first = release.name === codename;
    if (rest === 'InRelease')
      return [releaseText('Ubuntu', codename), first ? release.release : POCKET.release];
    const [, component = ''] = /^(\w+)\/binary-amd64\/Packages$/.exec(rest) ?? [];
    const size = release.components[component];
    if (size === undefined) return undefined;
    const here = first && component === 'main' ? all() : [];
    const text = here.map((one) => stanza(ofUbuntu(one, release.name))).join('\n');
    return [encode(text), first ? size : POCKET.index];
  }
  for (const { name } of UBUNTU_RELEASES)
    for (const one of all()) {
      const own = ofUbuntu(one, name);
      if (path === `/ubuntu/${poolPath(own)}`) return [archive(own, programs), own.size];
    }
  return undefined;
}

/** The mirror, as a program of a host outside. */
export const debianMirror: SiteProgram = {
  ...program('debian-mirror', function* () {
    return 0;
  }),
  site: (programs) =>
    function* ({ path }) {
      const found = fileAt(path, programs);
      const body = found ? Content.ofBytes(found[0]) : Content.ofText('404 Not Found\n');
      return {
        status: found ? 200 : 404,
        headers: {
          'content-type': 'application/octet-stream',
          'content-length': String(body.size),
          ...(found ? { [REAL_SIZE]: String(found[1]) } : {}),
        },
        body,
      };
    },
};
