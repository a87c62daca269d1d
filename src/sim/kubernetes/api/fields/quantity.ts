// resource.Quantity: fixed-point numbers with the suffixes of SI (m, k, M) or powers of two (Ki, Mi). Parsed into
// a whole number of nano units; written back as the server does, which keeps a spelling it finds canonical.

/** The kinds of suffix, which a value keeps through arithmetic. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export interface Quantity {
  /** The value in units of 10⁻⁹, exact. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
  /** The spelling that was given, where the server keeps it. */
  readonly kept?: string;
}

/** A text that is no quantity, in the server's words. */
export class QuantityError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const formatWrong = new QuantityError(
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
);
const numericWrong = new QuantityError('unable to parse numeric part of quantity');
const suffixWrong = new QuantityError("unable to parse quantity's suffix");

/** Suffixes of SI with their powers of ten. */
export const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const NANO = 1_000_000_000n;
const SHAPE = /^([+-]?)(0*)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const MAX_INT64 = 9_223_372_036_854_775_807n;

const parsed = new Map<string, Quantity | QuantityError>();

/** Reads a quantity as the server does; a number counts as its decimal spelling. */
export function parseQuantity(given: string | number): Quantity | QuantityError {
  const text = typeof given === 'number' ? String(given) : given.trim();
  const known = parsed.get(text);
  if (known) return known;
  const made = parse(text);
  if (parsed.size > 4096) parsed.clear();
  parsed.set(text, made);
  return made;
}

function parse(text: string): Quantity | QuantityError {
  if (text === '') return formatWrong;
  if (text === '0') return { nano: 0n, format: 'DecimalSI', kept: '0' };
  const shape = SHAPE.exec(text);
  if (!shape || !/^[+-]?[0-9.]/.test(text)) return formatWrong;
  const [, sign = '', zeros = '', digits = '', fraction = '', suffix = ''] = shape;
  if (digits === '' && fraction === '' && zeros === '') return numericWrong;
  const scale = readSuffix(suffix);
  if (!scale) return suffixWrong;
  const number = digits === '' ? '0' : digits;
  const whole = BigInt(number + fraction);
  const nano = toNano(whole, fraction.length, scale.base, scale.exponent);
  const signed = sign === '-' ? -nano : nano;
  const kept = isCanonical(number, fraction, scale) ? { kept: text } : {};
  const below = scale.format === 'BinarySI' && nano > 0n && nano < NANO;
  return { nano: signed, format: below ? 'DecimalSI' : scale.format, ...kept };
}

interface Suffix {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function readSuffix(suffix: string): Suffix | undefined {
  const decimal = DECIMAL[suffix];
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const binary = BINARY[suffix];
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' };
  const exponent = /^[eE]([+-]?[0-9]+)$/.exec(suffix)?.[1];
  if (exponent === undefined) return undefined;
  return { base: 10, exponent: Number(exponent), format: 'DecimalExponent' };
}

/** Rounded up (away from zero) to whole nano units. */
function toNano(whole: bigint, fractionDigits: number, base: 2 | 10, exponent: number): bigint {
  const power = base === 2 ? 9 - fractionDigits : 9 - fractionDigits + exponent;
  const scaled = base === 2 ? whole << BigInt(exponent) : whole;
  if (power >= 0) return scaled * 10n ** BigInt(Math.min(power, 400));
  const divisor = 10n ** BigInt(Math.min(-power, 400));
  return (scaled + divisor - 1n) / divisor;
}

/** Whether the server keeps the spelling it was given; it decides by the digits, not by the value. */
function isCanonical(digits: string, fraction: string, scale: Suffix): boolean {
  const shifted = digits + fraction;
  if (scale.format === 'BinarySI') {
    const room = 15 - digits.length - Math.floor((scale.exponent * 3) / 10) - 1;
    if (fraction !== '' || room < 0) return false;
    const value = BigInt(digits);
    return value << BigInt(scale.exponent) <= MAX_INT64 && (value & 7n) !== 0n;
  }
  if (18 - shifted.length < 0) return false;
  const exponent = scale.exponent - fraction.length;
  if (exponent < -9) return false;
  return exponent % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
}

/** A quantity's text as the server writes it. */
export function formatQuantity(quantity: Quantity): string {
  return quantity.kept ?? canonical(quantity);
}

function canonical({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  const sign = nano < 0n ? '-' : '';
  const size = nano < 0n ? -nano : nano;
  if (format === 'BinarySI' && size >= 1024n * NANO && size % NANO === 0n) {
    let units = size / NANO;
    let exponent = 0;
    while (units % 1024n === 0n && exponent < 60) {
      units /= 1024n;
      exponent += 10;
    }
    const suffix = Object.keys(BINARY).find((name) => BINARY[name] === exponent) ?? '';
    return `${sign}${units}${suffix}`;
  }
  let units = size;
  let exponent = -9;
  while (units % 1000n === 0n && exponent < 18) {
    units /= 1000n;
    exponent += 3;
  }
  if (format === 'DecimalExponent') return `${sign}${units}${exponent === 0 ? '' : `e${exponent}`}`;
  const suffix = Object.keys(DECIMAL).find((name) => DECIMAL[name] === exponent) ?? '';
  return `${sign}${units}${suffix}`;
}

/** The server's spelling of a quantity, or what is wrong with it. */
export function canonicalQuantity(given: string | number): string | QuantityError {
  const quantity = parseQuantity(given);
  return quantity instanceof QuantityError ? quantity : formatQuantity(quantity);
}

/** Rounds up to whole thousandths, the finest that resource lists hold (cpu `100u` becomes `1m`). */
export function roundUpToMilli(text: string): string {
  const quantity = parseQuantity(text);
  if (quantity instanceof QuantityError || quantity.nano % 1_000_000n === 0n) return text;
  const up = quantity.nano > 0n ? 999_999n : -999_999n;
  const nano = ((quantity.nano + up) / 1_000_000n) * 1_000_000n;
  return canonical({ nano, format: quantity.format });
}

/** The value in nano units of a quantity that passed decoding; 0 for what is none. */
export function nanoOf(text: string | undefined): bigint {
  if (text === undefined) return 0n;
  const quantity = parseQuantity(text);
  return quantity instanceof QuantityError ? 0n : quantity.nano;
}

/** Adds quantities; the sum keeps the format of the first that is not zero. */
export function addQuantities(texts: readonly string[]): string {
  let sum: Quantity = { nano: 0n, format: 'DecimalSI' };
  for (const text of texts) {
    const next = parseQuantity(text);
    if (next instanceof QuantityError) continue;
    sum = { nano: sum.nano + next.nano, format: sum.nano === 0n ? next.format : sum.format };
  }
  return canonical(sum);
}

/** `a - b`, in the format of `a`. */
export function subtractQuantity(a: string, b: string): string {
  const left = parseQuantity(a);
  const right = parseQuantity(b);
  if (left instanceof QuantityError || right instanceof QuantityError) return a;
  return canonical({
    nano: left.nano - right.nano,
    format: left.nano === 0n ? right.format : left.format,
  });
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareQuantities(a: string, b: string): number {
  const difference = nanoOf(a) - nanoOf(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
