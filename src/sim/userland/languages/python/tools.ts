// Modules that `python3 -m` runs: http.server, json.tool, and platform. Others of the library say that they are not simulated.

import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Main } from '../../libc/stdio.ts';
import { readFile, writeFile } from '../../libc/whole-file.ts';
import { Missing } from '../interpreter.ts';
import { getAttribute } from './attributes.ts';
import { callValue } from './call.ts';
import { PyRaise } from './errors.ts';
import { importModule } from './import.ts';
import { readJson, writeJson } from './modules/json.ts';
import { textOf } from './operators.ts';
import { STANDARD_MODULES } from './real-names.ts';
import { exceptionText } from './repr.ts';
import { PyList, type Value } from './values.ts';
import type { Vm } from './vm.ts';

/** Runs a module as a program; undefined where it is none of the library's. */
export function* runTool(
  vm: Vm,
  main: Main,
  name: string,
  rest: readonly string[],
): Routine<number | undefined> {
  if (name === 'http.server') {
    const module = yield* importModule(vm, name, true);
    const entry = yield* getAttribute(vm, module, '_main');
    const status = yield* callValue(vm, entry, [new PyList([...rest])]);
    return typeof status === 'bigint' ? Number(status) : 0;
  }
  if (name === 'json.tool') return yield* jsonTool(vm, main, rest);
  if (name === 'platform') {
    const module = yield* importModule(vm, name, true);
    const text = yield* callValue(vm, yield* getAttribute(vm, module, 'platform'), []);
    main.out.put(`${yield* textOf(vm, text)}\n`);
    return 0;
  }
  if (STANDARD_MODULES.has(name.split('.')[0] ?? '')) throw new Missing(`python3 -m ${name}`);
  return undefined;
}

function* jsonTool(vm: Vm, main: Main, rest: readonly string[]): Routine<number> {
  const keywords = new Map<string, Value>([
    ['indent', 4n],
    ['ensure_ascii', !rest.includes('--no-ensure-ascii')],
  ]);
  const files: string[] = [];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    if (word === '--sort-keys') keywords.set('sort_keys', true);
    else if (word === '--compact') {
      keywords.delete('indent');
    } else if (word === '--indent') keywords.set('indent', BigInt(rest[++i] ?? '4'));
    else if (word === '--no-ensure-ascii') continue;
    else if (word === '--tab') keywords.set('indent', '\t');
    else if (word.startsWith('--')) throw new Missing(`python3 -m json.tool ${word}`);
    else files.push(word);
  }
  const [input = '-', output] = files;
  const bytes = input === '-' ? yield* main.input.rest() : yield* readFile(main.process, input);
  if (isErrno(bytes)) {
    main.err.put(
      `usage: python -m json.tool [-h] [--sort-keys] [--no-ensure-ascii] [--json-lines]\n                           [--indent INDENT | --tab | --no-indent | --compact]\n                           [infile] [outfile]\npython -m json.tool: error: argument infile: can't open '${input}': [Errno ${bytes.number}] ${bytes.message}: '${input}'\n`,
    );
    return 2;
  }
  try {
    const text = `${yield* writeJson(vm, readJson(decode(bytes)), keywords)}\n`;
    if (output === undefined) main.out.put(text);
    else yield* writeFile(main.process, output, encode(text));
    return 0;
  } catch (error) {
    if (!(error instanceof PyRaise)) throw error;
    main.err.put(`${yield* exceptionText(vm, error.exception)}\n`);
    return 1;
  }
}
