// fmt of GNU coreutils 9.1: paragraphs filled so that lines come close to a goal width, by the least cost over all
// breaks. Left out: -c, -t (crown margin, tagged paragraphs) and -p (a prefix).

import { decode } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../libc/whole-file.ts';
import { gnu } from '../coreutils/gnu.ts';

interface FmtWord {
  readonly text: string;
  /** Blanks behind it. */
  space: number;
  readonly paren: boolean;
  readonly punct: boolean;
  period: boolean;
  /** It ends a sentence. */
  final: boolean;
  cost: number;
  /** Where the line that begins with it ends, and how long that line is. */
  next: number;
  length: number;
}

const equiv = (n: number): number => n * n;
const SENTENCE_BONUS = equiv(50);
const NOBREAK_COST = equiv(600);
const PAREN_BONUS = equiv(40);
const PUNCT_BONUS = equiv(40);
const LINE_COST = equiv(70);
const shortCost = (n: number): number => equiv(n * 10);
const raggedCost = (n: number): number => Math.trunc(shortCost(n) / 2);
const widowCost = (n: number): number => Math.trunc(equiv(200) / (n + 2));
const orphanCost = (n: number): number => Math.trunc(equiv(150) / (n + 2));

const MOST = 2500;

export const fmt = gnu(
  {
    name: 'fmt',
    usage: ['[-WIDTH] [OPTION]... [FILE]...'],
    options: [
      { key: 'split', short: 's', long: 'split-only' },
      { key: 'uniform', short: 'u', long: 'uniform-spacing' },
      { key: 'width', short: 'w', long: 'width', argument: 'required' },
      { key: 'goal', short: 'g', long: 'goal', argument: 'required' },
    ],
    missing: [
      { key: 'crown', short: 'c', long: 'crown-margin' },
      { key: 'tagged', short: 't', long: 'tagged-paragraph' },
      { key: 'prefix', short: 'p', long: 'prefix', argument: 'required' },
    ],
    rewrite: (args) => args.map((word) => word.replace(/^-(\d+)$/, '-w$1')),
  },
  function* (command) {
    const { options, operands } = command;
    for (const key of ['width', 'goal'] as const) {
      const text = options.value(key);
      if (text === undefined || (/^\d+$/.test(text) && Number(text) <= MOST)) continue;
      const range = /^\d+$/.test(text) ? ': Numerical result out of range' : '';
      yield* command.fail(`invalid width: ‘${text}’${range}`);
      return 1;
    }
    const given = options.value('goal');
    const width = Number(options.value('width') ?? (given === undefined ? 75 : Number(given) + 10));
    const goal = given === undefined ? Math.trunc((width * 187) / 200) : Number(given);
    const rules = { width, goal, uniform: options.has('uniform'), split: options.has('split') };
    let status = 0;
    for (const path of operands.length ? operands : ['-']) {
      const bytes =
        path === '-' ? yield* command.input.rest() : yield* readFile(command.process, path);
      if (isErrno(bytes)) {
        yield* command.fail(`cannot open ‘${path}’ for reading: ${bytes.message}`);
        status = 1;
        continue;
      }
      yield* command.out.print(formatted(decode(bytes), rules));
    }
    return status;
  },
);

interface Rules {
  readonly width: number;
  readonly goal: number;
  readonly uniform: boolean;
  /** Long lines are split, short ones are not joined. */
  readonly split: boolean;
}

function formatted(text: string, rules: Rules): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let out = '';
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    if (line.trim() === '') {
      out += '\n';
      at++;
      continue;
    }
    const indent = indentOf(line);
    const words: FmtWord[] = [];
    do {
      const last = at === lines.length - 1;
      words.push(...wordsOf(lines[at] ?? '', rules.uniform, last && !text.endsWith('\n')));
      at++;
    } while (!rules.split && continues(lines[at], indent));
    const end = words.at(-1);
    if (end) {
      end.period = true;
      end.final = true;
    }
    out += filled(words, indent, rules);
  }
  return out;
}

function continues(line: string | undefined, indent: number): boolean {
  return line !== undefined && line.trim() !== '' && indentOf(line) === indent;
}

function indentOf(line: string): number {
  let column = 0;
  for (const char of /^[ \t]*/.exec(line)?.[0] ?? '') {
    column += char === '\t' ? 8 - (column % 8) : 1;
  }
  return column;
}

function wordsOf(line: string, uniform: boolean, endsInput: boolean): FmtWord[] {
  const words: FmtWord[] = [];
  const pattern = /(\S+)([ \t]*)/g;
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    const text = match[1] ?? '';
    const blanks = (match[2] ?? '').length;
    const atEnd = pattern.lastIndex >= line.length;
    const period = /[.?!]$/.test(text.replace(/[)\]'"]+$/, ''));
    const final = (atEnd && endsInput) || (period && (atEnd || blanks > 1));
    words.push({
      text,
      space: atEnd || uniform ? (final ? 2 : 1) : blanks,
      paren: /^[(['`"]/.test(text),
      punct: /[!-/:-@[-`{-~]$/.test(text),
      period,
      final,
      cost: 0,
      next: 0,
      length: 0,
    });
  }
  return words;
}

function filled(words: readonly FmtWord[], indent: number, rules: Rules): string {
  const size = words.length;
  const lineCost = (next: number, length: number): number => {
    const word = words[next];
    if (!word) return 0;
    const ragged = word.next === size ? 0 : raggedCost(length - word.length);
    return shortCost(rules.goal - length) + ragged;
  };
  for (let start = size - 1; start >= 0; start--) {
    const first = words[start] as FmtWord;
    let best = Number.POSITIVE_INFINITY;
    let length = indent + first.text.length;
    for (let at = start + 1; ; at++) {
      const cost = lineCost(at, length) + (words[at]?.cost ?? 0);
      if (cost < best) {
        best = cost;
        first.next = at;
        first.length = length;
      }
      const word = words[at];
      if (!word) break;
      length += (words[at - 1]?.space ?? 1) + word.text.length;
      if (length >= rules.width) break;
    }
    first.cost = best + baseCost(words, start);
  }
  let out = '';
  for (let at = 0; at < size; at = words[at]?.next ?? size) {
    out += ' '.repeat(indent);
    const end = words[at]?.next ?? size;
    for (let i = at; i < end; i++) {
      const word = words[i] as FmtWord;
      out += word.text + (i < end - 1 ? ' '.repeat(word.space) : '\n');
    }
  }
  return out;
}

/** What it costs to begin a line with a word. */
function baseCost(words: readonly FmtWord[], at: number): number {
  const word = words[at] as FmtWord;
  const before = words[at - 1];
  let cost = LINE_COST;
  if (before?.period) cost += before.final ? -SENTENCE_BONUS : NOBREAK_COST;
  else if (before?.punct) cost -= PUNCT_BONUS;
  else if (before && words[at - 2]?.final) cost += widowCost(before.text.length);
  if (word.paren) cost -= PAREN_BONUS;
  else if (word.final) cost += orphanCost(word.text.length);
  return cost;
}
