// perl: its everyday switches (-e -E -l -w -M) and scripts. What of the language is left out says parse.ts.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { type Main, notSimulated, program } from '../../../userland/libc/stdio.ts';
import { readFile } from '../../../userland/libc/whole-file.ts';
import { NotUnderstood, parsePerl } from './parse.ts';
import { PerlExit, runPerl } from './run.ts';

interface CommandLine {
  code: string | undefined;
  lines: boolean;
  modules: string[];
  rest: string[];
  /** A switch that is not known here. */
  unknown: string | undefined;
}

/** Reads the switches: they may be joined (`-wle`), -e takes the next word, -M what follows it. */
function commandLine(args: readonly string[]): CommandLine {
  const read: CommandLine = {
    code: undefined,
    lines: false,
    modules: [],
    rest: [],
    unknown: undefined,
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word === '--' || !word.startsWith('-') || word === '-') {
      read.rest = args.slice(word === '--' ? i + 1 : i);
      break;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] ?? '';
      if (letter === 'l') read.lines = true;
      else if (letter === 'M' || letter === 'm') {
        read.modules.push(word.slice(at + 1));
        break;
      } else if (letter === 'e' || letter === 'E') {
        const code = at + 1 < word.length ? word.slice(at + 1) : (args[++i] ?? '');
        read.code = read.code === undefined ? code : `${read.code}\n${code}`;
        break;
      } else if (!'wWXtT'.includes(letter)) {
        read.unknown = `-${letter}`;
        return read;
      }
    }
  }
  return read;
}

const MODULES = ['strict', 'warnings', 'utf8', 'bignum', 'bigint'];

export const perl = program('perl', function* (main: Main): Routine<number> {
  const { code, lines, modules, rest, unknown } = commandLine(main.args);
  if (unknown !== undefined) return yield* notSimulated(main, `perl ${unknown}`);
  const names = modules.map((module) => module.split('=')[0] ?? '');
  const strange = names.find((name) => !MODULES.includes(name));
  if (strange !== undefined) return yield* notSimulated(main, `perl's module ${strange}`);
  const script = code === undefined ? (rest[0] ?? '-') : '-e';
  let source = code;
  if (source === undefined) {
    const bytes = yield* readFile(main.process, script === '-' ? '/dev/stdin' : script);
    if (isErrno(bytes)) {
      main.err.put(`Can't open perl script "${script}": ${bytes.message}\n`);
      yield* main.err.flush();
      return 2;
    }
    source = decode(bytes).replace(/^#!.*/, '');
  }
  try {
    yield* runPerl(parsePerl(source), {
      main,
      args: code === undefined ? rest.slice(1) : rest,
      lines,
      bignum: names.some((name) => name.startsWith('big')),
      imported: new Set(modules.flatMap((module) => module.split('=')[1]?.split(',') ?? [])),
      script,
    });
  } catch (error) {
    if (error instanceof PerlExit) return error.status;
    if (!(error instanceof NotUnderstood)) throw error;
    return yield* notSimulated(main, `perl: ${error.message}`);
  }
  return 0;
});
