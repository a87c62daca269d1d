// Nothing left: a lab that was closed has PID 1 and the kernel's threads, the mounts it was switched on with, no
// descriptor, no socket, no namespace but the first of each kind, and no more timers than one that nobody used.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { closed, leftovers } from '../src/cli/leftovers.ts';
import { labFor, parseSession, replayIn } from '../src/cli/session-file.ts';
import { SECOND } from '../src/sim/core/time.ts';
import { labNames, openLab } from '../src/sim/labs/index.ts';

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

test('a lab whose nodes are containers, with a cluster in them, leaves nothing', () => {
  const lab = openLab('docker', 'nodes in containers');
  const web = 'kubectl create deployment web --image=nginx --replicas=3; sleep 20';
  lab.session.start(`minikube start --nodes 2; ${web}`);
  lab.simulation.advance({ done: () => !lab.session.running });
  expect(closed(lab).left).toEqual([]);
});

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

describe('nothing is left of a lab that was closed unused, or while a command ran', () => {
  test.each(labNames())('%s', (name) => {
    const unused = closed(openLab(name, 'left'));
    expect(unused.left).toEqual([]);
    const lab = openLab(name, 'left');
    lab.session.start('sleep 3000 & mkfifo pipe; exec 3<> pipe; sleep 3000 | cat');
    lab.simulation.advance({ until: lab.simulation.now + SECOND });
    expect(lab.session.running).toBe(true);
    const { left, timers } = closed(lab);
    expect(left).toEqual([]);
    expect(timers).toBeLessThanOrEqual(unused.timers);
  });
});
