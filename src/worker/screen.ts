// What a terminal shows for the bytes that a program wrote: carriage returns, cursor moves, erasing and
// colours (ECMA-48 as xterm reads it), on a page without an end. Left out: scroll regions, character sets.

/** A stretch of one line in one style. `style` is a list of classes: `bold red`. */
export interface Run {
  readonly text: string;
  readonly style: string;
}

interface Cell {
  text: string;
  style: string;
}

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
/** Control sequences (with their parts), operating system commands, other escapes, controls, text. */
const PIECES = new RegExp(
  [
    /\x1b\[([?>=]?)([\d;:]*)([@-~])/,
    /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/,
    /\x1b[()][0-9A-B]|\x1b./,
    /[\x00-\x1f]/,
    /[^\x00-\x1f]+/,
  ]
    .map((piece) => piece.source)
    .join('|'),
  'g',
);

/** True where text needs no terminal to be shown. */
export function isPlain(text: string): boolean {
  return !/[\x00-\x08\x0b-\x1f]/.test(text);
}

/** The lines that a terminal of `rows` rows shows, with those that scrolled out above it. */
export function terminalLines(output: string, rows: number): Run[][] {
  const screen = new Screen(rows);
  screen.write(output);
  return screen.lines();
}

class Screen {
  private readonly rows: number;
  private cells: Cell[][] = [[]];
  private saved: Cell[][] | undefined;
  private x = 0;
  private y = 0;
  private attributes = new Set<string>();
  private style = '';

  constructor(rows: number) {
    this.rows = rows;
  }

  write(output: string): void {
    for (const piece of output.matchAll(PIECES)) {
      const [all, mark, parameters, final] = piece;
      if (final !== undefined) this.control(mark ?? '', parameters ?? '', final);
      else if (all < ' ') this.character(all);
      else if (!all.startsWith('\x1b')) this.print(all);
    }
  }

  lines(): Run[][] {
    return this.cells.map((line) => {
      const runs: { text: string; style: string }[] = [];
      for (const cell of line) {
        const last = runs.at(-1);
        if (last && last.style === (cell?.style ?? '')) last.text += cell?.text ?? ' ';
        else runs.push({ text: cell?.text ?? ' ', style: cell?.style ?? '' });
      }
      return runs;
    });
  }

  private print(text: string): void {
    const line = this.line();
    for (const character of text) {
      while (line.length < this.x) line.push({ text: ' ', style: '' });
      line[this.x++] = { text: character, style: this.style };
    }
  }

  private character(control: string): void {
    if (control === '\r') this.x = 0;
    else if (control === '\n') this.newline();
    else if (control === '\b') this.x = Math.max(0, this.x - 1);
    else if (control === '\t') this.x += 8 - (this.x % 8);
  }

  private newline(): void {
    this.y++;
    this.x = 0;
    this.line();
  }

  private line(): Cell[] {
    while (this.cells.length <= this.y) this.cells.push([]);
    return this.cells[this.y] as Cell[];
  }

  private control(mark: string, parameters: string, final: string): void {
    const numbers = parameters.split(/[;:]/).map((number) => Number(number || 0));
    const count = numbers[0] || 1;
    if (mark !== '') this.mode(numbers[0] ?? 0, final === 'h');
    else if (final === 'm') this.select(numbers);
    else if (final === 'A') this.y = Math.max(0, this.y - count);
    else if (final === 'B') this.y += count;
    else if (final === 'C') this.x += count;
    else if (final === 'D') this.x = Math.max(0, this.x - count);
    else if (final === 'G') this.x = count - 1;
    else if (final === 'H' || final === 'f') this.move(count - 1, (numbers[1] || 1) - 1);
    else if (final === 'J') this.eraseBelow(numbers[0] ?? 0);
    else if (final === 'K') this.eraseLine(numbers[0] ?? 0);
    else if (final === 'P') this.line().splice(this.x, count);
  }

  private get top(): number {
    return Math.max(0, this.cells.length - this.rows);
  }

  private move(row: number, column: number): void {
    this.y = this.top + row;
    this.x = column;
    this.line();
  }

  private eraseBelow(which: number): void {
    if (which === 0) {
      this.line().splice(this.x);
      this.cells.length = this.y + 1;
    } else {
      this.cells.length = this.top;
      this.line();
    }
  }

  private eraseLine(which: number): void {
    const line = this.line();
    if (which === 0) line.splice(this.x);
    else if (which === 2) line.length = 0;
    else line.fill({ text: ' ', style: '' }, 0, this.x);
  }

  /** The alternate screen (1049) leaves nothing behind, as on a real terminal. */
  private mode(number: number, on: boolean): void {
    if (number !== 1049) return;
    if (on) {
      this.saved = this.cells;
      this.cells = [[]];
    } else if (this.saved) {
      this.cells = this.saved;
      this.saved = undefined;
    }
    this.y = this.cells.length - 1;
    this.x = 0;
  }

  private select(numbers: readonly number[]): void {
    for (const number of numbers) {
      const colour = COLOURS[number % 10];
      if (number === 0) this.attributes.clear();
      else if (number === 1) this.attributes.add('bold');
      else if (number === 2) this.attributes.add('faint');
      else if (number === 7) this.attributes.add('inverse');
      else if (number === 22) this.attributes.delete('bold');
      else if (number === 27) this.attributes.delete('inverse');
      else if ((number >= 30 && number <= 39) || (number >= 90 && number <= 97)) {
        for (const other of COLOURS) this.attributes.delete(other);
        if (colour && number !== 38) this.attributes.add(colour);
      }
    }
    this.style = [...this.attributes].join(' ');
  }
}
