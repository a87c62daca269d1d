// The number conversions of printf(3): %d %i %u %o %x %X %e %E %f %F %g %G %a with flags, width and precision. What
// reads format strings (printf(1), awk, seq, stat, find -printf) cuts them up itself and asks here.

/** One conversion, as written between `%` and its letter. */
export interface Conversion {
  readonly flags: string;
  readonly width: number;
  /** Undefined where none was given. */
  readonly precision: number | undefined;
  readonly letter: string;
}

/** A conversion's pattern: `%`, flags, width, precision, length modifiers, letter. */
export const CONVERSION =
  /%([-+ #0']*)(\*|\d+)?(?:\.(\*|-?\d*))?(?:hh|h|ll|l|L|q|j|z|t)?([a-zA-Z%])/;

/** Puts text into a field: spaces before it, or after it with the flag `-`. */
export function pad(text: string, conversion: Conversion, length = text.length): string {
  const fill = ' '.repeat(Math.max(0, conversion.width - length));
  return conversion.flags.includes('-') ? text + fill : fill + text;
}

/** %s with precision (in characters). */
export function formatString(text: string, conversion: Conversion): string {
  const { precision } = conversion;
  return pad(precision === undefined ? text : text.slice(0, precision), conversion);
}

/** A floating-point conversion of a number, or an integer one of a number or bigint. */
export function formatNumber(value: number | bigint, conversion: Conversion): string {
  const { letter } = conversion;
  if ('diu'.includes(letter) || 'oxX'.includes(letter)) return formatInteger(value, conversion);
  return formatFloat(Number(value), conversion);
}

function formatInteger(value: number | bigint, conversion: Conversion): string {
  const { letter, flags, precision } = conversion;
  let whole = typeof value === 'bigint' ? value : wholeOf(value);
  const signed = letter === 'd' || letter === 'i';
  if (!signed && whole < 0n) whole = BigInt.asUintN(64, whole);
  const negative = whole < 0n;
  const magnitude = negative ? -whole : whole;
  const radix = letter === 'o' ? 8 : letter === 'x' || letter === 'X' ? 16 : 10;
  let digits = magnitude.toString(radix);
  if (letter === 'X') digits = digits.toUpperCase();
  if (precision === 0 && magnitude === 0n) digits = '';
  if (precision !== undefined) digits = digits.padStart(precision, '0');
  let prefix = negative ? '-' : signed && flags.includes('+') ? '+' : '';
  if (prefix === '' && signed && flags.includes(' ')) prefix = ' ';
  if (flags.includes('#') && magnitude !== 0n) {
    if (radix === 16) prefix += `0${letter}`;
    else if (radix === 8 && !digits.startsWith('0')) digits = `0${digits}`;
  }
  return fillZeroes(prefix, digits, conversion, precision === undefined);
}

function wholeOf(value: number): bigint {
  if (Number.isNaN(value)) return -(2n ** 63n);
  if (value >= 2 ** 63) return 2n ** 63n - 1n;
  if (value <= -(2 ** 63)) return -(2n ** 63n);
  return BigInt(Math.trunc(value));
}

function fillZeroes(
  prefix: string,
  digits: string,
  conversion: Conversion,
  zeroes: boolean,
): string {
  const { flags, width } = conversion;
  if (zeroes && flags.includes('0') && !flags.includes('-')) {
    return prefix + digits.padStart(width - prefix.length, '0');
  }
  return pad(prefix + digits, conversion);
}

function formatFloat(value: number, conversion: Conversion): string {
  const { letter, flags } = conversion;
  const upper = letter !== letter.toLowerCase();
  const negative = value < 0 || Object.is(value, -0);
  const magnitude = Math.abs(value);
  let text: string;
  if (Number.isNaN(value)) text = 'nan';
  else if (magnitude === Number.POSITIVE_INFINITY) text = 'inf';
  else text = floatDigits(magnitude, conversion);
  const sign = negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  if (upper) text = text.toUpperCase();
  return fillZeroes(sign, text, conversion, Number.isFinite(magnitude));
}

function floatDigits(value: number, conversion: Conversion): string {
  const precision = conversion.precision ?? 6;
  switch (conversion.letter.toLowerCase()) {
    case 'f':
      return fixed(value, precision);
    case 'e':
      return exponent(value.toExponential(Math.min(precision, 100)));
    case 'a':
      return hexFloat(value);
    default:
      return general(value, precision === 0 ? 1 : precision, conversion.flags.includes('#'));
  }
}

/** Digits after the point, exactly (toFixed gives up at 1e21 and 100 digits). */
export function fixed(value: number, precision: number): string {
  const digits = Math.min(precision, 100);
  const text = value < 1e21 ? toEven(value, digits) : largeFixed(value, digits);
  return precision > digits ? text + '0'.repeat(precision - digits) : text;
}

/** Digits that hold every tie exactly. */
const EXACT = 60;

/** toFixed, but a tie goes to the even digit, as in C. */
function toEven(value: number, digits: number): string {
  const text = value.toFixed(digits);
  if (digits > 100 - EXACT || Number.isInteger(value)) return text;
  const exact = value.toFixed(digits + EXACT);
  const cut = exact.length - EXACT;
  if (!/^50*$/.test(exact.slice(cut))) return text;
  const down = exact.slice(0, digits === 0 ? cut - 1 : cut);
  return /[02468]$/.test(down) ? down : text;
}

function largeFixed(value: number, digits: number): string {
  const whole = BigInt(value).toString();
  return digits > 0 ? `${whole}.${'0'.repeat(digits)}` : whole;
}

function exponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** %g: the shorter of %e and %f, trailing zeroes dropped unless `#`. */
export function general(value: number, precision: number, keepZeroes = false): string {
  const rounded = value.toExponential(Math.min(precision, 100) - 1);
  const power = Number(rounded.slice(rounded.indexOf('e') + 1));
  if (power < -4 || power >= precision) {
    const [mantissa = '', tail = ''] = rounded.split('e');
    return exponent(`${keepZeroes ? mantissa : dropZeroes(mantissa)}e${tail}`);
  }
  const text = fixed(value, Math.max(0, precision - 1 - power));
  return keepZeroes ? text : dropZeroes(text);
}

function dropZeroes(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function hexFloat(value: number): string {
  if (value === 0) return '0x0p+0';
  const power = Math.floor(Math.log2(value)) - 3;
  const scaled = value / 2 ** power;
  const fraction = scaled.toString(16);
  return `0x${fraction}p${power < 0 ? '-' : '+'}${Math.abs(power)}`;
}
