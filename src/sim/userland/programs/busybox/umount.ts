// busybox's umount: -l, -f, -r and -n; a failure is said in busybox's words.

import { EBUSY } from '../../../kernel/errno.ts';
import { MNT_DETACH, MNT_FORCE, MS_RDONLY, MS_REMOUNT } from '../../../kernel/files/mount.ts';
import { isOptionError, type OptionSpec, parseOptions } from '../../libc/options.ts';
import { notSimulated, program } from '../../libc/stdio.ts';
import { BANNER } from './dialect.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'lazy', short: 'l' },
  { key: 'force', short: 'f' },
  { key: 'readonly', short: 'r' },
  { key: 'nomtab', short: 'nDdi' },
  { key: 'all', short: 'a' },
  { key: 'types', short: 't', argument: 'required' },
  { key: 'options', short: 'O', argument: 'required' },
];

const USAGE = `${BANNER}\n\nUsage: umount [-rlfda] [-t FSTYPE] FILESYSTEM|DIRECTORY\n`;

export const umount = program('busybox-umount', function* (main) {
  const { process } = main;
  const options = parseOptions(main.args, OPTIONS);
  if (isOptionError(options) || (options.operands.length === 0 && !options.has('all'))) {
    main.err.put(`${isOptionError(options) ? `umount: ${options.error}\n` : ''}${USAGE}`);
    return 1;
  }
  if (options.has('all')) return yield* notSimulated(main, 'busybox umount -a');
  const flags = (options.has('lazy') ? MNT_DETACH : 0) | (options.has('force') ? MNT_FORCE : 0);
  let status = 0;
  for (const target of options.operands) {
    let failure = process.umount(target, flags);
    if (failure === EBUSY && options.has('readonly')) {
      failure = process.mount('none', target, '', MS_REMOUNT | MS_RDONLY);
    }
    if (!failure) continue;
    main.err.put(`umount: can't unmount ${target}: ${failure.message}\n`);
    status = 1;
  }
  return status;
});
