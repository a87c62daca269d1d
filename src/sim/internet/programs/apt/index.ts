// Debian's package managers: apt, apt-get, apt-cache, apt-mark, dpkg, dpkg-query.

import type { ProgramFamily } from '../../../userland/programs/index.ts';
import { aptCache } from './apt-cache.ts';
import { apt, aptGet } from './apt-get.ts';
import { aptMark } from './apt-mark.ts';
import { dpkg, dpkgQuery } from './dpkg.ts';

export const debianPackaging: ProgramFamily = {
  name: 'apt and dpkg',
  programs: [apt, aptGet, aptCache, aptMark, dpkg, dpkgQuery],
};
