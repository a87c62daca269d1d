// ip rule: show, add, delete, flush.

import { formatPrefix, parsePrefix, type Prefix } from '../../../kernel/network/address.ts';
import { type RoutingRule, TABLE_MAIN } from '../../../kernel/network/routes.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { notSimulated } from '../../libc/stdio.ts';
import { commandOf, type IpContext, jsonText, Misuse, type Words } from './context.ts';
import { tableNumber } from './route.ts';
import { tableText } from './show-route.ts';

const COMMANDS = ['list', 'lst', 'show', 'save', 'restore', 'add', 'delete', 'flush', 'help'];

/** ip rule … */
export function* ipRule(context: IpContext, words: Words): ProgramRun {
  const word = words.next();
  const command = word === undefined ? 'show' : commandOf(word, COMMANDS);
  switch (command) {
    case 'show':
    case 'list':
    case 'lst':
      return show(context, readRule(words));
    case 'flush':
      return yield* flush(context, readRule(words));
    case 'add':
      if (words.done) return yield* context.error('"ip rule add" requires arguments.', 1);
      return yield* add(context, words);
    case 'delete':
      return yield* remove(context, words);
    case undefined:
      throw new Misuse(`Command "${word}" is unknown, try "ip rule help".`, 255);
    default:
      return yield* notSimulated(context.main, `ip rule ${command}`);
  }
}

function prefixText(prefix: Prefix | undefined): string {
  if (!prefix) return 'all';
  return prefix.length === 32 ? formatPrefix(prefix).slice(0, -3) : formatPrefix(prefix);
}

/** True where a rule is what a draft speaks of; what the draft leaves open fits. */
function fits(draft: Draft, rule: RoutingRule): boolean {
  const same = (a: Prefix | undefined, b: Prefix | undefined): boolean =>
    prefixText(a) === prefixText(b);
  return (
    (draft.priority === undefined || rule.priority === draft.priority) &&
    (draft.table === undefined || (rule.type === 'lookup' && rule.table === draft.table)) &&
    (draft.type === undefined || rule.type === draft.type) &&
    (draft.from === undefined || same(rule.from, draft.from)) &&
    (draft.to === undefined || same(rule.to, draft.to)) &&
    (draft.in === undefined || rule.in === draft.in) &&
    (draft.out === undefined || rule.out === draft.out) &&
    (draft.mark === undefined || rule.mark?.value === draft.mark.value)
  );
}

function ruleJson(rule: RoutingRule): object {
  const side = (name: string, prefix: Prefix): object => ({
    [name]: formatPrefix(prefix).replace(/\/.*/, ''),
    ...(prefix.length === 32 ? {} : { [`${name}len`]: prefix.length }),
  });
  const { mark } = rule;
  return {
    priority: rule.priority,
    ...(rule.not ? { not: null } : {}),
    ...(rule.from ? side('src', rule.from) : { src: 'all' }),
    ...(rule.to ? side('dst', rule.to) : {}),
    ...(mark ? { fwmark: `0x${mark.value.toString(16)}` } : {}),
    ...(mark && mark.mask !== 0xffffffff ? { fwmask: `0x${mark.mask.toString(16)}` } : {}),
    ...(rule.in === undefined ? {} : { iif: rule.in }),
    ...(rule.out === undefined ? {} : { oif: rule.out }),
    ...(rule.type === 'lookup' ? { table: tableText(rule.table) } : { action: rule.type }),
  };
}

function ruleText(rule: RoutingRule): string {
  const words = [rule.not ? 'not from' : 'from', prefixText(rule.from)];
  if (rule.to) words.push('to', prefixText(rule.to));
  if (rule.mark) {
    const mask = rule.mark.mask === 0xffffffff ? '' : `/0x${rule.mark.mask.toString(16)}`;
    words.push('fwmark', `0x${rule.mark.value.toString(16)}${mask}`);
  }
  if (rule.in !== undefined) words.push('iif', rule.in);
  if (rule.out !== undefined) words.push('oif', rule.out);
  words.push(rule.type, ...(rule.type === 'lookup' ? [tableText(rule.table)] : []));
  return `${rule.priority}:\t${words.join(' ')}\n`;
}

