// The network that containerd has loaded (internal/cri/server/cni_conf_syncer.go): read when it is first needed, and again when a
// file of /etc/cni/net.d is written, moved away or removed. One that is moved in goes unnoticed until then.

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { CNI_CONF, type CniNetwork, loadNetwork } from '../cni/library.ts';
import type { Containerd } from '../containerd/daemon.ts';

interface Loaded {
  /** Undefined: to be read anew. */
  network: CniNetwork | string | undefined;
  /** Counts what made it so. */
  changes: number;
  /** Ends the watch; undefined where the directory cannot be watched, and is read every time. */
  watch: (() => void) | undefined;
}

const loaded = new WeakMap<Containerd, Loaded>();

function watch(p: Process, known: Loaded): (() => void) | undefined {
  const end = p.watch(CNI_CONF, (event) => {
    if (event === 'create') return;
    known.network = undefined;
    known.changes++;
  });
  return isErrno(end) ? undefined : end;
}

/** The network of a daemon's pods; a text says why there is none, in go-cni's words. */
export function* networkOf(daemon: Containerd, p: Process): Routine<CniNetwork | string> {
  const known = loaded.get(daemon) ?? { network: undefined, changes: 0, watch: undefined };
  loaded.set(daemon, known);
  known.watch ??= watch(daemon.process, known);
  if (known.network !== undefined) return known.network;
  const before = known.changes;
  const network = yield* loadNetwork(p, CNI_CONF);
  if (known.watch && known.changes === before) known.network = network;
  return network;
}
