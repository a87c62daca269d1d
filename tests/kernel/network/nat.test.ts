// NAT round trips: whatever translation rules choose, an answer comes back to who asked, from whom they asked.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Simulation } from '../../../src/sim/core/simulation.ts';
import { MemoryFileSystem } from '../../../src/sim/kernel/files/memory.ts';
import { Kernel } from '../../../src/sim/kernel/kernel.ts';
import type { Hook, NatRange, NatTarget } from '../../../src/sim/kernel/network/netfilter/rule.ts';
import type { NetworkNamespace } from '../../../src/sim/kernel/network/namespace.ts';
import { type Packet, PROTOCOL_UDP } from '../../../src/sim/kernel/network/packet.ts';

function namespace(): NetworkNamespace {
  const disk = new MemoryFileSystem('ext4', 1);
  const options = {
    simulation: new Simulation('nat'),
    hostname: 'a',
    cpus: 1,
    memory: 1e9,
    disk,
    programs: () => undefined,
  };
  return new Kernel(options).first.net;
}

function packet(
  source: number,
  sourcePort: number,
  destination: number,
  destinationPort: number,
): Packet {
  return {
    source,
    sourcePort,
    destination,
    destinationPort,
    protocol: PROTOCOL_UDP,
    ttl: 64,
    tos: 0,
    size: 100,
    dontFragment: false,
    body: { kind: 'udp', chunk: { size: 72, bytes: undefined, message: undefined } },
    mark: 0,
    connection: undefined,
    reply: false,
  };
}

const FREE: NatRange = {
  low: undefined,
  high: undefined,
  portLow: undefined,
  portHigh: undefined,
  random: false,
  fullyRandom: false,
  persistent: false,
};

function addRule(
  net: NetworkNamespace,
  hook: Hook,
  kind: NatTarget['kind'],
  range: NatRange,
): void {
  net.netfilter.table('nat').chains.get(hook)?.rules.push({
    protocol: undefined,
    source: undefined,
    destination: undefined,
    in: undefined,
    out: undefined,
    matches: [],
    target: { kind, range },
    packets: 0,
    bytes: 0,
  });
}

const port = fc.integer({ min: 1, max: 65_535 });
const ip = fc.integer({ min: 0x0a000001, max: 0x0a00000f });
const flow = fc.record({ source: ip, sourcePort: port, destination: ip, destinationPort: port });

test('answers to translated packets come back as if nothing had been translated', () => {
  fc.assert(
    fc.property(
      fc.array(flow, { minLength: 1, maxLength: 20 }),
      fc.record({ dnat: fc.option(ip), dport: fc.option(port), snat: fc.option(ip) }),
      (flows, { dnat, dport, snat }) => {
        const net = namespace();
        net.netfilter.table('nat');
        if (dnat !== null) {
          addRule(net, 'PREROUTING', 'DNAT', {
            ...FREE,
            low: dnat,
            portLow: dport ?? undefined,
            portHigh: dport ?? undefined,
          });
        }
        if (snat !== null) addRule(net, 'POSTROUTING', 'SNAT', { ...FREE, low: snat });
        const seen = new Set<string>();
        for (const f of flows) {
          if (f.source === f.destination) continue;
          const out = packet(f.source, f.sourcePort, f.destination, f.destinationPort);
          const state = out;
          expect(net.netfilter.run('PREROUTING', state, undefined, undefined)).toBe(true);
          const known = state.connection?.confirmed === true;
          expect(net.netfilter.run('POSTROUTING', state, undefined, undefined)).toBe(true);
          const key = [
            state.protocol,
            state.source,
            state.sourcePort,
            state.destination,
            state.destinationPort,
          ].join(' ');
          if (!known) expect(seen.has(key)).toBe(false);
          seen.add(key);
          const back = packet(
            state.destination,
            state.destinationPort,
            state.source,
            state.sourcePort,
          );
          net.netfilter.run('PREROUTING', back, undefined, undefined);
          net.netfilter.run('POSTROUTING', back, undefined, undefined);
          expect([back.destination, back.destinationPort]).toEqual([f.source, f.sourcePort]);
          expect([back.source, back.sourcePort]).toEqual([f.destination, f.destinationPort]);
        }
      },
    ),
  );
});
