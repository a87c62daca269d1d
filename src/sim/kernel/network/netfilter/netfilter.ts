// The firewall of one network namespace: tables of chains, run at the five hooks of a packet's way in the order of their
// priorities, with connection tracking between raw and mangle.

import type { Random } from '../../../core/random.ts';
import type { Link } from '../link.ts';
import type { NetworkNamespace } from '../namespace.ts';
import type { Packet } from '../packet.ts';
import { ConnectionTracking } from './conntrack.ts';
import { IpSets } from './ipset.ts';
import { matches } from './match.ts';
import { concernsNat, nat } from './nat.ts';
import { RecentLists } from './recent.ts';
import {
  BUILTIN_CHAINS,
  type Chain,
  type Hook,
  type Jump,
  type Rule,
  type Table,
  type TableName,
  type Target,
} from './rule.ts';
import { act } from './target.ts';

/** What stands at each hook, in order of priority. `confirm`: the connection is entered into the table. */
const STATIONS: Readonly<Record<Hook, readonly (TableName | 'track' | 'confirm')[]>> = {
  PREROUTING: ['raw', 'track', 'mangle', 'nat'],
  INPUT: ['mangle', 'filter', 'security', 'nat', 'confirm'],
  FORWARD: ['mangle', 'filter', 'security'],
  OUTPUT: ['raw', 'track', 'mangle', 'nat', 'filter', 'security'],
  POSTROUTING: ['mangle', 'nat', 'confirm'],
};

type Station = (typeof STATIONS)[Hook][number];

/** What a table decided: false is a drop. `NatTarget` verdicts are kept in the connection. */
export type Verdict = 'ACCEPT' | 'DROP' | 'RETURN' | 'CONTINUE';

/** Where a packet is, for matches and targets. */
export interface Place {
  readonly namespace: NetworkNamespace;
  readonly hook: Hook;
  readonly table: TableName;
  readonly in: Link | undefined;
  readonly out: Link | undefined;
}

export class Netfilter {
  readonly tables = new Map<TableName, Table>();
  readonly tracking: ConnectionTracking;
  readonly sets = new IpSets();
  readonly recent = new RecentLists();
  /** True once any table exists: before that every packet passes at no cost. */
  active = false;
  private readonly namespace: NetworkNamespace;
  private stream: Random | undefined;
  /** What stands at each hook here: of the tables only those that exist. */
  private stations: Readonly<Record<Hook, readonly Station[]>> = this.presentStations();

  constructor(namespace: NetworkNamespace) {
    this.namespace = namespace;
    this.tracking = new ConnectionTracking(namespace);
  }

  /** What `statistic` and port randomising draw from. */
  get random(): Random {
    this.stream ??= this.namespace.kernel.simulation.random.fork(
      `netfilter ${this.namespace.kernel.bootId} ${this.namespace.inode}`,
    );
    return this.stream;
  }

  /** The table, made with its built-in chains where it is not there yet. */
  table(name: TableName): Table {
    let table = this.tables.get(name);
    if (!table) {
      const chains = new Map<string, Chain>();
      for (const chain of BUILTIN_CHAINS[name]) chains.set(chain, newChain(chain, 'ACCEPT'));
      table = { name, chains };
      this.tables.set(name, table);
      this.stations = this.presentStations();
      this.active = true;
      if (name === 'nat') this.tracking.enabled = true;
    }
    return table;
  }

  private presentStations(): Record<Hook, readonly Station[]> {
    const present = (hook: Hook): readonly Station[] =>
      STATIONS[hook].filter(
        (station) =>
          station === 'track' ||
          station === 'confirm' ||
          station === 'nat' ||
          this.tables.has(station),
      );
    return {
      PREROUTING: present('PREROUTING'),
      INPUT: present('INPUT'),
      FORWARD: present('FORWARD'),
      OUTPUT: present('OUTPUT'),
      POSTROUTING: present('POSTROUTING'),
    };
  }

  /** Called with every rule that is added: some need connection tracking. */
  noteRule(rule: Rule): void {
    const tracks = rule.matches.some((m) => m.kind === 'conntrack' || m.kind === 'connmark');
    if (tracks || rule.target?.kind === 'CONNMARK') this.tracking.enabled = true;
  }

