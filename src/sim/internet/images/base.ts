// What images are built on: the root file systems of Debian (slim), Alpine and BusyBox, as lists of files.

import {
  directory, executable, executables, type FileDefinition, file, hardlink, symlink,
} from '../../containers/images/definition.ts';
import { BUSYBOX_APPLETS } from './applets.ts';

export const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function lines(list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join('');
}

/** Coreutils of a Debian image, with what else is essential there and in /usr/bin. */
const DEBIAN_BIN = [
  '[', 'arch', 'awk', 'mawk', 'b2sum', 'base32', 'base64', 'basename', 'bash', 'cat', 'chgrp', 'chmod', 'chown', 'cksum',
  'cmp', 'comm', 'cp', 'csplit', 'cut', 'dash', 'date', 'dd', 'df', 'diff', 'dir', 'dirname', 'dmesg',
  'du', 'echo', 'egrep', 'env', 'expand', 'expr', 'factor', 'false', 'fgrep', 'find', 'findmnt',
  'flock', 'fmt', 'fold', 'getent', 'getopt', 'grep', 'groups', 'gunzip', 'gzip', 'head', 'hostname',
  'id', 'install', 'ionice', 'ipcmk', 'ipcrm', 'ipcs', 'join', 'link', 'ln', 'logger', 'login',
  'logname', 'ls', 'lsblk', 'lscpu', 'lsipc', 'lsns', 'md5sum', 'mkdir', 'mkfifo', 'mknod', 'mktemp',
  'more', 'mount', 'mountpoint', 'mv', 'namei', 'nice', 'nl', 'nohup', 'nproc', 'nsenter', 'numfmt',
  'od', 'paste', 'pathchk', 'perl', 'pr', 'printenv', 'printf', 'prlimit', 'ptx', 'pwd', 'readlink',
  'realpath', 'renice', 'rev', 'rm', 'rmdir', 'script', 'sed', 'seq', 'setpriv', 'setsid', 'sha1sum',
  'sha224sum', 'sha256sum', 'sha384sum', 'sha512sum', 'shred', 'shuf', 'sleep', 'sort', 'split',
  'stat', 'stdbuf', 'stty', 'su', 'sum', 'sync', 'tac', 'tail', 'tar', 'taskset', 'tee', 'test',
  'timeout', 'touch', 'tr', 'true', 'truncate', 'tsort', 'tty', 'umount', 'uname', 'unexpand',
  'uniq', 'unlink', 'unshare', 'users', 'wc', 'wdctl', 'whereis', 'which', 'who', 'whoami', 'xargs',
  'yes', 'zcat', 'apt', 'apt-get', 'apt-cache', 'dpkg', 'passwd',
];
const DEBIAN_SBIN = [
  'chroot', 'groupadd', 'groupdel', 'useradd', 'userdel', 'usermod', 'ldconfig', 'nologin', 'pivot_root',
  'runuser', 'switch_root', 'getcap',
];

const DEBIAN_PASSWD = [
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
  'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin',
  'backup:x:34:34:backup:/var/backups:/usr/sbin/nologin',
  'list:x:38:38:Mailing List Manager:/var/list:/usr/sbin/nologin',
  '_apt:x:42:65534::/nonexistent:/usr/sbin/nologin',
  'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
];
const DEBIAN_GROUP = [
  'root:x:0:', 'daemon:x:1:', 'bin:x:2:', 'sys:x:3:', 'adm:x:4:', 'tty:x:5:', 'disk:x:6:', 'lp:x:7:',
  'mail:x:8:', 'news:x:9:', 'man:x:12:', 'kmem:x:15:', 'sudo:x:27:', 'audio:x:29:', 'www-data:x:33:',
  'backup:x:34:', 'operator:x:37:', 'list:x:38:', 'shadow:x:42:', 'utmp:x:43:', 'video:x:44:',
  'staff:x:50:', 'games:x:60:', 'users:x:100:', 'nogroup:x:65534:',
];

/** A user that an image adds to Debian's. */
export interface ExtraUser {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
  readonly shell?: string;
}

