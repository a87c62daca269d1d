// nano's screen: a title, the text, a line for messages and questions, and two lines of keys.

import type { Routine } from '../../../../core/wait.ts';
import { showLine } from '../display.ts';
import { screenSize } from '../keyboard.ts';
import { lineOf, type Nano } from './text.ts';

/** The keys of the two lowest lines. */
export const SHORTCUTS: readonly (readonly string[])[] = [
  ['^G Help', '^O Write Out', '^W Where Is', '^K Cut', '^T Execute', '^C Location'],
  ['^X Exit', '^R Read File', '^\\ Replace', '^U Paste', '^J Justify', '^/ Go To Line'],
];
const ASKING: readonly (readonly string[])[] = [['^C Cancel'], ['']];

/** Title, text, message, keys; `prompt` stands in the place of the message while something is asked. */
export function* draw(
  nano: Nano,
  shortcuts: readonly (readonly string[])[],
  prompt?: string,
): Routine<void> {
  const { rows, columns } = screenSize(nano.main);
  const height = Math.max(1, rows - 4);
  if (nano.row < nano.top) nano.top = Math.max(0, nano.row - Math.floor(height / 2));
  if (nano.row >= nano.top + height) nano.top = nano.row - Math.floor(height / 2);
  const cursor = showLine(lineOf(nano)).columns[nano.column] ?? 0;
  const shift = cursor < columns - 1 ? 0 : cursor - (cursor % (columns - 8)) - 1;
  const text = Array.from({ length: height }, (_, i) => {
    const { text: shown } = showLine(nano.lines[nano.top + i] ?? '');
    const from = nano.top + i === nano.row ? shift : 0;
    const part = shown.slice(from, from + columns);
    const cutLeft = from > 0 ? `<${part.slice(1)}` : part;
    return shown.length > from + columns ? `${cutLeft.slice(0, columns - 1)}>` : cutLeft;
  });
  const note = nano.message === '' ? '' : `[ ${nano.message} ]`;
  const centre = ' '.repeat(Math.max(0, Math.floor((columns - note.length) / 2)));
  const line =
    prompt === undefined ? `${centre}${note && reversed(note)}` : reversed(prompt.padEnd(columns));
  const screen = [
    reversed(title(nano, columns)),
    ...text,
    line,
    ...shortcuts.map((row) => keyRow(row, columns)),
  ];
  const place =
    prompt === undefined
      ? `${nano.row - nano.top + 2};${cursor - shift + 1}`
      : `${rows - 2};${Math.min(columns, prompt.length + 1)}`;
  const body = screen.map((row) => `${row}\x1b[K`).join('\r\n');
  nano.main.out.put(`\x1b[?25l\x1b[H${body}\x1b[${place}H\x1b[?25h`);
  yield* nano.main.out.flush();
}

const reversed = (text: string): string => `\x1b[7m${text}\x1b[27m`;

function title(nano: Nano, columns: number): string {
  const name = nano.path === '' ? 'New Buffer' : nano.path;
  const left = '  GNU nano 7.2';
  const right = nano.lines === nano.saved ? '' : 'Modified ';
  const start = Math.max(left.length + 2, Math.floor((columns - name.length) / 2));
  return (left.padEnd(start) + name).padEnd(columns - right.length) + right;
}

function keyRow(row: readonly string[], columns: number): string {
  const width = Math.floor(columns / 6);
  return row
    .map((entry) => {
      const [key = '', ...words] = entry.split(' ');
      const rest = words.length > 0 ? ` ${words.join(' ')}` : '';
      return (key && reversed(key)) + rest + ' '.repeat(Math.max(0, width - entry.length));
    })
    .join('')
    .trimEnd();
}

/** Asks for a line; undefined when cancelled with ^C. */
export function* ask(nano: Nano, prompt: string, preset = ''): Routine<string | undefined> {
  let typed = preset;
  for (;;) {
    yield* draw(nano, ASKING, `${prompt}: ${typed}`);
    const key = yield* nano.keys.next();
    if (key === '\r' || key === '\n') return typed;
    if (key === '' || key === '\x03') {
      nano.message = 'Cancelled';
      return undefined;
    }
    if (key === '\x7f' || key === '\b') typed = typed.slice(0, -1);
    else if (key === '\x15') typed = '';
    else if (key >= ' ') typed += key;
  }
}

/** Asks for Y or N (or A); undefined when cancelled. */
export function* askYes(
  nano: Nano,
  prompt: string,
  all = false,
): Routine<'y' | 'n' | 'a' | undefined> {
  for (;;) {
    const more = all ? [' A All'] : [];
    yield* draw(
      nano,
      [
        [' Y Yes', ...more],
        [' N No', '^C Cancel'],
      ],
      `${prompt} `,
    );
    const key = (yield* nano.keys.next()).toLowerCase();
    if (key === 'y' || key === 'n' || (all && key === 'a')) return key as 'y' | 'n' | 'a';
    if (key === '' || key === '\x03') {
      nano.message = 'Cancelled';
      return undefined;
    }
  }
}
