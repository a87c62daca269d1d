// sed 4.9: the stream editor. The script is read by sed-script.ts; sed-commands.ts runs it over lines.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { OptionSpec } from '../../libc/options.ts';
import { readFile } from '../../libc/whole-file.ts';
import { type Command, gnu } from '../coreutils/gnu.ts';
import { parseScript } from './sed-script.ts';
import type { ScriptSource } from './sed-syntax.ts';
import { cycle } from './sed-commands.ts';
import {
  type Editing,
  copyRest,
  finishFile,
  nextLine,
  openNext,
  openOutputs,
} from './sed-state.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'quiet', short: 'n', long: 'quiet silent' },
  { key: 'expression', short: 'e', long: 'expression', argument: 'required' },
  { key: 'file', short: 'f', long: 'file', argument: 'required' },
  { key: 'extended', short: 'Er', long: 'regexp-extended' },
  { key: 'inplace', short: 'i', long: 'in-place', argument: 'optional' },
  { key: 'length', short: 'l', long: 'line-length', argument: 'required' },
  { key: 'posix', long: 'posix' },
  { key: 'separate', short: 's', long: 'separate' },
  { key: 'sandbox', long: 'sandbox' },
  { key: 'unbuffered', short: 'u', long: 'unbuffered' },
  { key: 'zero', short: 'z', long: 'null-data' },
  { key: 'follow', long: 'follow-symlinks' },
];

export const sed = gnu(
  {
    name: 'sed',
    usage: ['[OPTION]... {script-only-if-no-other-script} [input-file]...'],
    options: OPTIONS,
    missing: [{ key: 'debug', long: 'debug' }],
    version: '(GNU sed) 4.9',
    rewrite: (args) => args.map((word) => (word === '-s' ? '--separate' : word)),
  },
  function* (command) {
    const operands = [...command.operands];
    const sources = yield* scriptSources(command, operands);
    if (typeof sources === 'number') return sources;
    const { options } = command;
    const script = parseScript(sources, options.has('extended'));
    if ('error' in script) {
      yield* command.fail(script.error);
      return script.error.startsWith("can't find label") ? 4 : 1;
    }
    const state: Editing = {
      command,
      script,
      quiet: options.has('quiet') || script.quiet,
      end: options.has('zero') ? '\0' : '\n',
      separate: options.has('separate') || options.has('inplace'),
      paths: operands.length ? operands : ['-'],
      path: '-',
      reader: undefined,
      ahead: undefined,
      out: command.out,
      files: new Map(),
      readers: new Map(),
      line: 0,
      pattern: '',
      hold: '',
      ended: true,
      appended: [],
      substituted: false,
      lastRegex: undefined,
      status: 0,
      quit: undefined,
      missingNewline: false,
      inPlace: undefined,
    };
    yield* openOutputs(state);
    yield* edit(state);
    for (const file of state.files.values()) yield* file.flush();
    return state.quit || state.status;
  },
);

function* scriptSources(command: Command, operands: string[]): Routine<ScriptSource[] | number> {
  const { options, process } = command;
  const sources: ScriptSource[] = [];
  let number = 0;
  for (const [key, value] of options.list) {
    if (key === 'expression') sources.push({ text: value, name: `-e expression #${++number}` });
    if (key !== 'file') continue;
    const bytes = value === '-' ? yield* command.input.rest() : yield* readFile(process, value);
    if (isErrno(bytes)) {
      yield* command.fail(`couldn't open file ${value}: ${bytes.message}`);
      return 1;
    }
    sources.push({ text: decode(bytes).replace(/^#!.*\n/, ''), name: `file ${value}` });
  }
  if (sources.length > 0) return sources;
  const text = operands.shift();
  if (text === undefined) {
    command.err.put('Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n\n');
    command.err.put("Try 'sed --help' for more information.\n");
    return 1;
  }
  return [{ text, name: '-e expression #1' }];
}

function* edit(state: Editing): Routine<void> {
  for (;;) {
    if (state.separate) {
      while (!state.reader && state.paths.length > 0) yield* openNext(state);
      if (!state.reader) return;
      state.line = 0;
      for (const command of state.script.commands) command.active = false;
    }
    while (state.quit === undefined && (yield* nextLine(state))) {
      yield* cycle(state);
      if (state.out.failure) return;
    }
    if (state.quit !== undefined && state.inPlace) yield* copyRest(state);
    if (!state.separate) return;
    yield* finishFile(state);
    if (state.quit !== undefined) return;
  }
}
