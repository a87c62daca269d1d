// A terminal in the page: xterm.js, tied to one of a lab's pseudo-terminals. Loaded when the first is opened.

import '@xterm/xterm/css/xterm.css';
import './terminal.css';
import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal } from '@xterm/xterm';
import type { LabConnection } from './connection.ts';
import { styleSafeDocument, withSafeStyles } from './style-safe-document.ts';

/** Columns and rows; `fit` follows the size of the place instead. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
  readonly fit: boolean;
}

export interface Screen {
  focus(): void;
  /** Sends text as if it had been typed. */
  type(text: string): void;
  /** Takes it off the page; the lab's terminal stays. */
  dispose(): void;
}

/** Shows terminal `number` of a lab in `place`; opens it there if it is not open. */
export function openScreen(
  place: HTMLElement,
  connection: LabConnection,
  number: number,
  size: ScreenSize,
): Screen {
  const terminal = new Terminal({
    cols: size.columns,
    rows: size.rows,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono'),
    fontSize: 13,
    lineHeight: 1.2,
    theme: themeOf(place),
    screenReaderMode: true,
    documentOverride: styleSafeDocument(),
  });
  withSafeStyles(() => terminal.open(place));
  const type = (keys: string): void => connection.send({ type: 'keys', terminal: number, keys });
  terminal.onData(type);
  const readable = readableAgain(terminal);
  connection.attach(number, (text, ended) => {
    const { length } = text;
    if (length > FLOOD) readable();
    terminal.write(text, () => connection.send({ type: 'seen', terminal: number, length }));
    if (ended) terminal.write('\r\n\x1b[2m(the shell has ended)\x1b[0m\r\n');
  });
  if (size.fit) fitTo(place, terminal);
  const resize = (columns: number, rows: number): void => {
    connection.send({ type: 'terminal', terminal: number, columns, rows });
  };
  resize(terminal.cols, terminal.rows);
  terminal.onResize(({ cols, rows }) => resize(cols, rows));
  terminal.textarea?.setAttribute('aria-describedby', 'leave-terminal');
  terminal.attachCustomKeyEventHandler(
    (event) => event.key !== 'F6' && !(event.key === '`' && event.ctrlKey),
  );
  return { focus: () => terminal.focus(), type, dispose: () => terminal.dispose() };
}

/** More characters at once than anybody has read to them. */
const FLOOD = 4000;
/** Milliseconds without a flood until what is shown is read again. */
const QUIET = 400;

/**
 * For floods of output: xterm collects all that is printed for screen readers until the next key, and a line of megabytes
 * there holds the page up. It stops reading at each call and begins again when the flood is over.
 */
function readableAgain(terminal: Terminal): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    terminal.options.screenReaderMode = false;
    clearTimeout(timer);
    timer = setTimeout(() => {
      withSafeStyles(() => {
        terminal.options.screenReaderMode = true;
      });
    }, QUIET);
  };
}

function fitTo(place: HTMLElement, terminal: Terminal): void {
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  fit.fit();
  const observer = new ResizeObserver(() => {
    if (place.isConnected) fit.fit();
  });
  observer.observe(place);
  terminal.loadAddon({ activate: () => undefined, dispose: () => observer.disconnect() });
}

/** The colours of the page, as xterm wants them: computed, because it knows no variables. */
function themeOf(place: HTMLElement): ITheme {
  const probe = document.createElement('span');
  place.append(probe);
  const colour = (token: string): string => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const theme: ITheme = {
    background: colour('well'),
    foreground: colour('ink'),
    cursor: colour('lead'),
    selectionBackground: colour('line'),
    red: colour('lead'),
    green: colour('green'),
    yellow: colour('gold'),
    blue: colour('blue'),
    magenta: colour('violet'),
    cyan: colour('teal'),
    black: colour('ink'),
    white: colour('soft'),
    brightBlack: colour('soft'),
  };
  probe.remove();
  return theme;
}
