// Real programs of a Debian machine that are not modelled. They are there, so that `which` finds them, and say so
// in the agreed line when run.

import { notSimulated, PLACEHOLDER, program } from '../userland/libc/stdio.ts';
import type { ProgramFamily } from '../userland/programs/index.ts';

/** Programs that a reader may try and that are not modelled, by their names in /usr/bin. */
export const NOT_MODELLED = [
  'emacs',
  'ed',
  'gcc',
  'cc',
  'make',
  'gdb',
  'strace',
  'ltrace',
  'perf',
  'perl',
  'ruby',
  'php',
  'screen',
  'tmux',
  'rsync',
  'scp',
  'sftp',
  'ftp',
  'mail',
  'gpg',
  'man',
  'info',
  'crontab',
  'at',
  'nmap',
  'iperf3',
  'socat',
  'zip',
  'unzip',
  'bzip2',
  'xz',
  'zstd',
  'systemd-nspawn',
  'machinectl',
  'loginctl',
  'timedatectl',
  'hostnamectl',
  'fdisk',
  'mkfs',
  'fsck',
  'swapon',
  'insmod',
  'modprobe',
  'lsmod',
  'bpftool',
  'bpftrace',
] as const;

/** The one program behind all of them: it is named by how it was called. */
export const placeholders: ProgramFamily = {
  name: 'not modelled',
  elsewhere: true,
  programs: [
    program(PLACEHOLDER, (main) => notSimulated(main, [main.name, ...main.args].join(' '))),
  ],
};
