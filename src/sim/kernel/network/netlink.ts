// rtnetlink(7) as typed calls: what `ip`, CNI plugins and daemons change is checked for CAP_NET_ADMIN and done here. What
// only looks needs no permission and reads the namespace itself.

import {
  EPERM,
  ESRCH,
  EEXIST,
  ENODEV,
  ENOENT,
  EINVAL,
  ENETUNREACH,
  ENETDOWN,
  type Errno,
  isErrno,
} from '../errno.ts';
import { CAP_NET_ADMIN, capableIn } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import type { Ip, Prefix } from './address.ts';
import { type AddressRequest, addAddress, removeAddress, sourceFor } from './addresses.ts';
import type { Link } from './link.ts';
import {
  addLink,
  type LinkRequest,
  moveLink,
  removeLink,
  rename,
  setDown,
  setMaster,
  setUp,
} from './links.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Neighbour, NeighbourState } from './neighbour.ts';
import { type Route, type RoutingRule, TABLE_MAIN } from './routes.ts';

/** What becomes of a route that is there already: `change` needs one. */
export type RouteChange = 'no' | 'replace' | 'append' | 'prepend' | 'change';

/** What `ip route add` says; the rest is filled in as the kernel does. */
export type RouteRequest = Partial<Omit<Route, 'to'>> & { readonly to: Prefix };

function sameRule(a: RoutingRule, b: RoutingRule): boolean {
  const text = (prefix: Prefix | undefined): string =>
    prefix ? `${prefix.address}/${prefix.length}` : '';
  return (
    a.priority === b.priority &&
    a.type === b.type &&
    a.table === b.table &&
    a.in === b.in &&
    a.out === b.out &&
    a.not === b.not &&
    a.mark?.value === b.mark?.value &&
    a.mark?.mask === b.mark?.mask &&
    text(a.from) === text(b.from) &&
    text(a.to) === text(b.to)
  );
}

export class Netlink {
  readonly namespace: NetworkNamespace;
  private readonly task: Task;

  constructor(task: Task, namespace: NetworkNamespace) {
    this.task = task;
    this.namespace = namespace;
  }

  /** EPERM where the caller has no CAP_NET_ADMIN towards the namespace. */
  get refusal(): Errno | undefined {
    return capableIn(this.task, this.namespace.owner, CAP_NET_ADMIN) ? undefined : EPERM;
  }

  addLink(request: LinkRequest): Link | Errno {
    const made = this.refusal ?? addLink(this.namespace, request);
    if (!isErrno(made)) this.tell(made);
    return made;
  }
  private tell({ name, kind, peer }: Link): void {
    const { name: machine, simulation } = this.task.kernel;
    const what = peer ? `${name} and ${peer.name}` : name;
    simulation.because(`make ${kind} ${what}`, { kind: 'link', name, machine });
  }
  removeLink(link: Link): Errno | undefined {
    return this.refusal ?? removeLink(link);
  }
  setUp(link: Link, up: boolean): Errno | undefined {
    const refused = this.refusal;
    if (refused) return refused;
    if (up) setUp(link);
    else setDown(link);
    return undefined;
  }
  rename(link: Link, name: string): Errno | undefined {
    return this.refusal ?? rename(link, name);
  }
  setMaster(link: Link, master: Link | undefined): Errno | undefined {
    return this.refusal ?? setMaster(link, master);
  }
  /** Moves a link to another namespace; the caller needs the right in both. */
  move(link: Link, target: NetworkNamespace, name?: string): Errno | undefined {
    if (!capableIn(this.task, target.owner, CAP_NET_ADMIN)) return EPERM;
    return this.refusal ?? moveLink(link, target, name);
  }
  /** Hardware address, MTU and the other plain settings of a link. */
  change(link: Link, change: (link: Link) => void): Errno | undefined {
    const refused = this.refusal;
    if (refused) return refused;
    change(link);
    return undefined;
  }

