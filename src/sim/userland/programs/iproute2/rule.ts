// ip rule: show, add, delete, flush.

import { formatPrefix, parsePrefix, type Prefix } from '../../../kernel/network/address.ts';
import { type RoutingRule, TABLE_MAIN } from '../../../kernel/network/routes.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { notSimulated } from '../../libc/stdio.ts';
import { commandOf, type IpContext, jsonText, Misuse, type Words } from './context.ts';
import { tableOf } from './route.ts';
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
      return show(context);
    case 'add':
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

function show(context: IpContext): number {
  const { rules } = context.namespace.routing;
  if (context.options.json) {
    const list = rules.map((rule) => ({
      priority: rule.priority,
      src: prefixText(rule.from),
      table: tableText(rule.table),
    }));
    context.main.out.put(jsonText(list, context.options.pretty));
    return 0;
  }
  for (const rule of rules) {
    const words = [rule.not ? 'not from' : 'from', prefixText(rule.from)];
    if (rule.to) words.push('to', prefixText(rule.to));
    if (rule.mark) {
      const mask = rule.mark.mask === 0xffffffff ? '' : `/0x${rule.mark.mask.toString(16)}`;
      words.push('fwmark', `0x${rule.mark.value.toString(16)}${mask}`);
    }
    if (rule.in !== undefined) words.push('iif', rule.in);
    words.push(rule.type, ...(rule.type === 'lookup' ? [tableText(rule.table)] : []));
    context.print(`${rule.priority}:\t${words.join(' ')}\n`);
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
    else if (word === 'table' || word === 'lookup') draft.table = tableOf(words.value());
    else if (['pref', 'priority', 'preference', 'order', 'prio'].includes(word))
      draft.priority = Number(words.value());
    else if (word === 'blackhole' || word === 'unreachable' || word === 'prohibit')
      draft.type = word;
    else throw new Misuse(`Error: argument "${word}" is wrong: Failed to parse rule type`, 255);
  }
  return draft;
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
  const lowest = rules.find((rule) => rule.priority > 0)?.priority ?? 32_766;
  const failure = context.netlink.addRule({
    priority: draft.priority ?? lowest - 1,
    from: draft.from,
    to: draft.to,
    mark: draft.mark,
    in: draft.in,
    not: draft.not ?? false,
    table: draft.table ?? TABLE_MAIN,
    type: draft.type ?? 'lookup',
  });
  return failure ? yield* context.refused(failure) : 0;
}

function* remove(context: IpContext, words: Words): ProgramRun {
  const draft = readRule(words);
  const same = (a: Prefix | undefined, b: Prefix | undefined): boolean =>
    prefixText(a) === prefixText(b);
  const failure = context.netlink.removeRule(
    (rule) =>
      (draft.priority === undefined || rule.priority === draft.priority) &&
      (draft.table === undefined || rule.table === draft.table) &&
      (draft.from === undefined || same(rule.from, draft.from)) &&
      (draft.to === undefined || same(rule.to, draft.to)) &&
      (draft.mark === undefined || rule.mark?.value === draft.mark.value),
  );
  return failure ? yield* context.refused(failure) : 0;
}
