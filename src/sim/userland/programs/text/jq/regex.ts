// Regular expressions of jq (Oniguruma, Perl syntax) on the host's matcher. Left out: what only Oniguruma has (\K,
// possessive and recursive groups, the l flag's longest match).

import { codePoints, described, isArray, type Json, JqError, typeName } from './values.ts';

/** `_match`: the match objects of a text, or for `test` whether there is one. */
export function matchAll(text: Json, given: Json, givenFlags: Json, test: boolean): Json {
  const [pattern, flags] = parts(given, givenFlags);
  if (typeof text !== 'string')
    throw new JqError(`${described(text)} cannot be matched, as it is not a string`);
  if (typeof pattern !== 'string')
    throw new JqError(`${described(pattern)} cannot be matched, as it is not a string`);
  if (flags !== null && typeof flags !== 'string')
    throw new JqError(`${described(flags)} is not a string`);
  const wanted = flags ?? '';
  if (/[^gimnpslx]/.test(wanted)) throw new JqError(`${wanted} is not a valid modifier string`);
  const regex = compileRegex(pattern, wanted);
  if (test) return regex.test(text);
  const found: Json[] = [];
  for (const match of text.matchAll(regex)) {
    if (wanted.includes('n') && match[0] === '') continue;
    found.push(matchObject(match, text));
    if (!wanted.includes('g')) break;
  }
  return found;
}

/** `match(["re", "flags"])` is another way to write `match("re"; "flags")`. */
function parts(given: Json, flags: Json): readonly [Json, Json] {
  if (typeof given === 'string' || flags !== null) return [given, flags];
  if (given === null || !isArray(given))
    throw new JqError(`${typeName(given)} not a string or array`);
  return [given[0] ?? null, given[1] ?? null];
}

const POSIX: Readonly<Record<string, string>> = {
  alpha: '\\p{L}',
  digit: '\\d',
  alnum: '\\p{L}\\p{N}',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space: '\\s',
  blank: ' \\t',
  punct: '\\p{P}',
  cntrl: '\\p{Cc}',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
  print: '\\P{C}',
  graph: '\\S',
};

function compileRegex(pattern: string, flags: string): RegExp {
  const inline = /^\(\?([imx]+)\)/.exec(pattern);
  const all = flags + (inline?.[1] ?? '').replace('m', 'p');
  let source = pattern.slice(inline?.[0].length ?? 0);
  if (all.includes('x'))
    source = source.replace(/\\[^]|\[(?:\\[^]|[^\]])*\]|\s+|#[^\n]*/g, (part) =>
      /^[\s#]/.test(part) ? '' : part,
    );
  source = source
    .replace(/\[:(\w+):\]/g, (whole, name: string) => POSIX[name] ?? whole)
    .replace(/\\A/g, '^')
    .replace(/\\[zZ]/g, '$')
    .replace(/(\\.)|\\h/g, (whole, escape?: string) =>
      escape === '\\h' || whole === '\\h' ? '[0-9a-fA-F]' : whole,
    );
  const dot = all.includes('p') ? 's' : '';
  try {
    return new RegExp(source, `gud${dot}${all.includes('i') ? 'i' : ''}`);
  } catch {
    try {
      return new RegExp(source, `gd${dot}${all.includes('i') ? 'i' : ''}`);
    } catch (error) {
      throw new JqError(`${pattern} (at offset 0) is not a valid regex: ${problem(String(error))}`);
    }
  }
}

/** What Oniguruma says where the host's matcher refuses a pattern. */
function problem(text: string): string {
  if (/[Uu]nterminated group/.test(text)) return 'end pattern with unmatched parenthesis';
  if (/Unmatched '\)'/.test(text)) return 'unmatched close parenthesis';
  if (/Nothing to repeat/.test(text)) return 'target of repeat operator is not specified';
  if (/[Uu]nterminated character class/.test(text)) return 'premature end of char-class';
  return /\\ at end/.test(text) ? 'end pattern at escape' : 'undefined group option';
}

function matchObject(match: RegExpExecArray, text: string): Json {
  const offset = (at: number): number => codePoints(text.slice(0, at)).length;
  const names = groupNames(match);
  const captures = match.slice(1).map((part: string | undefined, i): Json => {
    const at = match.indices?.[i + 1]?.[0];
    const name = names.get(i + 1) ?? null;
    if (part === undefined || at === undefined) {
      return new Map<string, Json>([
        ['offset', -1],
        ['string', null],
        ['length', 0],
        ['name', name],
      ]);
    }
    return new Map<string, Json>([
      ['offset', offset(at)],
      ['length', codePoints(part).length],
      ['string', part],
      ['name', name],
    ]);
  });
  return new Map<string, Json>([
    ['offset', offset(match.index)],
    ['length', codePoints(match[0]).length],
    ['string', match[0]],
    ['captures', captures],
  ]);
}

/** Names by group number, told by where the groups stand in the match's own list. */
function groupNames(match: RegExpExecArray): Map<number, string> {
  const names = new Map<number, string>();
  const places = match.indices?.groups ?? {};
  const taken = new Set<number>();
  for (const [name, place] of Object.entries(places)) {
    const value = match.groups?.[name];
    for (let i = 1; i < match.length; i++) {
      const at = match.indices?.[i];
      if (taken.has(i) || match[i] !== value || at?.[0] !== place?.[0] || at?.[1] !== place?.[1])
        continue;
      names.set(i, name);
      taken.add(i);
      break;
    }
  }
  return names;
}
