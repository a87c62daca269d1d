// printf's formats: conversions, widths, the format used again while arguments are left.

import { epochSeconds } from '../../../core/time.ts';
import { backslashQuote, readableQuote } from '../quote.ts';
import type { Shell } from '../shell.ts';
import { unescape } from '../syntax/ansi.ts';
import { strftime } from './strftime.ts';

/** What a whole printf gives: the text and messages about arguments. */
export interface Formatted {
  readonly text: string;
  readonly errors: readonly string[];
}

const CONVERSION = /%([-+ 0#']*)(\*|\d+)?(?:\.(\*|-?\d+)?)?(?:[hlLjzt]*)(\([^)]*\)T|[a-zA-Z%])?/y;

/** Formats all arguments. */
export function formatAll(shell: Shell, format: string, args: readonly string[]): Formatted {
  return new Formatter(shell, format, args).run();
}

class Formatter {
  private readonly shell: Shell;
  private readonly format: string;
  private readonly args: readonly string[];
  private next = 0;
  private text = '';
  private stopped = false;
  private readonly errors: string[] = [];

  constructor(shell: Shell, format: string, args: readonly string[]) {
    this.shell = shell;
    this.format = format;
    this.args = args;
  }

  run(): Formatted {
    do {
      const before = this.next;
      this.once();
      if (this.next === before) break;
    } while (this.next < this.args.length && !this.stopped);
    return { text: this.text, errors: this.errors };
  }

  private once(): void {
    const { format } = this;
    let at = 0;
    while (at < format.length && !this.stopped) {
      const percent = format.indexOf('%', at);
      const end = percent < 0 ? format.length : percent;
      if (end > at) this.literal(format.slice(at, end));
      if (percent < 0 || this.stopped) return;
      CONVERSION.lastIndex = percent;
      const found = CONVERSION.exec(format);
      if (!found) return;
      at = CONVERSION.lastIndex;
      this.convert(found);
    }
  }

  private literal(source: string): void {
    this.text += unescape(source, 'format').text;
  }

  private convert(found: RegExpExecArray): void {
    const [whole, flags = '', width, precision, letter] = found;
    if (letter === '%') {
      this.text += '%';
      return;
    }
    if (letter === undefined) {
      this.errors.push(`\`${whole.slice(0, 2) === '%' ? '%' : whole.at(-1)}': missing format character`);
      this.stopped = true;
      return;
    }
    const size = width === '*' ? Number(this.take() ?? 0) : Number(width ?? 0);
    const hasPrecision = /\./.test(whole);
    const digits = !hasPrecision
      ? undefined
      : precision === '*' ? Number(this.take() ?? 0) : Number(precision ?? 0);
    const left = flags.includes('-') || size < 0;
    const value = this.value(letter, flags, digits);
    if (value === undefined) {
      this.errors.push(`\`${letter}': invalid format character`);
      this.stopped = true;
      return;
    }
    const zero = flags.includes('0') && !left && /[dioxXufFeEgGaA]/.test(letter) && !(digits !== undefined && /[dioxXu]/.test(letter));
    this.text += padded(value, Math.abs(size), left, zero);
  }

  private take(): string | undefined {
    return this.next < this.args.length ? this.args[this.next++] : undefined;
  }

  private value(letter: string, flags: string, digits: number | undefined): string | undefined {
    if (letter.startsWith('(')) return this.time(letter.slice(1, -2));
    switch (letter) {
      case 's':
        return cut(this.takeAny(), digits);
      case 'b': {
        const done = unescape(this.takeAny(), 'b');
        if (done.stopped) this.stopped = true;
        return cut(done.text, digits);
      }
      case 'q':
        return cut(backslashQuote(this.takeAny()), digits);
      case 'Q':
        return cut(readableQuote(cut(this.takeAny(), digits)), undefined);
      case 'c':
        return Array.from(this.takeAny())[0] ?? '';
      case 'd':
      case 'i':
        return signed(this.integer(), flags, digits);
      case 'u':
        return padDigits(BigInt.asUintN(64, this.integer()).toString(), digits);
      case 'o':
      case 'x':
      case 'X':
        return based(BigInt.asUintN(64, this.integer()), letter, flags, digits);
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        return floating(this.number(), letter, flags, digits ?? 6);
      default:
        return undefined;
    }
  }

  private takeAny(): string {
    const word = this.take();
    if (word === undefined && this.next >= this.args.length) this.next = Math.max(this.next, this.args.length);
    return word ?? '';
  }

  private time(format: string): string {
    const word = this.take();
    const now = epochSeconds(this.shell.process.now);
    const given = word === undefined || word === '-1' ? now : word === '-2' ? epochSeconds(this.shell.startedAt) : Number(word) || 0;
    return strftime(format || '%X', given);
  }

  private integer(): bigint {
    const word = this.take();
    if (word === undefined) return 0n;
    if (/^["']/.test(word)) return BigInt(word.codePointAt(1) ?? 0);
    const found = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(word);
    if (!found) {
      if (word !== '') this.errors.push(`${word}: ${this.invalid()}`);
      return 0n;
    }
    const digits = found[2] ?? '0';
    const octal = /^0\d/.test(digits);
    const size = BigInt(octal ? `0o${digits.slice(1)}` : digits);
    if (found[0].length < word.length) this.errors.push(`${word}: ${this.invalid()}`);
    const value = found[1] === '-' ? -size : size;
    if (BigInt.asIntN(64, value) !== value && value > 0xffffffffffffffffn) {
      this.errors.push(`warning: ${word}: Numerical result out of range`);
      return value > 0 ? 0x7fffffffffffffffn : -0x8000000000000000n;
    }
    return value;
  }

  private invalid(): string {
    return this.shell.dialect.extended ? 'invalid number' : 'expected numeric value';
  }

  private number(): number {
    const word = this.take();
    if (word === undefined || word === '') return 0;
    if (/^["']/.test(word)) return word.codePointAt(1) ?? 0;
    const found = /^\s*[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf(?:inity)?|nan)/i.exec(word);
    if (!found) {
      this.errors.push(`${word}: ${this.invalid()}`);
      return 0;
    }
    if (found[0].length < word.length) this.errors.push(`${word}: ${this.invalid()}`);
    if (/inf/i.test(found[0])) return found[0].includes('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return /nan/i.test(found[0]) ? Number.NaN : Number(found[0]);
  }
}

function padded(value: string, size: number, left: boolean, zero: boolean): string {
  const length = Array.from(value).length;
  if (length >= size) return value;
  if (left) return value + ' '.repeat(size - length);
  if (!zero) return ' '.repeat(size - length) + value;
  const sign = /^(?:[-+ ]|0[xX])*/.exec(value)?.[0] ?? '';
  return sign + '0'.repeat(size - length) + value.slice(sign.length);
}

function cut(text: string, digits: number | undefined): string {
  return digits === undefined || digits < 0 ? text : Array.from(text).slice(0, digits).join('');
}

function padDigits(digits: string, wanted: number | undefined): string {
  return wanted === undefined ? digits : digits.padStart(wanted, '0');
}

function signed(value: bigint, flags: string, digits: number | undefined): string {
  const size = padDigits((value < 0n ? -value : value).toString(), digits);
  const sign = value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return sign + size;
}

function based(value: bigint, letter: string, flags: string, digits: number | undefined): string {
  const lower = padDigits(value.toString(letter === 'o' ? 8 : 16), digits);
  const text = letter === 'X' ? lower.toUpperCase() : lower;
  if (!flags.includes('#') || value === 0n) return text;
  return letter === 'o' ? `0${text}` : `0${letter}${text}`;
}

/** %e, %f, %g. glibc computes with long doubles: ties that a double hides show there. */
function floating(value: number, letter: string, flags: string, digits: number): string {
  const lower = letter.toLowerCase();
  const sign = value < 0 || Object.is(value, -0) ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const size = Math.abs(value);
  let text: string;
  if (!Number.isFinite(value)) text = Number.isNaN(value) ? 'nan' : 'inf';
  else if (lower === 'f') text = fixed(size, digits);
  else if (lower === 'e') text = exponent(size, digits);
  else text = general(size, digits, flags.includes('#'));
  return sign + (letter === lower ? text : text.toUpperCase());
}

function fixed(value: number, digits: number): string {
  if (value >= 1e21) return BigInt(value).toString() + (digits > 0 ? `.${'0'.repeat(digits)}` : '');
  return roundTies(value, digits).toFixed(Math.min(digits, 100));
}

/** Numbers written with a 5 behind the last digit round half to even, as long doubles of decimal literals do. */
function roundTies(value: number, digits: number): number {
  const shown = String(value);
  const point = shown.indexOf('.');
  if (point < 0 || shown.includes('e')) return value;
  const behind = shown.slice(point + 1);
  if (behind.length !== digits + 1 || !behind.endsWith('5')) return value;
  const before = shown.slice(0, -1).replace('.', '');
  const even = Number(before.at(-1)) % 2 === 0;
  const down = Number(shown.slice(0, -1));
  return even ? down : Number((down + 10 ** -digits).toFixed(digits));
}

function exponent(value: number, digits: number): string {
  return value.toExponential(Math.min(digits, 100)).replace(/e([-+])(\d)$/, 'e$10$2');
}

function general(value: number, digits: number, keepZeros: boolean): string {
  const precision = digits === 0 ? 1 : digits;
  if (value === 0) return '0';
  const power = Number(value.toExponential(precision - 1).split('e')[1]);
  const text =
    power < -4 || power >= precision ? exponent(value, precision - 1) : value.toFixed(Math.max(0, precision - 1 - power));
  if (keepZeros || !text.includes('.')) return text;
  return text.replace(/\.?0+(?=e|$)/, '');
}

