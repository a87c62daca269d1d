// The disk of a Debian 12 machine: directories, the files of /etc that programs read, and an executable for every
// program of the families at its Debian path.

import { DAY } from '../core/time.ts';
import { encode } from '../core/text.ts';
import { TRUSTED_AUTHORITIES } from '../internet/trust.ts';
import { MemoryFileSystem } from '../kernel/files/memory.ts';
import { type Inode, S_IFDIR, S_IFLNK, S_IFREG } from '../kernel/files/inode.ts';
import { isErrno } from '../kernel/errno.ts';
import { elfStub } from '../kernel/program.ts';
import type { MemoryInode } from '../kernel/files/memory.ts';
import type { ProgramFamily } from '../userland/programs/index.ts';
import { SYSTEM_TRUST } from '../userland/http/trust.ts';
import { PLACEHOLDER } from '../userland/libc/stdio.ts';
import { NOT_MODELLED } from './placeholders.ts';
import { installUnits, type ServiceName } from './units.ts';

/** Files of the base system are this much older than the lab. */
const INSTALLED = -40 * DAY;

/** st_dev of the disk: 254:1, as virtio disks have. */
const DISK_DEVICE = 254 * 256 + 1;

const DIRECTORIES: readonly (readonly [string, number])[] = [
  ['/boot', 0o755],
  ['/dev', 0o755],
  ['/etc', 0o755],
  ['/etc/profile.d', 0o755],
  ['/home', 0o755],
  ['/media', 0o755],
  ['/mnt', 0o755],
  ['/opt', 0o755],
  ['/proc', 0o555],
  ['/root', 0o700],
  ['/run', 0o755],
  ['/srv', 0o755],
  ['/sys', 0o555],
  ['/tmp', 0o1777],
  ['/usr', 0o755],
  ['/usr/bin', 0o755],
  ['/usr/sbin', 0o755],
  ['/usr/lib', 0o755],
  ['/usr/lib64', 0o755],
  ['/usr/local', 0o755],
  ['/usr/local/bin', 0o755],
  ['/usr/local/sbin', 0o755],
  ['/usr/share', 0o755],
  ['/usr/share/zoneinfo', 0o755],
  ['/var', 0o755],
  ['/var/cache', 0o755],
  ['/var/lib', 0o755],
  ['/var/log', 0o755],
  ['/var/tmp', 0o1777],
  ['/var/spool', 0o755],
];

/** Merged /usr: what Debian 12 links. */
const LINKS: readonly (readonly [string, string])[] = [
  ['/bin', 'usr/bin'],
  ['/sbin', 'usr/sbin'],
  ['/lib', 'usr/lib'],
  ['/lib64', 'usr/lib64'],
  ['/var/run', '/run'],
  ['/var/lock', '/run/lock'],
];

/** Programs that Debian keeps in /usr/sbin. */
const SBIN = new Set([
  'agetty',
  'arp',
  'blkid',
  'bridge',
  'chroot',
  'ethtool',
  'getcap',
  'groupadd',
  'groupdel',
  'ifconfig',
  'init',
  'ip6tables',
  'ip6tables-restore',
  'ip6tables-save',
  'ipset',
  'iptables',
  'iptables-restore',
  'iptables-save',
  'ldconfig',
  'losetup',
  'nft',
  'nologin',
  'pivot_root',
  'route',
  'runuser',
  'setcap',
  'getpcaps',
  'capsh',
  'switch_root',
  'sysctl',
  'tc',
  'useradd',
  'userdel',
  'usermod',
  'conntrack',
  'ip',
  'tcpdump',
  'reboot',
  'shutdown',
  'poweroff',
  'halt',
  'runc',
  'sshd',
]);

/** Programs that Debian's alternatives stand for, by the name of the real one. */
const ALTERNATIVES: Readonly<Record<string, string>> = {
  nc: 'nc.openbsd',
  awk: 'mawk',
};

/** Programs of which Debian has a build of its own. */
const BUILDS: Readonly<Record<string, string>> = {
  busybox: 'busybox-standalone',
};

/** Families whose programs are linked to shared libraries; the rest are linked statically. */
const DYNAMIC = new Set([
  'coreutils',
  'text',
  'procps and psmisc',
  'shadow',
  'util-linux and libcap',
  'iproute2',
  'iptables',
  'network',
  'openssl',
  'shells',
]);

const SELINUX = ['libselinux.so.1', 'libc.so.6', 'libpcre2-8.so.0'];

