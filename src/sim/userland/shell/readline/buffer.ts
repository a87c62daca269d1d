// The line being edited: text, cursor, undo, and the kill ring's last entry (readline's emacs
// mode).

const WORD = /[\p{L}\p{N}]/u;
/** Characters typed one after another that one undo takes back. */
const GROUP = 20;

/** One change: at `from`, `removed` made place for `added` characters; the cursor stood at `cursor`. */
interface Edit {
  readonly from: number;
  readonly removed: readonly string[];
  added: number;
  readonly cursor: number;
}

export class EditBuffer {
  /** Characters, so that the cursor never stands inside one. */
  private characters: string[] = [];
  cursor = 0;
  private killed = '';
  /** What undo takes back, the last first. */
  private edits: Edit[] = [];

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

  /** Another line takes this one's place. */
  set(text: string, cursor?: number): void {
    this.characters = Array.from(text);
    this.cursor = Math.min(cursor ?? this.characters.length, this.characters.length);
    this.edits = [];
  }
  /** Puts characters in the place of `count` others, and remembers it; those others. */
  private edit(from: number, count: number, added: readonly string[]): string[] {
    const removed = this.replace(from, count, added);
    this.edits.push({ from, removed, added: added.length, cursor: this.cursor });
    return removed;
  }
  private replace(from: number, count: number, added: readonly string[]): string[] {
    if (added.length < 1000) return this.characters.splice(from, count, ...added);
    const removed = this.characters.slice(from, from + count);
    const after = this.characters.slice(from + count);
    this.characters = this.characters.slice(0, from).concat(added, after);
    return removed;
  }
  undo(): boolean {
    const last = this.edits.pop();
    if (!last) return false;
    this.replace(last.from, last.added, last.removed);
    this.cursor = last.cursor;
    return true;
  }

  insert(text: string): void {
    const added = Array.from(text);
    const last = this.edits.at(-1);
    const goesOn = last && last.removed.length === 0 && last.from + last.added === this.cursor;
    if (goesOn && added.length === 1 && last.added < GROUP) {
      this.replace(this.cursor, 0, added);
      last.added++;
    } else {
      this.edit(this.cursor, 0, added);
    }
    this.cursor += added.length;
  }
  /** Removes what stands between two places; kept for `yank` where `kill`. */
  cut(from: number, to: number, kill: boolean): boolean {
    if (from >= to) return false;
    const gone = this.edit(from, to - from, []).join('');
    if (kill) this.killed = gone;
    this.cursor = from;
    return true;
  }
  yank(): void {
    if (this.killed) this.insert(this.killed);
  }
  transpose(): boolean {
    if (this.cursor === 0 || this.length < 2) return false;
    const at = Math.min(this.cursor, this.length - 1);
    const [a = '', b = ''] = [this.characters[at - 1], this.characters[at]];
    this.edit(at - 1, 2, [b, a]);
    this.cursor = at + 1;
    return true;
  }
  /** Changes the case of the word at the cursor. */
  changeWord(change: (word: string) => string): void {
    const end = this.wordEnd();
    const word = this.characters.slice(this.cursor, end).join('');
    this.edit(this.cursor, end - this.cursor, Array.from(change(word)));
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
