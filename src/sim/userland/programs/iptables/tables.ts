// What iptables does to the tables of a namespace: chains and rules, with the errors of the nf_tables back end.

import type { Netfilter } from '../../../kernel/network/netfilter/netfilter.ts';
import { newChain } from '../../../kernel/network/netfilter/netfilter.ts';
import {
  BUILTIN_CHAINS,
  type Chain,
  type Match,
  type Rule,
  type Table,
  type TableName,
} from '../../../kernel/network/netfilter/rule.ts';
import { misuse, NO_SUCH_NAME, Problem, refusedStep } from './problem.ts';
import { savedRule } from './rules.ts';
import { TARGET_PLACES } from './targets.ts';

/** The chains of a table in the order in which they are shown: built-in ones, then the user's by name. */
export function chainsInOrder(netfilter: Netfilter, name: TableName): Chain[] {
  const table = netfilter.tables.get(name);
  const hooks = BUILTIN_CHAINS[name];
  const builtin = hooks.map((hook) => table?.chains.get(hook) ?? newChain(hook, 'ACCEPT'));
  const own = [...(table?.chains.values() ?? [])].filter(
    (chain) => !hooks.some((hook) => hook === chain.name),
  );
  return [...builtin, ...own.sort((a, b) => (a.name < b.name ? -1 : 1))];
}

/** Names of a table's own chains. */
export function userChains(netfilter: Netfilter, name: TableName): Set<string> {
  return new Set(
    chainsInOrder(netfilter, name)
      .filter((chain) => chain.policy === undefined)
      .map((chain) => chain.name),
  );
}

/** The chain that a command names; made with its table where it is built in. */
export function chainNamed(netfilter: Netfilter, name: TableName, chain: string): Chain {
  const builtin = BUILTIN_CHAINS[name].some((hook) => hook === chain);
  const found = (builtin ? netfilter.table(name) : netfilter.tables.get(name))?.chains.get(chain);
  if (!found) throw NO_SUCH_NAME;
  return found;
}

/** Built-in chains where a match makes sense; all where it is not named. */
const MATCH_HOOKS: Readonly<Partial<Record<Match['kind'], readonly string[]>>> = {
  owner: ['OUTPUT', 'POSTROUTING'],
  mac: ['PREROUTING', 'INPUT', 'FORWARD'],
};
const isHook = (chain: string): boolean =>
  ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].includes(chain);

/** What the kernel says to a rule in a place where it cannot stand. */
export function checkPlace(table: TableName, chain: string, rule: Rule, step: string): void {
  const { target } = rule;
  const refused = refusedStep(step, 'Invalid argument', `rule in chain ${chain}`);
  for (const match of rule.matches)
    if (MATCH_HOOKS[match.kind]?.includes(chain) === false && isHook(chain)) throw refused;
  if (!target) return;
  if (target.kind === 'REJECT' && target.with === 'tcp-reset' && rule.protocol?.number !== 6)
    throw refused;
  if (target.kind === 'DROP' && table === 'nat') {
    throw misuse(
      '\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n',
    );
  }
  const places = TARGET_PLACES[target.kind];
  const builtin = BUILTIN_CHAINS[table].some((hook) => hook === chain);
  const fits =
    !places || (places.tables.includes(table) && (!builtin || places.hooks.includes(chain)));
  if (!fits) throw refused;
}

/** Adds rules: at the end, or before number `at` (from 1). */
export function addRules(
  netfilter: Netfilter,
  table: TableName,
  chain: string,
  rules: readonly Rule[],
  at: number | undefined,
): void {
  const found = chainNamed(netfilter, table, chain);
  for (const { matches } of rules)
    for (const match of matches)
      if (match.kind === 'set' && !netfilter.sets.sets.has(match.set))
        throw misuse(`Set ${match.set} doesn't exist.\n`);
  for (const rule of rules)
    checkPlace(table, chain, rule, at === undefined ? 'RULE_APPEND' : 'RULE_INSERT');
  if (at !== undefined && at > found.rules.length + 1)
    throw new Problem('plain', 'Index of insertion too big', 1);
  found.rules.splice(at === undefined ? found.rules.length : at - 1, 0, ...rules);
  for (const rule of rules) netfilter.noteRule(rule);
}

export function replaceRule(
  netfilter: Netfilter,
  table: TableName,
  chain: string,
  at: number,
  rule: Rule,
): void {
  const found = chainNamed(netfilter, table, chain);
  checkPlace(table, chain, rule, 'RULE_REPLACE');
  if (at < 1 || at > found.rules.length)
    throw new Problem('plain', 'Index of replacement too big', 1);
  found.rules[at - 1] = rule;
  netfilter.noteRule(rule);
}