/** The libraries of a program, in ldd's order; only libc where nothing is said. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  ls: SELINUX,
  dir: SELINUX,
  vdir: SELINUX,
  find: ['libm.so.6', ...SELINUX],
  mkdir: SELINUX,
  stat: SELINUX,
  cp: ['libselinux.so.1', 'libacl.so.1', 'libattr.so.1', 'libc.so.6', 'libpcre2-8.so.0'],
  mv: ['libselinux.so.1', 'libacl.so.1', 'libattr.so.1', 'libc.so.6', 'libpcre2-8.so.0'],
  id: SELINUX,
  grep: ['libpcre2-8.so.0', 'libc.so.6'],
  bash: ['libtinfo.so.6', 'libc.so.6'],
};

const LIBRARY_DIRECTORY = '/usr/lib/x86_64-linux-gnu';

const PASSWD = [
  'root:x:0:0:root:/root:/bin/bash',
  'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
  'bin:x:2:2:bin:/bin:/usr/sbin/nologin',
  'sys:x:3:3:sys:/dev:/usr/sbin/nologin',
  'sync:x:4:65534:sync:/bin:/bin/sync',
  'games:x:5:60:games:/usr/games:/usr/sbin/nologin',
  'man:x:6:12:man:/var/cache/man:/usr/sbin/nologin',
  'lp:x:7:7:lp:/var/spool/lpd:/usr/sbin/nologin',
  'mail:x:8:8:mail:/var/mail:/usr/sbin/nologin',
  'news:x:9:9:news:/var/spool/news:/usr/sbin/nologin',
  'uucp:x:10:10:uucp:/var/spool/uucp:/usr/sbin/nologin',
  'proxy:x:13:13:proxy:/bin:/usr/sbin/nologin',
  'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin',
  'backup:x:34:34:backup:/var/backups:/usr/sbin/nologin',
  'list:x:38:38:Mailing List Manager:/var/list:/usr/sbin/nologin',
  'irc:x:39:39:ircd:/run/ircd:/usr/sbin/nologin',
  '_apt:x:42:65534::/nonexistent:/usr/sbin/nologin',
  'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
  'ana:x:1000:1000::/home/ana:/bin/bash',
];

const GROUPS = [
  'root:x:0:',
  'daemon:x:1:',
  'bin:x:2:',
  'sys:x:3:',
  'adm:x:4:',
  'tty:x:5:',
  'disk:x:6:',
  'lp:x:7:',
  'mail:x:8:',
  'news:x:9:',
  'uucp:x:10:',
  'man:x:12:',
  'proxy:x:13:',
  'kmem:x:15:',
  'dialout:x:20:',
  'fax:x:21:',
  'voice:x:22:',
  'cdrom:x:24:',
  'floppy:x:25:',
  'tape:x:26:',
  'sudo:x:27:',
  'audio:x:29:',
  'dip:x:30:',
  'www-data:x:33:',
  'backup:x:34:',
  'operator:x:37:',
  'list:x:38:',
  'irc:x:39:',
  'src:x:40:',
  'shadow:x:42:',
  'utmp:x:43:',
  'video:x:44:',
  'sasl:x:45:',
  'plugdev:x:46:',
  'staff:x:50:',
  'games:x:60:',
  'users:x:100:',
  'nogroup:x:65534:',
  'ana:x:1000:',
];

const OS_RELEASE = [
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
  'NAME="Debian GNU/Linux"',
  'VERSION_ID="12"',
  'VERSION="12 (bookworm)"',
  'VERSION_CODENAME=bookworm',
  'ID=debian',
  'HOME_URL="https://www.debian.org/"',
  'SUPPORT_URL="https://www.debian.org/support"',
  'BUG_REPORT_URL="https://bugs.debian.org/"',
];

/** Writes into a file system before a machine is switched on. */
export class DiskBuilder {
  readonly disk: MemoryFileSystem;
  /** Whose programs the machine can run. */
  readonly families: readonly ProgramFamily[];
  /** Directories that files were put into. */
  private readonly filled = new Map<string, Inode>();
  constructor(disk: MemoryFileSystem, families: readonly ProgramFamily[]) {
    this.disk = disk;
    this.families = families;
    disk.root.mtime = INSTALLED;
  }

  /** Makes a directory and those above it. */
  directory(path: string, mode = 0o755, uid = 0, gid = 0): Inode {
    let at: Inode = this.disk.root;
    const names = path.split('/').filter((name) => name !== '');
    for (const [i, name] of names.entries()) {
      const last = i === names.length - 1;
      const request = {
        mode: S_IFDIR | (last ? mode : 0o755),
        uid: last ? uid : 0,
        gid: last ? gid : 0,
        now: INSTALLED,
      };
      const made = at.lookup(name, undefined) ?? at.create(name, request);
      if (isErrno(made)) throw new Error(`cannot make ${path}: ${made.message}`);
      at = made;
    }
    return at;
  }

  /** Writes a file; the contents are shared, not copied. */
  file(path: string, contents: string | Uint8Array, mode = 0o644, uid = 0, gid = 0): void {
    const [directory, name] = this.split(path);
    const old = directory.lookup(name, undefined);
    const made =
      old ??
      directory.create(name, {
        mode: S_IFREG | mode,
        uid,
        gid,
        now: INSTALLED,
      });
    if (isErrno(made)) throw new Error(`cannot write ${path}: ${made.message}`);
    const bytes = typeof contents === 'string' ? encode(contents) : contents;
    (made as MemoryInode).setContents(bytes);
    if (old) made.mode = S_IFREG | mode;
  }

