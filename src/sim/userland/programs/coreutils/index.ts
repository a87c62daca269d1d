// GNU coreutils 9.1, with rev and hostname, which Debian has elsewhere.

import type { ProgramFamily } from '../index.ts';
import { cat, nl, rev, tac, tee } from './cat.ts';
import { cp, install, mv } from './copy.ts';
import { wc } from './count.ts';
import { mkdir, mkfifo, mknod, mktemp, touch, truncate } from './create.ts';
import { basename, dirname, echo, falseProgram, pwd, sleep, trueProgram, yes } from './echo.ts';
import { comm, cut, paste } from './fields.ts';
import { uniq } from './uniq.ts';
import { head, tail } from './head-tail.ts';
import { dnsdomainname, domainname, hostname, nisdomainname, ypdomainname } from './hostname.ts';
import { join } from './join.ts';
import { link, ln, readlink, realpath } from './links.ts';
import { dir, ls, vdir } from './ls.ts';
import { expr } from './expr.ts';
import { factor, seq } from './number-lists.ts';
import { chgrp, chmod, chown } from './permissions.ts';
import { printf } from './printf.ts';
import { rm, rmdir, shred, unlink } from './remove.ts';
import { shuf, sort } from './sort.ts';
import {
  arch,
  groups,
  hostid,
  id,
  logname,
  nproc,
  tty,
  uname,
  users,
  who,
  whoami,
} from './identity.ts';
import { cksum, digests, sum } from './digest.ts';
import { date, sync } from './date.ts';
import { dd } from './dd.ts';
import { df } from './df.ts';
import { du } from './du.ts';
import { base32, base64, od } from './encode.ts';
import { chroot, env, nice, nohup, printenv, stdbuf, timeout } from './wrappers.ts';
import { split } from './split.ts';
import { stat } from './stat.ts';
import { bracket, test } from './test.ts';
import { tr } from './tr.ts';
import { tsort } from './tsort.ts';

export const coreutils: ProgramFamily = {
  name: 'coreutils',
  programs: [
    ...digests,
    arch,
    base32,
    base64,
    chroot,
    cksum,
    date,
    dd,
    df,
    du,
    env,
    groups,
    hostid,
    hostname,
    domainname,
    nisdomainname,
    ypdomainname,
    dnsdomainname,
    id,
    logname,
    nice,
    nohup,
    nproc,
    od,
    printenv,
    stat,
    stdbuf,
    sum,
    sync,
    timeout,
    tty,
    uname,
    users,
    who,
    whoami,
    basename,
    bracket,
    cat,
    chgrp,
    chmod,
    chown,
    comm,
    cp,
    cut,
    dir,
    dirname,
    echo,
    expr,
    factor,
    falseProgram,
    head,
    install,
    join,
    link,
    ln,
    ls,
    mkdir,
    mkfifo,
    mknod,
    mktemp,
    mv,
    nl,
    paste,
    printf,
    pwd,
    readlink,
    realpath,
    rev,
    rm,
    rmdir,
    seq,
    shred,
    shuf,
    sleep,
    sort,
    split,
    tac,
    tail,
    tee,
    test,
    touch,
    tr,
    trueProgram,
    truncate,
    tsort,
    uniq,
    unlink,
    vdir,
    wc,
    yes,
  ],
};
