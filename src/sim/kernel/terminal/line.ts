// The line discipline's input side: echo, erasing, special characters, lines (N_TTY in canonical mode), and plain
// passing through in raw mode.

import { encode } from '../../core/text.ts';
import type { Terminal } from './terminal.ts';

const BELL = '\x07';
/** MAX_CANON: a line longer than this only rings. */
const LONGEST_LINE = 4095;

export class LineEditor {
  private readonly terminal: Terminal;
  private line = '';
  private literal = false;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  /** What is typed at once: what nothing is done with goes to the reader in one piece. */
  take(typed: string): void {
    let plain = '';
    for (const character of typed) {
      if (this.passes(character)) {
        plain += character;
        continue;
      }
      if (plain !== '') this.terminal.deliver(encode(plain));
      plain = '';
      this.accept(character);
    }
    if (plain !== '') this.terminal.deliver(encode(plain));
  }

  private passes(character: string): boolean {
    const { icanon, echo, icrnl, isig, interrupt, quit, suspend } = this.terminal.termios;
    if (this.literal || icanon || echo || (icrnl && character === '\r')) return false;
    return !isig || ![interrupt, quit, suspend].includes(character);
  }

  /** One typed character. */
  private accept(typed: string): void {
    const { termios } = this.terminal;
    let character = typed;
    if (this.literal) {
      this.literal = false;
      this.insert(character);
      return;
    }
    if (termios.icrnl && character === '\r') character = '\n';
    if (termios.isig && this.signal(character)) return;
    if (!termios.icanon) {
      if (termios.echo) this.echo(character);
      this.terminal.deliver(encode(character));
      return;
    }
    this.edit(character);
  }

  private signal(character: string): boolean {
    const { termios } = this.terminal;
    const which =
      character === termios.interrupt
        ? 'interrupt'
        : character === termios.quit
          ? 'quit'
          : character === termios.suspend
            ? 'suspend'
            : undefined;
    if (!which) return false;
    if (termios.echo) this.echo(character);
    this.line = '';
    this.terminal.signal(which);
    return true;
  }

  private edit(character: string): void {
    const { termios } = this.terminal;
    switch (character) {
      case termios.erase:
      case '\b':
        this.erase();
        return;
      case termios.kill:
        while (this.line) this.erase();
        return;
      case termios.wordErase:
        while (this.line.endsWith(' ')) this.erase();
        while (this.line && !this.line.endsWith(' ')) this.erase();
        return;
      case termios.literalNext:
        this.literal = true;
        return;
      case termios.eof:
        this.end();
        return;
      case termios.reprint:
        if (termios.echo) this.terminal.show(`^R\r\n${this.line}`);
        return;
      default:
        this.insert(character);
    }
  }

  private insert(character: string): void {
    const { termios } = this.terminal;
    if (character === '\n') {
      if (termios.echo) this.echo('\n');
      this.flush('\n');
      return;
    }
    if (this.line.length >= LONGEST_LINE) {
      this.terminal.show(BELL);
      return;
    }
    this.line += character;
    if (termios.echo) this.echo(character);
  }

  private flush(end: string): void {
    const text = this.line + end;
    this.line = '';
    this.terminal.deliver(encode(text));
  }

  private end(): void {
    if (this.line) this.flush('');
    else this.terminal.deliverEnd();
  }

  private erase(): void {
    const last = Array.from(this.line).at(-1);
    if (last === undefined) return;
    this.line = this.line.slice(0, this.line.length - last.length);
    const { termios } = this.terminal;
    if (!termios.echo || !termios.echoe) return;
    const width = isControl(last) ? 2 : 1;
    this.terminal.show('\b \b'.repeat(width));
  }

  private echo(character: string): void {
    const { termios } = this.terminal;
    if (character === '\n') this.terminal.show(termios.onlcr ? '\r\n' : '\n');
    else if (isControl(character) && character !== '\t' && termios.echoctl) {
      this.terminal.show(`^${String.fromCharCode(character.charCodeAt(0) ^ 0x40)}`);
    } else this.terminal.show(character);
  }
}

function isControl(character: string): boolean {
  const code = character.charCodeAt(0);
  return code < 32 || code === 127;
}
