// The root file system of the busybox image.

import {
  directory,
  executable,
  type FileDefinition,
  file,
  hardlink,
} from '../../containers/images/definition.ts';
import { BUSYBOX_APPLETS } from './applets.ts';
import { lines } from './base.ts';

export const BUSYBOX_PASSWD = [
  'root:x:0:0:root:/root:/bin/sh',
  'daemon:x:1:1:daemon:/usr/sbin:/bin/false',
  'bin:x:2:2:bin:/bin:/bin/false',
  'sys:x:3:3:sys:/dev:/bin/false',
  'sync:x:4:100:sync:/bin:/bin/sync',
  'mail:x:8:8:mail:/var/spool/mail:/bin/false',
  'www-data:x:33:33:www-data:/var/www:/bin/false',
  'operator:x:37:37:Operator:/var:/bin/false',
  'nobody:x:65534:65534:nobody:/home:/bin/false',
];

export const BUSYBOX_GROUP = [
  'root:x:0:',
  'daemon:x:1:',
  'bin:x:2:',
  'sys:x:3:',
  'adm:x:4:',
  'tty:x:5:',
  'disk:x:6:',
  'lp:x:7:',
  'mail:x:8:',
  'kmem:x:9:',
  'wheel:x:10:root',
  'cdrom:x:11:',
  'dialout:x:18:',
  'floppy:x:19:',
  'video:x:28:',
  'audio:x:29:',
  'tape:x:32:',
  'www-data:x:33:',
  'operator:x:37:',
  'utmp:x:43:',
  'plugdev:x:46:',
  'staff:x:50:',
  'lock:x:54:',
  'netdev:x:82:',
  'users:x:100:',
  'nobody:x:65534:',
];

/** The root file system of busybox: one program under many names. */
export function busyboxFiles(): FileDefinition[] {
  return [
    directory('bin'),
    executable('bin/busybox'),
    ...BUSYBOX_APPLETS.map((applet) => hardlink(`bin/${applet}`, 'bin/busybox')),
    directory('dev'),
    directory('etc'),
    file('etc/group', lines(BUSYBOX_GROUP)),
    file('etc/localtime', 'TZif2\n'),
    directory('etc/network'),
    directory('etc/network/if-down.d'),
    directory('etc/network/if-up.d'),
    file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    file('etc/passwd', lines(BUSYBOX_PASSWD)),
    file('etc/shadow', lines(BUSYBOX_PASSWD.map((l) => `${l.split(':')[0]}:*:::::::`)), 0o600),
    directory('home', 0o755, 65534, 65534),
    directory('root', 0o700),
    directory('tmp', 0o1777),
    directory('usr'),
    directory('usr/sbin'),
    directory('var'),
    directory('var/spool'),
    directory('var/spool/mail', 0o755, 8, 8),
    directory('var/www', 0o755, 33, 33),
  ];
}
