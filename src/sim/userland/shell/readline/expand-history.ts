// History expansion (bash(1), HISTORY EXPANSION): !!, !n, !-n, !text, !?text?, ^a^b, word
// designators, modifiers.

import type { History } from './history.ts';

export interface HistoryExpansion {
  readonly text: string;
  /** Something was expanded: the line is shown before it runs. */
  readonly changed: boolean;
  /** What could not be done, as bash says it. */
  readonly error?: string;
  /** `:p`: shown and kept, not run. */
  readonly onlyShow?: boolean;
}

class Wrong {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** Expands a line that was typed. `lines` are those before it. */
export function expandHistory(history: History, line: string): HistoryExpansion {
  if (!/[!^]/.test(line)) return { text: line, changed: false };
  try {
    return new Expander(history, line).run();
  } catch (thrown) {
    if (thrown instanceof Wrong) return { text: line, changed: false, error: thrown.message };
    throw thrown;
  }
}

class Expander {
  private readonly history: History;
  private readonly line: string;
  private at = 0;
  private onlyShow = false;

  constructor(history: History, line: string) {
    this.history = history;
    this.line = line;
  }

  run(): HistoryExpansion {
    const { line } = this;
    const quick = /^\^([^^]*)\^([^^]*)(?:\^|$)/.exec(line);
    if (quick) {
      const [whole, from = '', to = ''] = quick;
      const before = this.history.get(-1) ?? '';
      if (!before.includes(from) || from === '') throw new Wrong(`:s${line}: substitution failed`);
      const text = before.replace(from, () => to.replaceAll('&', from)) + line.slice(whole.length);
      return { text, changed: true };
    }
    return this.scan();
  }

  private scan(): HistoryExpansion {
    const { line } = this;
    let out = '';
    let quote = '';
    let changed = false;
    while (this.at < line.length) {
      const c = line[this.at] as string;
      if (c === '\\' && quote !== "'") {
        out += line.slice(this.at, this.at + 2);
        this.at += 2;
        continue;
      }
      if (c === "'" && quote !== '"') quote = quote === "'" ? '' : "'";
      else if (c === '"' && quote !== "'") quote = quote === '"' ? '' : '"';
      if (c === '!' && quote !== "'" && this.begins(quote)) {
        out += this.event(quote, out);
        changed = true;
        continue;
      }
      out += c;
      this.at++;
    }
    return { text: out, changed, onlyShow: this.onlyShow };
  }

  private begins(quote: string): boolean {
    const next = this.line[this.at + 1];
    if (next === undefined || /[\s=(]/.test(next)) return false;
    if (quote === '"' && next === '"') return false;
    return !(
      this.line[this.at - 1] === '$' ||
      this.line.slice(this.at - 2, this.at) === '${' ||
      this.line[this.at - 1] === '['
    );
  }

  private event(quote: string, soFar: string): string {
    const { line } = this;
    const start = this.at;
    const rest = line.slice(this.at + 1);
    let text: string | undefined;
    const number = /^-?\d+/.exec(rest);
    if (rest.startsWith('!')) {
      text = this.history.get(-1);
      this.at += 2;
    } else if (rest.startsWith('#')) {
      text = soFar;
      this.at += 2;
    } else if (/^[$^*]/.test(rest) || /^:[\d$^*-]/.test(rest)) {
      text = this.history.get(-1);
      this.at += 1;
    } else if (number) {
      text = this.history.get(Number(number[0]));
      this.at += 1 + number[0].length;
    } else if (rest.startsWith('?')) {
      const found = /^\?([^?\n]*)\??/.exec(rest);
      const wanted = found?.[1] ?? '';
      text = this.history.all.findLast((entry) => entry.includes(wanted));
      this.at += 1 + (found?.[0].length ?? 0);
    } else {
      const pattern = quote === '"' ? /^[^\s:;&|<>()"]+/ : /^[^\s:;&|<>()]+/;
      const wanted = pattern.exec(rest)?.[0] ?? '';
      text = this.history.all.findLast((entry) => entry.startsWith(wanted));
      this.at += 1 + wanted.length;
    }
    if (text === undefined) throw new Wrong(`${line.slice(start, this.at)}: event not found`);
    return this.modified(this.designated(text, start), start);
  }

  private designated(text: string, start: number): string {
    const found = /^(?::?([$^*])|:(\d+)?(-)?(\d+|\$)?(\*)?)/.exec(this.line.slice(this.at));
    if (!found || found[0] === '' || (found[0] === ':' && !found[2])) return text;
    const [whole, single, from, dash, to, star] = found;
    if (
      single === undefined &&
      from === undefined &&
      dash === undefined &&
      to === undefined &&
      star === undefined
    ) {
      return text;
    }
    this.at += whole.length;
    const words = splitWords(text);
    const last = words.length - 1;
    let first: number;
    let end: number;
    if (single === '$') [first, end] = [last, last];
    else if (single === '^') [first, end] = [1, 1];
    else if (single === '*') [first, end] = [1, last];
    else {
      first = from === undefined ? (dash ? 0 : to === '$' ? last : Number(to)) : Number(from);
      end = dash
        ? to === undefined
          ? last - 1
          : to === '$'
            ? last
            : Number(to)
        : star
          ? last
          : first;
    }
    if (single !== '*' && (first > last || end > last)) {
      throw new Wrong(`${this.line.slice(start, this.at)}: bad word specifier`);
    }
    return words.slice(first, end + 1).join(' ');
  }

  private modified(given: string, start: number): string {
    let text = given;
    for (;;) {
      const found =
        /^:(?:([htrepqx])|(g?)s(.)((?:\\.|(?!\3).)*)\3((?:\\.|(?!\3).)*)\3?|(g?)&)/.exec(
          this.line.slice(this.at),
        );
      if (!found) return text;
      this.at += found[0].length;
      const [, letter, global, , from = '', to = ''] = found;
      if (letter === 'h') text = text.includes('/') ? text.slice(0, text.lastIndexOf('/')) : text;
      else if (letter === 't') text = text.slice(text.lastIndexOf('/') + 1);
      else if (letter === 'r') text = text.replace(/\.[^./]*$/, '');
      else if (letter === 'e') text = /\.[^./]*$/.exec(text)?.[0] ?? text;
      else if (letter === 'p') this.onlyShow = true;
      else if (letter === 'q') text = `'${text.replaceAll("'", "'\\''")}'`;
      else if (letter === 'x')
        text = splitWords(text)
          .map((word) => `'${word}'`)
          .join(' ');
      else if (from !== '') {
        if (!text.includes(from))
          throw new Wrong(`${this.line.slice(start, this.at)}: substitution failed`);
        text = global ? text.replaceAll(from, () => to) : text.replace(from, () => to);
      }
    }
  }
}

/** The words of a line as history counts them: quotes hold together, operators are words. */
function splitWords(line: string): string[] {
  return line.match(/(?:'[^']*'|"(?:\\.|[^"])*"|\\.|[^\s;&|<>()'"\\])+|[;&|<>()]+/g) ?? [];
}
