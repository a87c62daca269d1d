// printf's formats: conversions, widths, the format used again while arguments are left.

import { epochSeconds } from '../../../core/time.ts';
import { zoneTime } from '../../../core/zones.ts';
import { backslashQuote, readableQuote } from '../quote.ts';
import type { Shell } from '../shell.ts';
import { replaceEscapes } from '../syntax/ansi.ts';
import { exponentParts, fixedText, type LongDouble, readLongDouble } from './long-double.ts';
import { strftime } from '../../libc/strftime.ts';
import { localZone } from '../../libc/timezone.ts';

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
    this.text += replaceEscapes(source, 'format').text;
  }

  private convert(found: RegExpExecArray): void {
    const [whole, flags = '', width, precision, letter] = found;
    if (letter === '%') {
      this.text += '%';
      return;
    }
    if (letter === undefined) {
      this.errors.push(
        `\`${whole.slice(0, 2) === '%' ? '%' : whole.at(-1)}': missing format character`,
      );
      this.stopped = true;
      return;
    }
    const size = width === '*' ? Number(this.take() ?? 0) : Number(width ?? 0);
    const hasPrecision = /\./.test(whole);
    const digits = !hasPrecision
      ? undefined
      : precision === '*'
        ? Number(this.take() ?? 0)
        : Number(precision ?? 0);
    const left = flags.includes('-') || size < 0;
    const value = this.value(letter, flags, digits);
    if (value === undefined) {
      this.errors.push(`\`${letter}': invalid format character`);
      this.stopped = true;
      return;
    }
    const zero =
      flags.includes('0') &&
      !left &&
      /[dioxXufFeEgGaA]/.test(letter) &&
      !(digits !== undefined && /[dioxXu]/.test(letter));
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
        const done = replaceEscapes(this.takeAny(), 'b');
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
    if (word === undefined && this.next >= this.args.length)
      this.next = Math.max(this.next, this.args.length);
    return word ?? '';
  }

  private time(format: string): string {
    const word = this.take();
    const now = epochSeconds(this.shell.process.now);
    const given =
      word === undefined || word === '-1'
        ? now
        : word === '-2'
          ? epochSeconds(this.shell.startedAt)
          : Number(word) || 0;
    const { process, variables } = this.shell;
    const zone = localZone(process, variables.exports().get('TZ'));
    return strftime(
      format || '%X',
      { seconds: given, nanoseconds: 0 },
      zoneTime(zone, given * 1000),
    );
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

  /** A floating-point argument as decimal digits, with what is wrong noted. */
  private number(): string {
    const word = this.take();
    if (word === undefined || word === '') return '0';
    if (/^["']/.test(word)) return String(word.codePointAt(1) ?? 0);
    const found =
      /^\s*([-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf(?:inity)?|nan))/i.exec(
        word,
      );
    if (!found) {
      this.errors.push(`${word}: ${this.invalid()}`);
      return '0';
    }
    if (found[0].length < word.length) this.errors.push(`${word}: ${this.invalid()}`);
    const text = found[1] ?? '0';
    return /0x/i.test(text) ? text.replace(/0x.*/i, (hex) => BigInt(hex).toString()) : text;
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

/** %e, %f, %g of a number as it was written. */
function floating(source: string, letter: string, flags: string, digits: number): string {
  const lower = letter.toLowerCase();
  const negative = source.startsWith('-');
  const sign = negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const size = source.replace(/^[-+]/, '');
  let text: string;
  if (/^(inf|nan)/i.test(size)) text = size.slice(0, 3).toLowerCase();
  else {
    const value = readLongDouble(size);
    if (lower === 'f') text = fixedText(value, digits);
    else if (lower === 'e') text = exponent(value, digits);
    else text = general(value, digits, flags.includes('#'));
  }
  return sign + (letter === lower ? text : text.toUpperCase());
}

function exponent(value: LongDouble, digits: number): string {
  const parts = exponentParts(value, digits);
  const fraction = digits > 0 ? `.${parts.digits.slice(1)}` : '';
  const sign = parts.power < 0 ? '-' : '+';
  return `${parts.digits.charAt(0)}${fraction}e${sign}${String(Math.abs(parts.power)).padStart(2, '0')}`;
}

function general(value: LongDouble, digits: number, keepZeros: boolean): string {
  const precision = digits === 0 ? 1 : digits;
  const { power } = exponentParts(value, precision - 1);
  const text =
    power < -4 || power >= precision
      ? exponent(value, precision - 1)
      : fixedText(value, precision - 1 - power);
  if (keepZeros || !text.includes('.')) return text;
  return text.replace(/\.?0+(?=e|$)/, '');
}
