// apt-mark(8): which packages came for others, and changing that. Left out: hold and what goes with it.

import { notSimulated, program } from '../../../userland/libc/stdio.ts';
import { isInstalled, readAutomatic, readStatus, writeAutomatic } from './database.ts';

export const aptMark = program('apt-mark', function* (main) {
  const { process: p } = main;
  const [command = '', ...words] = main.args;
  const automatic = yield* readAutomatic(p);
  const known = yield* readStatus(p);
  if (command === 'showauto' || command === 'showmanual') {
    for (const [name, one] of known)
      if (isInstalled(one) && automatic.has(name) === (command === 'showauto'))
        main.out.put(`${name}\n`);
    return 0;
  }
  if (command !== 'auto' && command !== 'manual')
    return yield* notSimulated(main, `apt-mark ${main.args.join(' ')}`);
  for (const word of words) {
    if (!isInstalled(known.get(word))) {
      main.err.put(`E: Unable to locate package ${word}\nE: No packages found\n`);
      return 100;
    }
    if (command === 'auto') automatic.add(word);
    else automatic.delete(word);
    const what = command === 'auto' ? 'automatically' : 'manually';
    main.out.put(`${word} set to ${what} installed.\n`);
  }
  writeAutomatic(p, automatic);
  return 0;
});
