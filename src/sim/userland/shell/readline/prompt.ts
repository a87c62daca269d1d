// Prompt texts (bash(1), PROMPTING): backslash escapes of PS1 and its like, then expansions.

import { epochMilliseconds } from '../../../core/time.ts';
import { accounts } from '../expand/tilde.ts';
import { ExpansionFailure } from '../expand/failure.ts';
import { textNow } from '../expand/words.ts';
import type { Shell } from '../shell.ts';
import { readWord } from '../syntax/word.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A prompt's text. Parts between \[ and \] are kept without their marks. */
export function promptText(shell: Shell, prompt: string): string {
  const decoded = prompt.replace(/\\(\d{3}|[\s\S])/g, (whole, code: string) =>
    escapeText(shell, whole, code),
  );
  if (!shell.shopt('promptvars') || !/[$`]/.test(decoded)) return decoded;
  try {
    return textNow(shell, readWord(decoded, 'double')) ?? decoded;
  } catch (thrown) {
    if (thrown instanceof ExpansionFailure) return decoded;
    throw thrown;
  }
}

function escapeText(shell: Shell, whole: string, code: string): string {
  if (/^\d{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
  const date = new Date(epochMilliseconds(shell.process.now));
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  switch (code) {
    case 'u':
      return userName(shell);
    case 'h':
      return shell.process.hostname.split('.')[0] ?? '';
    case 'H':
      return shell.process.hostname;
    case 'w':
    case 'W':
      return directory(shell, code);
    case '$':
      return shell.process.euid === 0 ? '#' : '\\$';
    case 's':
      return shell.name.slice(shell.name.lastIndexOf('/') + 1).replace(/^-/, '');
    case 'v':
      return '5.2';
    case 'V':
      return '5.2.15';
    case 'j':
      return String(shell.jobs.list.length);
    case '!':
      return String((shell.history?.size ?? 0) + 1);
    case '#':
      return String(shell.commandNumber);
    case 't':
      return `${clock}:${two(date.getUTCSeconds())}`;
    case 'A':
      return clock;
    case 'd':
      return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCDate())}`;
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 'a':
      return '\x07';
    case 'e':
      return '\x1b';
    case '[':
    case ']':
      return code === '[' ? '\x01' : '\x02';
    case '\\':
      return '\\\\';
    default:
      return whole;
  }
}

/** The name of the effective user. */
export function userName(shell: Shell): string {
  const uid = String(shell.process.euid);
  return accounts(shell.process).find((fields) => fields[2] === uid)?.[0] ?? 'I have no name!';
}

function directory(shell: Shell, code: string): string {
  const path = shell.parameter('PWD') ?? '';
  const home = shell.parameter('HOME') ?? '';
  const inHome = home !== '' && (path === home || path.startsWith(`${home}/`));
  const shown = inHome ? `~${path.slice(home.length)}` : path;
  if (code === 'w' || shown === '/' || shown === '~') return shown;
  return shown.slice(shown.lastIndexOf('/') + 1);
}
