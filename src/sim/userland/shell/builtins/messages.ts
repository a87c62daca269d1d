// What builtins say about wrong use: `bash: cd: …`, the usage line after it, and options in the old
// style (letters).

import type { Routine } from '../../../core/wait.ts';
import type { Errno } from '../../../kernel/errno.ts';
import type { Shell } from '../shell.ts';
import { usages } from './usages.ts';

/** `shell: name: text`; gives back `status`. */
export function* say(shell: Shell, name: string, text: string, status = 1): Routine<number> {
  yield* shell.print(2, `${shell.prefix}${name}: ${text}\n`);
  return status;
}

/** The line `name: usage: …`; status 2. */
export function* usage(shell: Shell, name: string): Routine<number> {
  const text = usages[name];
  if (text !== undefined && shell.dialect.extended)
    yield* shell.print(2, `${name}: usage: ${text}\n`);
  return 2;
}

/** `-x: invalid option` and the usage. */
export function* invalidOption(shell: Shell, name: string, option: string): Routine<number> {
  if (!shell.dialect.extended) return yield* say(shell, name, `Illegal option ${option}`, 2);
  yield* say(shell, name, `${option}: invalid option`);
  return yield* usage(shell, name);
}

/** Options of a builtin: letters, some with an argument (`a:`). */
export interface Letters {
  /** Letter to argument ('' without one), in order. */
  readonly options: readonly (readonly [string, string])[];
  readonly operands: readonly string[];
  /** The wrong option, or `-x:` for one whose argument is missing. */
  readonly wrong?: string;
}

/**
 * Takes options off the words behind a builtin's name. `plus`: `+x` counts too, as the letter
 * behind a plus sign.
 */
export function letters(words: readonly string[], spec: string, plus = false): Letters {
  const options: [string, string][] = [];
  let at = 1;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      at++;
      break;
    }
    const sign = word[0];
    if (word.length < 2 || (sign !== '-' && !(plus && sign === '+'))) break;
    for (let i = 1; i < word.length; i++) {
      const letter = word[i] as string;
      const place = letter === ':' ? -1 : spec.indexOf(letter);
      if (place < 0) return { options, operands: words.slice(at), wrong: `${sign}${letter}` };
      const name = sign === '+' ? `+${letter}` : letter;
      if (spec[place + 1] !== ':') {
        options.push([name, '']);
        continue;
      }
      const rest = word.slice(i + 1);
      const value = rest !== '' ? rest : words[++at];
      if (value === undefined) return { options, operands: [], wrong: `-${letter}:` };
      options.push([name, value]);
      break;
    }
  }
  return { options, operands: words.slice(at) };
}

/** Reports what `letters` found wrong. */
export function* wrongLetter(shell: Shell, name: string, wrong: string): Routine<number> {
  if (wrong.endsWith(':')) {
    yield* say(shell, name, `${wrong.slice(0, -1)}: option requires an argument`);
    return yield* usage(shell, name);
  }
  return yield* invalidOption(shell, name, wrong);
}

/** bash's standard output is line-buffered: each line is a write of its own. */
function* printed(shell: Shell, text: string): Routine<Errno | undefined> {
  if (!shell.dialect.extended) return yield* shell.print(1, text);
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline + 1;
    const failure = yield* shell.print(
      1,
      at === 0 && end === text.length ? text : text.slice(at, end),
    );
    if (failure) return failure;
    at = end;
  }
  return undefined;
}

/** Prints a builtin's output; 1 and `write error` where it cannot be written. */
export function* output(shell: Shell, name: string, text: string): Routine<number> {
  const failure = yield* printed(shell, text);
  if (!failure) return 0;
  if (shell.dialect.name === 'dash') {
    return yield* say(shell, name, `${name}: I/O error`);
  }
  return yield* say(shell, name, `write error: ${failure.message}`);
}
