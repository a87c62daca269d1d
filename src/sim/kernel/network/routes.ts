// Routing tables and rules of one namespace (ip-route(8), ip-rule(8)): the longest prefix wins, then the lowest metric.

import { formatPrefix, type Ip, inPrefix, networkOf, type Prefix } from './address.ts';
import type { Link } from './link.ts';

export const TABLE_DEFAULT = 253;
export const TABLE_MAIN = 254;
export const TABLE_LOCAL = 255;

export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'throw';
export type RouteScope = 'global' | 'site' | 'link' | 'host' | 'nowhere';

export interface Route {
  readonly type: RouteType;
  readonly to: Prefix;
  readonly via: Ip | undefined;
  readonly link: Link | undefined;
  /** Several next hops by weight. */
  readonly hops:
    | readonly { readonly via: Ip | undefined; readonly link: Link; readonly weight: number }[]
    | undefined;
  /** Preferred source address. */
  readonly source: Ip | undefined;
  readonly metric: number;
  readonly scope: RouteScope;
  /** Who made it: `kernel`, `boot`, `static`, `dhcp`, `bird` … */
  readonly protocol: string;
  readonly table: number;
  readonly onlink: boolean;
  readonly mtu: number | undefined;
}

export interface RoutingRule {
  readonly priority: number;
  readonly from: Prefix | undefined;
  readonly to: Prefix | undefined;
  readonly mark: { readonly value: number; readonly mask: number } | undefined;
  readonly in: string | undefined;
  /** Only what a socket bound to this link sends. */
  readonly out?: string | undefined;
  readonly not: boolean;
  readonly table: number;
  readonly type: 'lookup' | 'blackhole' | 'unreachable' | 'prohibit';
}

/** What a lookup may depend on beside the destination. */
export interface FlowKey {
  readonly source?: Ip | undefined;
  readonly mark?: number;
  readonly in?: string;
  /** Only routes through this link (SO_BINDTODEVICE). */
  readonly link?: Link | undefined;
}

const FIRST_RULES: readonly RoutingRule[] = [
  [0, TABLE_LOCAL],
  [32766, TABLE_MAIN],
  [32767, TABLE_DEFAULT],
].map(([priority = 0, table = 0]) => ({
  priority,
  table,
  from: undefined,
  to: undefined,
  mark: undefined,
  in: undefined,
  not: false,
  type: 'lookup',
}));

const NO_KEY: FlowKey = {};

export class RoutingTables {
  /** Each table's routes: longest prefix first, then lowest metric, then oldest. */
  private readonly tables = new Map<number, Route[]>();
  rules: readonly RoutingRule[] = FIRST_RULES;
  private cache = new Map<Ip, Route | undefined>();

  get usesFirstRules(): boolean {
    return this.rules === FIRST_RULES;
  }

  table(id: number): readonly Route[] {
    return this.tables.get(id) ?? [];
  }
  get tableIds(): number[] {
    return [...this.tables.keys()].sort((a, b) => a - b);
  }

  /** Adds a route; its place is after those that win over it, or before its equals. */
  add(route: Route, first = false): void {
    const list = this.tables.get(route.table) ?? [];
    if (list.length === 0) this.tables.set(route.table, list);
    let at = list.findIndex((other) => compare(route, other) < (first ? 1 : 0));
    if (at < 0) at = list.length;
    list.splice(at, 0, route);
    this.forget();
  }

  /** Puts a route where one with its destination and metric stands. */
  replace(old: Route, route: Route): void {
    const list = this.tables.get(old.table) ?? [];
    list[list.indexOf(old)] = route;
    this.forget();
  }

  /** Removes all that match; how many. */
  remove(matches: (route: Route) => boolean, table?: number): number {
    let count = 0;
    for (const [id, list] of this.tables) {
      if (table !== undefined && table !== id) continue;
      const kept = list.filter((route) => !matches(route));
      count += list.length - kept.length;
      if (kept.length !== list.length) this.tables.set(id, kept);
    }
    if (count > 0) this.forget();
    return count;
  }

  addRule(rule: RoutingRule): void {
    this.rules = [...this.rules, rule].sort((a, b) => a.priority - b.priority);
    this.forget();
  }
  removeRule(rule: RoutingRule): void {
    this.rules = this.rules.filter((other) => other !== rule);
    this.forget();
  }

  /** Called when links, addresses or routes have changed. */
  forget(): void {
    if (this.cache.size > 0) this.cache = new Map();
  }

  /** The route to `ip`; undefined where the network is unreachable. */
  lookup(ip: Ip, key: FlowKey = NO_KEY): Route | undefined {
    if (!this.usesFirstRules || key.link) return this.search(ip, key);
    if (this.cache.has(ip)) return this.cache.get(ip);
    const found = this.search(ip, key);
    if (this.cache.size > 4096) this.cache = new Map();
    this.cache.set(ip, found);
    return found;
  }

  private search(ip: Ip, key: FlowKey): Route | undefined {
    for (const rule of this.rules) {
      if (!selects(rule, ip, key)) continue;
      if (rule.type !== 'lookup') return undefined;
      const found = this.inTable(rule.table, ip, key.link);
      if (found === 'throw') continue;
      if (found) return found;
    }
    return undefined;
  }

  private inTable(table: number, ip: Ip, link: Link | undefined): Route | 'throw' | undefined {
    for (const route of this.tables.get(table) ?? []) {
      if (networkOf(ip, route.to.length) !== route.to.address) continue;
      if (link && route.link && route.link !== link && route.type !== 'local') continue;
      if (route.type === 'throw') return 'throw';
      if (route.link && !route.link.up) continue;
      return route;
    }
    return undefined;
  }
}

function selects(rule: RoutingRule, ip: Ip, key: FlowKey): boolean {
  let fits = true;
  if (rule.from && !inPrefix(key.source ?? 0, rule.from)) fits = false;
  if (rule.to && !inPrefix(ip, rule.to)) fits = false;
  if (rule.mark && ((key.mark ?? 0) & rule.mark.mask) >>> 0 !== rule.mark.value) fits = false;
  if (rule.in !== undefined && rule.in !== (key.in ?? 'lo')) fits = false;
  if (rule.out !== undefined && rule.out !== key.link?.name) fits = false;
  return fits !== rule.not;
}

/** The order of a table: longer prefix, lower metric, then as added. */
function compare(a: Route, b: Route): number {
  return b.to.length - a.to.length || a.metric - b.metric;
}

/** The destination as `ip route` writes it: `default`, a lone address for a host, else a prefix. */
export function destinationText(route: Route): string {
  if (route.to.length === 0) return 'default';
  return route.to.length === 32 ? formatPrefix(route.to).slice(0, -3) : formatPrefix(route.to);
}
