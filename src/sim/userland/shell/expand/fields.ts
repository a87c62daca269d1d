// Where expanded pieces of words come together: splits what was not quoted at IFS, keeps track of
// which characters of a field are pattern characters, and looks for matching files when a field is
// complete.

import { limits } from '../../../core/limits.ts';
import type { Shell } from '../shell.ts';
import { ExpansionFailure, roomFor, roomForWords } from './failure.ts';
import { expandGlob } from './glob.ts';
import { isPattern, quotePattern } from './pattern.ts';

/**
 * What is being made. `fields`: words of a command; `string`: one text (assignments, here-documents); `pattern`: one
 * shell pattern; `test`: one of `[[`, always with extended patterns; `regex`: one regular expression of =~; `replacement`: the last part of `${v/a/b}`.
 */
export type FieldsMode = 'fields' | 'string' | 'pattern' | 'test' | 'regex' | 'replacement';

const ACTIVE = /[*?[\\(]/;

export class Fields {
  readonly out: string[];
  readonly shell: Shell;
  readonly mode: FieldsMode;
  private text = '';
  /** The field as a pattern, from the first active character on. */
  private pattern: string | undefined;
  private started = false;

  constructor(shell: Shell, mode: FieldsMode, out: string[] = []) {
    this.shell = shell;
    this.mode = mode;
    this.out = out;
    if (mode !== 'fields' && mode !== 'string') this.pattern = '';
  }

  /** Text inside quotes. */
  quoted(text: string): void {
    this.started = true;
    roomFor(this.text.length + text.length);
    if (this.pattern !== undefined) this.pattern += this.protect(text);
    this.append(text);
  }

  /** Text of the script outside quotes: not split. */
  literal(text: string): void {
    this.started = true;
    roomFor(this.text.length + text.length);
    if (this.pattern !== undefined) this.pattern += this.active(text);
    else if (this.mode === 'fields' && ACTIVE.test(text))
      this.pattern = quotePattern(this.text) + this.active(text);
    this.append(text);
  }

  /** Text of a pattern: without extglob a parenthesis is one like any other character. */
  private active(text: string): string {
    const plain = this.mode === 'pattern' || this.mode === 'fields';
    if (!plain || this.shell.shopt('extglob')) return text;
    return text.replace(/([?*+@!])\(/g, '$1\\(');
  }

  private append(text: string): void {
    const length = this.text.length + text.length;
    if (length > limits.shellWordBytes) {
      const refused =
        this.shell.dialect.name === 'bash'
          ? `xrealloc: cannot allocate ${length} bytes`
          : 'Out of space';
      throw new ExpansionFailure(refused, 'shell', 2);
    }
    this.text += text;
  }

  /** The value of an expansion outside quotes. */
  split(value: string): void {
    if (this.mode !== 'fields') {
      if (value !== '') this.literal(value);
      return;
    }
    const ifs = this.shell.separators;
    if (ifs === '' || !hasAny(value, ifs)) {
      if (value !== '') this.literal(value);
      return;
    }
    this.splitAt(value, ifs);
  }

  private splitAt(value: string, ifs: string): void {
    let at = 0;
    while (at < value.length) {
      const c = value[at] as string;
      if (!ifs.includes(c)) {
        let end = at + 1;
        while (end < value.length && !ifs.includes(value[end] as string)) end++;
        this.literal(value.slice(at, end));
        at = end;
        continue;
      }
      if (!isBlank(c)) {
        this.started = true;
        this.finish();
        at = skipBlanks(value, at + 1, ifs);
        continue;
      }
      const had = this.started;
      if (had) this.finish();
      at = skipBlanks(value, at, ifs);
      const next = value[at];
      if (had && next !== undefined && ifs.includes(next)) at = skipBlanks(value, at + 1, ifs);
    }
  }

  /**
   * Several values (`$@`, `${a[*]}` …). `star`: the name ended in `*`, which joins them inside
   * quotes.
   */
  list(values: readonly string[], star: boolean, quoted: boolean): void {
    if (quoted && (star || this.mode !== 'fields')) {
      const first = star ? this.shell.separators.slice(0, 1) : ' ';
      if (values.length > 0 || star) this.quoted(values.join(first));
      return;
    }
    if (this.mode !== 'fields') {
      const first = star ? this.shell.separators.slice(0, 1) : ' ';
      this.literal(values.join(first));
      return;
    }
    for (const [i, value] of values.entries()) {
      if (i > 0 && (quoted || this.started)) this.finish();
      if (quoted) this.quoted(value);
      else this.split(value);
    }
  }

  /** Ends the field that is being made, if one is. */
  finish(): void {
    if (!this.started) return;
    roomForWords(this.out.length);
    const { pattern } = this;
    if (pattern !== undefined && !this.shell.option('noglob') && isPattern(pattern))
      this.glob(pattern);
    else this.out.push(this.text);
    this.text = '';
    this.pattern = undefined;
    this.started = false;
  }

  private glob(pattern: string): void {
    const found = expandGlob(this.shell, pattern);
    if (found.length > 0) this.out.push(...found);
    else if (this.shell.shopt('failglob'))
      throw new ExpansionFailure(`no match: ${this.text}`, 'line');
    else if (!this.shell.shopt('nullglob')) this.out.push(this.text);
  }

  /** What was made, for the modes that make one text. */
  result(): string {
    return this.mode === 'string' ? this.text : (this.pattern ?? this.text);
  }

  private protect(text: string): string {
    if (this.mode === 'regex') return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    if (this.mode === 'replacement') return text.replace(/[\\&]/g, '\\$&');
    return quotePattern(text);
  }
}

function hasAny(text: string, characters: string): boolean {
  for (let i = 0; i < text.length; i++) if (characters.includes(text[i] as string)) return true;
  return false;
}

function isBlank(c: string): boolean {
  return c === ' ' || c === '\t' || c === '\n';
}

function skipBlanks(text: string, from: number, ifs: string): number {
  let at = from;
  while (at < text.length && isBlank(text[at] as string) && ifs.includes(text[at] as string)) at++;
  return at;
}
