// diff 3.8 (GNU diffutils): two files, or two directories file by file. Not simulated: merged output (-D and the line
// formats), function headings (-p, -F), -l, -t, -T, and colours.

import { binaryBytes } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { S_IFMT } from '../../../kernel/files/inode.ts';
import { globPattern } from '../../libc/glob.ts';
import type { OptionSpec } from '../../libc/options.ts';
import { baseName, joinPath } from '../../libc/whole-file.ts';
import { compileRegex, isRegexError, type Regex } from '../../regex/index.ts';
import { type Command, gnu } from '../coreutils/gnu.ts';
import {
  contentsOf,
  diffSide,
  type DiffSide,
  isDirectory,
  linesOf,
  plainError,
  sideHeading,
  typeName,
} from './diff-files.ts';
import {
  columnsDiff,
  type Comparison,
  contextDiff,
  type DiffStyle,
  edScript,
  normalDiff,
  rcsScript,
  unifiedDiff,
} from './diff-output.ts';
import { type Change, editScript } from './diff-script.ts';

const OPTIONS: readonly OptionSpec[] = [
  { key: 'normal', long: 'normal' },
  { key: 'brief', short: 'q', long: 'brief' },
  { key: 'identical', short: 's', long: 'report-identical-files' },
  { key: 'context', short: 'c' },
  { key: 'context', short: 'C', argument: 'required' },
  { key: 'context', long: 'context', argument: 'optional' },
  { key: 'unified', short: 'u' },
  { key: 'unified', short: 'U', argument: 'required' },
  { key: 'unified', long: 'unified', argument: 'optional' },
  { key: 'ed', short: 'e', long: 'ed' },
  { key: 'rcs', short: 'n', long: 'rcs' },
  { key: 'columns', short: 'y', long: 'side-by-side' },
  { key: 'width', short: 'W', long: 'width', argument: 'required' },
  { key: 'left', long: 'left-column' },
  { key: 'suppress', long: 'suppress-common-lines' },
  { key: 'label', short: 'L', long: 'label', argument: 'required' },
  { key: 'recursive', short: 'r', long: 'recursive' },
  { key: 'new', short: 'N', long: 'new-file' },
  { key: 'exclude', short: 'x', long: 'exclude', argument: 'required' },
  { key: 'case', short: 'i', long: 'ignore-case' },
  { key: 'trailing', short: 'Z', long: 'ignore-trailing-space' },
  { key: 'space', short: 'b', long: 'ignore-space-change' },
  { key: 'allSpace', short: 'w', long: 'ignore-all-space' },
  { key: 'blank', short: 'B', long: 'ignore-blank-lines' },
  { key: 'matching', short: 'I', long: 'ignore-matching-lines', argument: 'required' },
  { key: 'text', short: 'a', long: 'text' },
  { key: 'cr', long: 'strip-trailing-cr' },
  { key: 'minimal', short: 'd', long: 'minimal' },
  { key: 'horizon', long: 'horizon-lines', argument: 'required' },
  { key: 'speed', short: 'H', long: 'speed-large-files' },
];

const MISSING: readonly OptionSpec[] = [
  { key: 'p', short: 'p', long: 'show-c-function' },
  { key: 'F', short: 'F', long: 'show-function-line', argument: 'required' },
  { key: 't', short: 't', long: 'expand-tabs' },
  { key: 'T', short: 'T', long: 'initial-tab' },
  { key: 'tabsize', long: 'tabsize', argument: 'required' },
  { key: 'emptyBlank', long: 'suppress-blank-empty' },
  { key: 'l', short: 'l', long: 'paginate' },
  { key: 'noDereference', long: 'no-dereference' },
  { key: 'oneWay', short: 'P', long: 'unidirectional-new-file' },
  { key: 'nameCase', long: 'ignore-file-name-case' },
  { key: 'X', short: 'X', long: 'exclude-from', argument: 'required' },
  { key: 'S', short: 'S', long: 'starting-file', argument: 'required' },
  { key: 'fromFile', long: 'from-file', argument: 'required' },
  { key: 'toFile', long: 'to-file', argument: 'required' },
  { key: 'E', short: 'E', long: 'ignore-tab-expansion' },
  { key: 'D', short: 'D', long: 'ifdef', argument: 'required' },
  {
    key: 'lineFormat',
    long: 'line-format old-line-format new-line-format unchanged-line-format',
    argument: 'required',
  },
  {
    key: 'groupFormat',
    long: 'old-group-format new-group-format unchanged-group-format changed-group-format',
    argument: 'required',
  },
  { key: 'color', long: 'color', argument: 'optional' },
];

/** One run: what was asked, and the options' words for the heads of a recursive comparison. */
interface Run {
  readonly command: Command;
  readonly style: DiffStyle;
  readonly context: number;
  readonly width: number;
  readonly ignored: readonly Regex[];
  readonly excluded: readonly RegExp[];
  readonly words: string;
}

