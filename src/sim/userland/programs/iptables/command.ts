// One iptables command: what is to be done to which chain of which table, read from words.

import { TABLES, type TableName } from '../../../kernel/network/netfilter/rule.ts';
import { misuse, Problem } from './problem.ts';
import { RuleDraft } from './rules.ts';

export type Action =
  | 'append'
  | 'check'
  | 'delete'
  | 'insert'
  | 'replace'
  | 'list'
  | 'save'
  | 'flush'
  | 'zero'
  | 'new'
  | 'remove'
  | 'policy'
  | 'rename'
  | 'help'
  | 'version';

export interface Command {
  readonly table: TableName;
  readonly action: Action;
  readonly chain: string | undefined;
  readonly number: number | undefined;
  /** -P's policy, -E's new name. */
  readonly word: string | undefined;
  readonly draft: RuleDraft;
  readonly numeric: boolean;
  readonly verbose: boolean;
  readonly exact: boolean;
  readonly lines: boolean;
  /** -Z beside -L. */
  readonly alsoZero: boolean;
}

/** Commands by option: the action, and what follows the chain. */
const COMMANDS: Readonly<Record<string, Action>> = {
  '-A': 'append',
  '--append': 'append',
  '-C': 'check',
  '--check': 'check',
  '-D': 'delete',
  '--delete': 'delete',
  '-I': 'insert',
  '--insert': 'insert',
  '-R': 'replace',
  '--replace': 'replace',
  '-L': 'list',
  '--list': 'list',
  '-S': 'save',
  '--list-rules': 'save',
  '-F': 'flush',
  '--flush': 'flush',
  '-Z': 'zero',
  '--zero': 'zero',
  '-N': 'new',
  '--new-chain': 'new',
  '-X': 'remove',
  '--delete-chain': 'remove',
  '-P': 'policy',
  '--policy': 'policy',
  '-E': 'rename',
  '--rename-chain': 'rename',
  '-h': 'help',
  '--help': 'help',
  '-V': 'version',
  '--version': 'version',
};

const LETTERS: Readonly<Record<Exclude<Action, 'help' | 'version'>, string>> = {
  append: 'A',
  check: 'C',
  delete: 'D',
  insert: 'I',
  replace: 'R',
  list: 'L',
  save: 'S',
  flush: 'F',
  zero: 'Z',
  new: 'N',
  remove: 'X',
  policy: 'P',
  rename: 'E',
};

/** What the commands with two names ask for. */
const PAIRS = {
  policy: 'a chain and a policy',
  rename: 'old-chain-name and new-chain-name',
} as const;

/** `-nvL` and the like are taken apart; options with values stay whole. */
function expand(words: readonly string[]): string[] {
  const out: string[] = [];
  for (const word of words) {
    if (/^-[nvxLSFZX]{2,}$/.test(word)) for (const letter of word.slice(1)) out.push(`-${letter}`);
    else if (/^-[tpsdiojmg][^-\s]/.test(word) && !/^--/.test(word))
      out.push(word.slice(0, 2), word.slice(2));
    else if (/^--[a-z-]+=/.test(word))
      out.push(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1));
    else out.push(word);
  }
  return out;
}

/** Reads a command; throws a Problem where it makes no sense. */
export function readCommand(args: readonly string[], defaultTable: TableName = 'filter'): Command {
  const words = expand(args);
  let at = 0;
  const given: { -readonly [K in keyof Command]?: Command[K] } = {};
  const draft = new RuleDraft();
  let not = false;
  const optional = (): string | undefined => {
    const word = words[at];
    if (word === undefined || word.startsWith('-') || word === '!') return undefined;
    at++;
    return word;
  };
  while (at < words.length) {
    const word = words[at++] ?? '';
    if (word === '!') {
      not = true;
      continue;
    }
    const value = (): string => {
      const next = words[at++];
      if (next === undefined) throw misuse(`option "${word}" requires an argument`);
      return next;
    };
    const action = COMMANDS[word];
    if (action && !(word === '-h' && given.action)) readAction(given, action, optional, value);
    else if (word === '-t' || word === '--table') given.table = tableOf(value());
    else if (word === '-n' || word === '--numeric') given.numeric = true;
    else if (word === '-v' || word === '--verbose') given.verbose = true;
    else if (word === '-x' || word === '--exact') given.exact = true;
    else if (word === '--line-numbers' || word === '--line-number') given.lines = true;
    else if (word === '-w' || word === '--wait' || word === '-W' || word === '--wait-interval')
      optional();
    else if (word === '-4' || word === '--ipv4' || word === '-6' || word === '--ipv6') continue;
    else if (!word.startsWith('-')) throw misuse(`Bad argument \`${word}'`);
    else if (!draft.take(word, not, value)) throw misuse(`unknown option "${word}"`);
    not = false;
  }
  const { action } = given;
  if (!action) throw misuse('no command specified');
  return {
    table: given.table ?? defaultTable,
    action,
    chain: given.chain,
    number: given.number,
    word: given.word,
    draft,
    numeric: given.numeric ?? false,
    verbose: given.verbose ?? false,
    exact: given.exact ?? false,
    lines: given.lines ?? false,
    alsoZero: given.alsoZero ?? false,
  };
}

function readAction(
  given: { -readonly [K in keyof Command]?: Command[K] },
  action: Action,
  optional: () => string | undefined,
  value: () => string,
): void {
  const before = given.action;
  if (before !== undefined) {
    const listing = (one: Action): boolean => one === 'list' || one === 'save';
    if ((action === 'zero' && listing(before)) || (before === 'zero' && listing(action))) {
      given.action = action === 'zero' ? before : action;
      given.alsoZero = true;
      given.chain ??= optional();
      return;
    }
    const letter = (one: Action): string => LETTERS[one as keyof typeof LETTERS] ?? 'h';
    throw misuse(`Cannot use -${letter(action)} with -${letter(before)}`);
  }
  given.action = action;
  const named = [
    'append',
    'check',
    'delete',
    'insert',
    'replace',
    'new',
    'policy',
    'rename',
  ].includes(action);
  given.chain = named ? value() : optional();
  if (action === 'policy' || action === 'rename') {
    given.word = optional();
    if (given.word === undefined) throw misuse(`-${LETTERS[action]} requires ${PAIRS[action]}`);
  }
  const counted =
    action === 'delete' ||
    action === 'insert' ||
    action === 'replace' ||
    action === 'zero' ||
    action === 'save' ||
    action === 'list';
  if (!counted) return;
  const number = optional();
  if (number === undefined && action === 'replace') throw misuse('-R requires a rule number');
  if (number === undefined) return;
  if (!/^\d+$/.test(number) || Number(number) < 1) throw misuse(`Invalid rule number \`${number}'`);
  given.number = Number(number);
}

function tableOf(word: string): TableName {
  const table = TABLES.find((name) => name === word);
  if (table) return table;
  const text = `table '${word}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.`;
  throw new Problem('version', text, 3);
}