  addAddress(link: Link, request: AddressRequest): Errno | undefined {
    return this.refusal ?? addAddress(link, request);
  }
  removeAddress(link: Link, prefix: Prefix): Errno | undefined {
    return this.refusal ?? removeAddress(link, prefix);
  }

  /** RTM_NEWROUTE. EEXIST, ENETUNREACH (gateway out of reach), ENETDOWN. `replace` changes what is there. */
  addRoute(request: RouteRequest, replace: RouteChange = 'no'): Errno | undefined {
    const refused = this.refusal;
    if (refused) return refused;
    const route = this.complete(request);
    if (isErrno(route)) return route;
    const { routing } = this.namespace;
    const same = routing
      .table(route.table)
      .find(
        (r) =>
          r.to.address === route.to.address &&
          r.to.length === route.to.length &&
          r.metric === route.metric,
      );
    if (same && replace === 'no') return EEXIST;
    if (!same && replace === 'change') return ENOENT;
    if (same && (replace === 'replace' || replace === 'change')) routing.replace(same, route);
    else routing.add(route, replace === 'prepend');
    return undefined;
  }

  private complete(request: RouteRequest): Route | Errno {
    const type = request.type ?? 'unicast';
    const table = request.table ?? TABLE_MAIN;
    let link = request.link;
    const { via, hops } = request;
    if (via !== undefined && !request.onlink) {
      const way = this.namespace.routing.lookup(via, { link });
      if (way?.type !== 'unicast' || way.via !== undefined) return ENETUNREACH;
      link ??= way.link;
      if (link !== way.link) return ENETUNREACH;
    }
    if (type === 'unicast' && !link && !hops) return ENODEV;
    if (link && !link.up) return ENETDOWN;
    const source = request.source;
    if (source !== undefined && !this.namespace.isOwn(source)) return EINVAL;
    return {
      type,
      table,
      via,
      link,
      hops,
      source,
      to: request.to,
      metric: request.metric ?? 0,
      scope:
        request.scope ??
        (type === 'local'
          ? 'host'
          : type === 'unicast' && via === undefined && !hops
            ? 'link'
            : 'global'),
      protocol: request.protocol ?? 'boot',
      onlink: request.onlink ?? false,
      mtu: request.mtu,
    };
  }

  /** RTM_DELROUTE. ESRCH where none matches. */
  removeRoute(matches: (route: Route) => boolean, table: number): Errno | undefined {
    const refused = this.refusal;
    if (refused) return refused;
    const { routing } = this.namespace;
    const first = routing.table(table).find(matches);
    if (!first) return ESRCH;
    routing.remove((route) => route === first, table);
    return undefined;
  }
  /** Removes all that match; how many. */
  flushRoutes(matches: (route: Route) => boolean): number | Errno {
    return this.refusal ?? this.namespace.routing.remove(matches);
  }

  addRule(rule: RoutingRule): Errno | undefined {
    const refused = this.refusal;
    if (refused) return refused;
    const { routing } = this.namespace;
    if (routing.rules.some((other) => sameRule(other, rule))) return EEXIST;
    routing.addRule(rule);
    return undefined;
  }
  removeRule(matches: (rule: RoutingRule) => boolean): Errno | undefined {
    const refused = this.refusal;
    if (refused) return refused;
    const { routing } = this.namespace;
    const found = routing.rules.find(matches);
    if (!found) return ENOENT;
    routing.removeRule(found);
    return undefined;
  }

  setNeighbour(
    link: Link,
    ip: Ip,
    mac: string | undefined,
    state: NeighbourState,
  ): Errno | undefined {
    const refused = this.refusal;
    if (refused) return refused;
    this.namespace.neighbours.set(link, ip, mac, state);
    return undefined;
  }
  removeNeighbour(entry: Neighbour): Errno | undefined {
    const refused = this.refusal;
    if (refused) return refused;
    this.namespace.neighbours.remove(entry);
    return undefined;
  }

  /** The source address that packets through a link to `ip` would have. */
  sourceFor(link: Link, ip: Ip): Ip | undefined {
    return sourceFor(link, ip);
  }
}
