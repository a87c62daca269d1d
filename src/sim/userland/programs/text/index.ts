// Programs that work on text and files in bulk: grep, sed, awk, find and their like.

import type { ProgramFamily } from '../index.ts';
import { egrep, fgrep, grep } from './grep.ts';

export const text: ProgramFamily = {
  name: 'text',
  programs: [egrep, fgrep, grep],
};
