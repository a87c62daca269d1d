// iptables(8) 1.8.9 over nf_tables, and ip6tables, whose rules are kept and shown but meet no packets.

import type { Routine } from '../../../core/wait.ts';
import { EPERM } from '../../../kernel/errno.ts';
import type { Netfilter } from '../../../kernel/network/netfilter/netfilter.ts';
import type { ProgramFile } from '../../../kernel/program.ts';
import { readAccounts } from '../../libc/accounts.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import { type Command, readCommand } from './command.ts';
import { Problem } from './problem.ts';
import { listedRule, listHeader, NotSimulated, savedRule } from './rules.ts';
import {
  addRules,
  chainNamed,
  chainsInOrder,
  deleteChains,
  flush,
  newUserChain,
  references,
  removeNumber,
  removeRule,
  renameChain,
  replaceRule,
  setPolicy,
  userChains,
  zero,
} from './tables.ts';

export const VERSION = 'v1.8.9 (nf_tables)';

/** The tables of the caller's namespace for a program of the iptables family. */
export function netfilterOf(main: Main, name: string): Netfilter {
  const { network } = main.process;
  return name.startsWith('ip6') ? network.netfilter6 : network.netfilter;
}

/** How a failure reads, on standard error; its exit status. */
export function report(main: Main, name: string, problem: Problem): number {
  if (problem.form === 'plain') main.err.put(`${name}: ${problem.text}.\n`);
  else main.err.put(`${name} ${VERSION}: ${problem.text}\n`);
  if (problem.form === 'usage')
    main.err.put(`Try \`${name} -h' or '${name} --help' for more information.\n`);
  return problem.status;
}

function tool(name: string): ProgramFile {
  return program(name, function* (main) {
    try {
      return run({ ...main, args: yield* withOwnerIds(main, main.args) }, name);
    } catch (thrown) {
      if (thrown instanceof NotSimulated) return yield* notSimulated(main, thrown.what);
      if (!(thrown instanceof Problem)) throw thrown;
      yield* main.out.flush();
      return report(main, name, thrown);
    }
  });
}

export const iptables = tool('iptables');
export const ip6tables = tool('ip6tables');

/** Names of users and groups after --uid-owner and --gid-owner become numbers, as getpwnam knows them. */
export function* withOwnerIds(main: Main, words: readonly string[]): Routine<string[]> {
  if (!words.some((word) => word === '--uid-owner' || word === '--gid-owner')) return [...words];
  const accounts = yield* readAccounts(main.process);
  return words.map((word, i) => {
    const before = words[i - 1];
    if (before === '--uid-owner') return String(accounts.userByName(word)?.uid ?? word);
    return before === '--gid-owner' ? String(accounts.groupByName(word)?.gid ?? word) : word;
  });
}

function run(main: Main, name: string): number {
  const command = readCommand(main.args);
  if (command.action === 'version') {
    main.out.put(`${name} ${VERSION}\n`);
    return 0;
  }
  if (command.action === 'help') {
    main.out.put(`${name} v1.8.9\n\nUsage: ${name} -[ACD] chain rule-specification [options]\n`);
    return 0;
  }
  if (main.process.netlink().refusal === EPERM) {
    throw new Problem(
      'version',
      'Could not fetch rule set generation id: Permission denied (you must be root)',
      4,
    );
  }
  apply(main, netfilterOf(main, name), command);
  if (WRITING.has(command.action)) tellRules(main, [name, ...main.args].join(' '));
  return 0;
}

/** Commands that change rules. */
const WRITING: ReadonlySet<string> = new Set([
  'append',
  'insert',
  'replace',
  'delete',
  'new',
  'remove',
  'rename',
  'policy',
  'flush',
]);

/** What comes of packets from here on is caused by these rules. */
export function tellRules(main: Main, label: string): void {
  const { simulation, task } = main.process;
  simulation.because(label, { kind: 'rule', name: String(task.pid), machine: task.kernel.name });
}

