// gosu: becomes another user and runs a command in its place.

import type { ProgramRun } from '../../kernel/program.ts';
import { readAccounts } from '../../userland/libc/accounts.ts';
import { execvp } from '../../userland/libc/spawn.ts';
import { type Main, program } from '../../userland/libc/stdio.ts';

function* run(main: Main): ProgramRun {
  const { process: p, args } = main;
  const [who = '', ...command] = args;
  if (who === '--version') {
    main.out.put('1.19 (go1.24.6 on linux/amd64; gc)\n');
    return 0;
  }
  if (command.length === 0) {
    main.err.put('Usage: ./gosu user-spec command [args]\n');
    return 1;
  }
  const [name = '', group] = who.split(':');
  const accounts = yield* readAccounts(p);
  const user = accounts.userByName(name) ?? accounts.userById(Number(name));
  const gid = group === undefined ? user?.gid : (accounts.groupByName(group)?.gid ?? Number(group));
  const uid = user?.uid ?? Number(name);
  if (Number.isNaN(uid)) {
    main.err.put(
      `error: failed switching to "${who}": unable to find user ${name}: no matching entries in passwd file\n`,
    );
    return 1;
  }
  p.setgroups(accounts.groupsOf(name, gid ?? uid));
  const refused = p.setgid(gid ?? uid) ?? p.setuid(uid);
  if (refused) {
    main.err.put(`error: failed switching to "${who}": ${refused.message.toLowerCase()}\n`);
    return 1;
  }
  const environment = new Map(p.environment).set('HOME', user?.home ?? '/');
  const failed = execvp(p, command, environment);
  main.err.put(`error: exec: "${command[0]}": ${failed.message.toLowerCase()}\n`);
  return 1;
}

export const gosu = program('gosu', run);
