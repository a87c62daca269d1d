// jq's own reading of its command line: short options may be joined, long ones stand alone, the first word that is no
// option is the program.

import { decode } from '../../../../core/text.ts';
import type { Routine } from '../../../../core/wait.ts';
import { isErrno } from '../../../../kernel/errno.ts';
import type { Main } from '../../../libc/stdio.ts';
import { readFile } from '../../../libc/whole-file.ts';
import { JsonReader, parseJson } from './read.ts';
import type { Json } from './values.ts';

export interface JqOptions {
  readonly program: string | undefined;
  readonly programFile: boolean;
  readonly paths: readonly string[];
  readonly raw: boolean;
  readonly join: boolean;
  readonly nothing: boolean;
  readonly slurp: boolean;
  readonly rawInput: boolean;
  readonly status: boolean;
  readonly ascii: boolean;
  readonly sort: boolean;
  readonly unbuffered: boolean;
  /** What one level is indented by; undefined: everything on one line. */
  readonly indent: string | undefined;
  readonly globals: ReadonlyMap<string, Json>;
}

/** What wrong usage ends with. */
export const USAGE_HINT = `Use jq --help for help with command-line options,
or see the jq manpage, or online docs  at https://stedolan.github.io/jq
`;

type Flag =
  | 'raw'
  | 'join'
  | 'nothing'
  | 'slurp'
  | 'rawInput'
  | 'status'
  | 'ascii'
  | 'sort'
  | 'unbuffered'
  | 'compact'
  | 'tab'
  | 'file'
  | 'help'
  | 'version'
  | 'none'
  | 'missing';

const SHORT: Readonly<Record<string, Flag>> = {
  r: 'raw',
  j: 'join',
  n: 'nothing',
  s: 'slurp',
  R: 'rawInput',
  e: 'status',
  a: 'ascii',
  S: 'sort',
  c: 'compact',
  f: 'file',
  h: 'help',
  V: 'version',
  M: 'none',
  C: 'missing',
  L: 'missing',
};
const LONG: Readonly<Record<string, Flag>> = {
  'raw-output': 'raw',
  'join-output': 'join',
  'null-input': 'nothing',
  slurp: 'slurp',
  'raw-input': 'rawInput',
  'exit-status': 'status',
  'ascii-output': 'ascii',
  'sort-keys': 'sort',
  'compact-output': 'compact',
  tab: 'tab',
  'from-file': 'file',
  help: 'help',
  version: 'version',
  'monochrome-output': 'none',
  unbuffered: 'unbuffered',
  'color-output': 'missing',
  seq: 'missing',
  stream: 'missing',
  'stream-errors': 'missing',
};

/** Everything said so far. */
interface Draft {
  readonly flags: Set<Flag>;
  readonly named: Map<string, Json>;
  readonly positional: Json[];
  readonly words: string[];
  rest: 'files' | 'args' | 'jsonargs';
  indent: number;
}

export type CommandLine = JqOptions | { readonly exit: number } | { readonly missing: string };

/** Sorts the words of a command line; prints what is wrong with it. */
export function* parseCommandLine(given: Main): Routine<CommandLine> {
  const draft: Draft = {
    flags: new Set(),
    named: new Map(),
    positional: [],
    words: [],
    rest: 'files',
    indent: 2,
  };
  const words = [...given.args];
  let literal = false;
  while (words.length > 0) {
    const word = words.shift() ?? '';
    if (literal || !/^-[-a-zA-Z]/.test(word)) {
      const problem = operand(draft, word);
      if (problem !== undefined) return wrong(given, problem);
    } else if (word === '--') literal = true;
    else {
      const problem = yield* option(given, draft, word, words);
      if (typeof problem === 'string') return wrong(given, problem);
      if (problem) return problem;
    }
  }
  return finished(draft);
}

function wrong(given: Main, text: string): { readonly exit: number } {
  given.err.put(`${given.name}: ${text}\n${USAGE_HINT}`);
  return { exit: 2 };
}

function operand(draft: Draft, word: string): string | undefined {
  if (draft.words.length === 0 || draft.rest === 'files') draft.words.push(word);
  else if (draft.rest === 'args') draft.positional.push(word);
  else {
    const parsed = parseJson(word);
    if ('error' in parsed) return 'invalid JSON text passed to --jsonargs';
    draft.positional.push(parsed.value);
  }
  return undefined;
}

function* option(
  given: Main,
  draft: Draft,
  word: string,
  words: string[],
): Routine<string | CommandLine | undefined> {
  const name = word.slice(2);
  if (!word.startsWith('--')) {
    for (const letter of word.slice(1)) {
      const flag = SHORT[letter];
      if (flag === undefined) return `Unknown option ${word}`;
      if (flag === 'missing') return { missing: `-${letter}` };
      draft.flags.add(flag);
    }
    return answered(given, draft);
  }
  if (name === 'args' || name === 'jsonargs') {
    draft.rest = name;
    return undefined;
  }
  if (name === 'indent') {
    const [width] = words.splice(0, 1);
    if (width === undefined) return '--indent takes one parameter';
    draft.indent = Number.parseInt(width, 10) || 0;
    return draft.indent < -1 || draft.indent > 7
      ? '--indent takes a number between -1 and 7'
      : undefined;
  }
  if (['arg', 'argjson', 'slurpfile', 'rawfile'].includes(name))
    return yield* variable(given, draft, name, words);
  const flag = LONG[name];
  if (flag === undefined) return `Unknown option ${word}`;
  if (flag === 'missing') return { missing: word };
  draft.flags.add(flag);
  return answered(given, draft);
}

