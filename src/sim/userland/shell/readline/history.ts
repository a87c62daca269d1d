// The history list (history(3)): lines typed, with HISTCONTROL and HISTSIZE.

export class History {
  private lines: string[] = [];
  /** Number of the first line that is kept. */
  private first = 1;
  /** Lines of this session that no file has yet, and lines of the file that have been read. */
  unsaved = 0;
  linesRead = 0;

  get size(): number {
    return this.first + this.lines.length - 1;
  }
  get all(): readonly string[] {
    return this.lines;
  }
  /** Number of the oldest line. */
  get base(): number {
    return this.first;
  }

  /** Adds a line as HISTCONTROL says: `ignorespace`, `ignoredups`, `ignoreboth`, `erasedups`. */
  add(line: string, control = '', limit = 500): void {
    const rules = control.split(':');
    const both = rules.includes('ignoreboth');
    if ((both || rules.includes('ignorespace')) && line.startsWith(' ')) return;
    if ((both || rules.includes('ignoredups')) && this.lines.at(-1) === line) return;
    if (rules.includes('erasedups')) this.lines = this.lines.filter((other) => other !== line);
    this.lines.push(line);
    this.unsaved++;
    while (this.lines.length > limit) {
      this.lines.shift();
      this.first++;
    }
  }

  /** The line of a number; negative numbers count back from the end. */
  get(number: number): string | undefined {
    return number < 0 ? this.lines.at(number) : this.lines[number - this.first];
  }
  replaceLast(line: string): void {
    if (this.lines.length > 0) this.lines[this.lines.length - 1] = line;
  }
  removeLast(): void {
    if (this.lines.pop() !== undefined) this.unsaved = Math.max(0, this.unsaved - 1);
  }
  /** Removes a line by its number; false where there is none. */
  remove(number: number): boolean {
    const at = number < 0 ? this.lines.length + number : number - this.first;
    if (at < 0 || at >= this.lines.length) return false;
    this.lines.splice(at, 1);
    return true;
  }
  clear(): void {
    this.lines = [];
    this.first = 1;
    this.unsaved = 0;
  }
}