/** passwd and group of Debian with more users, as a layer above replaces them. */
export function debianAccounts(users: readonly ExtraUser[]): FileDefinition[] {
  const passwd = users.map(
    (u) => `${u.name}:x:${u.uid}:${u.uid}:${u.name} user:${u.home}:${u.shell ?? '/bin/false'}`,
  );
  const groups = users.map((u) => `${u.name}:x:${u.uid}:`);
  return [
    file('etc/group', lines([...DEBIAN_GROUP, ...groups])),
    file('etc/passwd', lines([...DEBIAN_PASSWD, ...passwd])),
  ];
}

/** The root file system of debian:12-slim. */
export function debianFiles(version = '12.12'): FileDefinition[] {
  return [
    symlink('bin', 'usr/bin'), directory('boot'), directory('dev'), directory('etc'),
    file('etc/debian_version', `${version}\n`),
    ...debianAccounts([]),
    file('etc/host.conf', 'multi on\n'),
    file('etc/issue', 'Debian GNU/Linux 12 \\n \\l\n\n'),
    file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n'),
    file('etc/os-release', lines([
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"', 'NAME="Debian GNU/Linux"', 'VERSION_ID="12"',
      'VERSION="12 (bookworm)"', 'VERSION_CODENAME=bookworm', 'ID=debian',
      'HOME_URL="https://www.debian.org/"', 'SUPPORT_URL="https://www.debian.org/support"',
      'BUG_REPORT_URL="https://bugs.debian.org/"',
    ])),
    file('etc/shadow', lines(DEBIAN_PASSWD.map((l) => `${l.split(':')[0]}:*:20000:0:99999:7:::`)), 0o640, 0, 42),
    file('etc/shells', '/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/dash\n'),
    directory('etc/apt'), directory('home'), symlink('lib', 'usr/lib'), symlink('lib64', 'usr/lib64'),
    directory('media'), directory('mnt'), directory('opt'), directory('proc'), directory('root', 0o700),
    file('root/.bashrc', "# ~/.bashrc: executed by bash(1) for non-login shells.\n"),
    directory('run'), symlink('sbin', 'usr/sbin'), directory('srv'), directory('sys'),
    directory('tmp', 0o1777), directory('usr'), directory('usr/bin'), directory('usr/lib'),
    directory('usr/lib64'), directory('usr/local/bin'), directory('usr/local/sbin'), directory('usr/sbin'),
    directory('usr/share'),
    ...executables('usr/bin', DEBIAN_BIN), symlink('usr/bin/sh', 'dash'),
    ...executables('usr/sbin', DEBIAN_SBIN),
    directory('var/cache'), directory('var/lib/dpkg'), directory('var/lib/apt/lists'), directory('var/log'),
    directory('var/mail', 0o2775, 0, 8), symlink('var/lock', '/run/lock'), symlink('var/run', '/run'),
    directory('var/tmp', 0o1777),
  ];
}

const BUSYBOX_PASSWD = [
  'root:x:0:0:root:/root:/bin/sh', 'daemon:x:1:1:daemon:/usr/sbin:/bin/false', 'bin:x:2:2:bin:/bin:/bin/false',
  'sys:x:3:3:sys:/dev:/bin/false', 'sync:x:4:100:sync:/bin:/bin/sync', 'mail:x:8:8:mail:/var/spool/mail:/bin/false',
  'www-data:x:33:33:www-data:/var/www:/bin/false', 'operator:x:37:37:Operator:/var:/bin/false',
  'nobody:x:65534:65534:nobody:/home:/bin/false',
];
const BUSYBOX_GROUP = [
  'root:x:0:', 'daemon:x:1:', 'bin:x:2:', 'sys:x:3:', 'adm:x:4:', 'tty:x:5:', 'disk:x:6:', 'lp:x:7:', 'mail:x:8:',
  'kmem:x:9:', 'wheel:x:10:root', 'cdrom:x:11:', 'dialout:x:18:', 'floppy:x:19:', 'video:x:28:', 'audio:x:29:',
  'tape:x:32:', 'www-data:x:33:', 'operator:x:37:', 'utmp:x:43:', 'plugdev:x:46:', 'staff:x:50:', 'lock:x:54:',
  'netdev:x:82:', 'users:x:100:', 'nobody:x:65534:',
];

