// echo, printf, true, false, yes, pwd, basename, dirname: the small ones that print their arguments.

import { encode } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { quoteValue } from '../../libc/quote.ts';
import { program } from '../../libc/stdio.ts';
import { baseName, dirName } from '../../libc/whole-file.ts';
import { extraOperand, gnu } from './gnu.ts';
import { unescapeEcho } from './escapes.ts';

export const echo = program('echo', function* (main) {
  let words = main.args;
  let newline = true;
  let escapes = false;
  if (words.length === 1 && (words[0] === '--help' || words[0] === '--version')) {
    const help = 'Usage: echo [SHORT-OPTION]... [STRING]...\n  or:  echo LONG-OPTION\n';
    yield* main.out.print(words[0] === '--help' ? help : 'echo (GNU coreutils) 9.1\n');
    return 0;
  }
  while (/^-[neE]+$/.test(words[0] ?? '')) {
    for (const letter of (words[0] ?? '').slice(1)) {
      if (letter === 'n') newline = false;
      else escapes = letter === 'e';
    }
    words = words.slice(1);
  }
  const text = words.join(' ');
  if (!escapes) {
    yield* main.out.print(newline ? `${text}\n` : text);
    return 0;
  }
  const { bytes, stopped } = unescapeEcho(text);
  main.out.put(bytes);
  if (newline && !stopped) main.out.put('\n');
  return 0;
});

/** Programs whose whole work is an exit status; arguments are ignored. */
function constant(name: string, status: number) {
  return program(name, function* (main) {
    const [only] = main.args;
    if (main.args.length === 1 && only === '--help') {
      yield* main.out.print(
        `Usage: ${name} [ignored command line arguments]\n  or:  ${name} OPTION\n`,
      );
    } else if (main.args.length === 1 && only === '--version') {
      yield* main.out.print(`${name} (GNU coreutils) 9.1\n`);
    }
    return status;
  });
}

export const trueProgram = constant('true', 0);
export const falseProgram = constant('false', 1);

export const yes = gnu(
  { name: 'yes', usage: ['[STRING]...', 'OPTION'] },
  function* ({ process, operands, out }) {
    const line = encode(`${operands.length ? operands.join(' ') : 'y'}\n`);
    const block = new Uint8Array(line.length * Math.max(1, Math.floor(65_536 / line.length)));
    for (let at = 0; at < block.length; at += line.length) block.set(line, at);
    while (!out.failure) {
      yield* process.work(block.length * 1.5);
      yield* out.print(block);
    }
    return 1;
  },
);

export const pwd = gnu(
  {
    name: 'pwd',
    usage: ['[OPTION]...'],
    options: [
      { key: 'L', short: 'L', long: 'logical' },
      { key: 'P', short: 'P', long: 'physical' },
    ],
  },
  function* ({ process, options, operands, out, fail }) {
    if (operands.length) yield* fail('ignoring non-option arguments');
    const logical = process.environment.get('PWD') ?? '';
    if (
      options.last('L', 'P') === 'L' &&
      logical.startsWith('/') &&
      !/\/\.\.?(\/|$)/.test(logical)
    ) {
      const [here, named] = [process.stat('.'), process.stat(logical)];
      const same = !isErrno(here) && !isErrno(named) && here.inode === named.inode;
      if (same && here.device === named.device) {
        yield* out.print(`${logical}\n`);
        return 0;
      }
    }
    const cwd = process.getcwd();
    if (isErrno(cwd)) {
      yield* fail(`couldn't find directory entry in '..' with matching i-node`);
      return 1;
    }
    yield* out.print(`${cwd}\n`);
    return 0;
  },
);

export const basename = gnu(
  {
    name: 'basename',
    usage: ['NAME [SUFFIX]', 'OPTION... NAME...'],
    posixly: true,
    options: [
      { key: 'multiple', short: 'a', long: 'multiple' },
      { key: 'suffix', short: 's', long: 'suffix', argument: 'required' },
      { key: 'zero', short: 'z', long: 'zero' },
    ],
  },
  function* (command) {
    const { options, operands, out } = command;
    if (operands.length === 0) return yield* command.usage('missing operand');
    const many = options.has('multiple') || options.has('suffix');
    if (!many && operands.length > 2) return yield* extraOperand(command, operands[2] ?? '');
    const suffix = options.value('suffix') ?? (many ? '' : (operands[1] ?? ''));
    for (const name of many ? operands : operands.slice(0, 1)) {
      let base = baseName(name);
      if (suffix && base !== suffix && base.endsWith(suffix)) base = base.slice(0, -suffix.length);
      out.put(base + (options.has('zero') ? '\0' : '\n'));
    }
    return 0;
  },
);

export const dirname = gnu(
  {
    name: 'dirname',
    usage: ['[OPTION] NAME...'],
    options: [{ key: 'zero', short: 'z', long: 'zero' }],
  },
  function* (command) {
    const { options, operands, out } = command;
    if (operands.length === 0) return yield* command.usage('missing operand');
    for (const name of operands) out.put(dirName(name) + (options.has('zero') ? '\0' : '\n'));
    return 0;
  },
);

export const sleep = gnu(
  { name: 'sleep', usage: ['NUMBER[SUFFIX]...', 'OPTION'] },
  function* (command) {
    const { process, operands } = command;
    if (operands.length === 0) return yield* command.usage('missing operand');
    let total = 0;
    let wrong = false;
    for (const word of operands) {
      const seconds = parseInterval(word);
      if (seconds === undefined) {
        yield* command.fail(`invalid time interval ${quoteValue(word)}`);
        wrong = true;
      } else total += seconds;
    }
    if (wrong) return yield* command.usage();
    yield* process.sleep(Math.min(total * 1e9, 1e18));
    return 0;
  },
);

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** A time as sleep and timeout take it (`0.5`, `2m`, `inf`), in seconds; undefined where it is none. */
export function parseInterval(text: string): number | undefined {
  const match = /^\+?((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf(?:inity)?)([smhd]?)$/.exec(text);
  if (!match) return undefined;
  const number = match[1]?.startsWith('inf') ? Number.POSITIVE_INFINITY : Number(match[1]);
  return number * (UNITS[match[2] ?? ''] ?? 1);
}
