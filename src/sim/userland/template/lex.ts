// A template's text taken apart: what stands between actions, the actions, and what quoted strings in them mean.

/** Pieces of text and of actions, trimmed where `{{-` and `-}}` say so. */
export function pieces(
  source: string,
  fail: (at: number, text: string) => never,
): { text: string; action: boolean; at: number }[] {
  const found: { text: string; action: boolean; at: number }[] = [];
  let at = 0;
  let trimNext = false;
  for (;;) {
    const open = source.indexOf('{{', at);
    let text = source.slice(at, open < 0 ? undefined : open);
    if (trimNext) text = text.replace(/^[ \t\r\n]+/, '');
    const trimsBefore = open >= 0 && /^\{\{-[ \t\r\n]/.test(source.slice(open, open + 4));
    if (trimsBefore) text = text.replace(/[ \t\r\n]+$/, '');
    if (text !== '') found.push({ text, action: false, at });
    if (open < 0) return found;
    const start = open + (trimsBefore ? 3 : 2);
    const end = actionEnd(source, start, fail);
    if (end < 0) fail(open, 'unclosed action');
    trimNext = /[ \t\r\n]-$/.test(source.slice(start, end));
    const inner = source.slice(start, trimNext ? end - 1 : end);
    if (!/^\s*\/\*/.test(inner)) found.push({ text: inner, action: true, at: start });
    at = end + 2;
  }
}

function actionEnd(
  source: string,
  start: number,
  fail: (at: number, text: string) => never,
): number {
  for (let i = start; i < source.length; i++) {
    const c = source[i];
    if (c === '"' || c === '`') {
      const from = i++;
      while (i < source.length && source[i] !== c && (c === '`' || source[i] !== '\n'))
        i += c === '"' && source[i] === '\\' ? 2 : 1;
      if (source[i] !== c) fail(from, `unterminated ${c === '`' ? 'raw ' : ''}quoted string`);
    } else if (source.startsWith('}}', i)) return i;
  }
  return -1;
}

/** What a quoted string stands for. */
export function unquote(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    n: '\n',
    t: '\t',
    r: '\r',
    '"': '"',
    '\\': '\\',
    a: '\x07',
    b: '\b',
    f: '\f',
    v: '\v',
  };
  return text
    .slice(1, -1)
    .replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{3}|.)/g, (_, code: string) => {
      if (code[0] === 'x' || code[0] === 'u')
        return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
      if (/^[0-7]{3}$/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
      return escapes[code] ?? code;
    });
}