  /** Lets a packet pass a hook. False: it has been dropped (and answered, where a rule says so). */
  run(hook: Hook, packet: Packet, inLink: Link | undefined, outLink: Link | undefined): boolean {
    for (const station of this.stations[hook]) {
      if (station === 'track') this.tracking.track(packet);
      else if (station === 'confirm') this.tracking.confirm(packet);
      else if (station === 'nat') {
        if (!concernsNat(packet)) continue;
        const place = { namespace: this.namespace, hook, table: station, in: inLink, out: outLink };
        if (!nat(this, packet, place)) return false;
      } else if (!this.passesEmpty(station, hook)) {
        const place = { namespace: this.namespace, hook, table: station, in: inLink, out: outLink };
        if (this.traverse(place, packet) === 'DROP') {
          const { network } = this.namespace.kernel;
          if (network.listeners.size > 0) {
            const detail = `${station} ${hook}`;
            network.tell({
              kind: 'dropped',
              namespace: this.namespace,
              link: inLink ?? outLink,
              packet,
              detail,
            });
          }
          return false;
        }
      }
    }
    return true;
  }

  /** True where the built-in chain has no rules: nf_tables counts nothing at a policy. */
  private passesEmpty(name: TableName, hook: Hook): boolean {
    const chain = this.tables.get(name)?.chains.get(hook);
    if (!chain || chain.rules.length > 0 || (chain.policy ?? 'ACCEPT') !== 'ACCEPT') return false;
    return true;
  }

  /** Goes through the built-in chain of a table, and what it jumps to. */
  traverse(place: Place, packet: Packet): 'ACCEPT' | 'DROP' {
    const table = this.tables.get(place.table);
    const chain = table?.chains.get(place.hook);
    if (!table || !chain) return 'ACCEPT';
    const verdict = this.walk(table, chain, place, packet, 0);
    if (verdict === 'ACCEPT' || verdict === 'DROP') return verdict;
    return chain.policy ?? 'ACCEPT';
  }

  private walk(table: Table, chain: Chain, place: Place, packet: Packet, depth: number): Verdict {
    if (depth > MOST_JUMPS) return 'DROP';
    const { network } = this.namespace.kernel;
    // Most packets are of connections that stand, most rules of kube-proxy are about new ones.
    const stands = !packet.untracked && packet.connection?.replied === true;
    for (const rule of chain.rules) {
      if (stands && (rule.passesStanding ??= isForNew(rule))) continue;
      if (!matches(rule, packet, place)) continue;
      rule.packets++;
      rule.bytes += packet.size;
      if (network.listeners.size > 0) {
        const detail = `${table.name} ${chain.name} ${chain.rules.indexOf(rule) + 1}`;
        network.tell({
          kind: 'rule',
          namespace: this.namespace,
          link: place.in ?? place.out,
          packet,
          detail,
        });
      }
      const { target } = rule;
      if (!target) continue;
      if (isJump(target)) {
        const next = table.chains.get(target.chain);
        const verdict = next ? this.walk(table, next, place, packet, depth + 1) : 'CONTINUE';
        if (verdict === 'ACCEPT' || verdict === 'DROP') return verdict;
        if (target.kind === 'goto') return 'RETURN';
        continue;
      }
      const verdict = act(target, packet, place);
      if (verdict !== 'CONTINUE') return verdict;
    }
    return 'CONTINUE';
  }
}

/** True where a match on the connection's state lets only its first packets in. */
function isForNew({ matches: conditions }: Rule): boolean {
  return conditions.some((match) => {
    const states = match.kind === 'conntrack' ? match.states : undefined;
    return states?.not === false && states.values.every((value) => value === 'NEW');
  });
}

function isJump(target: Target): target is Jump {
  return target.kind === 'jump' || target.kind === 'goto';
}

/** Jumps within jumps at the most (NFT_JUMP_STACK_SIZE). */
const MOST_JUMPS = 16;

/** A chain without rules. */
export function newChain(name: string, policy?: 'ACCEPT'): Chain {
  return { name, policy, rules: [], packets: 0, bytes: 0 };
}
