// SQL's words: names, quoted names, strings, numbers, operators, with comments dropped. Two dialects differ in quotes.

export type Dialect = 'mysql' | 'postgres';

export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'operator' | 'end';
  readonly text: string;
  /** Where it begins in the statement. */
  readonly at: number;
}

const OPERATOR = /^(<=>|<>|!=|>=|<=|::|\|\||->>|->|~\*|!~|[-+*/%(),.;=<>~@?:&|[\]])/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

function quoted(text: string, at: number, escapes: boolean): { value: string; end: number } {
  const quote = text.charAt(at);
  let value = '';
  let i = at + 1;
  for (; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '\\' && escapes) {
      const next = text.charAt(++i);
      value += ESCAPES[next] ?? next;
    } else if (c === quote && text.charAt(i + 1) === quote) {
      value += quote;
      i++;
    } else if (c === quote) break;
    else value += c;
  }
  return { value, end: i + 1 };
}

/** Length of a comment or of white space at the start; 0 where there is neither. */
function skipped(rest: string): number {
  const match = /^(\s+|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/)/.exec(rest);
  return match?.[0].length ?? 0;
}

/** Splits a statement into tokens; the last is of kind `end`. */
export function tokens(text: string, dialect: Dialect): Token[] {
  const out: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const blank = skipped(rest);
    if (blank > 0 && !(dialect === 'postgres' && rest.startsWith('#'))) {
      at += blank;
      continue;
    }
    const c = rest.charAt(0);
    if (c === "'" || c === '`' || c === '"') {
      const isName = c === '`' || (c === '"' && dialect === 'postgres');
      const { value, end } = quoted(text, at, dialect === 'mysql' && !isName);
      out.push({ kind: isName ? 'name' : 'string', text: value, at });
      at = end;
      continue;
    }
    const word = /^[\p{L}_$][\p{L}\p{N}_$]*/u.exec(rest)?.[0];
    const number = /^(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?/i.exec(rest)?.[0];
    const operator = OPERATOR.exec(rest)?.[0];
    const found = word ?? number ?? operator ?? c;
    const kind = word ? 'word' : number ? 'number' : 'operator';
    out.push({ kind, text: found, at });
    at += found.length;
  }
  out.push({ kind: 'end', text: '', at: text.length });
  return out;
}

/** Splits a script at the semicolons that end its statements; what is left over comes last, if anything is. */
export function splitStatements(
  script: string,
  dialect: Dialect,
): { readonly statements: readonly string[]; readonly rest: string } {
  const statements: string[] = [];
  let start = 0;
  for (const { kind, text, at } of tokens(script, dialect)) {
    if (kind !== 'operator' || text !== ';') continue;
    const statement = script.slice(start, at).trim();
    if (statement !== '') statements.push(statement);
    start = at + 1;
  }
  return { statements, rest: script.slice(start) };
}

/** True where text ends inside a quoted string. */
export function openQuote(text: string): string | undefined {
  let open: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (open !== undefined) {
      if (c === '\\') i++;
      else if (c === open) open = undefined;
    } else if (c === "'" || c === '"' || c === '`') open = c;
  }
  return open;
}
