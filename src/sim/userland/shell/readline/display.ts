// Showing the line on the terminal: only what changed is sent, long lines wrap.

/**
 * The columns that a text takes; parts between \x01 and \x02 (of prompts) and escape sequences take
 * none.
 */
export function widthOf(text: string): number {
  const visible = text
    .replace(/\x01[^\x02]*\x02/g, '')
    .replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07/g, '');
  let width = 0;
  for (const c of visible) width += columnsOf(c);
  return width;
}

function columnsOf(c: string): number {
  const code = c.codePointAt(0) ?? 0;
  if (code < 32 || code === 127) return 2;
  if (/\p{Mn}|\u200d/u.test(c)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff);
  return wide ? 2 : 1;
}

/** How control characters look in the line. */
function shown(text: string): string {
  return text.replace(/[\x00-\x1f\x7f]/g, (c) => `^${String.fromCharCode(c.charCodeAt(0) ^ 0x40)}`);
}

export class Display {
  private readonly columns: number;
  /** Row of the cursor, counted from the prompt's last row. */
  private row = 0;
  private before = '';
  private cursorWidth = 0;
  private drawn = false;
  private prompt = '';

  constructor(columns: number) {
    this.columns = Math.max(10, columns);
  }

  /** What to send so that prompt and line stand there. */
  draw(prompt: string, line: string, cursor: string): string {
    const text = shown(line);
    const left = shown(cursor);
    const quick = this.appended(prompt, text, left);
    if (quick !== undefined) return quick;
    const visible = prompt.replace(/[\x01\x02]/g, '');
    const last = visible.slice(visible.lastIndexOf('\n') + 1);
    const head = this.drawn ? last : visible;
    const up = this.drawn && this.row > 0 ? `\x1b[${this.row}A` : '';
    const base = widthOf(prompt.slice(prompt.lastIndexOf('\n') + 1));
    const total = base + widthOf(text);
    const place = base + widthOf(left);
    const wraps = total > 0 && total % this.columns === 0 && total === place ? ' \r\x1b[K' : '';
    const endRow = Math.floor(total / this.columns);
    const cursorRow = Math.floor(place / this.columns);
    const back = total === place ? '' : this.move(endRow, cursorRow, place % this.columns);
    const clear = this.drawn ? '\r\x1b[J' : '';
    this.row = cursorRow;
    this.remember(prompt, text, place);
    return `${up}${clear}${head}${text}${wraps}${back}`;
  }

  /** Text added at the end of a line that does not wrap: just that text. */
  private appended(prompt: string, text: string, left: string): string | undefined {
    if (!this.drawn || prompt !== this.prompt || text !== left || !text.startsWith(this.before))
      return undefined;
    const base = widthOf(prompt.slice(prompt.lastIndexOf('\n') + 1));
    const was = base + widthOf(this.before);
    const total = base + widthOf(text);
    if (
      was !== this.cursorWidth ||
      Math.floor(total / this.columns) !== Math.floor(was / this.columns)
    )
      return undefined;
    const added = text.slice(this.before.length);
    this.remember(prompt, text, total);
    return added;
  }

  private remember(prompt: string, text: string, place: number): void {
    this.drawn = true;
    this.prompt = prompt;
    this.before = text;
    this.cursorWidth = place;
  }

  private move(from: number, to: number, column: number): string {
    const up = from > to ? `\x1b[${from - to}A` : '';
    return `${up}\r${column > 0 ? `\x1b[${column}C` : ''}`;
  }

  /** Down to the line after the text. */
  finish(): string {
    const base = widthOf(this.prompt.slice(this.prompt.lastIndexOf('\n') + 1));
    const endRow = Math.floor((base + widthOf(this.before)) / this.columns);
    const down = endRow > this.row ? `\x1b[${endRow - this.row}B` : '';
    return `${down}\n`;
  }

  /** Something else was printed meanwhile: the next draw begins anew. */
  reset(): void {
    this.drawn = false;
    this.row = 0;
    this.before = '';
  }
}
