// capsh, getcap, setcap, getpcaps of libcap 2.66.

import { encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { CAP_SETFCAP } from '../../../kernel/task/credentials.ts';
import {
  formatFileCapabilities,
  parseFileCapabilities,
} from '../../../kernel/task/exec-credentials.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { readText } from '../procps/processes.ts';
import {
  capabilityByName,
  type CapabilityText,
  formatCapabilities,
  nameList,
  parseCapabilities,
} from './capability-text.ts';
import { runCommand } from './tool.ts';

const ATTRIBUTE = 'security.capability';

/** The text of a file's capabilities; undefined where it has none. */
function fileText(main: Main, path: string): string | undefined {
  const value = main.process.getxattr(path, ATTRIBUTE);
  if (isErrno(value)) return undefined;
  const { permitted, inheritable, effective } = parseFileCapabilities(value);
  return formatCapabilities({
    permitted,
    inheritable,
    effective: effective ? permitted | inheritable : 0n,
  });
}

export const getcap = program('getcap', function* (main) {
  const recursive = main.args.includes('-r');
  const files = main.args.filter((word) => !word.startsWith('-'));
  if (files.length === 0) {
    main.err.put('usage: getcap [-h] [-l] [-n] [-r] [-v] <filename> [<filename> ...]\n');
    yield* main.err.flush();
    return 1;
  }
  const show = function* (path: string): ProgramRun {
    const stat = main.process.lstat(path);
    if (isErrno(stat)) {
      main.err.put(`${path} (${stat.message})\n`);
      yield* main.err.flush();
      return 1;
    }
    const text = fileText(main, path);
    if (text !== undefined) yield* main.out.print(`${path} ${text}\n`);
    else if (main.args.includes('-v')) yield* main.out.print(`${path}\n`);
    const items =
      recursive && (stat.mode & 0o170000) === 0o040000 ? main.process.readdir(path) : [];
    for (const { name } of isErrno(items) ? [] : items)
      yield* show(`${path.replace(/\/$/, '')}/${name}`);
    return 0;
  };
  for (const path of files) yield* show(path);
  return 0;
});

const SETCAP_USAGE = [
  'usage: setcap [-h] [-q] [-v] [-n <rootid>] (-r|-|<caps>) <filename> [ ... (-r|-|<capsN>) <filenameN> ]',
  '',
  ' Note <filename> must be a regular (non-symlink) file.',
  ' -r          remove capability from file',
  ' -           read capability text from stdin',
  ' <capsN>     cap_from_text(3) formatted file capability',
  ' [ Note: capsh --suggest="something..." might help you pick. ]',
  ' -h          this message and exit status 0',
  ' -q          quietly',
  ' -v          validate supplied capability matches file',
  ' -n <rootid> write a user namespace (!= 0) limited capability',
  ' --license   display the license info',
  '',
].join('\n');

function* complain(main: Main, text: string): ProgramRun {
  yield* main.out.flush();
  main.err.put(`${text}\n`);
  yield* main.err.flush();
  return 1;
}

/** One pair of capability text (or -r) and file. */
function* setOne(main: Main, what: string, path: string): ProgramRun {
  const { process } = main;
  if (!(process.capabilities.permitted & CAP_SETFCAP)) {
    return yield* complain(
      main,
      'unable to set CAP_SETFCAP effective capability: Operation not permitted',
    );
  }
  if (what === '-r') {
    const old = process.getxattr(path, ATTRIBUTE);
    if (isErrno(old) && old.name === 'ENODATA') {
      yield* complain(main, `File '${path}' has no capablity to remove`);
      return 1;
    }
    const failure = process.setxattr(path, ATTRIBUTE, undefined);
    if (failure)
      return yield* complain(
        main,
        `Failed to remove capabilities on file '${path}': ${failure.message}`,
      );
    return 0;
  }
  const sets = parseCapabilities(what);
  if (!sets)
    return yield* complain(main, `fatal error: Invalid argument\n${SETCAP_USAGE.trimEnd()}`);
  const value = formatFileCapabilities({
    permitted: sets.permitted,
    inheritable: sets.inheritable,
    effective: sets.effective !== 0n,
  });
  const failure = process.setxattr(path, ATTRIBUTE, encode(value));
  return failure
    ? yield* complain(main, `Failed to set capabilities on file '${path}': ${failure.message}`)
    : 0;
}

export const setcap = program('setcap', function* (main) {
  const words = main.args.filter((word) => word !== '-q');
  if (words.length < 2 || words.length % 2 !== 0) {
    main.err.put(SETCAP_USAGE);
    yield* main.err.flush();
    return 1;
  }
  if (words.includes('-v') || words.includes('-n'))
    return yield* notSimulated(main, 'setcap -v and -n');
  for (let i = 0; i < words.length; i += 2) {
    const status = yield* setOne(main, words[i] ?? '', words[i + 1] ?? '');
    if (status !== 0) return status;
  }
  return 0;
});

/** The sets of a process, from its status file. */
function* setsOf(main: Main, pid: string): Routine<CapabilityText | undefined> {
  const status = yield* readText(main.process, `/proc/${pid}/status`);
  if (status === undefined) return undefined;
  const set = (name: string): bigint =>
    BigInt(`0x${new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? '0'}`);
  return { effective: set('CapEff'), permitted: set('CapPrm'), inheritable: set('CapInh') };
}

export const getpcaps = program('getpcaps', function* (main) {
  let status = 0;
  for (const pid of main.args.filter((word) => !word.startsWith('-'))) {
    const sets = yield* setsOf(main, pid);
    if (!sets) {
      status = yield* complain(main, `Failed to get cap's for process ${pid}: (No such process)`);
      continue;
    }
    yield* main.out.print(`${pid}: ${formatCapabilities(sets)}\n`);
  }
  return status;
});

function* printState(main: Main): ProgramRun {
  const { process } = main;
  const { capabilities: sets } = process;
  const { bounding, ambient } = sets;
  const absent =
    (((1n << 41n) - 1n) & ~bounding) === 0n
      ? ''
      : nameList(((1n << 41n) - 1n) & ~bounding).replace(/(^|,)/g, '$1!');
  const status = (yield* readText(process, '/proc/self/status')) ?? '';
  const noNew = /^NoNewPrivs:\s+(\d)/m.exec(status)?.[1] ?? '0';
  yield* main.out.print(
    `Current: ${formatCapabilities(sets)}\nBounding set =${nameList(bounding)}\nAmbient set =${nameList(ambient)}\n` +
      `Current IAB: ${absent}\nSecurebits: 00/0x0/1'b0 (no-new-privs=${noNew})\n secure-noroot: no (unlocked)\n` +
      ' secure-no-suid-fixup: no (unlocked)\n secure-keep-caps: no (unlocked)\n secure-no-ambient-raise: no (unlocked)\n' +
      `uid=${process.uid}(${process.uid === 0 ? 'root' : '???'}) euid=${process.euid}(${process.euid === 0 ? 'root' : '???'})\n` +
      `gid=${process.gid}(${process.gid === 0 ? 'root' : '???'})\ngroups=${process.groups.join(',')}\n` +
      `Guessed mode: ${process.uid === 0 ? 'HYBRID (4)' : 'HYBRID (4)'}\n`,
  );
  return 0;
}

/** `--drop=LIST` and `--caps=TEXT`; a text is the complaint. */
function change(main: Main, name: string, value: string): string | undefined {
  const { process } = main;
  if (name === 'caps') {
    const sets = parseCapabilities(value);
    if (!sets) return `Unable to set capabilities [${value}]`;
    const failure = process.setCapabilities(sets);
    return failure && `Unable to set capabilities [${value}]`;
  }
  let set = 0n;
  for (const word of value.split(',')) {
    const bit = word === 'all' ? (1n << 41n) - 1n : capabilityByName(word);
    if (bit === undefined) {
      return name === 'inh'
        ? 'Fatal error internalizing capabilities: Invalid argument'
        : `capability [${word}] is unknown to libcap`;
    }
    set |= bit;
  }
  const { bounding, inheritable, permitted } = process.capabilities;
  const failure =
    name === 'drop'
      ? process.setCapabilities({ bounding: bounding & ~set })
      : name === 'inh'
        ? process.setCapabilities({ inheritable: set })
        : process.setCapabilities({ inheritable: inheritable | (set & permitted), ambient: set });
  return failure && `Unable to ${name} [${value}]: ${failure.message}`;
}

export const capsh = program('capsh', function* (main) {
  const { process } = main;
  for (const [i, word] of main.args.entries()) {
    const [, name = '', value = ''] = /^--?([a-z]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (word === '--') return yield* runCommand(main, ['/bin/bash', ...main.args.slice(i + 1)]);
    if (name === 'print') yield* printState(main);
    else if (name === 'decode') {
      // strtoull: what begins the word, and nothing where that is no number.
      const digits = /^\s*(?:0x)?([0-9a-f]{1,16})/i.exec(value)?.[1] ?? '0';
      const set = BigInt(`0x${digits}`);
      yield* main.out.print(`0x${set.toString(16).padStart(16, '0')}=${nameList(set)}\n`);
    } else if (name === 'has') {
      const set = value.slice(0, 1);
      return yield* notSimulated(main, `capsh --has-${set}`);
    } else if (['drop', 'caps', 'inh', 'addamb'].includes(name)) {
      const complaint = change(main, name, value);
      if (complaint) return yield* complain(main, complaint);
    } else if (name === 'uid') process.setuid(Number(value));
    else if (name === 'gid') process.setgid(Number(value));
    else if (name === 'chroot') {
      const failure = process.chroot(value) ?? process.chdir('/');
      if (failure) return yield* complain(main, `Unable to chroot/chdir to [${value}]`);
    } else return yield* notSimulated(main, `capsh ${word}`);
  }
  return 0;
});
