// A sed script (sed 4.9) as commands with addresses. Errors read as GNU sed writes them, with where they are.

import { compileRegex, isRegexError, type Regex } from '../../regex/index.ts';
import {
  type Address,
  replacementPieces,
  resolveLabels,
  type ScriptSource,
  type SedCommand,
  type SedScript,
  type Substitution,
  PLAIN,
} from './sed-syntax.ts';

/** Thrown inside the parser: text without `sed: `. */
class BadScript extends Error {}

/** Parses the pieces of a script; an error is a whole message after `sed: `. */
export function parseScript(
  sources: readonly ScriptSource[],
  extended: boolean,
): SedScript | { readonly error: string } {
  const parser = new Parser(sources, extended);
  try {
    return parser.parse();
  } catch (error) {
    if (!(error instanceof BadScript)) throw error;
    const missing = error.message.startsWith("can't find label");
    return { error: missing ? error.message : `${parser.where()}: ${error.message}` };
  }
}

const KNOWN = '{}=adDeFgGhHilnNpPqQrRsStTvwWxyYzbc:#';

class Parser {
  private readonly text: string;
  private readonly extended: boolean;
  private readonly starts: { at: number; name: string }[] = [];
  private at = 0;
  private readonly commands: SedCommand[] = [];
  private readonly blocks: number[] = [];

  constructor(sources: readonly ScriptSource[], extended: boolean) {
    this.extended = extended;
    let text = '';
    for (const source of sources) {
      this.starts.push({ at: text.length, name: source.name });
      text += `${source.text.replace(/(?<!\\)\n$/, '')}\n`;
    }
    this.text = text;
  }

  where(): string {
    const start = this.starts.findLast((s) => s.at < Math.max(1, this.at)) ?? {
      at: 0,
      name: '-e expression #1',
    };
    if (start.name.startsWith('-e'))
      return `${start.name}, char ${Math.min(this.at, this.text.length - 1) - start.at}`;
    const line = this.text.slice(start.at, Math.max(start.at, this.at - 1)).split('\n').length;
    return `${start.name} line ${line}`;
  }

  parse(): SedScript {
    const quiet = this.text.startsWith('#n\n');
    for (;;) {
      while (/[\s;]/.test(this.peek()) && this.peek() !== '') this.at++;
      if (this.peek() === '') break;
      this.command();
    }
    if (this.blocks.length > 0) {
      this.at = 0;
      throw new BadScript("unmatched `{'");
    }
    const missing = resolveLabels(this.commands);
    if (missing !== undefined) throw new BadScript(`can't find label for jump to \`${missing}'`);
    return { commands: this.commands, quiet };
  }

  private peek(): string {
    return this.text.charAt(this.at);
  }
  private next(): string {
    return this.text.charAt(this.at++);
  }
  private blanks(): void {
    while (/[ \t]/.test(this.peek()) && this.peek() !== '') this.at++;
  }

  private command(): void {
    const from = this.address();
    let to: Address | undefined;
    this.blanks();
    if (from && this.peek() === ',') {
      this.at++;
      this.blanks();
      to = this.secondAddress();
      if (!to) {
        this.at++;
        throw new BadScript("unexpected `,'");
      }
      this.blanks();
    }
    let negated = false;
    while (this.peek() === '!') {
      this.at++;
      if (negated) throw new BadScript("multiple `!'s");
      negated = true;
      this.blanks();
    }
    const letter = this.next();
    if (letter === '\n' || letter === '' || letter === ';') throw new BadScript('missing command');
    if (!KNOWN.includes(letter)) throw new BadScript(`unknown command: \`${letter}'`);
    if (letter === '#') {
      if (from) throw new BadScript("comments don't accept any addresses");
      while (this.peek() !== '\n' && this.peek() !== '') this.at++;
      return;
    }
    if (letter === ':' && from) throw new BadScript(": doesn't want any addresses");
    if (letter === '}' && from) throw new BadScript("} doesn't want any addresses");
    if (to && /[qQ]/.test(letter)) throw new BadScript('command only uses one address');
    this.body({ letter, from, to, negated });
  }

