// The node IPAM controller (RangeAllocator): every node gets a range of the cluster's pod addresses, the next one that is
// free after the last that was given, so that the range of a deleted node is not used again at once.

import type { Routine } from '../../../core/wait.ts';
import { formatIp, parsePrefix } from '../../../kernel/network/address.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import type { Node } from '../../api/types/node.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import type { EventRecorder } from '../machinery/events.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';

/** --node-cidr-mask-size for IPv4. */
const NODE_LENGTH = 24;

/** kube-controller-manager's node-ipam-controller; without a cluster range (--cluster-cidr) it does nothing. */
export class NodeIpamController implements Controller {
  readonly name = 'node-ipam-controller';
  readonly workers = 1;
  readonly queue: WorkQueue;
  private readonly client: ApiClient;
  private readonly nodes: Informer<Node>;
  private readonly events: EventRecorder;
  private readonly ranges: readonly string[];
  private readonly used = new Set<string>();
  private next = 0;

  constructor(context: ControllerContext, clusterRange: string) {
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.events = context.recorder('cidrAllocator');
    this.nodes = context.informer(resources.nodes);
    this.ranges = rangesOf(clusterRange);
    if (this.ranges.length === 0) return;
    this.nodes.onChange((after, before) => {
      if (!after) this.used.delete(before?.spec.podCIDR ?? '');
      else if (after.spec.podCIDR) this.occupy(after.spec.podCIDR);
      else this.queue.add(keyOf(after));
    });
  }

  private occupy(range: string): void {
    if (this.used.has(range)) return;
    this.used.add(range);
    this.next = Math.max(this.next, this.ranges.indexOf(range) + 1);
  }

  private free(): string | undefined {
    const { length } = this.ranges;
    for (let i = 0; i < length; i++) {
      const range = this.ranges[(this.next + i) % length];
      if (range !== undefined && !this.used.has(range)) return range;
    }
    return undefined;
  }

  *sync(name: string): Routine<SyncResult> {
    const node = this.nodes.get(name);
    if (!node || node.spec.podCIDR) return undefined;
    const range = this.free();
    if (range === undefined) {
      const { uid = '' } = node.metadata;
      const about = { kind: 'Node', apiVersion: 'v1', name, uid };
      const message = `Node ${name} status is now: CIDRNotAvailable`;
      this.events.event(about, 'Normal', 'CIDRNotAvailable', message);
      return 'no range is free';
    }
    this.occupy(range);
    const patch = { spec: { podCIDR: range, podCIDRs: [range] } };
    const patched = yield* this.client.patch(resources.nodes, '', name, 'strategic', patch);
    if (!(patched instanceof Refusal)) return undefined;
    this.used.delete(range);
    return patched.reason === 'NotFound' ? undefined : patched.message;
  }
}

/** The node ranges of a cluster's range, in order. */
function rangesOf(clusterRange: string): readonly string[] {
  const prefix = parsePrefix(clusterRange);
  if (!prefix || prefix.length > NODE_LENGTH) return [];
  const size = 2 ** (32 - NODE_LENGTH);
  return Array.from({ length: 2 ** (NODE_LENGTH - prefix.length) }, (_, i) => {
    return `${formatIp(prefix.address + i * size)}/${NODE_LENGTH}`;
  });
}
