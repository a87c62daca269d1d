// NodePorts: two pods cannot take the same host port of one node.

import type { Plugin } from '../framework.ts';
import { rejection } from '../framework.ts';
import type { HostPort, NodeInfo } from '../node-info.ts';

export const PORTS_TAKEN = "node(s) didn't have free ports for the requested pod ports";
const REFUSED = rejection(PORTS_TAKEN);

/** Whether two pods cannot have these ports on one node. */
export function clashes(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0';
}

function taken(node: NodeInfo, wanted: readonly HostPort[]): boolean {
  for (const { hostPorts } of node.pods.values()) {
    if (hostPorts.some((used) => wanted.some((want) => clashes(used, want)))) return true;
  }
  return false;
}

export const nodePorts: Plugin = {
  name: 'NodePorts',
  helpedBy: ['pod gone'],
  prepare({ hostPorts }) {
    if (hostPorts.length === 0) return undefined;
    return { filter: (node) => (taken(node, hostPorts) ? REFUSED : undefined) };
  },
};