function show(context: IpContext, draft: Draft): number {
  // The rules of IPv6 cannot be changed here: they are the first ones, without a table `default`.
  const six = context.options.family === '6';
  const rules = context.namespace.routing.rules.filter((rule) =>
    six ? rule.priority === 0 || (rule.priority === 32_766 && rule.table === TABLE_MAIN) : true,
  );
  const found = rules.filter((rule) => fits(draft, rule));
  if (context.options.json)
    context.main.out.put(jsonText(found.map(ruleJson), context.options.pretty));
  else for (const rule of found) context.print(ruleText(rule));
  return 0;
}

/** All that fit, but never those of priority 0. */
function* flush(context: IpContext, draft: Draft): ProgramRun {
  for (const rule of context.namespace.routing.rules) {
    if (rule.priority === 0 || !fits(draft, rule)) continue;
    const failure = context.netlink.removeRule((other) => other === rule);
    if (failure) return yield* context.refused(failure);
  }
  return 0;
}

type Draft = { -readonly [K in keyof RoutingRule]?: RoutingRule[K] };

function readRule(words: Words): Draft {
  const draft: Draft = {};
  while (!words.done) {
    const word = words.value();
    if (word === 'from') draft.from = prefixFor(words.value());
    else if (word === 'to') draft.to = prefixFor(words.value());
    else if (word === 'not') draft.not = true;
    else if (word === 'fwmark') {
      const [value = '0', mask] = words.value().split('/');
      draft.mark = { value: Number(value), mask: mask === undefined ? 0xffffffff : Number(mask) };
    } else if (word === 'iif' || word === 'dev') draft.in = words.value();
    else if (word === 'table' || word === 'lookup') draft.table = tableNamed(words.value());
    else if (['pref', 'priority', 'preference', 'order', 'prio'].includes(word))
      draft.priority = Number(words.value());
    else if (UNSIMULATED.includes(word))
      throw new Misuse(`drydock: ip rule ${word} is not simulated`, 125);
    else if (word === 'blackhole' || word === 'unreachable' || word === 'prohibit')
      draft.type = word;
    else throw new Misuse(`Error: argument "${word}" is wrong: Failed to parse rule type`, 255);
  }
  return draft;
}

/** What a rule can ask for of a flow that lookups here do not know. */
const UNSIMULATED = ['ipproto', 'sport', 'dport', 'uidrange', 'tos', 'dsfield', 'l3mdev', 'goto'];

function tableNamed(word: string): number {
  const known = tableNumber(word);
  if (known === undefined)
    throw new Misuse(`Error: argument "${word}" is wrong: invalid table ID\n`, 255);
  return known;
}

function prefixFor(word: string): Prefix | undefined {
  if (word === 'all' || word === 'any' || word === 'default') return undefined;
  const prefix = parsePrefix(word);
  if (!prefix) throw new Misuse(`Error: any valid prefix is expected rather than "${word}".`, 1);
  return prefix;
}

function* add(context: IpContext, words: Words): ProgramRun {
  const draft = readRule(words);
  const { rules } = context.namespace.routing;
  // Before the second rule, as the kernel puts one without a priority; 0 where there is none.
  const second = rules[1]?.priority ?? 1;
  const failure = context.netlink.addRule({
    priority: draft.priority ?? Math.max(0, second - 1),
    from: draft.from,
    to: draft.to,
    mark: draft.mark,
    in: draft.in,
    out: draft.out,
    not: draft.not ?? false,
    table: draft.table ?? TABLE_MAIN,
    type: draft.type ?? 'lookup',
  });
  return failure ? yield* context.refused(failure) : 0;
}

function* remove(context: IpContext, words: Words): ProgramRun {
  const draft = readRule(words);
  const failure = context.netlink.removeRule((rule) => fits(draft, rule));
  return failure ? yield* context.refused(failure) : 0;
}
