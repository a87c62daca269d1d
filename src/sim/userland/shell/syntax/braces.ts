// Brace expansion (bash(1)): purely textual, before anything else. `{a,b}`, `{1..5}`, `{a..e..2}`,
// nested.

import { afterNested } from './scan.ts';

/** The texts that a word's text expands to; the word itself where it has no braces to expand. */
export function expandBraces(text: string): string[] {
  if (!text.includes('{')) return [text];
  for (let at = 0; at < text.length; ) {
    if (text[at] === '{' && text[at - 1] !== '$') {
      const found = readBrace(text, at);
      if (found) {
        const before = text.slice(0, at);
        const tails = expandBraces(text.slice(found.end));
        return found.items.flatMap((item) => tails.map((tail) => before + item + tail));
      }
    }
    const jump = afterNested(text, at);
    at = jump > at ? jump : at + 1;
  }
  return [text];
}

function readBrace(text: string, open: number): { items: string[]; end: number } | undefined {
  const commas: number[] = [];
  let depth = 0;
  for (let i = open + 1; i < text.length; ) {
    const c = text[i];
    if (c === '{') depth++;
    else if (c === ',' && depth === 0) commas.push(i);
    else if (c === '}') {
      if (depth === 0) return itemsOf(text, open, i, commas);
      depth--;
    }
    const jump = afterNested(text, i);
    i = jump > i ? jump : i + 1;
  }
  return undefined;
}

function itemsOf(
  text: string,
  open: number,
  close: number,
  commas: readonly number[],
): { items: string[]; end: number } | undefined {
  const end = close + 1;
  if (commas.length === 0) {
    const items = sequence(text.slice(open + 1, close));
    return items && { items, end };
  }
  const cuts = [open, ...commas, close];
  const items: string[] = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    items.push(...expandBraces(text.slice((cuts[i] ?? 0) + 1, cuts[i + 1])));
  }
  return { items, end };
}

const NUMBERS = /^(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?$/;
const LETTERS = /^([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?\d+))?$/;
const LONGEST = 1_000_000;

function sequence(inside: string): string[] | undefined {
  const numbers = NUMBERS.exec(inside);
  if (numbers) {
    const [, from = '', to = '', step] = numbers;
    const padded = [from, to].some((word) => /^-?0\d/.test(word));
    const width = padded ? Math.max(from.length, to.length) : 0;
    return steps(Number(from), Number(to), step)?.map((n) => padNumber(n, width));
  }
  const letters = LETTERS.exec(inside);
  if (!letters) return undefined;
  const [, from = '', to = '', step] = letters;
  return steps(from.charCodeAt(0), to.charCodeAt(0), step)?.map((n) => String.fromCharCode(n));
}

function padNumber(value: number, width: number): string {
  const digits = String(Math.abs(value)).padStart(value < 0 ? width - 1 : width, '0');
  return value < 0 ? `-${digits}` : digits;
}

function steps(from: number, to: number, step: string | undefined): number[] | undefined {
  const size = Math.abs(Number(step ?? 1)) || 1;
  if (Math.abs(to - from) / size > LONGEST) return undefined;
  const out: number[] = [];
  if (from <= to) for (let n = from; n <= to; n += size) out.push(n);
  else for (let n = from; n >= to; n -= size) out.push(n);
  return out;
}
