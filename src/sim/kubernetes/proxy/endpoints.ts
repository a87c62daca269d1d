// Which endpoints of a service port may get which traffic (CategorizeEndpoints): all of the cluster, or those on the node.
// Hints of topology are left out.

import type { EndpointSlice, Service, ServicePort } from '../api/types/service.ts';

/** One endpoint of a service port. */
export interface Endpoint {
  readonly address: string;
  readonly local: boolean;
}

/** What the rules are made of. */
export interface ProxyState {
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly nodeName: string;
  readonly clusterCidr: string;
}

/** Endpoints by the traffic that may go to them (CategorizeEndpoints). */
export interface Categories {
  readonly cluster: readonly Endpoint[];
  readonly local: readonly Endpoint[];
  /** There is an endpoint, be it on another node. */
  readonly any: boolean;
}

/** The ready endpoints; where there is none, those that end but still serve. */
export function categorize(state: ProxyState, service: Service, port: ServicePort): Categories {
  const ready: Endpoint[] = [];
  const serving: Endpoint[] = [];
  for (const slice of state.slices) {
    const { namespace, labels = {} } = slice.metadata;
    if (
      namespace !== service.metadata.namespace ||
      labels['kubernetes.io/service-name'] !== service.metadata.name
    )
      continue;
    const number = (slice.ports ?? []).find((one) => (one.name ?? '') === (port.name ?? ''))?.port;
    if (number === undefined) continue;
    for (const { addresses, conditions = {}, nodeName } of slice.endpoints ?? []) {
      const endpoint = { address: `${addresses[0]}:${number}`, local: nodeName === state.nodeName };
      if (conditions.ready !== false) ready.push(endpoint);
      else if (conditions.serving && conditions.terminating) serving.push(endpoint);
    }
  }
  const choose = (filter: (endpoint: Endpoint) => boolean): readonly Endpoint[] => {
    const good = ready.filter(filter);
    const all = good.length > 0 ? good : serving.filter(filter);
    return all.sort((a, b) => (a.address < b.address ? -1 : 1));
  };
  const cluster = choose(() => true);
  return { cluster, local: choose(({ local }) => local), any: cluster.length > 0 };
}
