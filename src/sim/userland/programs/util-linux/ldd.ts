// ldd(1): the shared libraries that an executable names, and where the loader would find them.

import { isErrno } from '../../../kernel/errno.ts';
import { elfImage } from '../../../kernel/program.ts';
import { findLibrary, LOADER } from '../../../kernel/task/loader.ts';
import { notSimulated, program } from '../../libc/stdio.ts';
import { readFile } from '../../libc/whole-file.ts';

/** Where the first library is mapped, and how far the next lies below it. */
const TOP = 0x7f2b_1c40_0000;
const STEP = 0x20_0000;

const address = (at: number): string => `(0x${at.toString(16).padStart(16, '0')})`;

export const ldd = program('ldd', function* (main) {
  const { process } = main;
  const [first] = main.args;
  if (first?.startsWith('-')) return yield* notSimulated(main, `ldd ${first}`);
  if (first === undefined) {
    main.err.put("ldd: missing file arguments\nTry `ldd --help' for more information.\n");
    return 1;
  }
  let status = 0;
  for (const path of main.args) {
    if (main.args.length > 1) yield* main.out.print(`${path}:\n`);
    const bytes = yield* readFile(process, path);
    if (isErrno(bytes)) {
      yield* main.out.flush();
      yield* main.fail(`${path}: ${bytes.message}`);
      status = 1;
      continue;
    }
    const needs = elfImage(bytes)?.needs;
    if (!needs) {
      yield* main.out.print('\tnot a dynamic executable\n');
      status = 1;
      continue;
    }
    yield* main.out.print(`\tlinux-vdso.so.1 ${address(0x7ffd_5a5f_2000)}\n`);
    for (const [i, name] of needs.entries()) {
      const found = findLibrary(process.task, name, process.environment);
      const where = found ? `${found} ${address(TOP - i * STEP)}` : 'not found';
      yield* main.out.print(`\t${name} => ${where}\n`);
    }
    yield* main.out.print(`\t${LOADER} ${address(TOP + STEP)}\n`);
  }
  return status;
});
