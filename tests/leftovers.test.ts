// Nothing left: a lab that was closed has PID 1 and the kernel's threads, the mounts it was switched on with, no
// descriptor, no socket, no namespace but the first of each kind, and no more timers than one that nobody used.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { labFor, parseSession, replayIn } from '../src/cli/session-file.ts';
import { MINUTE } from '../src/sim/core/time.ts';
import { mountTree } from '../src/sim/kernel/files/mount.ts';
import type { NetworkNamespace } from '../src/sim/kernel/network/namespace.ts';
import { type Lab, openLab } from '../src/sim/labs/index.ts';
import type { Machine } from '../src/sim/labs/machine.ts';

const SESSIONS = [
  'linux/115-redirect-output',
  'linux/117-file-descriptors',
  'linux/133-trap',
  'linux/135-jobs',
  'linux/153-process-substitution',
  'linux/304-pid-namespace',
  'linux/308-zombies-and-orphans',
  'linux/310-mount-propagation',
  'linux/320-nsenter',
  'linux/328-container-by-hand',
  'linux/330-veth-pair',
  'linux/340-nat-dnat',
  'linux/350-netns-etc-files',
  'linux/407-memory-oom-kill',
  'linux/415-cgroup-freeze',
  'linux/427-fork-bomb-contained',
  'etcd/01-put-get',
  'etcd/19-watch',
  'etcd/31-lock',
  'etcd/77-watch-failover',
  'containerd/07-runc-kill',
  'containerd/36-ctr-pause',
  'containerd/38-ctr-image-mount',
  'containerd/52-crictl-container',
  'containerd/54-crictl-network',
  'containerd/66-ctr-cni',
  'docker/09-bind-mount',
  'docker/24-network-connect',
  'docker/30-publish-ports',
  'docker/38-pause',
  'docker/48-logs-follow',
  'docker/50-exec',
  'docker/124-compose-health',
  'docker/126-compose-volumes',
  'kubernetes/162-exec',
  'kubernetes/243-daemonset',
  'kubernetes/260-emptydir-hostpath',
  'kubernetes/420-pods-across-nodes',
];

/** Connections that were closed are forgotten after this. */
const TIME_WAIT = 5 * MINUTE;

function socketsOf({ sockets }: NetworkNamespace): string[] {
  return [
    ...[...sockets.listeners.keys()].map((port) => `a listener on TCP port ${port}`),
    ...[...sockets.allConnections()].map((one) => `a TCP connection from port ${one.localPort}`),
    ...[...sockets.boundTcp].map((one) => `a TCP socket on port ${one.localPort}`),
    ...[...sockets.udp.keys()].map((port) => `a UDP socket on port ${port}`),
    ...[...sockets.ping].map(() => 'a raw or ping socket'),
    ...[...sockets.unix].map(() => 'a unix socket'),
  ];
}

/** What a machine holds beyond what it was switched on with. */
function leftovers({ name, kernel, init, ownMounts }: Machine): string[] {
  const tasks = [...kernel.tasks.values()].filter(
    (task) => task !== init && !task.process.kernelThread,
  );
  const mounts = mountTree(kernel.first.mnt.root).filter((mount) => !ownMounts.has(mount));
  const first = new Set<unknown>(Object.values(kernel.first));
  const namespaces = [...kernel.namespaceUses.keys()].filter((one) => !first.has(one));
  return [
    ...tasks.map((task) => `process ${task.pid} ${task.process.argv.join(' ')} (${task.state})`),
    ...[...init.files.list()].map(([fd]) => `descriptor ${fd} of PID 1`),
    ...mounts.map((mount) => `a mount of ${mount.source}`),
    ...namespaces.map((one) => `${one.kind} namespace ${one.inode}`),
    ...socketsOf(kernel.first.net),
  ].map((thing) => `${name}: ${thing}`);
}

/** Closes a lab; what it holds and how many timers wait, minutes later. */
function closed(lab: Lab): { left: string[]; timers: number } {
  lab.close();
  lab.simulation.advance({ until: lab.simulation.now + TIME_WAIT });
  return { left: lab.machines.flatMap(leftovers), timers: lab.simulation.events.size };
}

test('the check sees what there is before the end', () => {
  const lab = openLab('linux', 'left');
  lab.session.start(
    'sleep 900 & mount -t tmpfs none /mnt; ip netns add blue; nc -l -p 80 & sleep 1',
  );
  lab.simulation.advance({ done: () => !lab.session.running });
  const left = lab.machines.flatMap(leftovers).join('\n');
  for (const thing of ['sleep 900', 'a mount of none', 'net namespace', 'TCP port 80'])
    expect(left).toContain(thing);
  expect(closed(lab).left).toEqual([]);
});

describe('nothing is left of a closed lab', () => {
  test.each(SESSIONS)('%s', (path) => {
    const file = parseSession(readFileSync(`tests/sessions/${path}.session`, 'utf8'));
    const unused = closed(labFor(file, 'left'));
    const lab = labFor(file, 'left');
    replayIn(lab, file);
    const { left, timers } = closed(lab);
    expect(left).toEqual([]);
    expect(timers).toBeLessThanOrEqual(unused.timers);
  });
});
