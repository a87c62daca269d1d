// Programs that work on text and files in bulk: grep, sed, awk, find and their like.

import type { ProgramFamily } from '../index.ts';
import { awk, mawk } from './awk.ts';
import { bc } from './bc.ts';
import { cmp } from './cmp.ts';
import { column } from './column.ts';
import { diff } from './diff.ts';
import { gunzip, gzip, zcat } from './gzip.ts';
import { tar } from './tar.ts';
import { file } from './file.ts';
import { less, more } from './pager.ts';
import { patch } from './patch.ts';
import { find } from './find.ts';
import { fmt } from './fmt.ts';
import { expand, fold, unexpand } from './fold.ts';
import { egrep, fgrep, grep } from './grep.ts';
import { hd, hexdump } from './hexdump.ts';
import { which, xargs } from './xargs.ts';
import { xxd } from './xxd.ts';
import { jq } from './jq/jq.ts';
import { sed } from './sed.ts';

export const text: ProgramFamily = {
  name: 'text',
  programs: [
    awk,
    bc,
    cmp,
    column,
    diff,
    file,
    less,
    more,
    patch,
    gunzip,
    gzip,
    tar,
    zcat,
    egrep,
    expand,
    fgrep,
    find,
    fmt,
    fold,
    grep,
    hd,
    hexdump,
    mawk,
    sed,
    unexpand,
    which,
    xargs,
    xxd,
  ],
};

/** Its own package in Debian, and large: not part of the base system. */
export const jqFamily: ProgramFamily = { name: 'jq', programs: [jq] };
