// How `ip route` prints routes.

import { formatIp } from '../../../kernel/network/address.ts';
import {
  destinationText,
  type Route,
  TABLE_DEFAULT,
  TABLE_LOCAL,
  TABLE_MAIN,
} from '../../../kernel/network/routes.ts';
import type { Link } from '../../../kernel/network/link.ts';
import type { IpContext } from './context.ts';
import type { Selector } from './route.ts';

/** A table's name as it is shown. */
export function tableText(table: number): string {
  return (
    { [TABLE_MAIN]: 'main', [TABLE_LOCAL]: 'local', [TABLE_DEFAULT]: 'default' }[table] ??
    String(table)
  );
}

/** IPv6 routes as they follow from the links' addresses. */
export function routes6(context: IpContext): string[] {
  const lines: string[] = [];
  for (const link of context.namespace.linksByIndex) {
    for (const address of link.addresses6) {
      if (link.kind !== 'loopback')
        lines.push(`fe80::/64 dev ${link.name} proto kernel metric 256 pref medium\n`);
      else lines.unshift(`::1 dev ${link.name} proto kernel metric 256 pref medium\n`);
      if (address.scope === 'global') break;
    }
  }
  return lines;
}

/** One route as `ip route` prints it; what the selector fixed is left out. */
export function routeText(route: Route, selector: Selector, details: boolean): string {
  const down = (link: Link): string =>
    link.up ? (link.carrier ? '' : 'linkdown ') : 'dead linkdown ';
  const words: string[] = [];
  if (route.type !== 'unicast' || details) words.push(route.type);
  words.push(destinationText(route));
  if (route.via !== undefined && selector.via === undefined)
    words.push(`via ${formatIp(route.via)}`);
  if (route.link && !selector.dev) words.push(`dev ${route.link.name}`);
  if (selector.table === 'all' && route.table !== TABLE_MAIN)
    words.push(`table ${tableText(route.table)}`);
  if ((route.protocol !== 'boot' || details) && selector.protocol === undefined)
    words.push(`proto ${route.protocol}`);
  if ((route.scope !== 'global' || details) && selector.scope === undefined)
    words.push(`scope ${route.scope}`);
  if (route.source !== undefined && selector.source === undefined)
    words.push(`src ${formatIp(route.source)}`);
  if (route.metric !== 0) words.push(`metric ${route.metric}`);
  if (route.mtu !== undefined) words.push(`mtu ${route.mtu}`);
  if (route.onlink) words.push('onlink');
  if (route.link?.up && !route.link.carrier) words.push('linkdown');
  let text = `${words.join(' ')} `;
  for (const hop of route.hops ?? []) {
    text += `\n\tnexthop ${hop.via === undefined ? '' : `via ${formatIp(hop.via)} `}dev ${hop.link.name} weight ${hop.weight} ${down(hop.link)}`;
  }
  return text;
}

/** One route as busybox's `ip route` prints it: no protocol, and a blank before what comes after the scope. */
export function busyboxRouteText(route: Route): string {
  const type = route.type === 'unicast' ? '' : `${route.type} `;
  const via = route.via === undefined ? '' : `via ${formatIp(route.via)} `;
  const device = route.link ? `dev ${route.link.name} ` : '';
  const scope = route.scope === 'global' ? '' : `scope ${route.scope} `;
  const source = route.source === undefined ? '' : ` src ${formatIp(route.source)} `;
  const metric = route.metric === 0 ? '' : ` metric ${route.metric} `;
  return `${type}${destinationText(route)} ${via}${device}${scope}${source}${metric}`;
}

/** One route as an object of `ip -json`. */
export function routeJson(route: Route): object {
  return {
    ...(route.type === 'unicast' ? {} : { type: route.type }),
    dst: destinationText(route),
    ...(route.via === undefined ? {} : { gateway: formatIp(route.via) }),
    ...(route.link ? { dev: route.link.name } : {}),
    ...(route.protocol === 'boot' ? {} : { protocol: route.protocol }),
    ...(route.scope === 'global' ? {} : { scope: route.scope }),
    ...(route.source === undefined ? {} : { prefsrc: formatIp(route.source) }),
    ...(route.metric === 0 ? {} : { metric: route.metric }),
    flags: [
      ...(route.onlink ? ['onlink'] : []),
      ...(route.link?.up && !route.link.carrier ? ['linkdown'] : []),
    ],
  };
}
