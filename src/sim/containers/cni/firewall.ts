// The chained plugins firewall (iptables backend) and tuning: what is forwarded from and to a container is accepted, and
// with ingressPolicy same-bridge nothing passes between bridges. Sysctls of tuning are left out.

import type { Routine } from '../../core/wait.ts';
import { parseIp } from '../../kernel/network/address.ts';
import { iptables } from './container-side.ts';
import type { CniResult } from './library.ts';
import { type CniError, cniPlugin, isCniError, type PluginCall, plainError } from './skel.ts';

const FORWARD = 'CNI-FORWARD';
const ADMIN = 'CNI-ADMIN';
const STAGES = ['CNI-ISOLATION-STAGE-1', 'CNI-ISOLATION-STAGE-2'] as const;

const comment = (text: string): string[] => ['-m', 'comment', '--comment', text];

function previousOf(call: PluginCall): CniResult | CniError {
  return call.config.prevResult ?? plainError('missing prevResult from earlier plugin');
}

function addresses(result: CniResult): string[] {
  const all = (result.ips ?? []).map(({ address }) => address.split('/')[0] ?? '');
  return all.filter((ip) => parseIp(ip) !== undefined);
}

const rulesOf = (ip: string): string[][] => [
  ['-d', `${ip}/32`, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED', '-j', 'ACCEPT'],
  ['-s', `${ip}/32`, '-j', 'ACCEPT'],
];

function* ensure(call: PluginCall, chain: string, rule: readonly string[], first = false) {
  const { process: p } = call;
  if ((yield* iptables(p, ['-C', chain, ...rule])) === 0) return;
  yield* iptables(p, first ? ['-I', chain, '1', ...rule] : ['-A', chain, ...rule]);
}

function* add(call: PluginCall): Routine<CniResult | CniError> {
  const previous = previousOf(call);
  if (isCniError(previous)) return previous;
  const { process: p, config } = call;
  for (const chain of [ADMIN, FORWARD]) yield* iptables(p, ['-N', chain]);
  const jump = [...comment('CNI firewall plugin rules'), '-j', FORWARD];
  yield* ensure(call, 'FORWARD', jump, true);
  const admin = [...comment('CNI firewall plugin admin overrides'), '-j', ADMIN];
  yield* ensure(call, FORWARD, admin, true);
  for (const ip of addresses(previous)) {
    for (const rule of rulesOf(ip)) yield* ensure(call, FORWARD, rule);
  }
  const bridge = previous.interfaces?.[0]?.name;
  if (config.ingressPolicy === 'same-bridge' && bridge) yield* isolate(call, bridge);
  return previous;
}

/** Packets that leave a bridge for another one are dropped. */
function* isolate(call: PluginCall, bridge: string): Routine<void> {
  const [first, second] = STAGES;
  for (const chain of STAGES) yield* iptables(call.process, ['-N', chain]);
  const why = comment('CNI firewall plugin rules (ingressPolicy: same-bridge)');
  yield* ensure(call, 'FORWARD', [...why, '-j', first], true);
  yield* ensure(call, first, ['-i', bridge, '!', '-o', bridge, ...why, '-j', second], true);
  yield* ensure(call, first, [...why, '-j', 'RETURN']);
  yield* ensure(call, second, ['-o', bridge, ...why, '-j', 'DROP'], true);
  yield* ensure(call, second, [...why, '-j', 'RETURN']);
}

function* del(call: PluginCall): Routine<undefined> {
  for (const ip of addresses(call.config.prevResult ?? {})) {
    for (const rule of rulesOf(ip)) yield* iptables(call.process, ['-D', FORWARD, ...rule]);
  }
  return undefined;
}

function* pass(call: PluginCall): Routine<CniResult | CniError> {
  return call.config.prevResult ?? plainError('Required prevResult missing');
}

function* nothing(): Routine<undefined> {
  return undefined;
}

export const firewall = cniPlugin('firewall', { add, del, check: nothing });
export const tuning = cniPlugin('tuning', { add: pass, del: nothing, check: nothing });
