// A position in the text of a document, as libyaml's reader keeps it: lines and columns from 0, the kinds of characters
// that the grammar tells apart. Columns count UTF-16 units: they decide on indentation alone.

const NUL = 0;
const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;

export const isBlank = (code: number): boolean => code === SPACE || code === TAB;
export const isTab = (code: number): boolean => code === TAB;
export const isBreak = (code: number): boolean =>
  code === LINE_FEED ||
  code === CARRIAGE_RETURN ||
  code === 0x85 ||
  code === 0x2028 ||
  code === 0x2029;
export const isBreakOrEnd = (code: number): boolean => code === NUL || isBreak(code);
export const isBlankOrEnd = (code: number): boolean => isBlank(code) || isBreakOrEnd(code);

/** A place in the text. `index`: in UTF-16 units from its beginning. */
export interface Mark {
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

/** The text that is read, and how far. */
export class Reader {
  readonly text: string;
  index: number;
  line = 0;
  column = 0;

  /** A byte order mark at the beginning is not part of the text. */
  constructor(text: string) {
    this.text = text;
    this.index = text.codePointAt(0) === 0xfeff ? 1 : 0;
  }

  /** The character `ahead` of the position; 0 behind the end. */
  code(ahead = 0): number {
    const at = this.index + ahead;
    return at < this.text.length ? this.text.charCodeAt(at) : NUL;
  }

  /** Whether the character at the position is `char`. */
  is(char: string): boolean {
    return this.text[this.index] === char;
  }

  mark(): Mark {
    return { index: this.index, line: this.line, column: this.column };
  }

  /** Goes on within a line. */
  skip(count = 1): void {
    this.index += count;
    this.column += count;
  }

  /** Reads a line break, two characters or one; gives it as the scalar keeps it. */
  readBreak(): string {
    const code = this.code();
    this.index += code === CARRIAGE_RETURN && this.code(1) === LINE_FEED ? 2 : 1;
    this.column = 0;
    this.line++;
    return code === 0x2028 || code === 0x2029 ? String.fromCharCode(code) : '\n';
  }

  /** Whether a line begins here with `---` or `...` and nothing behind it. */
  atDocumentIndicator(): boolean {
    if (this.column !== 0) return false;
    const three = this.text.slice(this.index, this.index + 3);
    return (three === '---' || three === '...') && isBlankOrEnd(this.code(3));
  }
}
