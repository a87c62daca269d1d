// Digits of pi, as Math::BigFloat's bpi gives them: so many significant digits, the last one rounded.

/** arctan(1/x), times `unit`. */
function arctan(x: bigint, unit: bigint): bigint {
  let power = unit / x;
  let sum = power;
  for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
    power /= x * x;
    sum += (sign * power) / n;
  }
  return sum;
}

/** Pi with `count` significant digits, by Machin's formula. */
export function piDigits(count: number): string {
  const digits = Math.max(1, Math.floor(count));
  const spare = 10;
  const unit = 10n ** BigInt(digits - 1 + spare);
  const pi = 4n * (4n * arctan(5n, unit) - arctan(239n, unit));
  const cut = 10n ** BigInt(spare);
  const text = String((pi + cut / 2n) / cut);
  return digits === 1 ? text : `${text.slice(0, 1)}.${text.slice(1)}`;
}
