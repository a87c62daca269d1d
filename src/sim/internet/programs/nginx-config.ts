// nginx's configuration language as far as the server here follows it: blocks and directives, include, server with listen
// and server_name, location with root, index, return, proxy_pass, try_files and autoindex.

/** A directive: its words, and what stands in braces after it. */
export interface Directive {
  readonly words: readonly string[];
  readonly block: readonly Directive[] | undefined;
  readonly line: number;
}

/** What is wrong with a file, as nginx words it. */
export interface ConfigError {
  readonly message: string;
  readonly line: number;
}

/** Splits a file into directives. */
export function parseNginxConfig(text: string): readonly Directive[] | ConfigError {
  const tokens = tokenize(text);
  let at = 0;
  let failure: ConfigError | undefined;
  const parseBlock = (inner: boolean): Directive[] => {
    const list: Directive[] = [];
    let words: string[] = [];
    for (; at < tokens.length && !failure; at++) {
      const token = tokens[at];
      if (!token) break;
      if (token.text === ';' && !token.quoted) {
        if (words.length === 0) failure = { message: 'unexpected ";"', line: token.line };
        else list.push({ words, block: undefined, line: token.line });
        words = [];
      } else if (token.text === '{' && !token.quoted) {
        at++;
        const block = parseBlock(true);
        list.push({ words, block, line: token.line });
        words = [];
      } else if (token.text === '}' && !token.quoted) {
        if (!inner || words.length > 0) failure = { message: 'unexpected "}"', line: token.line };
        return list;
      } else words.push(token.text);
    }
    const line = tokens.at(-1)?.line ?? 1;
    if (inner || words.length > 0) {
      failure ??= {
        message:
          inner && words.length === 0
            ? 'unexpected end of file, expecting "}"'
            : 'unexpected end of file, expecting ";" or "}"',
        line,
      };
    }
    return list;
  };
  const list = parseBlock(false);
  return failure ?? list;
}

interface Token {
  readonly text: string;
  readonly quoted: boolean;
  readonly line: number;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern =
    /#[^\n]*|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|[;{}]|\n|(?:\$\{[^}]*\}|[^\s;{}"'#])(?:\$\{[^}]*\}|[^\s;{}])*/g;
  let line = 1;
  for (const match of text.matchAll(pattern)) {
    const [word, double, single] = match;
    if (word === '\n') line++;
    else if (!word.startsWith('#')) {
      const quoted = double !== undefined || single !== undefined;
      tokens.push({ text: double ?? single ?? word, quoted, line });
      line += word.split('\n').length - 1;
    }
  }
  return tokens;
}

export interface Location {
  readonly path: string;
  readonly kind: 'prefix' | 'exact' | 'regex' | 'iregex';
  readonly directives: readonly Directive[];
}

export interface Server {
  readonly ports: readonly number[];
  readonly names: readonly string[];
  readonly directives: readonly Directive[];
  readonly locations: readonly Location[];
}

/** Reads a `server` block. */
export function serverOf(block: readonly Directive[]): Server {
  const ports: number[] = [];
  const names: string[] = [];
  const locations: Location[] = [];
  for (const { words, block: inner } of block) {
    const [name, first = '', second = ''] = words;
    if (name === 'listen') {
      const port = Number(/(\d+)$/.exec(first)?.[1] ?? 80);
      if (!first.startsWith('[') && !ports.includes(port)) ports.push(port);
    } else if (name === 'server_name') names.push(...words.slice(1));
    else if (name === 'location' && inner) {
      const kind =
        first === '=' ? 'exact' : first === '~' ? 'regex' : first === '~*' ? 'iregex' : 'prefix';
      const path = kind === 'prefix' && first !== '^~' ? first : second;
      locations.push({ path, kind, directives: inner });
    }
  }
  return { ports: ports.length > 0 ? ports : [80], names, directives: block, locations };
}

/** The location that answers a path: exact, then regular expressions in order, then the longest prefix. */
export function locationFor(server: Server, path: string): Location | undefined {
  const exact = server.locations.find((l) => l.kind === 'exact' && l.path === path);
  if (exact) return exact;
  const regex = server.locations.find(
    (l) =>
      (l.kind === 'regex' || l.kind === 'iregex') &&
      new RegExp(l.path, l.kind === 'iregex' ? 'i' : '').test(path),
  );
  if (regex) return regex;
  let best: Location | undefined;
  for (const l of server.locations) {
    if (l.kind === 'prefix' && path.startsWith(l.path) && l.path.length > (best?.path.length ?? -1))
      best = l;
  }
  return best;
}

/** The words after a directive's name, innermost first. */
export function setting(
  name: string,
  ...scopes: (readonly Directive[] | undefined)[]
): readonly string[] | undefined {
  for (const scope of scopes) {
    const found = scope?.find(({ words }) => words[0] === name);
    if (found) return found.words.slice(1);
  }
  return undefined;
}