/** Removes the first rule that reads the same; `check` only looks. */
export function removeRule(
  netfilter: Netfilter,
  table: TableName,
  chain: string,
  rule: Rule,
  check: boolean,
): void {
  const builtin = BUILTIN_CHAINS[table].some((hook) => hook === chain);
  const found = netfilter.tables.get(table)?.chains.get(chain);
  if (!found && !builtin) throw NO_SUCH_NAME;
  const text = savedRule(rule);
  const at = found?.rules.findIndex((other) => savedRule(other) === text) ?? -1;
  if (at < 0) throw new Problem('plain', 'Bad rule (does a matching rule exist in that chain?)', 1);
  if (!check) found?.rules.splice(at, 1);
}

export function removeNumber(
  netfilter: Netfilter,
  table: TableName,
  chain: string,
  number: number,
): void {
  const found = netfilter.tables.get(table)?.chains.get(chain);
  if (!found || number < 1 || number > found.rules.length) throw NO_SUCH_NAME;
  found.rules.splice(number - 1, 1);
}

/** Targets of the tool's own, whose names no chain may have. */
const OWN_TARGETS: ReadonlySet<string> = new Set(['ACCEPT', 'DROP', 'RETURN', 'QUEUE']);

/** What is wrong with the name of a new chain (assert_valid_chain_name), if anything. */
function mistakenChainName(name: string): string | undefined {
  if (/^[-!]/.test(name)) return `chain name not allowed to start with \`${name.charAt(0)}'`;
  if (name.length > 28) return `chain name \`${name}' too long (must be under 29 chars)`;
  if (OWN_TARGETS.has(name)) return 'chain name may not clash with target name';
  return /\s/.test(name) ? `Invalid chain name \`${name}'` : undefined;
}

export function newUserChain(netfilter: Netfilter, table: TableName, name: string): void {
  const mistake = mistakenChainName(name);
  if (mistake !== undefined) throw misuse(mistake);
  const chains = netfilter.table(table).chains;
  if (chains.has(name)) throw new Problem('plain', 'Chain already exists', 1);
  chains.set(name, newChain(name));
}

/** How many rules jump to a chain. */
export function references(table: Table | undefined, name: string): number {
  let count = 0;
  for (const chain of table?.chains.values() ?? []) {
    for (const { target } of chain.rules)
      if (target && 'chain' in target && target.chain === name) count++;
  }
  return count;
}

/** -X: one chain, or all that the user made. */
export function deleteChains(
  netfilter: Netfilter,
  tableName: TableName,
  name: string | undefined,
): void {
  const table = netfilter.tables.get(tableName);
  const own = userChains(netfilter, tableName);
  if (name !== undefined && !own.has(name)) throw NO_SUCH_NAME;
  const doomed = name === undefined ? own : new Set([name]);
  for (const one of doomed) {
    const chain = table?.chains.get(one);
    const users = references(table, one);
    const busy =
      chain !== undefined && (chain.rules.length > 0 || (users > 0 && name !== undefined));
    if (busy) throw refusedStep('CHAIN_DEL', 'Device or resource busy', `chain ${one}`);
    table?.chains.delete(one);
  }
}

export function renameChain(
  netfilter: Netfilter,
  table: TableName,
  from: string,
  to: string,
): void {
  const chains = netfilter.tables.get(table)?.chains;
  const old = chains?.get(from);
  if (!chains || !old || old.policy !== undefined) throw NO_SUCH_NAME;
  if (chains.has(to)) throw new Problem('plain', 'File exists', 1);
  chains.delete(from);
  chains.set(to, { ...old, name: to });
  for (const chain of chains.values()) {
    for (const [i, rule] of chain.rules.entries()) {
      const { target } = rule;
      if (target && 'chain' in target && target.chain === from)
        chain.rules[i] = { ...rule, target: { ...target, chain: to } };
    }
  }
}

export function setPolicy(
  netfilter: Netfilter,
  table: TableName,
  chain: string,
  policy: string,
): void {
  if (policy !== 'ACCEPT' && policy !== 'DROP') {
    throw new Problem('plain', "Bad policy name. Run `dmesg' for more information", 1);
  }
  if (!BUILTIN_CHAINS[table].some((hook) => hook === chain))
    throw new Problem('plain', 'Bad built-in chain name', 1);
  chainNamed(netfilter, table, chain).policy = policy;
}

/** -F: the rules of one chain, or of all. */
export function flush(netfilter: Netfilter, table: TableName, chain: string | undefined): void {
  if (chain !== undefined) chainNamed(netfilter, table, chain).rules.length = 0;
  else for (const one of netfilter.tables.get(table)?.chains.values() ?? []) one.rules.length = 0;
}

/** -Z: counters of a table, a chain or a rule. */
export function zero(
  netfilter: Netfilter,
  table: TableName,
  chain: string | undefined,
  number: number | undefined,
): void {
  const chains =
    chain === undefined ? chainsInOrder(netfilter, table) : [chainNamed(netfilter, table, chain)];
  for (const one of chains) {
    const rules = number === undefined ? one.rules : one.rules.slice(number - 1, number);
    if (number === undefined) {
      one.packets = 0;
      one.bytes = 0;
    }
    for (const rule of rules) {
      rule.packets = 0;
      rule.bytes = 0;
    }
  }
}
