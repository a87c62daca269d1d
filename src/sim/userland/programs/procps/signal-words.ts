// A signal among the words of pkill and killall, whose other options are letters too.

import { signalNumber } from '../../../kernel/signals.ts';

/** `-9`, `-KILL`, `-SIGTERM` out of the words before they are parsed. */
export function takeSignal(words: readonly string[]): {
  signal: number | undefined;
  rest: string[];
} {
  const rest: string[] = [];
  let signal: number | undefined;
  for (const word of words) {
    const number =
      /^-([A-Z0-9+-]+)$/i.test(word) && !/^-[a-z]/.test(word)
        ? signalNumber(word.slice(1))
        : undefined;
    if (signal === undefined && number !== undefined && (/^-\d+$/.test(word) || word.length > 3))
      signal = number;
    else rest.push(word);
  }
  return { signal, rest };
}
