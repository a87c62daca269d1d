// The line being edited: text, cursor, undo, and the kill ring's last entry (readline's emacs
// mode).

const WORD = /[\p{L}\p{N}]/u;

export class EditBuffer {
  /** Characters, so that the cursor never stands inside one. */
  private characters: string[] = [];
  cursor = 0;
  private killed = '';
  private readonly undone: { characters: string[]; cursor: number }[] = [];

  get text(): string {
    return this.characters.join('');
  }
  get before(): string {
    return this.characters.slice(0, this.cursor).join('');
  }
  get after(): string {
    return this.characters.slice(this.cursor).join('');
  }
  get length(): number {
    return this.characters.length;
  }

  set(text: string, cursor?: number): void {
    this.characters = Array.from(text);
    this.cursor = Math.min(cursor ?? this.characters.length, this.characters.length);
  }
  private remember(): void {
    this.undone.push({ characters: this.characters.slice(), cursor: this.cursor });
    if (this.undone.length > 200) this.undone.shift();
  }
  undo(): boolean {
    const last = this.undone.pop();
    if (!last) return false;
    this.characters = last.characters;
    this.cursor = last.cursor;
    return true;
  }

  insert(text: string): void {
    this.remember();
    const added = Array.from(text);
    this.characters.splice(this.cursor, 0, ...added);
    this.cursor += added.length;
  }
  /** Removes what stands between two places; kept for `yank` where `kill`. */
  cut(from: number, to: number, kill: boolean): boolean {
    if (from >= to) return false;
    this.remember();
    const gone = this.characters.splice(from, to - from).join('');
    if (kill) this.killed = gone;
    this.cursor = from;
    return true;
  }
  yank(): void {
    if (this.killed) this.insert(this.killed);
  }
  transpose(): boolean {
    if (this.cursor === 0 || this.length < 2) return false;
    this.remember();
    const at = Math.min(this.cursor, this.length - 1);
    const [a = '', b = ''] = [this.characters[at - 1], this.characters[at]];
    this.characters.splice(at - 1, 2, b, a);
    this.cursor = at + 1;
    return true;
  }
  /** Changes the case of the word at the cursor. */
  changeWord(change: (word: string) => string): void {
    const end = this.wordEnd();
    this.remember();
    const word = this.characters.slice(this.cursor, end).join('');
    this.characters.splice(this.cursor, end - this.cursor, ...Array.from(change(word)));
    this.cursor = end;
  }

  wordStart(): number {
    let at = this.cursor;
    while (at > 0 && !WORD.test(this.characters[at - 1] ?? '')) at--;
    while (at > 0 && WORD.test(this.characters[at - 1] ?? '')) at--;
    return at;
  }
  wordEnd(): number {
    let at = this.cursor;
    while (at < this.length && !WORD.test(this.characters[at] ?? '')) at++;
    while (at < this.length && WORD.test(this.characters[at] ?? '')) at++;
    return at;
  }
  /** Where the blank-separated word before the cursor begins (C-w). */
  blankWordStart(): number {
    let at = this.cursor;
    while (at > 0 && /\s/.test(this.characters[at - 1] ?? '')) at--;
    while (at > 0 && !/\s/.test(this.characters[at - 1] ?? '')) at--;
    return at;
  }
}
