// A sed script as it runs: commands with their addresses, and the pieces of replacements.

import type { Regex } from '../../regex/index.ts';

/** One piece of a script, and where it comes from. */
export interface ScriptSource {
  readonly text: string;
  /** `-e expression #1` or `file x`. */
  readonly name: string;
}

export type Address =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'step'; readonly first: number; readonly step: number }
  | { readonly kind: 'match'; readonly regex: Regex | undefined }
  | { readonly kind: 'plus'; readonly count: number }
  | { readonly kind: 'multiple'; readonly count: number };

/** A piece of a replacement: text, a group (0 is the whole), or a change of case. */
export type Piece = string | number | { readonly fold: 'U' | 'L' | 'u' | 'l' | 'E' };

export interface Substitution {
  /** Undefined: the last one used. */
  readonly regex: Regex | undefined;
  readonly pieces: readonly Piece[];
  readonly all: boolean;
  readonly nth: number;
  readonly print: number;
  readonly run: boolean;
  readonly file: string | undefined;
}

export interface SedCommand {
  readonly letter: string;
  readonly from: Address | undefined;
  readonly to: Address | undefined;
  readonly negated: boolean;
  /** Text of a i c, label of : b t T, file of r R w W, command of e. */
  readonly text: string;
  /** Exit code of q Q, width of l, line count of L. */
  readonly number: number | undefined;
  readonly substitution: Substitution | undefined;
  readonly translation: ReadonlyMap<string, string> | undefined;
  /** Where b t T } lead: an index into the commands. */
  target: number;
  /** The state of a range: active until this line (Infinity: until its end matches). */
  active: boolean;
  until: number;
}

export interface SedScript {
  readonly commands: readonly SedCommand[];
  /** The first line was `#n`. */
  readonly quiet: boolean;
}

/** Escapes that stand for a control character. */
export const PLAIN: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  f: '\f',
  v: '\v',
  a: '\x07',
};

/** `x48`, `d072`, `o110`: a character by its number, and how many digits that took. */
function numericEscape(text: string): [string, number] | undefined {
  const [, digits, base] = /^x([0-9a-fA-F]{1,2})/.exec(text)?.concat('16') ??
    /^d(\d{1,3})/.exec(text)?.concat('10') ??
    /^o([0-7]{1,3})/.exec(text)?.concat('8') ?? ['', undefined, ''];
  if (digits === undefined) return undefined;
  return [String.fromCharCode(Number.parseInt(digits, Number(base)) & 255), digits.length];
}

/** The replacement of `s`: `&`, groups, changes of case and escapes taken apart. */
export function replacementPieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  const add = (piece: string): void => {
    const last = pieces.at(-1);
    if (typeof last === 'string') pieces[pieces.length - 1] = last + piece;
    else pieces.push(piece);
  };
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '&') pieces.push(0);
    else if (char !== '\\') add(char);
    else {
      const next = text.charAt(++i);
      const numeric = numericEscape(text.slice(i));
      if (/\d/.test(next)) pieces.push(Number(next));
      else if (/[ULulE]/.test(next)) pieces.push({ fold: next as 'U' });
      else if (numeric) {
        add(numeric[0]);
        i += numeric[1];
      } else add(PLAIN[next] ?? next);
    }
  }
  return pieces;
}

/** Gives every jump its target; a label that is not there. */
export function resolveLabels(commands: readonly SedCommand[]): string | undefined {
  const labels = new Map<string, number>();
  commands.forEach((command, i) => {
    if (command.letter === ':') labels.set(command.text, i);
  });
  for (const command of commands) {
    if (!'btT'.includes(command.letter)) continue;
    const target = command.text === '' ? commands.length : labels.get(command.text);
    if (target === undefined) return command.text;
    command.target = target;
  }
  return undefined;
}
