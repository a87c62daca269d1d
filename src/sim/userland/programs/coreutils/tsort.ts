// tsort: a total order of items out of pairs that say which comes first. Loops are reported and cut.

import { decode } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { type Command, extraOperand, gnu, openOperand } from './gnu.ts';

interface Item {
  readonly name: string;
  /** Items before this one that are not printed yet. */
  before: number;
  /** What comes after it, the latest pair first. */
  readonly after: Item[];
  printed: boolean;
}

export const tsort = gnu({ name: 'tsort', usage: ['[OPTION] [FILE]'] }, function* (command) {
  const { operands } = command;
  if (operands.length > 1) return yield* extraOperand(command, operands[1] ?? '');
  const path = operands[0] ?? '-';
  const reader = openOperand(command, path);
  const bytes = isErrno(reader) ? reader : yield* reader.rest();
  const failure = isErrno(reader) ? reader : reader.failure;
  if (failure || isErrno(bytes)) {
    if (failure) yield* command.fileError(path, failure);
    return 1;
  }
  const words = decode(bytes)
    .split(/[ \t\n]+/)
    .filter((word) => word !== '');
  if (words.length % 2 !== 0) {
    yield* command.fail(`${path}: input contains an odd number of tokens`);
    return 1;
  }
  return yield* sortItems(command, path, itemsOf(words));
});

function itemsOf(words: readonly string[]): Item[] {
  const items = new Map<string, Item>();
  const item = (name: string): Item => {
    const known = items.get(name) ?? { name, before: 0, after: [], printed: false };
    items.set(name, known);
    return known;
  };
  for (let i = 0; i < words.length; i += 2) {
    const [first, second] = [item(words[i] ?? ''), item(words[i + 1] ?? '')];
    if (first === second) continue;
    first.after.unshift(second);
    second.before++;
  }
  return [...items.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function* sortItems(command: Command, path: string, items: readonly Item[]) {
  let status = 0;
  let left = items.length;
  while (left > 0) {
    const ready = items.filter((item) => !item.printed && item.before === 0);
    for (const item of ready) {
      item.printed = true;
      left--;
      yield* command.out.print(`${item.name}\n`);
      for (const next of item.after) if (--next.before === 0) ready.push(next);
    }
    if (left === 0) break;
    status = 1;
    const loop = findLoop(items.filter((item) => !item.printed));
    yield* command.fail(`${path}: input contains a loop:`);
    for (const item of loop) yield* command.fail(item.name);
    const [first, last] = [loop[0], loop.at(-1)];
    if (!first || !last) break;
    last.after.splice(last.after.indexOf(first), 1);
    first.before--;
  }
  return status;
}

/** A loop among items that all have something before them: walk back until one comes up again. */
function findLoop(items: readonly Item[]): Item[] {
  const seen: Item[] = [];
  let at = items[0];
  while (at && !seen.includes(at)) {
    seen.unshift(at);
    const here = at;
    at = items.find((item) => item.after.includes(here));
  }
  const loop = at ? seen.slice(0, seen.indexOf(at) + 1) : seen;
  const least = loop.findIndex((item) => loop.every((other) => item.name <= other.name));
  return [...loop.slice(least), ...loop.slice(0, least)];
}
