// Texts quoted so that the shell reads them back: as `declare -p`, `set`, `printf %q` and `${v@Q}`
// write them.

const CONTROL = /[\x00-\x1f\x7f\udc80-\udcff]/;
const NAMED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\x1b': '\\E',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** `$'…'` for texts with control characters. */
export function ansiQuote(text: string): string {
  let out = '';
  for (const c of text) {
    const named = NAMED[c];
    const code = c.charCodeAt(0);
    if (named) out += named;
    else if (c === "'" || c === '\\') out += `\\${c}`;
    else if (code < 32 || code === 127) out += `\\${code.toString(8).padStart(3, '0')}`;
    else if (code >= 0xdc80 && code <= 0xdcff) out += `\\${(code & 255).toString(8)}`;
    else out += c;
  }
  return `$'${out}'`;
}

/** `'…'`, as `set`, `alias`, `trap -p` and `${v@Q}` write it. */
export function singleQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** `"…"`, as declare -p writes values. */
export function doubleQuote(text: string): string {
  return CONTROL.test(text) ? ansiQuote(text) : `"${text.replace(/["$`\\]/g, '\\$&')}"`;
}

/** printf %q: backslashes where needed. */
export function backslashQuote(text: string): string {
  if (text === '') return "''";
  if (CONTROL.test(text)) return ansiQuote(text);
  return text.replace(/[ "'`$\\|&;()<>{}*?[\]!^,]/g, '\\$&').replace(/^[#~]/, '\\$&');
}

/** As `set` and `declare` without -p list values: bare where nothing is special. */
export function listQuote(text: string): string {
  if (CONTROL.test(text)) return ansiQuote(text);
  return hasMetas(text) ? singleQuote(text) : text;
}

/** Characters that the shell would take for more than themselves (sh_contains_shell_metas). */
function hasMetas(text: string): boolean {
  return /[ \t\n"'`$\\|&;()<>{}*?[\]!^]|^#|(?:^|[=:])~/.test(text);
}

/** A word as set -x shows it. */
export function traceQuote(text: string): string {
  if (text === '') return "''";
  if (hasMetas(text)) return singleQuote(text);
  return CONTROL.test(text) ? ansiQuote(text) : text;
}

/** `${v@Q}`. */
export function readableQuote(text: string): string {
  return CONTROL.test(text) ? ansiQuote(text) : singleQuote(text);
}
