// The keyboard of a full-screen program: the terminal in raw mode (cfmakeraw(3)), and what arrives cut into keys, a
// character or one escape sequence each.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { rawTermios, type Termios } from '../../../kernel/terminal/termios.ts';
import type { WindowSize } from '../../../kernel/terminal/terminal.ts';
import type { Main } from '../../libc/stdio.ts';

export const ESCAPE = '\x1b';

export interface Keyboard {
  /** The next key: a character, or an escape sequence as xterm sends it; '' when the terminal has gone. */
  next(): Routine<string>;
  /** Keys that are read before any that are typed. */
  again(keys: readonly string[]): void;
  /** Everything that `next` gave since the last call. */
  taken(): string[];
  /** Nothing more will be typed. */
  readonly ended: boolean;
  /** Gives the terminal its settings back, for a while or for good. */
  restore(): void;
  /** Raw mode again, after `restore`. */
  raw(): void;
}

/** Opens the keyboard: standard input, or /dev/tty where that is no terminal and there is one. */
export function openKeyboard({ process }: Main): Keyboard {
  const opened = process.isTerminal(0) ? 0 : process.open('/dev/tty');
  const fd = isErrno(opened) ? 0 : opened;
  const before = process.ioctl(fd, 'TCGETS') as Termios;
  const waiting: string[] = [];
  let log: string[] = [];
  let ended = false;
  const raw = (): void => {
    process.ioctl(fd, 'TCSETS', { ...rawTermios(before), onlcr: true });
  };
  raw();
  return {
    *next() {
      if (waiting.length === 0) {
        const bytes = yield* process.read(fd, 4096);
        ended = isErrno(bytes) || bytes.length === 0;
        if (isErrno(bytes) || ended) return '';
        waiting.push(...cutKeys(decode(bytes)));
      }
      const key = waiting.shift() ?? '';
      log.push(key);
      return key;
    },
    again(keys) {
      waiting.unshift(...keys);
    },
    taken() {
      const keys = log;
      log = [];
      return keys;
    },
    get ended() {
      return ended;
    },
    restore() {
      process.ioctl(fd, 'TCSETS', before);
    },
    raw,
  };
}

/** Cuts what arrived at once into keys; an escape that begins no sequence is the key Esc. */
export function cutKeys(text: string): string[] {
  return text.match(/\x1b\[[0-9;]*[A-Za-z~]|\x1bO[ABCDHF]|./gsu) ?? [];
}

/** Rows and columns of the screen (TIOCGWINSZ); the usual ones where output goes elsewhere. */
export function screenSize({ process }: Main): WindowSize {
  return process.isTerminal(1)
    ? (process.ioctl(1, 'TIOCGWINSZ') as WindowSize)
    : { rows: 24, columns: 80 };
}
