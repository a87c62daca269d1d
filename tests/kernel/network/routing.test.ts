// Routing against a naive model: the longest prefix that holds the address, then the lowest metric, then the oldest.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { networkOf } from '../../../src/sim/kernel/network/address.ts';
import { type Route, RoutingTables, TABLE_MAIN } from '../../../src/sim/kernel/network/routes.ts';

function route(address: number, length: number, metric: number): Route {
  return {
    type: 'unicast',
    to: { address: networkOf(address, length), length },
    via: 1,
    link: undefined,
    hops: undefined,
    source: undefined,
    metric,
    scope: 'global',
    protocol: 'boot',
    table: TABLE_MAIN,
    onlink: false,
    mtu: undefined,
  };
}

function naive(routes: readonly Route[], ip: number): Route | undefined {
  let best: Route | undefined;
  for (const one of routes) {
    if (networkOf(ip, one.to.length) !== one.to.address) continue;
    const wins =
      !best ||
      one.to.length > best.to.length ||
      (one.to.length === best.to.length && one.metric < best.metric);
    if (wins) best = one;
  }
  return best;
}

// Few distinct bits, so that prefixes overlap often.
const address = fc.integer({ min: 0, max: 255 }).map((n) => (n * 0x01010101) >>> 0);
const step = fc.record({
  address,
  length: fc.integer({ min: 0, max: 32 }),
  metric: fc.integer({ min: 0, max: 2 }),
  removes: fc.boolean(),
});

test('lookups agree with the naive model through adds, removals and the cache', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.array(address, { minLength: 1, maxLength: 10 }),
      (steps, asked) => {
        const tables = new RoutingTables();
        let model: Route[] = [];
        for (const { address: at, length, metric, removes } of steps) {
          if (removes) {
            const gone = (r: Route): boolean =>
              r.to.length === length && r.to.address === networkOf(at, length);
            tables.remove(gone);
            model = model.filter((r) => !gone(r));
          } else {
            const added = route(at, length, metric);
            tables.add(added);
            model.push(added);
          }
          for (const ip of asked) expect(tables.lookup(ip)).toBe(naive(model, ip));
        }
      },
    ),
  );
});
