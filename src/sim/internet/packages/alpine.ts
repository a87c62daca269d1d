// Alpine's mirror (dl-cdn.alpinelinux.org): an index for each repository and the packages in it. Packages hold the
// programs that the simulator has; an index and a package are what apk reads, a compressed archive each.

import { elfStub } from '../../kernel/program.ts';
import { Content } from '../../core/content.ts';
import { encode } from '../../core/text.ts';
import { gzip } from '../../userland/libc/gzip.ts';
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
  { name: 'tzdata', version: '2025b-r0', size: 3_473_408 },
];

/** Packages of the real repositories whose programs nobody models here. */
const ABSENT =
  'build-base cmake coreutils docker-cli g++ gcc git go make mysql-client nano nodejs npm openjdk17 openssh php83 postgresql-client py3-pip python3 rust strace sudo tcpdump vim wget yarn zsh'.split(
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
    bytes = archive(
      Object.entries(found.programs ?? {}).map(([target, program]) =>
        file(target, 0o755, elfStub(program)),
      ),
    );
  const body = bytes ? Content.ofBytes(bytes) : Content.ofText('404 Not Found\n');
  return {
    status: bytes ? 200 : 404,
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(body.size) },
    body,
  };
};
