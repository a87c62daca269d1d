// Finding the end of quotes and substitutions in a word's text. All take the whole text and a
// position, and give the position behind the end; where the end is missing, one past the text's
// length.

/** Behind the `'` that closes the one opened before `at`. */
export function afterSingleQuote(text: string, at: number): number {
  const end = text.indexOf("'", at);
  return end < 0 ? text.length + 1 : end + 1;
}

/** Behind the `'` that closes `$'` opened before `at`. */
export function afterAnsiQuote(text: string, at: number): number {
  for (let i = at; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === "'") return i + 1;
  }
  return text.length + 1;
}

/** Behind the `"` that closes the one opened before `at`. */
export function afterDoubleQuote(text: string, at: number): number {
  for (let i = at; i < text.length; ) {
    const c = text[i];
    if (c === '"') return i + 1;
    if (c === '\\') i += 2;
    else if (c === '`') i = afterBackquote(text, i + 1);
    else if (c === '$') i = afterDollar(text, i, true);
    else i++;
  }
  return text.length + 1;
}

/** Behind the backquote that closes the one opened before `at`. */
export function afterBackquote(text: string, at: number): number {
  for (let i = at; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '`') return i + 1;
  }
  return text.length + 1;
}

/** Behind whatever begins with the `$` at `at`; behind the `$` alone for plain names. */
export function afterDollar(text: string, at: number, inDouble: boolean): number {
  const next = text[at + 1];
  if (next === '(') {
    if (text[at + 2] === '(') {
      const end = afterArithmetic(text, at + 3);
      if (end > 0) return end;
    }
    return afterParenthesis(text, at + 2);
  }
  if (next === '{') return afterBrace(text, at + 2, inDouble);
  if (next === '[') return afterBracket(text, at + 2);
  if (next === "'" && !inDouble) return afterAnsiQuote(text, at + 2);
  return at + 1;
}

/** Behind the `))` that closes `$((`; 0 where it is no arithmetic after all. */
export function afterArithmetic(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; ) {
    const c = text[i];
    if (c === '(') depth++;
    else if (c === ')') {
      if (depth === 0) return text[i + 1] === ')' ? i + 2 : 0;
      depth--;
    }
    const jump = afterNested(text, i);
    i = jump > i ? jump : i + 1;
  }
  return 0;
}

/** Behind the `]` of `$[` or of a subscript. */
export function afterBracket(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; ) {
    const c = text[i];
    if (c === '[') depth++;
    else if (c === ']') {
      if (depth === 0) return i + 1;
      depth--;
    }
    const jump = afterNested(text, i);
    i = jump > i ? jump : i + 1;
  }
  return text.length + 1;
}

/** Behind the `}` of `${`. */
export function afterBrace(text: string, at: number, inDouble: boolean): number {
  for (let i = at; i < text.length; ) {
    if (text[i] === '}') return i + 1;
    if (text[i] === "'" && inDouble) {
      i++;
      continue;
    }
    const jump = afterNested(text, i);
    i = jump > i ? jump : i + 1;
  }
  return text.length + 1;
}

/** Behind the quote or substitution that begins at `at`; `at` itself where none does. */
export function afterNested(text: string, at: number): number {
  switch (text[at]) {
    case '\\':
      return Math.min(at + 2, text.length);
    case "'":
      return afterSingleQuote(text, at + 1);
    case '"':
      return afterDoubleQuote(text, at + 1);
    case '`':
      return afterBackquote(text, at + 1);
    case '$':
      return afterDollar(text, at, false);
    default:
      return at;
  }
}

const WORD_END = /[\s;&|<>()]/;

/** Behind the `)` of a command substitution: knows comments, case patterns and here-documents. */
export function afterParenthesis(text: string, at: number): number {
  const open: ('(' | 'case')[] = [];
  let i = at;
  let fresh = true;
  const heredocs: { word: string; tabs: boolean }[] = [];
  while (i < text.length) {
    const c = text[i] as string;
    if (c === '(') open.push('(');
    if (c === ')') {
      if (open.length === 0) return i + 1;
      if (open.at(-1) === '(') open.pop();
    }
    if (c === '\n' && heredocs.length > 0) {
      i = afterHereDocuments(text, i + 1, heredocs.splice(0));
      fresh = true;
      continue;
    }
    if (WORD_END.test(c)) {
      const here = /^<<(-?)[ \t]*(?!<)([^\s;&|<>()]+)/.exec(text.slice(i, i + 200));
      if (here && text[i - 1] !== '<') {
        heredocs.push({ tabs: here[1] === '-', word: (here[2] ?? '').replace(/['"\\]/g, '') });
        i += here[0].length;
        continue;
      }
      fresh = true;
      i++;
      continue;
    }
    if (fresh && c === '#') {
      const end = text.indexOf('\n', i);
      i = end < 0 ? text.length : end;
      continue;
    }
    const start = i;
    while (i < text.length && !WORD_END.test(text[i] as string)) {
      const jump = afterNested(text, i);
      i = jump > i ? jump : i + 1;
    }
    const word = text.slice(start, i);
    if (word === 'case') open.push('case');
    else if (word === 'esac' && open.at(-1) === 'case') open.pop();
    fresh = false;
  }
  return text.length + 1;
}

function afterHereDocuments(
  text: string,
  at: number,
  list: readonly { word: string; tabs: boolean }[],
): number {
  let i = at;
  for (const { word, tabs } of list) {
    while (i < text.length) {
      const end = text.indexOf('\n', i);
      const line = text.slice(i, end < 0 ? text.length : end);
      i = end < 0 ? text.length : end + 1;
      if ((tabs ? line.replace(/^\t+/, '') : line) === word) break;
    }
  }
  return i;
}
