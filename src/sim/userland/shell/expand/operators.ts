// The operators of `${…}` that change a text: removing a matching prefix or suffix, replacing,
// changing case.

import type { Shell } from '../shell.ts';
import { isPattern, matches, patternRegExp, patternSource, unquotePattern } from './pattern.ts';

/** `#`, `##`, `%`, `%%`. */
export function removePart(value: string, operator: string, pattern: string): string {
  const prefix = operator.startsWith('#');
  const longest = operator.length === 2;
  if (!isPattern(pattern)) {
    const text = unquotePattern(pattern);
    if (prefix) return value.startsWith(text) ? value.slice(text.length) : value;
    return text !== '' && value.endsWith(text) ? value.slice(0, -text.length) : value;
  }
  const whole = patternRegExp(pattern);
  const size = value.length;
  for (let i = 0; i <= size; i++) {
    const length = longest ? size - i : i;
    const part = prefix ? value.slice(0, length) : value.slice(size - length);
    if (whole.test(part)) return prefix ? value.slice(length) : value.slice(0, size - length);
  }
  return value;
}

const KEPT = 256;
const kept = new Map<string, RegExp>();

/** `/`, `//`, `/#`, `/%`. `&` in the replacement is what matched, unless it is quoted. */
export function replacePart(
  shell: Shell,
  value: string,
  operator: string,
  pattern: string,
  replacement: string,
): string {
  if (pattern === '') {
    if (operator === '/#') return plainReplacement(shell, replacement, '') + value;
    if (operator === '/%') return value + plainReplacement(shell, replacement, '');
    return value;
  }
  const flags = `su${operator === '//' ? 'g' : ''}${shell.shopt('nocasematch') ? 'i' : ''}`;
  const key = `${operator}${flags} ${pattern}`;
  let regExp = kept.get(key);
  if (!regExp) {
    const source = patternSource(pattern);
    const before = operator === '/#' ? '^' : '';
    const after = operator === '/%' ? '$' : '';
    regExp = new RegExp(`${before}(?:${source})${after}`, flags);
    if (kept.size >= KEPT) kept.clear();
    kept.set(key, regExp);
  }
  regExp.lastIndex = 0;
  return value.replace(regExp, (matched) =>
    matched === '' && operator === '//' ? '' : plainReplacement(shell, replacement, matched),
  );
}

function plainReplacement(shell: Shell, replacement: string, matched: string): string {
  if (!shell.shopt('patsub_replacement') || !/[\\&]/.test(replacement)) return replacement;
  return replacement.replace(/\\([\\&])|&/g, (_, quoted?: string) => quoted ?? matched);
}

/** `^`, `^^`, `,`, `,,`, `~`, `~~`: an empty pattern matches every character. */
export function changeCase(value: string, operator: string, pattern: string): string {
  const change = (c: string): string => {
    if (pattern !== '' && !matches(c, pattern)) return c;
    if (operator.startsWith('~')) return c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase();
    return operator.startsWith('^') ? c.toUpperCase() : c.toLowerCase();
  };
  const characters = Array.from(value);
  if (operator.length === 2) return characters.map(change).join('');
  const [first = '', ...rest] = characters;
  return (first === '' ? '' : change(first)) + rest.join('');
}
