// seq and factor.

import type { Routine } from '../../../core/wait.ts';
import { CONVERSION, formatNumber } from '../../libc/format.ts';
import { quoteValue } from '../../libc/quote.ts';
import type { Reader } from '../../libc/stdio.ts';
import { type Command, extraOperand, gnu } from './gnu.ts';

/** A number as seq takes it: its value, and its digits after the point and width as written. */
interface Written {
  readonly value: number;
  readonly precision: number;
  readonly width: number;
}

const FLOAT = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

function readNumber(text: string): Written | undefined {
  const special = /^[-+]?(inf(?:inity)?)$/i.exec(text);
  if (special)
    return { value: text.startsWith('-') ? -Infinity : Infinity, precision: 0, width: 3 };
  if (/^[-+]?0x[0-9a-f]+$/i.test(text)) {
    const value = Number(text.replace(/^[-+]/, '')) * (text.startsWith('-') ? -1 : 1);
    return { value, precision: 0, width: String(value).length };
  }
  if (!FLOAT.test(text)) return undefined;
  const [mantissa = '', power = '0'] = text.trim().replace(/^\+/, '').toLowerCase().split('e');
  const fraction = mantissa.includes('.') ? mantissa.length - mantissa.indexOf('.') - 1 : 0;
  const precision = Math.max(0, fraction - Number(power));
  const value = Number(text);
  const whole = value.toFixed(0).replace('-0', '0').length;
  const width = text.toLowerCase().includes('e')
    ? whole + (precision ? precision + 1 : 0)
    : mantissa.length + (mantissa.startsWith('.') ? 1 : 0);
  return { value, precision, width };
}

/** Negative numbers are operands, not options. */
function keepNegative(args: readonly string[]): readonly string[] {
  const out: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (/^-[\d.]/.test(word) || word === '--')
      return [...out, '--', ...args.slice(word === '--' ? i + 1 : i)];
    out.push(word);
    if (/^-[sf]$/.test(word) || word === '--separator' || word === '--format')
      out.push(args[++i] ?? '');
    else if (!word.startsWith('-')) return [...out.slice(0, -1), '--', ...args.slice(i)];
  }
  return out;
}

export const seq = gnu(
  {
    name: 'seq',
    usage: ['[OPTION]... LAST', '[OPTION]... FIRST LAST', '[OPTION]... FIRST INCREMENT LAST'],
    options: [
      { key: 'format', short: 'f', long: 'format', argument: 'required' },
      { key: 'separator', short: 's', long: 'separator', argument: 'required' },
      { key: 'width', short: 'w', long: 'equal-width' },
    ],
    rewrite: (args) =>
      args.some((word) => word === '--help' || word === '--version') ? args : keepNegative(args),
  },
  function* (command) {
    const { options, operands } = command;
    if (operands.length === 0) return yield* command.usage('missing operand');
    if (operands.length > 3) return yield* extraOperand(command, operands[3] ?? '');
    const numbers: Written[] = [];
    for (const word of operands) {
      const number = readNumber(word);
      if (!number)
        return yield* command.usage(`invalid floating point argument: ${quoteValue(word)}`);
      numbers.push(number);
    }
    const one: Written = { value: 1, precision: 0, width: 1 };
    const last = numbers.at(-1) ?? one;
    const first = numbers.length > 1 ? (numbers[0] ?? one) : one;
    const step = numbers.length > 2 ? (numbers[1] ?? one) : one;
    if (step.value === 0) {
      return yield* command.usage(`invalid Zero increment value: ${quoteValue(operands[1] ?? '')}`);
    }
    const format = options.value('format');
    const wrong = format === undefined ? undefined : formatProblem(format);
    if (wrong) {
      yield* command.fail(wrong);
      return 1;
    }
    if (format !== undefined && options.has('width')) {
      return yield* command.usage(
        'format string may not be specified when printing equal width strings',
      );
    }
    const show =
      format === undefined
        ? plainNumbers(first, step, last, options.has('width'))
        : formatted(format);
    yield* printSequence(command, first, step, last, show);
    return 0;
  },
);

