// busybox: one program under many names. It runs the machine's own programs under the applet's name, with busybox's
// wording where they know it; applets that nobody models say so.

import type { Process } from '../../../kernel/calls/process.ts';
import { EEXIST } from '../../../kernel/errno.ts';
import { arrived, type ProgramFile, type ProgramRun } from '../../../kernel/program.ts';
import { type Main, NOT_SIMULATED, notSimulated, program } from '../../libc/stdio.ts';
import { joinPath } from '../../libc/whole-file.ts';
import type { GnuProgram } from '../coreutils/gnu.ts';
import type { ProgramFamily } from '../index.ts';
import { ASH, type Dialect } from '../../shell/dialect.ts';
import { runShell } from '../../shell/invoke.ts';
import { APPLETS, WITHOUT_EXEC } from './applets.ts';
import { BANNER, busyboxDialect } from './dialect.ts';
import { init } from './init.ts';
import { mount } from './mount.ts';
import { ps } from './ps.ts';
import { umount } from './umount.ts';

/** Applets that run a program of another name. */
const RUN_AS: Readonly<Record<string, readonly string[]>> = {
  sh: ['ash', 'dash', 'sh'],
  ash: ['ash', 'dash', 'sh'],
  '[[': ['test'],
  init: ['busybox-init'],
  ps: ['busybox-ps'],
  httpd: ['busybox-httpd'],
  ip: ['busybox-ip'],
  mount: ['busybox-mount'],
  nc: ['busybox-nc'],
  nslookup: ['busybox-nslookup'],
  ping: ['busybox-ping'],
  umount: ['busybox-umount'],
  vi: ['busybox-vi'],
  wget: ['busybox-wget'],
};

const NAMES = new Set(APPLETS);

const isGnu = (file: ProgramFile): file is GnuProgram => 'runAs' in file;

const front = program('busybox', function* (main) {
  const [word, ...rest] = main.args;
  if (word === '--list') {
    for (const name of APPLETS) main.out.put(`${name}\n`);
    return 0;
  }
  if (word === '--install') return yield* installLinks(main, rest);
  if (word === undefined || word === '--help') {
    main.out.put(`${BANNER}\n`);
    main.out.put('\nUsage: busybox [function [arguments]...]\n   or: busybox --list[-full]\n');
    main.out.put(
      '   or: busybox --show SCRIPT\n   or: busybox --install [-s] [DIR]\n   or: function [arguments]...\n\n',
    );
    main.out.put(`Currently defined functions:\n${wrapped(APPLETS)}`);
    return 0;
  }
  main.err.put(`${word}: applet not found\n`);
  return 127;
});

function wrapped(names: readonly string[]): string {
  const lines: string[] = [];
  let line = '\t';
  names.forEach((name, i) => {
    const text = name + (i < names.length - 1 ? ',' : '');
    if (line.length + text.length > 71) {
      lines.push(line.trimEnd());
      line = '\t';
    }
    line += `${text} `;
  });
  return `${[...lines, line.trimEnd()].join('\n')}\n`;
}

/** --install: links to busybox for every applet, in DIR or where each belongs. */
function* installLinks(main: Main, words: readonly string[]): ProgramRun {
  const { process } = main;
  const symbolic = words.includes('-s');
  const directory = words.find((word) => !word.startsWith('-')) ?? '/usr/bin';
  const own = process.readlink('/proc/self/exe');
  const target = typeof own === 'string' ? own : '/bin/busybox';
  let status = 0;
  for (const name of APPLETS) {
    const path = joinPath(directory, name);
    const failure = symbolic ? process.symlink(target, path) : process.link(target, path);
    if (!failure || failure === EEXIST) continue;
    yield* main.fail(`${path}: ${failure.message}`);
    status = 1;
  }
  return status;
}

function appletName(process: Process): string {
  const called = process.argv[0] ?? 'busybox';
  return called.slice(called.lastIndexOf('/') + 1).replace(/^-/, '');
}

/** Runs an applet of which the process' words are the command line. */
function* runApplet(process: Process, name: string): ProgramRun {
  const { programs } = process.task.kernel;
  for (const candidate of [...(RUN_AS[name] ?? []), name]) {
    const entry = programs(candidate);
    if (!entry || entry.name === busybox.name) continue;
    const file = yield* arrived(entry);
    return yield* isGnu(file) ? file.runAs(process, busyboxDialect(file.spec)) : file.run(process);
  }
  yield* program(name, (main) =>
    notSimulated(main, `busybox ${[name, ...main.args].join(' ')}`),
  ).run(process);
  return NOT_SIMULATED;
}

/** Debian's build, whose shell finds applets without PATH (CONFIG_FEATURE_SH_STANDALONE). */
const standalone: ProgramFile = {
  name: 'busybox-standalone',
  *run(process) {
    const own = appletName(process);
    const name = NAMES.has(own) ? own : (process.argv[1] ?? '');
    if (name !== 'sh' && name !== 'ash') return yield* busybox.run(process);
    if (name !== own) process.task.leader.process.words = process.argv.slice(1);
    return yield* runShell(process, STANDALONE_ASH);
  },
};

const STANDALONE_ASH: Dialect = {
  ...ASH,
  applet: (name) => {
    if (!NAMES.has(name)) return undefined;
    return WITHOUT_EXEC.has(name) ? { inside: runInside } : {};
  },
};

/** An applet in a process that is the shell's own child: its words change, and its name (prctl(2), PR_SET_NAME). */
function* runInside(process: Process, words: readonly string[]): ProgramRun {
  process.task.leader.process.words = words;
  process.task.name = (words[0] ?? '').slice(0, 15);
  return yield* runApplet(process, words[0] ?? '');
}

const busybox: ProgramFile = {
  name: 'busybox',
  *run(process) {
    let name = appletName(process);
    if (!NAMES.has(name)) {
      const word = process.argv[1] ?? '';
      if (!NAMES.has(word)) return yield* front.run(process);
      name = word;
      process.task.leader.process.words = process.argv.slice(1);
    }
    return yield* runApplet(process, name);
  },
};

export const busyboxFamily: ProgramFamily = {
  name: 'busybox',
  programs: [busybox, standalone, ps, mount, umount, init],
};
