// crictl stats, and sizes as crictl prints them.

import type { Routine } from '../../../core/wait.ts';
import { isRpcError } from '../../rpc.ts';
import type { CliCall } from '../cli.ts';
import { cri, criTable, failRpc, shortId } from './app.ts';

export function* stats(call: CliCall): Routine<number> {
  const [id] = call.args;
  const filter = { id: call.flags.text('id') || (id ?? ''), podSandboxId: call.flags.text('pod') };
  const reply = yield* cri<{ stats: ShownStats[] }>(call, 'RuntimeService/ListContainerStats', {
    filter,
  });
  if (isRpcError(reply)) return yield* failRpc(call, reply, 'get container stats: ');
  if (call.flags.text('output') === 'json') {
    call.main.out.put(`${JSON.stringify(reply, undefined, 2)}\n`);
    return 0;
  }
  const rows = reply.stats.map((s) => [
    shortId(s.attributes.id, false),
    s.attributes.metadata.name,
    '0.00',
    size(Number(s.memory.workingSetBytes.value)),
    size(Number(s.writableLayer.usedBytes.value)),
    s.writableLayer.inodesUsed.value,
  ]);
  call.main.out.put(criTable([['CONTAINER', 'NAME', 'CPU %', 'MEM', 'DISK', 'INODES'], ...rows]));
  return 0;
}

export interface ShownStats {
  readonly attributes: { readonly id: string; readonly metadata: { readonly name: string } };
  readonly memory: { readonly workingSetBytes: { readonly value: string } };
  readonly writableLayer: {
    readonly usedBytes: { readonly value: string };
    readonly inodesUsed: { readonly value: string };
  };
}

/** units.HumanSize with three digits. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))}${units[unit]}`;
}