/** --help and --version end everything. */
function answered(given: Main, { flags }: Draft): CommandLine | undefined {
  if (flags.has('help')) given.out.put(HELP);
  else if (flags.has('version')) given.out.put('jq-1.6\n');
  else return undefined;
  return { exit: 0 };
}

function* variable(
  given: Main,
  draft: Draft,
  option: string,
  words: string[],
): Routine<string | CommandLine | undefined> {
  const [name, value] = words.splice(0, 2);
  if (name === undefined || value === undefined) {
    return option === 'arg' || option === 'argjson'
      ? `--${option} takes two parameters (e.g. --${option} ${option === 'arg' ? 'varname value' : 'varname text'})`
      : `--${option} takes two parameters (e.g. --${option} varname filename)`;
  }
  if (option === 'arg') draft.named.set(name, draft.named.get(name) ?? value);
  else if (option === 'argjson') {
    const parsed = parseJson(value);
    if ('error' in parsed) return 'invalid JSON text passed to --argjson';
    draft.named.set(name, draft.named.get(name) ?? parsed.value);
  } else {
    const bytes = yield* readFile(given.process, value);
    const loaded = isErrno(bytes)
      ? { error: `Could not open ${value}: ${bytes.message}` }
      : fileValue(option, decode(bytes));
    if ('error' in loaded) {
      given.err.put(`${given.name}: Bad JSON in --${option} ${name} ${value}: ${loaded.error}\n`);
      return { exit: 2 };
    }
    draft.named.set(name, loaded.value);
  }
  return undefined;
}

function fileValue(option: string, text: string): { value: Json } | { error: string } {
  if (option === 'rawfile') return { value: text };
  const reader = new JsonReader();
  reader.feed(text);
  const all: Json[] = [];
  for (;;) {
    const next = reader.read() ?? reader.end();
    if (!next) return { value: all };
    if ('error' in next) return next;
    all.push(next.value);
  }
}

function finished({ flags, named, positional, words, indent }: Draft): JqOptions {
  const [program, ...paths] = words;
  const compact = flags.has('compact') || indent <= 0;
  const args: Json = new Map<string, Json>([
    ['positional', positional],
    ['named', named],
  ]);
  return {
    program,
    paths,
    programFile: flags.has('file'),
    raw: flags.has('raw') || flags.has('join'),
    join: flags.has('join'),
    nothing: flags.has('nothing'),
    slurp: flags.has('slurp'),
    rawInput: flags.has('rawInput'),
    status: flags.has('status'),
    ascii: flags.has('ascii'),
    sort: flags.has('sort'),
    unbuffered: flags.has('unbuffered'),
    indent: flags.has('tab') ? '\t' : compact ? undefined : ' '.repeat(indent),
    globals: new Map([...named, ['ARGS', args]]),
  };
}

/** What --help prints. */
export const HELP = `jq - commandline JSON processor [version 1.6]

Usage:	jq [options] <jq filter> [file...]
	jq [options] --args <jq filter> [strings...]
	jq [options] --jsonargs <jq filter> [JSON_TEXTS...]

jq is a tool for processing JSON inputs, applying the given filter to
its JSON text inputs and producing the filter's results as JSON on
standard output.

The simplest filter is ., which copies jq's input to its output
unmodified (except for formatting, but note that IEEE754 is used
for number representation internally, with all that that implies).

For more advanced filters see the jq(1) manpage ("man jq")
and/or https://stedolan.github.io/jq

Example:

	$ echo '{"foo": 0}' | jq .
	{
		"foo": 0
	}

Some of the options include:
  -c               compact instead of pretty-printed output;
  -n               use \`null\` as the single input value;
  -e               set the exit status code based on the output;
  -s               read (slurp) all inputs into an array; apply filter to it;
  -r               output raw strings, not JSON texts;
  -R               read raw strings, not JSON texts;
  -C               colorize JSON;
  -M               monochrome (don't colorize JSON);
  -S               sort keys of objects on output;
  --tab            use tabs for indentation;
  --arg a v        set variable $a to value <v>;
  --argjson a v    set variable $a to JSON value <v>;
  --slurpfile a f  set variable $a to an array of JSON texts read from <f>;
  --rawfile a f    set variable $a to a string consisting of the contents of <f>;
  --args           remaining arguments are string arguments, not files;
  --jsonargs       remaining arguments are JSON arguments, not files;
  --               terminates argument processing;

Named arguments are also available as $ARGS.named[], while
positional arguments are available as $ARGS.positional[].

See the manpage for more options.
`;
