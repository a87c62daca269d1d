// Sprig's functions on strings, encodings, versions and dates, by the names that templates call them.

import { decode, encode } from '../../core/text.ts';
import { sha256 } from '../../core/sha256.ts';
import { digests } from '../../userland/programs/openssl/digests.ts';
import type { Body } from '../../userland/template/functions.ts';
import { base64Text, fromBase64 } from '../../core/base64.ts';
import { listOf, toInt, toText } from './convert.ts';
import { satisfies, versionParts } from './semver.ts';

const count = (value: unknown): number => Number(toInt(value));

function splitWords(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .split(/[\s_.-]+/)
    .filter((word) => word !== '');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function indent(spaces: unknown, text: unknown): string {
  const pad = ' '.repeat(count(spaces));
  return pad + toText(text).replaceAll('\n', `\n${pad}`);
}

function trunc(length: unknown, text: unknown): string {
  const n = count(length);
  const value = toText(text);
  if (n < 0) return value.length + n > 0 ? value.slice(value.length + n) : value;
  return value.slice(0, n);
}

function quoted(values: readonly unknown[], quote: (text: string) => string): string {
  return values
    .filter((value) => value !== null && value !== undefined)
    .map((value) => quote(toText(value)))
    .join(' ');
}

/** Go's regular expressions (RE2) as far as JavaScript's agree with them. */
function expression(pattern: unknown, flags = ''): RegExp {
  const text = toText(pattern);
  const inline = /^\(\?([ims]+)\)/.exec(text);
  return new RegExp(inline ? text.slice(inline[0].length) : text, flags + (inline?.[1] ?? ''));
}

function replacement(text: unknown): string {
  return toText(text).replace(/\$\{(\w+)\}/g, '$$$1');
}

function replacePattern(pattern: unknown, text: unknown, by: string): string {
  return toText(text).replace(expression(pattern, 'g'), by);
}

function trimSet(text: string, letters: string, sides: 'both' | 'left' | 'right'): string {
  let from = 0;
  let to = text.length;
  if (sides !== 'right') while (from < to && letters.includes(text.charAt(from))) from++;
  if (sides !== 'left') while (to > from && letters.includes(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}

const same =
  (name: keyof typeof digests): Body =>
  ([text]) =>
    digests[name]?.(encode(toText(text))) ?? '';

export const TEXT_FUNCTIONS: Readonly<Record<string, Body>> = {
  lower: ([text]) => toText(text).toLowerCase(),
  upper: ([text]) => toText(text).toUpperCase(),
  title: ([text]) =>
    toText(text).replace(/(^|\s)(\S)/g, (_, gap, c) => gap + String(c).toUpperCase()),
  untitle: ([text]) =>
    toText(text).replace(/(^|\s)(\S)/g, (_, gap, c) => gap + String(c).toLowerCase()),
  trim: ([text]) => toText(text).trim(),
  trimAll: ([letters, text]) => trimSet(toText(text), toText(letters), 'both'),
  trimall: ([letters, text]) => trimSet(toText(text), toText(letters), 'both'),
  trimPrefix: ([prefix, text]) =>
    toText(text).startsWith(toText(prefix))
      ? toText(text).slice(toText(prefix).length)
      : toText(text),
  trimSuffix: ([suffix, text]) =>
    toText(suffix) !== '' && toText(text).endsWith(toText(suffix))
      ? toText(text).slice(0, -toText(suffix).length)
      : toText(text),
  nospace: ([text]) => toText(text).replace(/\s/g, ''),
  repeat: ([times, text]) => toText(text).repeat(Math.max(0, count(times))),
  substr: ([from, to, text]) => {
    const value = toText(text);
    const [a, b] = [count(from), count(to)];
    if (a < 0) return value.slice(0, b);
    return b < 0 || b > value.length ? value.slice(a) : value.slice(a, b);
  },
  trunc: ([length, text]) => trunc(length, text),
  abbrev: ([width, text]) => {
    const value = toText(text);
    const n = count(width);
    return n < 4 || value.length <= n ? value : `${value.slice(0, n - 3)}...`;
  },
  initials: ([text]) =>
    toText(text)
      .split(/\s+/)
      .map((word) => word.charAt(0))
      .join(''),
  contains: ([part, text]) => toText(text).includes(toText(part)),
  hasPrefix: ([prefix, text]) => toText(text).startsWith(toText(prefix)),
  hasSuffix: ([suffix, text]) => toText(text).endsWith(toText(suffix)),
  quote: (values) => quoted(values, (text) => JSON.stringify(text)),
  squote: (values) => quoted(values, (text) => `'${text}'`),
  cat: (values) =>
    values
      .filter((v) => v !== null && v !== undefined)
      .map(toText)
      .join(' '),
  indent: ([spaces, text]) => indent(spaces, text),
  nindent: ([spaces, text]) => `\n${indent(spaces, text)}`,
  replace: ([from, to, text]) => toText(text).replaceAll(toText(from), toText(to)),
  plural: ([one, many, number]) => (toInt(number) === 1n ? one : many),
  snakecase: ([text]) => splitWords(toText(text)).join('_').toLowerCase(),
  kebabcase: ([text]) => splitWords(toText(text)).join('-').toLowerCase(),
  camelcase: ([text]) => splitWords(toText(text)).map(capital).join(''),
  swapcase: ([text]) =>
    [...toText(text)]
      .map((c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()))
      .join(''),
  wrap: ([width, text]) =>
    toText(text)
      .replace(new RegExp(`(.{1,${count(width)}})(\\s+|$)`, 'g'), '$1\n')
      .trimEnd(),
  split: ([separator, text]) =>
    Object.fromEntries(
      toText(text)
        .split(toText(separator))
        .map((part, i) => [`_${i}`, part]),
    ),
  splitn: ([separator, n, text]) => {
    const parts = toText(text).split(toText(separator));
    const head = parts.slice(0, count(n) - 1);
    const all = [...head, parts.slice(count(n) - 1).join(toText(separator))];
    return Object.fromEntries(all.map((part, i) => [`_${i}`, part]));
  },
  splitList: ([separator, text]) => toText(text).split(toText(separator)),
  join: ([separator, list]) =>
    Array.isArray(list) ? list.map(toText).join(toText(separator)) : toText(list),
  sortAlpha: ([list]) => listOf(list).map(toText).sort(),
  toString: (values: readonly unknown[]) => toText(values[0]),
  toStrings: ([list]) => listOf(list).map(toText),
  b64enc: ([text]) => base64Text(toText(text)),
  b64dec: ([text]) => decode(fromBase64(toText(text))),
  sha1sum: same('sha1'),
  sha256sum: ([text]) => sha256(encode(toText(text))),
  sha512sum: same('sha512'),
  regexMatch: ([pattern, text]) => expression(pattern).test(toText(text)),
  mustRegexMatch: ([pattern, text]) => expression(pattern).test(toText(text)),
  regexFind: ([pattern, text]) => expression(pattern).exec(toText(text))?.[0] ?? '',
  regexFindAll: ([pattern, text, n]) => {
    const all = [...toText(text).matchAll(expression(pattern, 'g'))].map(([whole]) => whole);
    return count(n) < 0 ? all : all.slice(0, count(n));
  },
  regexReplaceAll: ([pattern, text, by]) => replacePattern(pattern, text, replacement(by)),
  mustRegexReplaceAll: ([pattern, text, by]) => replacePattern(pattern, text, replacement(by)),
  regexReplaceAllLiteral: ([pattern, text, by]) =>
    replacePattern(pattern, text, toText(by).replaceAll('$', '$$$$')),
  regexSplit: ([pattern, text, n]) => {
    const all = toText(text).split(expression(pattern));
    return count(n) < 0 ? all : all.slice(0, count(n));
  },
  regexQuoteMeta: ([text]) => toText(text).replace(/[\\.+*?()|[\]{}^$]/g, '\\$&'),
  semverCompare: ([constraint, version]) => {
    const holds = satisfies(toText(constraint), toText(version));
    return holds === undefined ? { failure: 'Invalid Semantic Version' } : holds;
  },
  semver: ([version]) => versionParts(toText(version)) ?? { failure: 'Invalid Semantic Version' },
  base: ([path]) => toText(path).split('/').pop() ?? '',
  dir: ([path]) => toText(path).replace(/\/?[^/]*$/, '') || '.',
  ext: ([path]) => /\.[^./]*$/.exec(toText(path))?.[0] ?? '',
};
