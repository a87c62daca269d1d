// Decimal numbers as x86-64's long double holds them (64 bits of mantissa), printed exactly: bash's
// printf computes with these, so `printf %.1f 2.55` gives 2.5 where a double would give 2.6.
// Exponents are not limited.

/** A value mantissa * 2^exponent, never negative. */
export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const BITS = 64;

/** Reads digits such as `2.55` or `1e-3` (no sign), rounding to the nearest, ties to even. */
export function readLongDouble(text: string): LongDouble {
  const found = /^(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?$/.exec(text);
  if (!found) return { mantissa: 0n, exponent: 0 };
  const [, whole = '', fraction = '', power = '0'] = found;
  const scale = Number(power) - fraction.length;
  const digits = BigInt(whole + fraction || '0');
  if (digits === 0n) return { mantissa: 0n, exponent: 0 };
  const top = scale > 0 ? digits * 10n ** BigInt(scale) : digits;
  const bottom = scale < 0 ? 10n ** BigInt(-scale) : 1n;
  return rounded(top, bottom);
}

function rounded(top: bigint, bottom: bigint): LongDouble {
  let exponent = top.toString(2).length - bottom.toString(2).length - BITS;
  for (;;) {
    const up = exponent < 0 ? top << BigInt(-exponent) : top;
    const down = exponent > 0 ? bottom << BigInt(exponent) : bottom;
    const mantissa = divideToEven(up, down);
    const length = mantissa.toString(2).length;
    if (length <= BITS) return { mantissa, exponent };
    exponent++;
  }
}

function divideToEven(top: bigint, bottom: bigint): bigint {
  const quotient = top / bottom;
  const rest = (top % bottom) * 2n;
  return rest > bottom || (rest === bottom && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

/** The value times 10^digits, rounded to an integer, ties to even: the digits of `%.Nf`. */
export function scaledDigits(value: LongDouble, digits: number): bigint {
  let top = value.mantissa;
  let bottom = 1n;
  if (value.exponent > 0) top <<= BigInt(value.exponent);
  else bottom <<= BigInt(-value.exponent);
  if (digits >= 0) top *= 10n ** BigInt(digits);
  else bottom *= 10n ** BigInt(-digits);
  return divideToEven(top, bottom);
}

/** `%.Nf`. */
export function fixedText(value: LongDouble, digits: number): string {
  const text = scaledDigits(value, digits)
    .toString()
    .padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** The decimal exponent, and the mantissa's digits with `digits` behind the point: `%.Ne`. */
export function exponentParts(
  value: LongDouble,
  digits: number,
): { readonly digits: string; readonly power: number } {
  if (value.mantissa === 0n) return { digits: '0'.repeat(digits + 1), power: 0 };
  const bits = value.mantissa.toString(2).length + value.exponent;
  let power = Math.floor((bits - 1) * Math.LOG10E * Math.LN2);
  for (;;) {
    const text = scaledDigits(value, digits - power).toString();
    if (text.length === digits + 1) return { digits: text, power };
    power += text.length > digits + 1 ? 1 : -1;
  }
}
