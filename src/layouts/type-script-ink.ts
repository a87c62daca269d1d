// The inks of TypeScript source for the pages that show the simulator's own: comments, strings, numbers and
// keywords. Shiki would tell more, and take half a minute for them all.

/** A stretch of source in one ink; an empty one is plain. */
export interface Inked {
  readonly text: string;
  readonly ink: '' | 'comment' | 'string' | 'keyword' | 'constant';
}

const KEYWORDS = [
  'abstract as async await break case catch class const constructor continue declare default delete',
  'do else enum export extends finally for from function get if implements import in infer instanceof',
  'interface is keyof let new null of override private protected public readonly return satisfies set',
  'static super switch this throw try type typeof undefined unique void while yield true false',
].join(' ');

const PIECES = new RegExp(
  [
    /(?<comment>\/\/.*|\/\*[\s\S]*?\*\/)/,
    /(?<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`)/,
    /(?<constant>\b\d[\d_.a-fxn]*\b)/,
  ]
    .map((piece) => piece.source)
    .concat(`(?<keyword>\\b(?:${KEYWORDS.replaceAll(' ', '|')})\\b)`)
    .join('|'),
  'g',
);

/** Cuts source into stretches of one ink. */
export function inked(source: string): Inked[] {
  const out: Inked[] = [];
  let at = 0;
  for (const match of source.matchAll(PIECES)) {
    if (match.index > at) out.push({ text: source.slice(at, match.index), ink: '' });
    const found = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined);
    out.push({ text: match[0], ink: (found?.[0] ?? '') as Inked['ink'] });
    at = match.index + match[0].length;
  }
  if (at < source.length) out.push({ text: source.slice(at), ink: '' });
  return out;
}
