// ctr's --cni: the container's network namespace is given to the plugins of /etc/cni/net.d (go-cni).

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { addNetwork, type CniNetwork, deleteNetwork, loadNetwork } from '../../cni/library.ts';

/** Adds a task's namespace to the network; a text says why that failed. */
export function* attach(p: Process, id: string, pid: number): Routine<CniNetwork | string> {
  const network = yield* loadNetwork(p, '/etc/cni/net.d');
  if (typeof network === 'string') return network;
  const result = yield* addNetwork(p, network, attachment(id, pid));
  return 'error' in result ? result.error : network;
}

/** Takes the namespace off the network again. */
export function* cniTeardown(
  p: Process,
  id: string,
  pid: number,
  network: CniNetwork,
): Routine<void> {
  yield* deleteNetwork(p, network, attachment(id, pid));
}

function attachment(
  id: string,
  pid: number,
): { containerId: string; netns: string; interfaceName: string } {
  return { containerId: id, netns: `/proc/${pid}/ns/net`, interfaceName: 'eth0' };
}