  private body(head: Pick<SedCommand, 'letter' | 'from' | 'to' | 'negated'>): void {
    const { letter } = head;
    const command: { -readonly [K in keyof SedCommand]: SedCommand[K] } = {
      ...head,
      text: '',
      number: undefined,
      substitution: undefined,
      translation: undefined,
      target: -1,
      active: false,
      until: 0,
    };
    this.commands.push(command);
    const here = this.commands.length - 1;
    if ('aic'.includes(letter)) command.text = this.textArgument();
    else if (':btT'.includes(letter)) command.text = this.label(letter);
    else if ('rRwW'.includes(letter)) {
      command.text = this.restOfLine();
      if (command.text === '') throw new BadScript('missing filename in r/R/w/W commands');
    } else if (letter === 'e') command.text = this.restOfLine();
    else if (letter === 's') {
      command.substitution = this.substitution();
      this.ending();
    } else if (letter === 'y') {
      command.translation = this.translation();
      this.ending();
    } else if (letter === '{') this.blocks.push(here);
    else if (letter === '}') {
      const open = this.blocks.pop();
      const opening = open === undefined ? undefined : this.commands[open];
      if (!opening) throw new BadScript("unexpected `}'");
      opening.target = here;
      this.ending();
    } else {
      if ('qQlL'.includes(letter)) {
        this.blanks();
        const digits = /^\d+/.exec(this.text.slice(this.at))?.[0];
        if (digits) {
          this.at += digits.length;
          command.number = Number(digits);
        }
      }
      this.ending();
    }
  }

  private ending(): void {
    this.blanks();
    const char = this.peek();
    if (char === '}' || char === '#') return;
    if (char === '' || char === '\n' || char === ';') {
      this.at++;
      return;
    }
    this.at++;
    throw new BadScript('extra characters after command');
  }

  private restOfLine(): string {
    this.blanks();
    const end = this.text.indexOf('\n', this.at);
    const text = this.text.slice(this.at, end);
    this.at = end + 1;
    return text;
  }

