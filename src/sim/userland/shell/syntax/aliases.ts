// Alias expansion (POSIX 2.3.1): a word in command position that names an alias is replaced by its
// text before the grammar sees it; a text that ends in a blank lets the next word be looked at too.

import type { ShellName } from '../dialect.ts';
import { type Token, Tokens, Unclosed } from './tokens.ts';

/** Words after which a command begins. */
const BEFORE_COMMAND = new Set([
  'if',
  'then',
  'else',
  'elif',
  'while',
  'until',
  'do',
  '!',
  '{',
  'time',
  'coproc',
]);
const OPENERS = new Set(['newline', ';', '&', '&&', '||', '|', '|&', '(', ')', ';;', ';&', ';;&']);
const ASSIGNMENT = /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/;

/** Replaces aliases in a text of whole commands. `shell`: whose operators it knows. */
export function expandAliases(
  source: string,
  aliases: ReadonlyMap<string, string>,
  shell: ShellName,
): string {
  try {
    return replaceIn(source, aliases, shell, new Set()).text;
  } catch (thrown) {
    if (thrown instanceof Unclosed) return source;
    throw thrown;
  }
}

interface Replaced {
  readonly text: string;
  /** The word after this text may be an alias as well. */
  readonly open: boolean;
}

function replaceIn(
  source: string,
  aliases: ReadonlyMap<string, string>,
  shell: ShellName,
  busy: ReadonlySet<string>,
): Replaced {
  const tokens = new Tokens(source, shell, true);
  let out = '';
  let copied = 0;
  let open = true;
  let target = false;
  for (let token = tokens.next(); token.kind !== 'end'; token = tokens.next()) {
    if (token.kind !== 'word') {
      target = !OPENERS.has(token.kind);
      if (!target) open = true;
      continue;
    }
    if (target) {
      target = false;
      continue;
    }
    if (!open || isDescriptor(source, token) || ASSIGNMENT.test(token.text)) continue;
    const value = busy.has(token.text) ? undefined : aliases.get(token.text);
    if (value === undefined) {
      open = BEFORE_COMMAND.has(token.text);
      continue;
    }
    const inner = replaceIn(value, aliases, shell, new Set([...busy, token.text]));
    out += source.slice(copied, token.at) + inner.text;
    copied = token.end;
    open = /[ \t]$/.test(value) || inner.open;
  }
  return { text: out + source.slice(copied), open };
}

/** `2` in `2> file`. */
function isDescriptor(source: string, token: Token): boolean {
  return /^\d+$/.test(token.text) && /[<>]/.test(source[token.end] ?? '');
}
