// lxc-create and lxc-destroy. The template busybox is here: a root file system of one program and its links.

import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { notSimulated, program, type Main } from '../../userland/libc/stdio.ts';
import { readFile, writeFile } from '../../userland/libc/whole-file.ts';
import { spawn, waitFor } from '../../userland/libc/spawn.ts';
import { configurationOf, LXC_PATH, logged, nameOf, readWords, runningState } from './container.ts';

const DIRECTORIES =
  'selinux dev home root etc etc/init.d bin usr usr/bin sbin usr/sbin proc sys mnt tmp var var/log var/run dev/pts lib usr/lib lib64 usr/lib64'.split(
    ' ',
  );

/** init's table: mounts first, then a shell on the console for whoever asks. */
const INITTAB = '::sysinit:/etc/init.d/rcS\nconsole::askfirst:/bin/sh\n';
const RCS = '#!/bin/sh\n/bin/mount -a\n';

function* put(p: Process, path: string, text: string, mode = 0o644): Routine<void> {
  yield* writeFile(p, path, encode(text), mode);
  p.chmod(path, mode);
}

/** The template busybox: lays out `rootfs`. False where the machine has no busybox. */
function* busyboxTemplate(main: Main, rootfs: string): Routine<boolean> {
  const { process: p } = main;
  const busybox = yield* readFile(p, '/usr/bin/busybox');
  if (isErrno(busybox)) {
    main.err.put('ERROR: Please pass a pathname for busybox binary\n');
    return false;
  }
  p.mkdir(rootfs, 0o755);
  for (const directory of DIRECTORIES) p.mkdir(`${rootfs}/${directory}`, 0o755);
  p.chmod(`${rootfs}/tmp`, 0o1777);
  yield* put(p, `${rootfs}/etc/passwd`, 'root:x:0:0:root:/root:/bin/sh\n');
  yield* put(p, `${rootfs}/etc/group`, 'root:x:0:root\n');
  yield* put(p, `${rootfs}/etc/shadow`, '');
  yield* put(p, `${rootfs}/etc/fstab`, '');
  yield* put(p, `${rootfs}/etc/inittab`, INITTAB);
  yield* put(p, `${rootfs}/etc/init.d/rcS`, RCS, 0o744);
  yield* writeFile(p, `${rootfs}/bin/busybox`, busybox, 0o755);
  p.chmod(`${rootfs}/bin/busybox`, 0o755);
  const pid = spawn(p, [
    '/bin/sh',
    '-c',
    `cd ${rootfs}/bin && busybox --list | grep -v busybox | xargs -n1 ln -s busybox`,
  ]);
  if (!isErrno(pid)) yield* waitFor(p, pid);
  p.link(`${rootfs}/bin/busybox`, `${rootfs}/sbin/init`);
  return true;
}

function configText(name: string, network: string): string {
  const lines = [
    '# Template used to create this container: /usr/share/lxc/templates/lxc-busybox',
    '# Parameters passed to the template:',
    '# For additional config options, please look at lxc.container.conf(5)',
    '',
    '# Uncomment the following line to support nesting containers:',
    '#lxc.include = /usr/share/lxc/config/nesting.conf',
    '# (Be aware this has security implications)',
    '',
    network.trim(),
    `lxc.rootfs.path = dir:${LXC_PATH}/${name}/rootfs`,
    'lxc.signal.halt = SIGUSR1',
    'lxc.signal.reboot = SIGTERM',
    `lxc.uts.name = "${name}"`,
    'lxc.autodev = 1',
    'lxc.cap.drop = sys_module mac_admin mac_override sys_time',
    '',
    'lxc.mount.auto = cgroup:mixed proc:mixed sys:ro',
    'lxc.mount.entry = shm dev/shm tmpfs defaults,create=dir 0 0',
    'lxc.mount.entry = mqueue dev/mqueue mqueue defaults,optional,create=dir 0 0',
    ...['lib', 'usr/lib', 'lib64', 'usr/lib64'].map(
      (path) => `lxc.mount.entry = /${path} ${path} none ro,bind 0 0`,
    ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

export const lxcCreate = program('lxc-create', function* (main) {
  const { process: p } = main;
  const words = readWords(
    main.args,
    {
      '-n': 'name',
      '--name': 'name',
      '-t': 'template',
      '--template': 'template',
      '-f': 'config',
      '--config': 'config',
    },
    {},
  );
  if (words.unknown !== undefined) return yield* notSimulated(main, `lxc-create ${words.unknown}`);
  const [name] = nameOf(words);
  if (name === undefined || name === '') {
    main.err.put('lxc-create: No container name specified\n');
    return 1;
  }
  const template = words.options.get('template');
  if (template === undefined) {
    yield* logged(main, name, 'tools/lxc_create.c: main: 214', 'A template must be specified');
    main.err.put('Use "none" if you really want a container without a rootfs\n');
    return 1;
  }
  if (yield* configurationOf(p, name)) {
    yield* logged(main, name, 'tools/lxc_create.c: main: 260', 'Container already exists');
    return 1;
  }
  if (template !== 'busybox') return yield* notSimulated(main, `the LXC template ${template}`);
  if (p.euid !== 0) return yield* notSimulated(main, 'LXC of unprivileged users');
  const given = words.options.get('config') ?? '/etc/lxc/default.conf';
  const network = yield* readFile(p, given);
  for (const part of ['/var/lib', LXC_PATH]) p.mkdir(part, 0o755);
  p.mkdir(`${LXC_PATH}/${name}`, 0o770);
  if (!(yield* busyboxTemplate(main, `${LXC_PATH}/${name}/rootfs`))) return 1;
  const text = isErrno(network) ? '' : String.fromCharCode(...network);
  yield* put(p, `${LXC_PATH}/${name}/config`, configText(name, text), 0o640);
  return 0;
});

function removeTree(p: Process, path: string): void {
  const stat = p.lstat(path);
  if (isErrno(stat)) return;
  const items = (stat.mode & 0o170000) === 0o040000 ? p.readdir(path) : undefined;
  if (items === undefined || isErrno(items)) {
    p.unlink(path);
    return;
  }
  for (const { name } of items) if (name !== '.' && name !== '..') removeTree(p, `${path}/${name}`);
  p.rmdir(path);
}

export const lxcDestroy = program('lxc-destroy', function* (main) {
  const { process: p } = main;
  const words = readWords(
    main.args,
    { '-n': 'name', '--name': 'name' },
    { '-f': 'force', '--force': 'force' },
  );
  if (words.unknown !== undefined) return yield* notSimulated(main, `lxc-destroy ${words.unknown}`);
  const [name] = nameOf(words);
  if (name === undefined) {
    main.err.put('lxc-destroy: No container name specified\n');
    return 1;
  }
  if (!(yield* configurationOf(p, name))) {
    yield* logged(main, name, 'tools/lxc_destroy.c: main: 242', 'Container is not defined');
    return 1;
  }
  const running = yield* runningState(p, name);
  if (running && !words.options.has('force')) {
    yield* logged(main, name, 'tools/lxc_destroy.c: main: 260', `${name} is running`);
    return 1;
  }
  if (running) {
    const pid = spawn(p, ['lxc-stop', '-k', '-n', name]);
    if (!isErrno(pid)) yield* waitFor(p, pid);
  }
  removeTree(p, `${LXC_PATH}/${name}`);
  return 0;
});