  private label(letter: string): string {
    if (letter === ':') {
      this.blanks();
      const label = /^[^\n;]*/.exec(this.text.slice(this.at))?.[0] ?? '';
      this.at += label.length;
      if (label.trim() === '') throw new BadScript('":" lacks a label');
      return label.trim();
    }
    this.blanks();
    const label = /^[^\n;}]*/.exec(this.text.slice(this.at))?.[0] ?? '';
    this.at += label.length;
    this.ending();
    return label.trim();
  }

  /** The text of a, i, c: on the same line (GNU) or after a backslash and a newline. */
  private textArgument(): string {
    this.blanks();
    const ended = this.at >= this.text.length;
    if (ended || (this.peek() === '\n' && this.at >= this.text.length - 1)) {
      throw new BadScript("expected \\ after `a', `c' or `i'");
    }
    if (this.peek() === '\\') {
      this.at++;
      const gap = /^[ \t]*\n/.exec(this.text.slice(this.at));
      if (gap) this.at += gap[0].length;
      // A script that ends here gives no text, not an empty line; the text's own blanks stay.
      if (this.at >= this.text.length) return '';
    }
    let out = '';
    for (;;) {
      const char = this.next();
      if (char === '' || char === '\n') return `${out}\n`;
      if (char !== '\\') {
        out += char;
        continue;
      }
      const escaped = this.next();
      if (escaped === '') return `${out}\n`;
      out += PLAIN[escaped] ?? escaped;
    }
  }

  private address(): Address | undefined {
    const rest = this.text.slice(this.at);
    const number = /^(\d+)(?:[ \t]*~[ \t]*(\d*))?/.exec(rest);
    if (number) {
      this.at += number[0].length;
      const line = Number(number[1]);
      if (number[2] !== undefined) return { kind: 'step', first: line, step: Number(number[2]) };
      return { kind: 'line', line };
    }
    if (rest.startsWith('$')) {
      this.at++;
      return { kind: 'last' };
    }
    if (!rest.startsWith('/') && !rest.startsWith('\\')) return undefined;
    if (rest.startsWith('\\')) this.at++;
    const delimiter = this.next();
    const pattern = this.delimited(delimiter, true);
    if (pattern === undefined) throw new BadScript('unterminated address regex');
    const flags = /^[IM]*/.exec(this.text.slice(this.at))?.[0] ?? '';
    this.at += flags.length;
    return { kind: 'match', regex: this.regex(pattern, flags.includes('I'), flags.includes('M')) };
  }

  private secondAddress(): Address | undefined {
    const relative = /^([+~])(\d+)/.exec(this.text.slice(this.at));
    if (!relative) return this.address();
    this.at += relative[0].length;
    const count = Number(relative[2]);
    return relative[1] === '+' ? { kind: 'plus', count } : { kind: 'multiple', count };
  }

  /** Text up to a delimiter; undefined where it does not come. `\delimiter` stands for the delimiter. */
  private delimited(delimiter: string, regex: boolean): string | undefined {
    let out = '';
    let bracket = false;
    for (;;) {
      const char = this.next();
      if (char === '' || (char === '\n' && regex)) return undefined;
      if (regex && bracket) {
        out += char;
        const named = char === '[' ? /^[:.=]/.exec(this.peek()) : null;
        if (named) {
          const close = this.text.indexOf(`${named[0]}]`, this.at + 1);
          if (close >= 0) {
            out += this.text.slice(this.at, close + 2);
            this.at = close + 2;
          }
        } else if (char === ']') bracket = false;
        continue;
      }
      if (char === delimiter) return out;
      if (char === '\\') {
        const escaped = this.next();
        if (escaped === '') return undefined;
        if (escaped === delimiter) out += delimiter;
        else if (escaped === '\n' && !regex) out += '\\\n';
        else out += `\\${escaped}`;
        continue;
      }
      out += char;
      if (regex && char === '[') {
        bracket = true;
        if (this.peek() === '^') out += this.next();
        if (this.peek() === ']') out += this.next();
      }
    }
  }

  private regex(pattern: string, ignoreCase: boolean, multiline: boolean): Regex | undefined {
    if (pattern === '') return undefined;
    const source = pattern.replace(
      /\\([\\tfvrn])/g,
      (whole, letter: string) => ({ t: '\t', f: '\f', v: '\v', r: '\r', n: '\n' })[letter] ?? whole,
    );
    const syntax = this.extended ? 'extended' : 'basic';
    const regex = compileRegex(source, { syntax, ignoreCase, multiline });
    if (isRegexError(regex)) throw new BadScript(regex.error);
    return regex;
  }

  private substitution(): Substitution {
    const delimiter = this.next();
    const unterminated = "unterminated `s' command";
    if (delimiter === '\n' || delimiter === '\\') throw new BadScript(unterminated);
    const pattern = this.delimited(delimiter, true);
    const replacement = pattern === undefined ? undefined : this.delimited(delimiter, false);
    if (pattern === undefined || replacement === undefined) {
      this.at = this.text.length;
      throw new BadScript(unterminated);
    }
    const flags = { all: false, nth: 0, print: 0, run: false, ignore: false, multiline: false };
    let file: string | undefined;
    for (let going = true; going; ) {
      const char = this.peek();
      const digits = /^\d+/.exec(this.text.slice(this.at))?.[0];
      if (digits) {
        if (flags.nth) throw new BadScript("multiple number options to `s' command");
        if (Number(digits) === 0)
          throw new BadScript("number option to `s' command may not be zero");
        flags.nth = Number(digits);
        this.at += digits.length;
        continue;
      }
      if (char === 'g') {
        this.at++;
        if (flags.all) throw new BadScript("multiple `g' options to `s' command");
        flags.all = true;
      } else if (char === 'p') {
        this.at++;
        if (flags.print) throw new BadScript("multiple `p' options to `s' command");
        flags.print = 1;
      } else if (char === 'i' || char === 'I') {
        flags.ignore = true;
        this.at++;
      } else if (char === 'm' || char === 'M') {
        flags.multiline = true;
        this.at++;
      } else if (char === 'e') {
        flags.run = true;
        this.at++;
      } else if (char === 'w') {
        this.at++;
        file = this.restOfLine();
        if (file === '') throw new BadScript('missing filename in r/R/w/W commands');
        this.at--;
        going = false;
      } else {
        if (!/[\s;}#]|^$/.test(char)) {
          this.at++;
          throw new BadScript("unknown option to `s'");
        }
        going = false;
      }
    }
    const regex = this.regex(pattern, flags.ignore, flags.multiline);
    const pieces = replacementPieces(replacement);
    const most = Math.max(0, ...pieces.filter((piece) => typeof piece === 'number'));
    if (regex && most > regex.groups) {
      throw new BadScript(`invalid reference \\${most} on \`s' command's RHS`);
    }
    return {
      regex,
      pieces,
      all: flags.all,
      nth: flags.nth,
      print: flags.print,
      run: flags.run,
      file,
    };
  }

  private translation(): ReadonlyMap<string, string> {
    const delimiter = this.next();
    const from = this.delimited(delimiter, false);
    const to = from === undefined ? undefined : this.delimited(delimiter, false);
    if (from === undefined || to === undefined) throw new BadScript("unterminated `y' command");
    const plain = (text: string): string[] => [
      ...text.replace(/\\([\\nt])/g, (_, c: string) => ({ n: '\n', t: '\t' })[c] ?? c),
    ];
    const [a, b] = [plain(from), plain(to)];
    if (a.length !== b.length) throw new BadScript("strings for `y' command are different lengths");
    return new Map(a.map((char, i) => [char, b[i] ?? char]));
  }
}
