// Docker's times (RFC 3339 with nanoseconds) as the CRI's (nanoseconds since 1970, as decimal text).

const ZERO = '0001-01-01T00:00:00Z';

/** True for a time that has not come. */
export function isZeroTime(text: string): boolean {
  return text === ZERO;
}

/** `2026-03-02T09:00:01.5Z` in nanoseconds; `0` for a time that has not come. */
export function nanosOf(text: string): string {
  if (isZeroTime(text)) return '0';
  const [, whole = text, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text) ?? [];
  const seconds = BigInt(Date.parse(`${whole}Z`)) * 1_000_000n;
  return (seconds + BigInt(fraction.padEnd(9, '0').slice(0, 9))).toString();
}

/** Seconds since 1970 in nanoseconds. */
export function nanosOfSeconds(seconds: number): string {
  return (BigInt(seconds) * 1_000_000_000n).toString();
}
