// Programs that work on text and files in bulk: grep, sed, awk, find and their like.

import type { ProgramFamily } from '../index.ts';
import { awk, mawk } from './awk.ts';
import { cmp } from './cmp.ts';
import { diff } from './diff.ts';
import { gunzip, gzip, zcat } from './gzip.ts';
import { tar } from './tar.ts';
import { find } from './find.ts';
import { egrep, fgrep, grep } from './grep.ts';
import { which, xargs } from './xargs.ts';
import { sed } from './sed.ts';

export const text: ProgramFamily = {
  name: 'text',
  programs: [awk, cmp, diff, gunzip, gzip, tar, zcat, egrep, fgrep, find, grep, mawk, sed, which, xargs],
};
