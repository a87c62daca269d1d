// ip neigh: show, add, replace, delete, flush.

import { EEXIST, ENOENT } from '../../../kernel/errno.ts';
import { formatIp, inPrefix, parsePrefix, type Prefix } from '../../../kernel/network/address.ts';
import type { Link } from '../../../kernel/network/link.ts';
import type { Neighbour, NeighbourState } from '../../../kernel/network/neighbour.ts';
import type { ProgramRun } from '../../../kernel/program.ts';
import { notSimulated } from '../../libc/stdio.ts';
import {
  commandOf,
  type IpContext,
  jsonText,
  linkNamed,
  macOf,
  Misuse,
  type Words,
} from './context.ts';

const COMMANDS = [
  'add',
  'change',
  'chg',
  'replace',
  'delete',
  'get',
  'show',
  'lst',
  'list',
  'flush',
  'help',
];
const STATES: readonly NeighbourState[] = [
  'INCOMPLETE',
  'REACHABLE',
  'STALE',
  'DELAY',
  'PROBE',
  'FAILED',
  'NOARP',
  'PERMANENT',
];

/** ip neigh … */
export function* ipNeighbour(context: IpContext, words: Words): ProgramRun {
  const word = words.next();
  const command = word === undefined ? 'show' : commandOf(word, COMMANDS);
  switch (command) {
    case 'show':
    case 'list':
    case 'lst':
      return show(context, words);
    case 'add':
    case 'replace':
    case 'change':
    case 'chg':
      return yield* add(context, words, command);
    case 'delete':
      return yield* remove(context, words);
    case 'flush':
      return yield* flush(context, words);
    case 'help':
      return yield* context.error('Usage: ip neigh { add | del | change | replace }', 255);
    case undefined:
      throw new Misuse(`Command "${word}" is unknown, try "ip neigh help".`, 255);
    default:
      return yield* notSimulated(context.main, `ip neigh ${command}`);
  }
}

interface Draft {
  to?: Prefix;
  link?: Link;
  mac?: string;
  state?: NeighbourState | 'ALL';
}

function readDraft(context: IpContext, words: Words): Draft {
  const draft: Draft = {};
  while (!words.done) {
    const word = words.value();
    if (word === 'dev') draft.link = linkNamed(context, words.value());
    else if (word === 'lladdr') draft.mac = macOf(words.value());
    else if (word === 'nud') draft.state = stateOf(words.value());
    else if (word === 'unused' || word === 'proxy' || word === 'router') continue;
    else {
      const prefix = parsePrefix(word === 'to' ? words.value() : word);
      if (!prefix)
        throw new Misuse(`Error: any valid prefix is expected rather than "${word}".`, 1);
      draft.to = prefix;
    }
  }
  return draft;
}

function stateOf(word: string): NeighbourState | 'ALL' {
  if (word === 'all') return 'ALL';
  const state = STATES.find((known) => known.toLowerCase() === word);
  if (!state) throw new Misuse(`Error: argument "${word}" is wrong: nud state is bad\n`, 255);
  return state;
}

function selects(draft: Draft, entry: Neighbour): boolean {
  if (draft.link && entry.link !== draft.link) return false;
  if (draft.to && !inPrefix(entry.ip, draft.to)) return false;
  if (draft.state === 'ALL') return true;
  return draft.state === undefined ? entry.state !== 'NOARP' : entry.state === draft.state;
}

function show(context: IpContext, words: Words): number {
  const draft = readDraft(context, words);
  const found = context.namespace.neighbours.list().filter((entry) => selects(draft, entry));
  if (context.options.json) {
    const list = found.map((entry) => ({
      dst: formatIp(entry.ip),
      dev: entry.link.name,
      ...(entry.mac === undefined ? {} : { lladdr: entry.mac }),
      state: [entry.state],
    }));
    context.main.out.put(jsonText(list, context.options.pretty));
    return 0;
  }
  for (const entry of found) {
    const dev = draft.link ? '' : `dev ${entry.link.name} `;
    const lladdr = entry.mac === undefined ? '' : `lladdr ${entry.mac} `;
    const used = context.options.statistics > 0 ? ` used 0/0/0probes ${entry.probes} ` : '';
    context.print(`${formatIp(entry.ip)} ${dev}${lladdr}${used}${entry.state} \n`);
  }
  return 0;
}

function* add(context: IpContext, words: Words, command: string): ProgramRun {
  const draft = readDraft(context, words);
  if (!draft.link || !draft.to) {
    throw new Misuse('Device and destination are required arguments.', 1);
  }
  const there = context.namespace.neighbours.find(draft.link, draft.to.address);
  if (there && command === 'add') return yield* context.refused(EEXIST);
  if (!there && command.startsWith('ch')) return yield* context.refused(ENOENT);
  const state = draft.state === undefined || draft.state === 'ALL' ? 'PERMANENT' : draft.state;
  const failure = context.netlink.setNeighbour(draft.link, draft.to.address, draft.mac, state);
  return failure ? yield* context.refused(failure) : 0;
}

function* remove(context: IpContext, words: Words): ProgramRun {
  const draft = readDraft(context, words);
  if (!draft.link || !draft.to)
    throw new Misuse('Device and destination are required arguments.', 1);
  const there = context.namespace.neighbours.find(draft.link, draft.to.address);
  if (!there) return yield* context.refused(ENOENT);
  const failure = context.netlink.removeNeighbour(there);
  return failure ? yield* context.refused(failure) : 0;
}

function* flush(context: IpContext, words: Words): ProgramRun {
  if (words.done) return yield* context.error('Flush requires arguments.', 1);
  const draft = readDraft(context, words);
  for (const entry of context.namespace.neighbours.list()) {
    const permanent = entry.state === 'PERMANENT' || entry.state === 'NOARP';
    if (!selects(draft, entry) || (permanent && draft.state === undefined)) continue;
    const failure = context.netlink.removeNeighbour(entry);
    if (failure) return yield* context.refused(failure);
  }
  return 0;
}
