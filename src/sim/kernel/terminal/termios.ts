// Terminal settings (termios(3)): the flags that programs set with stty and tcsetattr.

export interface Termios {
  /** ICRNL: carriage return reads as newline. */
  icrnl: boolean;
  /** IXON: ^S and ^Q stop and start output. */
  ixon: boolean;
  /** OPOST with ONLCR: newline prints as carriage return and newline. */
  onlcr: boolean;
  /** ICANON: input comes by lines, with erase and kill. */
  icanon: boolean;
  /** ISIG: ^C, ^\ and ^Z send signals. */
  isig: boolean;
  echo: boolean;
  /** ECHOE, ECHOK, ECHOCTL: how erasing and control characters look. */
  echoe: boolean;
  echoctl: boolean;
  /** TOSTOP: background output stops its process. */
  tostop: boolean;
  /** Special characters, as one-character strings. */
  interrupt: string;
  quit: string;
  erase: string;
  kill: string;
  eof: string;
  suspend: string;
  wordErase: string;
  literalNext: string;
  reprint: string;
}

/** What a fresh terminal has (`stty sane`). */
export function saneTermios(): Termios {
  return {
    icrnl: true,
    ixon: true,
    onlcr: true,
    icanon: true,
    isig: true,
    echo: true,
    echoe: true,
    echoctl: true,
    tostop: false,
    interrupt: '\x03',
    quit: '\x1c',
    erase: '\x7f',
    kill: '\x15',
    eof: '\x04',
    suspend: '\x1a',
    wordErase: '\x17',
    literalNext: '\x16',
    reprint: '\x12',
  };
}

/** cfmakeraw(3): what editors and readline set. */
export function rawTermios(from: Termios): Termios {
  return {
    ...from,
    icrnl: false,
    ixon: false,
    onlcr: false,
    icanon: false,
    isig: false,
    echo: false,
  };
}
