// shadow 4.13 (accounts) and glibc's getent.

import type { ProgramFamily } from '../index.ts';
import { getent, groupadd, groupdel, passwd, useradd, userdel, usermod } from './users.ts';

export const shadow: ProgramFamily = {
  name: 'shadow',
  programs: [getent, groupadd, groupdel, passwd, useradd, userdel, usermod],
};
