// What is said while a part of the control plane is away: the server's health without etcd, kubectl without a server.

import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../../src/sim/core/time.ts';
import { type Lab, openLab } from '../../../src/sim/labs/index.ts';

/** Runs a command to its end and gives what it printed. */
function run({ session, simulation }: Lab, command: string): string {
  session.start(command);
  const until = simulation.now + 10 * MINUTE;
  simulation.advance({ until, budget: 20_000_000, done: () => !session.running });
  expect(session.running).toBe(false);
  return session.takeOutput();
}

test('the checks of the API server fail while etcd is away, and hold again afterwards', () => {
  const lab = openLab('kubeadm', 'away');
  expect(run(lab, 'kubectl get --raw /livez')).toBe('ok');
  run(lab, 'mv /etc/kubernetes/manifests/etcd.yaml /root/; sleep 30');
  const refused = run(lab, 'curl -sk https://127.0.0.1:6443/readyz');
  expect(refused).toContain('[-]etcd failed: reason withheld\n[-]etcd-readiness failed');
  expect(refused).toMatch(/\nreadyz check failed\n$/);
  expect(run(lab, "curl -sk 'https://127.0.0.1:6443/livez?exclude=etcd'")).toBe('ok');
  run(lab, 'mv /root/etcd.yaml /etc/kubernetes/manifests/; sleep 60');
  expect(run(lab, 'kubectl get --raw /readyz')).toBe('ok');
});

test('kubectl gives up a server that does not answer: after --request-timeout, or when TLS takes too long', () => {
  const lab = openLab('kubeadm', 'paused');
  run(lab, 'kill -STOP $(pidof kube-apiserver)');
  const began = lab.simulation.now;
  expect(run(lab, 'kubectl --request-timeout=2s get --raw /livez')).toBe(
    'Unable to connect to the server: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)\n',
  );
  expect(Math.round((lab.simulation.now - began) / SECOND)).toBe(2);
  expect(run(lab, 'kubectl get --raw /livez')).toBe(
    'Unable to connect to the server: net/http: TLS handshake timeout\n',
  );
});