/** The root file system of busybox: one program under many names. */
export function busyboxFiles(): FileDefinition[] {
  return [
    directory('bin'), executable('bin/busybox'),
    ...BUSYBOX_APPLETS.map((applet) => hardlink(`bin/${applet}`, 'bin/busybox')),
    directory('dev'), directory('etc'), file('etc/group', lines(BUSYBOX_GROUP)), file('etc/localtime', 'TZif2\n'),
    directory('etc/network'), directory('etc/network/if-down.d'), directory('etc/network/if-up.d'),
    file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    file('etc/passwd', lines(BUSYBOX_PASSWD)),
    file('etc/shadow', lines(BUSYBOX_PASSWD.map((l) => `${l.split(':')[0]}:*:::::::`)), 0o600),
    directory('home', 0o755, 65534, 65534), directory('root', 0o700), directory('tmp', 0o1777),
    directory('usr'), directory('usr/sbin'), directory('var'), directory('var/spool'),
    directory('var/spool/mail', 0o755, 8, 8), directory('var/www', 0o755, 33, 33),
  ];
}

const ALPINE_PASSWD = [
  'root:x:0:0:root:/root:/bin/sh', 'bin:x:1:1:bin:/bin:/sbin/nologin', 'daemon:x:2:2:daemon:/sbin:/sbin/nologin',
  'lp:x:4:7:lp:/var/spool/lpd:/sbin/nologin', 'sync:x:5:0:sync:/sbin:/bin/sync',
  'shutdown:x:6:0:shutdown:/sbin:/sbin/shutdown', 'halt:x:7:0:halt:/sbin:/sbin/halt',
  'mail:x:8:12:mail:/var/mail:/sbin/nologin', 'news:x:9:13:news:/usr/lib/news:/sbin/nologin',
  'uucp:x:10:14:uucp:/var/spool/uucppublic:/sbin/nologin', 'cron:x:16:16:cron:/var/spool/cron:/sbin/nologin',
  'ftp:x:21:21::/var/lib/ftp:/sbin/nologin', 'sshd:x:22:22:sshd:/dev/null:/sbin/nologin',
  'games:x:35:35:games:/usr/games:/sbin/nologin', 'ntp:x:123:123:NTP:/var/empty:/sbin/nologin',
  'guest:x:405:100:guest:/dev/null:/sbin/nologin', 'nobody:x:65534:65534:nobody:/:/sbin/nologin',
];
const ALPINE_GROUP = [
  'root:x:0:root', 'bin:x:1:root,bin,daemon', 'daemon:x:2:root,bin,daemon', 'sys:x:3:root,bin', 'adm:x:4:root,daemon',
  'tty:x:5:', 'disk:x:6:root', 'lp:x:7:lp', 'kmem:x:9:', 'wheel:x:10:root', 'floppy:x:11:root', 'mail:x:12:mail',
  'news:x:13:news', 'uucp:x:14:uucp', 'cron:x:16:cron', 'audio:x:18:', 'cdrom:x:19:', 'dialout:x:20:root',
  'ftp:x:21:', 'sshd:x:22:', 'input:x:23:', 'tape:x:26:root', 'video:x:27:root', 'netdev:x:28:', 'kvm:x:34:kvm',
  'games:x:35:', 'shadow:x:42:', 'www-data:x:82:', 'users:x:100:games', 'ntp:x:123:', 'abuild:x:300:', 'utmp:x:406:',
  'ping:x:999:', 'nogroup:x:65533:', 'nobody:x:65534:',
];
/** Applets that Alpine links into /bin; the others are in /usr/bin and /sbin. */
const ALPINE_BIN = new Set([
  'arch', 'ash', 'base64', 'bbconfig', 'cat', 'chgrp', 'chmod', 'chown', 'cp', 'date', 'dd', 'df', 'dmesg',
  'dnsdomainname', 'dumpkmap', 'echo', 'egrep', 'false', 'fatattr', 'fdflush', 'fgrep', 'fsync', 'getopt', 'grep',
  'gunzip', 'gzip', 'hostname', 'ionice', 'iostat', 'ipcalc', 'kbd_mode', 'kill', 'link', 'linux32', 'linux64', 'ln',
  'login', 'ls', 'lsattr', 'lzop', 'makemime', 'mkdir', 'mknod', 'mktemp', 'more', 'mount', 'mountpoint', 'mpstat', 'mv',
  'netstat', 'nice', 'pidof', 'ping', 'ping6', 'pipe_progress', 'printenv', 'ps', 'pwd', 'reformime', 'rev', 'rm',
  'rmdir', 'run-parts', 'sed', 'setpriv', 'setserial', 'sh', 'sleep', 'stat', 'stty', 'su', 'sync', 'tar', 'touch',
  'true', 'umount', 'uname', 'usleep', 'watch', 'zcat',
]);
const ALPINE_SBIN = new Set([
  'adjtimex', 'arp', 'blkid', 'blockdev', 'depmod', 'fbsplash', 'fdisk', 'findfs', 'fsck', 'fstrim', 'getty', 'halt',
  'hwclock', 'ifconfig', 'ifdown', 'ifenslave', 'ifup', 'init', 'insmod', 'ip', 'ipaddr', 'iplink', 'ipneigh',
  'iproute', 'iprule', 'iptunnel', 'klogd', 'loadkmap', 'logread', 'losetup', 'lsmod', 'mdev', 'mkfs.vfat', 'mkswap',
  'modinfo', 'modprobe', 'nameif', 'nologin', 'pivot_root', 'poweroff', 'raidautorun', 'reboot', 'rmmod', 'route',
  'setconsole', 'slattach', 'swapoff', 'swapon', 'switch_root', 'sysctl', 'syslogd', 'tunctl', 'udhcpc', 'vconfig',
]);

