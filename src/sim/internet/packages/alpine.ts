// Alpine's mirror (dl-cdn.alpinelinux.org): an index for each repository and the packages in it. Packages hold the
// programs that the simulator has; an index and a package are what apk reads, a compressed archive each.

import { elfStub } from '../../kernel/program.ts';
import { Content } from '../../core/content.ts';
import { encode } from '../../core/text.ts';
import { gzip } from '../../userland/libc/gzip.ts';
import { PLACEHOLDER } from '../../userland/libc/stdio.ts';
import { type TarEntry, writeTar } from '../../containers/images/tar.ts';
import type { HttpHandler } from '../../userland/http/server.ts';

interface Package {
  readonly name: string;
  readonly version: string;
  /** Bytes when installed. */
  readonly size: number;
  readonly depends?: readonly string[];
  /** Paths of executables, and the programs that they are. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Text files by path. */
  readonly texts?: Readonly<Record<string, string>>;
}

const PACKAGES: readonly Package[] = [
  { name: 'ncurses-terminfo-base', version: '6.4_p20240420-r2', size: 221_184 },
  {
    name: 'libncursesw',
    version: '6.4_p20240420-r2',
    size: 311_296,
    depends: ['ncurses-terminfo-base'],
  },
  { name: 'readline', version: '8.2.10-r0', size: 315_392, depends: ['libncursesw'] },
  {
    name: 'bash',
    version: '5.2.26-r0',
    size: 1_396_736,
    depends: ['readline'],
    programs: { 'bin/bash': 'bash' },
  },
  { name: 'ca-certificates', version: '20250911-r0', size: 700_416 },
  { name: 'brotli-libs', version: '1.1.0-r2', size: 892_928 },
  { name: 'c-ares', version: '1.33.1-r0', size: 200_704 },
  { name: 'libunistring', version: '1.2-r0', size: 1_765_376 },
  { name: 'libidn2', version: '2.3.7-r0', size: 212_992, depends: ['libunistring'] },
  { name: 'nghttp2-libs', version: '1.62.1-r0', size: 172_032 },
  { name: 'libpsl', version: '0.21.5-r1', size: 98_304, depends: ['libidn2'] },
  { name: 'zstd-libs', version: '1.5.6-r0', size: 753_664 },
  {
    name: 'libcurl',
    version: '8.14.1-r2',
    size: 581_632,
    depends: ['brotli-libs', 'c-ares', 'libidn2', 'nghttp2-libs', 'libpsl', 'zstd-libs'],
  },
  {
    name: 'curl',
    version: '8.14.1-r2',
    size: 266_240,
    depends: ['ca-certificates', 'libcurl'],
    programs: { 'usr/bin/curl': 'curl' },
  },
  { name: 'oniguruma', version: '6.9.9-r0', size: 573_440 },
  {
    name: 'jq',
    version: '1.7.1-r0',
    size: 405_504,
    depends: ['oniguruma'],
    programs: { 'usr/bin/jq': 'jq' },
  },
  { name: 'libmnl', version: '1.0.5-r2', size: 32_768 },
  {
    name: 'iproute2',
    version: '6.9.0-r0',
    size: 1_146_880,
    depends: ['libmnl'],
    programs: { 'sbin/ip': 'ip', 'sbin/ss': 'ss' },
  },
  {
    name: 'iptables',
    version: '1.8.10-r3',
    size: 2_342_912,
    depends: ['libmnl'],
    programs: { 'sbin/iptables': 'iptables' },
  },
  { name: 'pcre2', version: '10.43-r0', size: 647_168 },
  {
    name: 'nginx',
    version: '1.26.3-r0',
    size: 1_204_224,
    depends: ['pcre2'],
    programs: { 'usr/sbin/nginx': 'nginx' },
  },
  {
    name: 'redis',
    version: '7.2.10-r0',
    size: 4_104_192,
    programs: { 'usr/bin/redis-server': 'redis-server', 'usr/bin/redis-cli': 'redis-cli' },
  },
  {
    name: 'tzdata',
    version: '2025b-r0',
    size: 3_473_408,
    texts: { 'usr/share/zoneinfo/tzdata.zi': '# version 2025b\n' },
  },
  { name: 'libbz2', version: '1.0.8-r6', size: 94_208 },
  { name: 'libexpat', version: '2.7.3-r0', size: 176_128 },
  { name: 'libffi', version: '3.5.2-r0', size: 53_248 },
  { name: 'gdbm', version: '1.26-r0', size: 225_280 },
  { name: 'xz-libs', version: '5.8.2-r0', size: 262_144 },
  { name: 'libgcc', version: '15.2.0-r2', size: 184_320 },
  { name: 'libstdc++', version: '15.2.0-r2', size: 2_809_856, depends: ['libgcc'] },
  { name: 'sqlite-libs', version: '3.51.2-r0', size: 1_183_744 },
  {
    name: 'python3',
    version: '3.12.12-r0',
    size: 24_117_248,
    depends: ['libbz2', 'libexpat', 'libffi', 'gdbm', 'xz-libs', 'readline', 'sqlite-libs'],
    programs: { 'usr/bin/python3': 'python-3.12', 'usr/bin/python3.12': 'python-3.12' },
  },
  { name: 'ada-libs', version: '3.3.0-r0', size: 1_400_832, depends: ['libstdc++'] },
  {
    name: 'nodejs',
    version: '24.13.0-r0',
    size: 61_644_800,
    depends: ['ca-certificates', 'ada-libs', 'brotli-libs', 'c-ares', 'sqlite-libs'],
    programs: { 'usr/bin/node': 'node-24' },
  },
  {
    name: 'npm',
    version: '11.6.3-r0',
    size: 9_437_184,
    depends: ['nodejs'],
    programs: { 'usr/bin/npm': 'npm', 'usr/bin/npx': 'npx' },
  },
  {
    name: 'make',
    version: '4.4.1-r3',
    size: 258_048,
    programs: { 'usr/bin/make': PLACEHOLDER },
  },
  { name: 'gmp', version: '6.3.0-r4', size: 442_368 },
  { name: 'isl26', version: '0.26-r1', size: 1_540_096, depends: ['gmp'] },
  { name: 'mpfr4', version: '4.2.2-r0', size: 352_256, depends: ['gmp'] },
  { name: 'mpc1', version: '1.3.1-r1', size: 118_784, depends: ['mpfr4'] },
  {
    name: 'binutils',
    version: '2.45.1-r0',
    size: 10_485_760,
    depends: ['zstd-libs'],
    programs: { 'usr/bin/ld': PLACEHOLDER, 'usr/bin/as': PLACEHOLDER },
  },
  {
    name: 'gcc',
    version: '15.2.0-r2',
    size: 157_286_400,
    depends: ['binutils', 'gmp', 'isl26', 'mpc1', 'mpfr4', 'libstdc++'],
    programs: { 'usr/bin/gcc': PLACEHOLDER, 'usr/bin/cc': PLACEHOLDER },
  },
  { name: 'musl-dev', version: '1.2.5-r21', size: 10_911_744 },
  { name: 'libc-dev', version: '0.7.2-r6', size: 0, depends: ['musl-dev'] },
  {
    name: 'g++',
    version: '15.2.0-r2',
    size: 49_807_360,
    depends: ['gcc', 'libc-dev'],
    programs: { 'usr/bin/g++': PLACEHOLDER, 'usr/bin/c++': PLACEHOLDER },
  },
  { name: 'linux-headers', version: '6.16.12-r0', size: 5_242_880 },
  { name: 'build-base', version: '0.5-r3', size: 0, depends: ['binutils', 'g++', 'make'] },
];

