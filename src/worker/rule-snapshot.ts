// The rules of machines' packet filters, as iptables writes them, with how many packets each has seen: what a packet
// meets on its way through nat, chain by chain.

import type { Machine } from '../sim/labs/machine.ts';
import { savedRule } from '../sim/userland/programs/iptables/rules.ts';
import { chainsInOrder } from '../sim/userland/programs/iptables/tables.ts';
import type { ChainEntry, RulesEntry } from './views.ts';

/** The nat table of a machine's first network namespace. */
export function rulesEntry({ name, kernel }: Pick<Machine, 'name' | 'kernel'>): RulesEntry {
  const { netfilter } = kernel.first.net;
  const chains = chainsInOrder(netfilter, 'nat').map(
    (chain): ChainEntry => ({
      name: chain.name,
      rules: chain.rules.map((rule) => {
        const { target } = rule;
        const jumps = target?.kind === 'jump' || target?.kind === 'goto';
        return {
          text: savedRule(rule).trim(),
          packets: rule.packets,
          chain: jumps ? target.chain : undefined,
        };
      }),
    }),
  );
  return { machine: name, chains };
}
