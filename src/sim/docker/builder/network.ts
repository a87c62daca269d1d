// Networks of RUN: a namespace on the default bridge, one with nothing but lo, or the host's own (builder-next's
// network providers on libnetwork).

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { MNT_DETACH, MS_BIND } from '../../kernel/files/mount.ts';
import { parseIp, parsePrefix } from '../../kernel/network/address.ts';
import type { NetworkNamespace } from '../../kernel/network/namespace.ts';
import { CLONE_NEWNET } from '../../kernel/namespaces/namespace.ts';
import { makeDirectories, writeWholeFile } from '../../containers/containerd/daemon.ts';
import { ApiError, type Dockerd } from '../daemon/model.ts';
import { takeAddress } from '../daemon/network/networks.ts';
import { BuildError } from './dockerfile/errors.ts';

/** A network for one step; `path` is undefined for the host's own. */
export interface StepNetwork {
  readonly path: string | undefined;
  release(): void;
}

function connect(daemon: Dockerd, id: string, namespace: NetworkNamespace): () => void {
  const p = daemon.process;
  const network = [...daemon.networks.values()].find(({ name }) => name === 'bridge');
  const bridge = network && p.network.link(network.bridge);
  const address = network && takeAddress(network, undefined, id);
  if (!network || !bridge || address === undefined || address instanceof ApiError)
    throw new BuildError(
      address instanceof ApiError ? address.message : 'network bridge not found',
    );
  const netlink = p.netlink();
  const inside = p.netlink(namespace);
  const link = netlink.addLink({
    kind: 'veth',
    name: `veth${daemon.newId().slice(0, 7)}`,
    peer: { name: 'eth0', namespace },
  });
  if (isErrno(link) || !link.peer) throw new BuildError('failed to add interface: file exists');
  netlink.setMaster(link, bridge);
  netlink.setUp(link, true);
  const prefix = parsePrefix(`${address}/${network.subnet.split('/')[1]}`);
  if (prefix) inside.addAddress(link.peer, { prefix });
  inside.setUp(link.peer, true);
  const to = parsePrefix('0.0.0.0/0');
  const via = parseIp(network.gateway);
  if (to && via !== undefined) inside.addRoute({ to, via, link: link.peer }, 'replace');
  return () => {
    network.used.delete(address);
    netlink.removeLink(link);
  };
}

/** Sets a network up; its namespace is kept by a bind mount. */
export function* openNetwork(
  daemon: Dockerd,
  p: Process,
  mode: string,
  id: string,
): Routine<StepNetwork> {
  if (mode === 'host') return { path: undefined, release: () => {} };
  const path = `/run/docker/netns/${id}`;
  let namespace: NetworkNamespace | undefined;
  makeDirectories(p, '/run/docker/netns');
  const ready = p.fork(function* (child) {
    writeWholeFile(child, path, new Uint8Array(0), 0o444);
    child.unshare(CLONE_NEWNET);
    namespace = child.task.namespaces.net;
    child.mount('/proc/self/ns/net', path, 'bind', MS_BIND);
    return 0;
  });
  if (isErrno(ready)) throw new BuildError(`fork: ${ready.message.toLowerCase()}`);
  yield* daemon.reaper.wait(ready);
  daemon.reaper.forget(ready);
  if (!namespace) throw new BuildError('failed to create network namespace');
  const lo = namespace.link('lo');
  if (lo) daemon.process.netlink(namespace).setUp(lo, true);
  const disconnect = mode === 'none' ? () => {} : connect(daemon, id, namespace);
  return {
    path,
    release: () => {
      disconnect();
      p.umount(path, MNT_DETACH);
      p.unlink(path);
    },
  };
}