export const diff = gnu(
  {
    name: 'diff',
    usage: ['[OPTION]... FILES'],
    options: OPTIONS,
    missing: MISSING,
    usageStatus: 2,
    named: true,
    version: '(GNU diffutils) 3.8',
    rewrite: (args) =>
      args.flatMap((word) => (/^--colou?r=(never|auto)$/.test(word) ? [] : [word])),
  },
  function* (command) {
    const run = settings(command);
    if (typeof run === 'string') return yield* command.usage(run);
    const { operands } = command;
    if (operands.length < 2) {
      return yield* command.usage(`missing operand after '${command.args.at(-1) ?? command.name}'`);
    }
    if (operands.length > 2) return yield* command.usage(`extra operand '${operands[2] ?? ''}'`);
    return yield* compareOperands(run, operands[0] ?? '', operands[1] ?? '');
  },
);

/** What the options come to, or what is wrong with them. */
function settings(command: Command): Run | string {
  const { options } = command;
  const styles = new Set(options.list.map(([key]) => key).filter((key) => STYLES.includes(key)));
  if (styles.size > 1) return 'conflicting output style options';
  let context = 3;
  for (const value of [...options.values('context'), ...options.values('unified')]) {
    if (value === '') continue;
    if (!/^\d+$/.test(value)) return `invalid context length '${value}'`;
    context = Number(value);
  }
  const width = options.value('width') ?? '130';
  if (!/^\d+$/.test(width) || Number(width) === 0) return `invalid width '${width}'`;
  const ignored = options
    .values('matching')
    .map((pattern) => compileRegex(pattern, { syntax: 'basic' }));
  const wrong = ignored.find(isRegexError);
  if (wrong) return `${options.value('matching') ?? ''}: ${wrong.error}`;
  return {
    command,
    style: ([...styles][0] as DiffStyle | undefined) ?? 'normal',
    context,
    width: Number(width),
    ignored: ignored.filter((regex): regex is Regex => !isRegexError(regex)),
    excluded: options.values('exclude').map((pattern) => globPattern(pattern)),
    words: optionWords(command),
  };
}

const STYLES = ['normal', 'unified', 'context', 'ed', 'rcs', 'columns'];

function optionWords({ args, operands }: Command): string {
  const rest = [...operands];
  const words = args.filter((word) => {
    if (word !== rest[0]) return word !== '--';
    rest.shift();
    return false;
  });
  return words.map((word) => ` ${shellWord(word)}`).join('');
}

function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A file beside a directory stands for the file of its name there. */
function* compareOperands(run: Run, first: string, second: string): Routine<number> {
  const { command } = run;
  const absent = command.options.has('new');
  let left = diffSide(command, first, absent);
  let right = diffSide(command, second, absent);
  if (
    !isErrno(left) &&
    !isErrno(right) &&
    left.stat &&
    right.stat &&
    isDirectory(left) !== isDirectory(right)
  ) {
    if (isDirectory(left))
      left = diffSide(command, (first = joinPath(first, baseName(second))), absent);
    else right = diffSide(command, (second = joinPath(second, baseName(first))), absent);
  }
  if (isErrno(left)) yield* plainError(command, first, left);
  if (isErrno(right)) yield* plainError(command, second, right);
  if (isErrno(left) || isErrno(right)) return 2;
  if (!left.stat && !right.stat) {
    yield* command.fail(`${first}: No such file or directory`);
    yield* command.fail(`${second}: No such file or directory`);
    return 2;
  }
  if (isDirectory(left) || isDirectory(right)) return yield* compareDirectories(run, left, right);
  return yield* compareFiles(run, left, right, '');
}

/** Compares entry by entry, in the order of the names. */
function* compareDirectories(run: Run, left: DiffSide, right: DiffSide): Routine<number> {
  const { command } = run;
  if (left.stat && left.stat.inode === right.stat?.inode && left.stat.device === right.stat.device)
    return 0;
  const names: Set<string>[] = [];
  for (const side of [left, right]) {
    const entries = side.stat ? command.process.readdir(side.path) : [];
    if (isErrno(entries)) {
      yield* plainError(command, side.path, entries);
      return 2;
    }
    const kept = entries
      .map(({ name }) => name)
      .filter((name) => !run.excluded.some((glob) => glob.test(name)));
    names.push(new Set(kept));
  }
  const [mine = new Set<string>(), theirs = new Set<string>()] = names;
  let status = 0;
  for (const name of [...new Set([...mine, ...theirs])].sort()) {
    const absent = command.options.has('new');
    if (!absent && mine.has(name) !== theirs.has(name)) {
      yield* command.out.print(`Only in ${mine.has(name) ? left.path : right.path}: ${name}\n`);
      status = Math.max(status, 1);
    } else
      status = Math.max(
        status,
        yield* compareEntries(run, joinPath(left.path, name), joinPath(right.path, name)),
      );
  }
  return status;
}

