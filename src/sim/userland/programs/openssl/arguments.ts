// openssl's own options: one dash, whole words, each command with its table.

import { Refusal } from './files.ts';

/** Options of a command: name to whether a value follows. What is `missing` is real but not simulated. */
export interface ArgumentTable {
  readonly flags: readonly string[];
  readonly values: readonly string[];
  readonly missing?: readonly string[];
}

export interface Arguments {
  readonly flags: ReadonlySet<string>;
  /** Values in order; options such as -addext come more than once. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
  /** Printing options in the order in which they were given. */
  readonly order: readonly string[];
  value(name: string): string | undefined;
}

/** An option of the table's `missing`, to be said. */
export class NotDone {
  readonly option: string;
  constructor(option: string) {
    this.option = option;
  }
}

/** Reads a command line; throws Refusal or NotDone. */
export function readArguments(
  command: string,
  words: readonly string[],
  table: ArgumentTable,
): Arguments {
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  const order: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    const name = word.replace(/^--?/, '');
    order.push(name);
    if (table.flags.includes(name)) flags.add(name);
    else if (table.values.includes(name)) {
      const value = words[++at];
      if (value === undefined) throw new Refusal(`${command}: Option -${name} needs a value`);
      values.set(name, [...(values.get(name) ?? []), value]);
    } else if (table.missing?.includes(name)) throw new NotDone(name);
    else {
      const help = `${command}: Use -help for summary.`;
      throw new Refusal(`${command}: Unknown option or cipher: ${name}\n${help}`);
    }
  }
  return { flags, values, operands, order, value: (name) => values.get(name)?.at(-1) };
}