function* printSequence(
  command: Command,
  first: Written,
  step: Written,
  last: Written,
  show: (value: number) => string,
): Routine<void> {
  const { options, out, process } = command;
  const separator = options.value('separator') ?? '\n';
  const decimals = 10 ** Math.max(first.precision, step.precision);
  let printed = false;
  for (let i = 0; !out.failure; i++) {
    const exact =
      decimals === 1
        ? first.value + i * step.value
        : Math.round((first.value + i * step.value) * decimals) / decimals;
    if (step.value > 0 ? exact > last.value : exact < last.value) break;
    yield* out.print((printed ? separator : '') + show(exact));
    printed = true;
    if (i % 1024 === 0) yield* process.work(60_000);
  }
  if (printed) yield* out.print('\n');
}

function plainNumbers(
  first: Written,
  step: Written,
  last: Written,
  equal: boolean,
): (value: number) => string {
  const precision = Math.max(first.precision, step.precision);
  const text = (value: number): string =>
    Number.isInteger(value) && precision === 0
      ? BigInt(value).toString()
      : value.toFixed(precision);
  if (!equal) return text;
  const points = (written: Written): number =>
    written.width +
    (precision - written.precision) +
    (written.precision === 0 && precision > 0 ? 1 : 0);
  const lastWidth = points({
    ...last,
    width:
      last.width -
      (last.precision > 0 && precision === 0
        ? last.precision + 1
        : last.precision > precision
          ? last.precision - precision
          : 0),
    precision: Math.min(last.precision, precision),
  });
  const width = Math.max(points(first), lastWidth);
  return (value) => {
    const plain = text(Math.abs(value));
    return value < 0 ? `-${plain.padStart(width - 1, '0')}` : plain.padStart(width, '0');
  };
}

function formatProblem(format: string): string | undefined {
  const bare = format.replace(/%%/g, '');
  const at = bare.indexOf('%');
  if (at < 0) return `format ${quoteValue(format)} has no % directive`;
  const match = /^%[-+ #0']*\d*(?:\.\d*)?L?(.?)/.exec(bare.slice(at));
  const letter = match?.[1] ?? '';
  if (letter === '') return `format ${quoteValue(format)} ends in %`;
  if (!/[efgaEFGA]/.test(letter))
    return `format ${quoteValue(format)} has unknown %${letter} directive`;
  if (bare.slice(at + (match?.[0].length ?? 1)).includes('%')) {
    return `format ${quoteValue(format)} has too many % directives`;
  }
  return undefined;
}

function formatted(format: string): (value: number) => string {
  return (value) =>
    format.replace(
      new RegExp(CONVERSION, 'g'),
      (_, flags: string, width: string, precision: string | undefined, letter: string) =>
        letter === '%'
          ? '%'
          : formatNumber(value, {
              flags,
              width: Number(width || 0),
              precision: precision === undefined ? undefined : Number(precision),
              letter,
            }),
    );
}

/** Words of the operands, or of standard input. */
function* eachWord(command: Command, body: (word: string) => Routine<void>): Routine<void> {
  for (const word of command.operands) yield* body(word);
  if (command.operands.length) return;
  const reader: Reader = command.input;
  for (;;) {
    const line = yield* reader.line();
    if (line === undefined) return;
    for (const word of line.split(/\s+/)) if (word !== '') yield* body(word);
  }
}

export const factor = gnu(
  { name: 'factor', usage: ['[NUMBER]...', 'OPTION'] },
  function* (command) {
    let status = 0;
    yield* eachWord(command, function* (word) {
      if (!/^\+?\d+$/.test(word)) {
        yield* command.fail(`${quoteValue(word)} is not a valid positive integer`);
        status = 1;
        return;
      }
      const factors: bigint[] = [];
      let left = BigInt(word.replace('+', ''));
      yield* command.out.print(`${left}:`);
      for (let divisor = 2n; divisor * divisor <= left; divisor += divisor === 2n ? 1n : 2n) {
        while (left % divisor === 0n) {
          factors.push(divisor);
          left /= divisor;
        }
        if (divisor % 4096n === 1n) yield* command.process.work(200_000);
      }
      if (left > 1n) factors.push(left);
      yield* command.out.print(`${factors.map((f) => ` ${f}`).join('')}\n`);
    });
    return status;
  },
);