function* compareEntries(run: Run, first: string, second: string): Routine<number> {
  const { command } = run;
  const left = diffSide(command, first, command.options.has('new'));
  const right = diffSide(command, second, command.options.has('new'));
  if (isErrno(left)) yield* plainError(command, first, left);
  if (isErrno(right)) yield* plainError(command, second, right);
  if (isErrno(left) || isErrno(right)) return 2;
  const [one, other] = [left.stat ?? right.stat, right.stat ?? left.stat];
  if (one && other && (one.mode & S_IFMT) !== (other.mode & S_IFMT)) {
    yield* command.out.print(
      `File ${first} is a ${typeName(left)} while file ${second} is a ${typeName(right)}\n`,
    );
    return 1;
  }
  if (isDirectory(left) || isDirectory(right)) {
    if (command.options.has('recursive')) return yield* compareDirectories(run, left, right);
    yield* command.out.print(`Common subdirectories: ${first} and ${second}\n`);
    return 0;
  }
  return yield* compareFiles(
    run,
    left,
    right,
    `diff${run.words} ${shellWord(first)} ${shellWord(second)}\n`,
  );
}

/** Compares two files and prints the differences behind `heading`. */
function* compareFiles(
  run: Run,
  left: DiffSide,
  right: DiffSide,
  heading: string,
): Routine<number> {
  const { command, style } = run;
  const { options, out } = command;
  const same =
    left.path === right.path ||
    (left.stat && left.stat.inode === right.stat?.inode && left.stat.device === right.stat.device);
  const before = yield* contentsOf(command, left);
  const after = same ? before : yield* contentsOf(command, right);
  if (isErrno(before)) yield* plainError(command, left.path, before);
  if (isErrno(after)) yield* plainError(command, right.path, after);
  if (isErrno(before) || isErrno(after)) return 2;
  yield* command.process.work((before.length + after.length) * 5);
  const binary = !options.has('text') && (before.includes(0) || after.includes(0));
  const old = linesOf(before);
  const young = linesOf(after);
  const comparison = compareLines(run, old, young);
  const differ = binary
    ? old.join('') !== young.join('')
    : comparison.changes.some(comparison.counts);
  const [a, b] = [options.values('label')[0], options.values('label')[1]];
  const names = `${a ?? left.path} and ${b ?? right.path}`;
  if (!differ) {
    if (style === 'columns' && !binary) out.put(binaryBytes(heading + columns(run, comparison)));
    if (options.has('identical')) yield* out.print(`Files ${names} are identical\n`);
    return 0;
  }
  if (binary || options.has('brief')) {
    yield* out.print(
      `${binary && !options.has('brief') ? 'Binary files' : 'Files'} ${names} differ\n`,
    );
    return 1;
  }
  out.put(heading);
  if (style === 'unified')
    out.put(sideHeading(command, '---', left, a) + sideHeading(command, '+++', right, b));
  if (style === 'context')
    out.put(sideHeading(command, '***', left, a) + sideHeading(command, '---', right, b));
  yield* out.print(binaryBytes(differences(run, comparison)));
  if (style !== 'ed') return 1;
  const unended = [
    [left, old],
    [right, young],
  ] as const;
  for (const [side, lines] of unended) {
    if (lines.at(-1)?.endsWith('\n') ?? true) continue;
    yield* command.fail(`${side.path}: No newline at end of file\n`);
    return 2;
  }
  return 1;
}

function differences(run: Run, comparison: Comparison): string {
  switch (run.style) {
    case 'normal':
      return normalDiff(comparison);
    case 'unified':
      return unifiedDiff(comparison, run.context);
    case 'context':
      return contextDiff(comparison, run.context);
    case 'ed':
      return edScript(comparison);
    case 'rcs':
      return rcsScript(comparison);
    case 'columns':
      return columns(run, comparison);
  }
}

function columns({ command: { options }, width }: Run, comparison: Comparison): string {
  return columnsDiff(comparison, {
    width,
    suppressCommon: options.has('suppress'),
    leftOnly: options.has('left'),
  });
}

/** The changes between two lists of lines under the rules of what is ignored. */
function compareLines(run: Run, old: readonly string[], young: readonly string[]): Comparison {
  const key = keyOf(run.command);
  const blank = run.command.options.has('blank');
  const trivial = (line: string): boolean =>
    (blank && /^\n?$/.test(key(line))) ||
    run.ignored.some((regex) => regex.test(line.replace(/\n$/, '')));
  const counts = ({ from, to, deleted, inserted }: Change): boolean =>
    !(blank || run.ignored.length > 0) ||
    !old.slice(from, from + deleted).every(trivial) ||
    !young.slice(to, to + inserted).every(trivial);
  return { old, young, changes: editScript(old.map(key), young.map(key)), counts };
}

/** What lines are compared by. Where white space does not count, neither does a missing last newline. */
function keyOf({ options }: Command): (line: string) => string {
  const steps: ((line: string) => string)[] = [];
  if (options.has('cr')) steps.push((line) => line.replace(/\r\n$/, '\n'));
  if (options.has('allSpace')) steps.push((line) => line.replace(/[ \t\n\v\f\r]+/g, ''));
  else if (options.has('space'))
    steps.push((line) => line.replace(/[ \t\n\v\f\r]+$/, '').replace(/[ \t\v\f\r]+/g, ' '));
  else if (options.has('trailing')) steps.push((line) => line.replace(/[ \t\n\v\f\r]+$/, ''));
  if (options.has('case')) steps.push((line) => line.toLowerCase());
  return (line) => steps.reduce((text, step) => step(text), line);
}
