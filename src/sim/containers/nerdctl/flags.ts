// Flags in the manner of spf13/pflag, as nerdctl takes them: bundled letters, `--name=value`, and flags after words
// where a command allows it.

/** A flag: its long name, a letter, and whether it takes a value. */
export interface Flag {
  readonly name: string;
  readonly letter?: string;
  readonly takes: 'nothing' | 'value' | 'values';
}

/** Makes flags of `name n` words; `=` at the end takes a value, `*` several. */
export function flags(...texts: readonly string[]): Flag[] {
  return texts.map((text) => {
    const kind = text.at(-1);
    const [name = '', letter] = text.replace(/[=*]$/, '').split(' ');
    const takes = kind === '=' ? 'value' : kind === '*' ? 'values' : 'nothing';
    return letter === undefined ? { name, takes } : { name, letter, takes };
  });
}

/** What was given on a command line. */
export class Given {
  readonly words: readonly string[];
  private readonly values: ReadonlyMap<string, readonly string[]>;

  constructor(words: readonly string[], values: ReadonlyMap<string, readonly string[]>) {
    this.words = words;
    this.values = values;
  }
  is(name: string): boolean {
    return this.text(name) === 'true';
  }
  has(name: string): boolean {
    return this.values.has(name);
  }
  text(name: string): string {
    return this.values.get(name)?.at(-1) ?? '';
  }
  list(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }
}

/** Parses words; a text says what is wrong. `mixed` allows flags after the first word. */
export function parseFlags(
  args: readonly string[],
  known: readonly Flag[],
  mixed: boolean,
): Given | string {
  const values = new Map<string, string[]>();
  const words: string[] = [];
  const add = (flag: Flag, value: string): void => {
    values.set(flag.name, [...(values.get(flag.name) ?? []), value]);
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word === '--') {
      words.push(...args.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      if (!mixed) {
        words.push(...args.slice(i));
        break;
      }
      words.push(word);
      continue;
    }
    const used = word.startsWith('--')
      ? takeLong(word, args[i + 1], known, add)
      : takeLetters(word, args[i + 1], known, add);
    if (typeof used === 'string') return used;
    i += used;
  }
  return new Given(words, values);
}

type Add = (flag: Flag, value: string) => void;

function takeLong(
  word: string,
  next: string | undefined,
  known: readonly Flag[],
  add: Add,
): number | string {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const flag = known.find((one) => one.name === name);
  if (flag === undefined) return `unknown flag: --${name}`;
  if (equals >= 0) {
    add(flag, word.slice(equals + 1));
    return 0;
  }
  if (flag.takes === 'nothing') {
    add(flag, 'true');
    return 0;
  }
  if (next === undefined) return `flag needs an argument: --${name}`;
  add(flag, next);
  return 1;
}

function takeLetters(
  word: string,
  next: string | undefined,
  known: readonly Flag[],
  add: Add,
): number | string {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] ?? '';
    const flag = known.find((one) => one.letter === letter);
    if (flag === undefined) return `unknown shorthand flag: '${letter}' in ${word}`;
    if (flag.takes === 'nothing') {
      add(flag, 'true');
      continue;
    }
    const rest = word.slice(at + 1).replace(/^=/, '');
    if (rest !== '') {
      add(flag, rest);
      return 0;
    }
    if (next === undefined) return `flag needs an argument: '${letter}' in ${word}`;
    add(flag, next);
    return 1;
  }
  return 0;
}