/** Where Alpine links an applet. */
function alpineApplet(applet: string): string {
  if (ALPINE_BIN.has(applet)) return `bin/${applet}`;
  return ALPINE_SBIN.has(applet) ? `sbin/${applet}` : `usr/bin/${applet}`;
}

/** The root file system of alpine; `version` as /etc/alpine-release has it. */
export function alpineFiles(version: string): FileDefinition[] {
  const minor = version.split('.').slice(0, 2).join('.');
  return [
    directory('bin'), executable('bin/busybox'), directory('dev'), directory('etc'),
    file('etc/alpine-release', `${version}\n`), directory('etc/apk'),
    file('etc/apk/repositories', lines(['main', 'community'].map((r) => `https://dl-cdn.alpinelinux.org/alpine/v${minor}/${r}`))),
    file('etc/apk/world', 'alpine-baselayout\nalpine-keys\napk-tools\nbusybox\nlibc-utils\n'),
    file('etc/group', lines(ALPINE_GROUP)), file('etc/hostname', 'localhost\n'),
    file('etc/hosts', '127.0.0.1\tlocalhost localhost.localdomain\n::1\t\tlocalhost localhost.localdomain\n'),
    file('etc/issue', `Welcome to Alpine Linux ${minor}\nKernel \\r on an \\m (\\l)\n\n`),
    file('etc/motd', 'Welcome to Alpine!\n\n'),
    file('etc/os-release', lines([
      'NAME="Alpine Linux"', 'ID=alpine', `VERSION_ID=${version}`, `PRETTY_NAME="Alpine Linux v${minor}"`,
      'HOME_URL="https://alpinelinux.org/"', 'BUG_REPORT_URL="https://gitlab.alpinelinux.org/alpine/aports/-/issues"',
    ])),
    file('etc/passwd', lines(ALPINE_PASSWD)), file('etc/profile', 'export PATH\n'),
    file('etc/shadow', lines(ALPINE_PASSWD.map((l) => `${l.split(':')[0]}:!::0:::::`)), 0o640, 0, 42),
    file('etc/shells', '/bin/sh\n/bin/ash\n'), directory('home'), directory('lib/apk/db'), directory('media'),
    directory('mnt'), directory('opt'), directory('proc', 0o555), directory('root', 0o700), directory('run'),
    directory('sbin'), executable('sbin/apk'), directory('srv'), directory('sys', 0o555), directory('tmp', 0o1777),
    directory('usr/bin'), directory('usr/lib'), directory('usr/local/bin'), directory('usr/sbin'), directory('usr/share'),
    ...BUSYBOX_APPLETS.filter((a) => a !== '[[').map((applet) => symlink(alpineApplet(applet), '/bin/busybox')),
    executable('usr/bin/getent'), directory('var/cache/apk'), directory('var/lib'), directory('var/log'),
    symlink('var/run', '/run'), directory('var/tmp', 0o1777),
  ];
}