  link(path: string, target: string): void {
    const [directory, name] = this.split(path);
    directory.create(name, {
      mode: S_IFLNK | 0o777,
      uid: 0,
      gid: 0,
      now: INSTALLED,
      target,
    });
  }

  private split(path: string): [Inode, string] {
    const at = path.lastIndexOf('/');
    const above = path.slice(0, at);
    const known = this.filled.get(above) ?? this.directory(above);
    this.filled.set(above, known);
    return [known, path.slice(at + 1)];
  }
}

/** What differs between the base disks of machines. */
export interface DiskOptions {
  readonly hostname: string;
  /** Whose programs there are; the executables of those that belong to machines are put in their places. */
  readonly families: readonly ProgramFamily[];
  /** Lines of /etc/hosts beyond localhost's. */
  readonly hosts?: readonly string[];
  readonly nameservers?: readonly string[];
  /** Names of programs that are installed; all of the families where it is not given. */
  readonly installed?: (program: string) => boolean;
  /** Services that start at boot. */
  readonly services?: readonly ServiceName[];
}

/** A fresh disk with a Debian base system. */
export function debianDisk(options: DiskOptions): DiskBuilder {
  const builder = new DiskBuilder(new MemoryFileSystem('ext4', DISK_DEVICE), options.families);
  for (const [path, mode] of DIRECTORIES) builder.directory(path, mode);
  for (const [path, target] of LINKS) builder.link(path, target);
  builder.directory('/home/ana', 0o755, 1000, 1000);
  installPrograms(builder, options.installed ?? (() => true));
  installUnits(builder, options.services ?? []);
  const lines = (list: readonly string[]): string => list.map((line) => `${line}\n`).join('');
  builder.file('/etc/passwd', lines(PASSWD));
  const docker = options.services?.includes('docker') ? ['docker:x:999:'] : [];
  builder.file('/etc/group', lines([...GROUPS, ...docker]));
  builder.file(
    '/etc/shadow',
    lines(PASSWD.map((l) => `${l.split(':')[0]}:*:20000:0:99999:7:::`)),
    0o640,
    0,
    42,
  );
  builder.file('/etc/os-release', lines(OS_RELEASE));
  builder.file('/etc/debian_version', '12.12\n');
  builder.file('/etc/hostname', `${options.hostname}\n`);
  const hosts = [
    '127.0.0.1\tlocalhost',
    `127.0.1.1\t${options.hostname}`,
    ...(options.hosts ?? []),
  ];
  builder.file('/etc/hosts', lines([...hosts, '::1\tlocalhost ip6-localhost ip6-loopback']));
  builder.file(
    '/etc/resolv.conf',
    lines((options.nameservers ?? []).map((ip) => `nameserver ${ip}`)),
  );
  if (options.nameservers) builder.file(SYSTEM_TRUST, TRUSTED_AUTHORITIES);
  builder.file('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n');
  builder.file(
    '/etc/shells',
    lines(['/bin/sh', '/usr/bin/sh', '/bin/bash', '/usr/bin/bash', '/bin/dash']),
  );
  builder.file('/etc/issue', 'Debian GNU/Linux 12 \\n \\l\n\n');
  builder.file('/etc/fstab', '/dev/vda1 / ext4 errors=remount-ro 0 1\n');
  builder.file('/etc/timezone', 'Etc/UTC\n');
  for (const name of ['/etc/subuid', '/etc/subgid']) builder.file(name, 'ana:100000:65536\n');
  builder.file('/root/.bashrc', "alias ll='ls -l'\n");
  builder.file('/etc/profile', 'export PATH\n');
  return builder;
}

function installPrograms(builder: DiskBuilder, installed: (program: string) => boolean): void {
  for (const family of builder.families) {
    if (family.elsewhere) continue;
    for (const { name } of family.programs) {
      if (!installed(name)) continue;
      const setUid = name === 'su' || name === 'sudo' || name === 'passwd';
      const needs = DYNAMIC.has(family.name) ? (LIBRARIES[name] ?? ['libc.so.6']) : undefined;
      builder.file(
        programPath(name),
        elfStub(BUILDS[name] ?? name, needs),
        setUid ? 0o4755 : 0o755,
      );
      const real = ALTERNATIVES[name];
      if (real !== undefined) builder.file(programPath(real), elfStub(name, needs), 0o755);
    }
  }
  const libraries = new Set(['libc.so.6', ...Object.values(LIBRARIES).flat()]);
  for (const name of libraries) builder.file(`${LIBRARY_DIRECTORY}/${name}`, elfStub(name), 0o644);
  builder.file('/usr/lib64/ld-linux-x86-64.so.2', elfStub(PLACEHOLDER), 0o755);
  for (const name of NOT_MODELLED) builder.file(programPath(name), elfStub(PLACEHOLDER), 0o755);
}

/** Where Debian keeps a program. */
export function programPath(name: string): string {
  return `/usr/${SBIN.has(name) ? 'sbin' : 'bin'}/${name}`;
}