/** Packages of the real repositories whose programs nobody models here. */
const ABSENT =
  'cmake coreutils docker-cli git go mysql-client nano openjdk17 openssh php83 postgresql-client py3-pip rust strace sudo tcpdump vim wget yarn zsh'.split(
    ' ',
  );

function indexText(repository: string): string {
  if (repository !== 'main') return '';
  const here = PACKAGES.map(
    ({ name, version, size, depends = [] }) =>
      `P:${name}\nV:${version}\nI:${size}\nD:${depends.join(' ')}\n`,
  );
  return [...here, ...ABSENT.map((name) => `P:${name}\nV:\nI:0\nD:\n`)].join('\n');
}

function archive(entries: readonly TarEntry[]): Uint8Array {
  return gzip(writeTar(entries));
}

function file(name: string, mode: number, content: Uint8Array): TarEntry {
  return { name, kind: 'file', mode, uid: 0, gid: 0, mtime: 1_716_000_000, content };
}

/** The handler of the mirror. */
export const alpineMirror: HttpHandler = function* ({ path }) {
  const [, repository = '', name = ''] =
    /^\/alpine\/[^/]+\/([^/]+)\/x86_64\/(.+)$/.exec(path) ?? [];
  let bytes: Uint8Array | undefined;
  if (name === 'APKINDEX.tar.gz')
    bytes = archive([file('APKINDEX', 0o644, encode(indexText(repository)))]);
  const found = PACKAGES.find((p) => name === `${p.name}-${p.version}.apk`);
  if (found)
    bytes = archive([
      ...Object.entries(found.programs ?? {}).map(([target, program]) =>
        file(target, 0o755, elfStub(program)),
      ),
      ...Object.entries(found.texts ?? {}).map(([target, text]) =>
        file(target, 0o644, encode(text)),
      ),
    ]);
  const body = bytes ? Content.ofBytes(bytes) : Content.ofText('404 Not Found\n');
  return {
    status: bytes ? 200 : 404,
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(body.size) },
    body,
  };
};