/** Does what a command says; throws a Problem where it cannot. */
export function apply(main: Main, netfilter: Netfilter, command: Command): void {
  const { table, chain = '', number, draft } = command;
  const made = (): ReturnType<typeof draft.rules> => draft.rules(userChains(netfilter, table));
  switch (command.action) {
    case 'append':
      chainNamed(netfilter, table, chain);
      addRules(netfilter, table, chain, made(), undefined);
      return;
    case 'insert':
      addRules(netfilter, table, chain, made(), number ?? 1);
      return;
    case 'replace': {
      const [rule] = made();
      if (rule) replaceRule(netfilter, table, chain, number ?? 0, rule);
      return;
    }
    case 'check':
    case 'delete':
      if (number !== undefined) removeNumber(netfilter, table, chain, number);
      else
        for (const rule of made())
          removeRule(netfilter, table, chain, rule, command.action === 'check');
      return;
    case 'new':
      newUserChain(netfilter, table, chain);
      return;
    case 'remove':
      tellChains(main, netfilter, command, 'Deleting');
      deleteChains(netfilter, table, command.chain);
      return;
    case 'rename':
      renameChain(netfilter, table, chain, command.word ?? '');
      return;
    case 'policy':
      setPolicy(netfilter, table, chain, command.word ?? '');
      return;
    case 'flush':
      flush(netfilter, table, command.chain);
      tellChains(main, netfilter, command, 'Flushing');
      return;
    case 'zero':
      tellChains(main, netfilter, command, 'Zeroing');
      zero(netfilter, table, command.chain, number);
      return;
    case 'save':
      printSaved(main, netfilter, command);
      break;
    case 'list':
      printList(main, netfilter, command);
      break;
    default:
      return;
  }
  if (!command.alsoZero) return;
  tellChains(main, netfilter, command, 'Zeroing');
  zero(netfilter, table, command.chain, undefined);
}

/** Under -v the tool names each chain that it works on. */
function tellChains(main: Main, netfilter: Netfilter, command: Command, doing: string): void {
  if (!command.verbose || (command.action === 'zero' && command.number !== undefined)) return;
  for (const { name, policy } of chainsInOrder(netfilter, command.table)) {
    if (command.action === 'remove' && policy !== undefined) continue;
    if ((command.chain ?? name) === name) main.out.put(`${doing} chain \`${name}'\n`);
  }
}

function shownChains(netfilter: Netfilter, command: Command): ReturnType<typeof chainsInOrder> {
  const all = chainsInOrder(netfilter, command.table);
  if (command.chain === undefined) return all;
  const found = all.filter((chain) => chain.name === command.chain);
  if (found.length > 0) return found;
  // 1.8.9 asks whether the chain is one it can show before it asks whether there is one.
  const where = `chain \`${command.chain}' in table \`${command.table}'`;
  throw new Problem('version', `${where} is incompatible, use 'nft' tool.`, 1);
}

function printSaved(main: Main, netfilter: Netfilter, command: Command): void {
  const chains = shownChains(netfilter, command);
  if (command.number === undefined) {
    for (const chain of chains) {
      const count = command.verbose ? ` -c ${chain.packets} ${chain.bytes}` : '';
      main.out.put(
        chain.policy === undefined
          ? `-N ${chain.name}\n`
          : `-P ${chain.name} ${chain.policy}${count}\n`,
      );
    }
  }
  for (const chain of chains) {
    for (const [i, rule] of chain.rules.entries()) {
      if (command.number !== undefined && command.number !== i + 1) continue;
      const count = command.verbose ? ` -c ${rule.packets} ${rule.bytes}` : '';
      main.out.put(`-A ${chain.name}${withCount(savedRule(rule), count)}\n`);
    }
  }
}

/** Counters stand before the target in -S -v. */
function withCount(text: string, count: string): string {
  if (count === '') return text;
  const at = text.search(/ -[jg] /);
  return at < 0 ? `${text}${count}` : `${text.slice(0, at)}${count}${text.slice(at)}`;
}

function printList(main: Main, netfilter: Netfilter, command: Command): void {
  const table = netfilter.tables.get(command.table);
  if (command.number !== undefined) {
    // One rule by its number is shown without a heading, and none is no failure.
    const rule = shownChains(netfilter, command)[0]?.rules[command.number - 1];
    if (rule) main.out.put(listedRule(rule, command.number, command));
    return;
  }
  const blocks: string[] = [];
  for (const chain of shownChains(netfilter, command)) {
    const count = command.verbose ? ` ${chain.packets} packets, ${chain.bytes} bytes` : '';
    const used = references(table, chain.name);
    const about =
      chain.policy === undefined ? `${used} references` : `policy ${chain.policy}${count}`;
    const rules = chain.rules.map((rule, i) => listedRule(rule, i + 1, command));
    blocks.push(`Chain ${chain.name} (${about})\n${listHeader(command)}${rules.join('')}`);
  }
  main.out.put(blocks.join('\n'));
}
