// A policy that selects pods holds between pods of different machines, since the addresses of pods are not translated
// on the way; answers from outside find back to them all the same.

import { expect, test } from 'vitest';
import { MINUTE } from '../../../src/sim/core/time.ts';
import { openLab } from '../../../src/sim/labs/index.ts';

const ROUTER =
  'https://raw.githubusercontent.com/cloudnativelabs/kube-router/v2.6.0/daemonset/kube-router-firewall-daemonset.yaml';
const POLICY = JSON.stringify({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'friends-only' },
  spec: {
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [{ from: [{ podSelector: { matchLabels: { role: 'friend' } } }] }],
  },
});

test('a policy that selects pods tells those of another machine apart', () => {
  const { session, simulation } = openLab('kubeadm', 'policy');
  const run = (command: string): string => {
    session.start(command);
    const until = simulation.now + 10 * MINUTE;
    simulation.advance({ until, budget: 40_000_000, done: () => !session.running });
    return session.takeOutput();
  };
  const on = (node: string): string => `--overrides='{"spec":{"nodeName":"${node}"}}'`;
  run(`kubectl apply -f ${ROUTER}`);
  run(`kubectl run web --image=nginx --labels=app=web ${on('node01')}`);
  for (const role of ['friend', 'stranger']) {
    run(`kubectl run ${role} --image=busybox --labels=role=${role} ${on('node02')} -- sleep 1h`);
  }
  run('kubectl wait --for=condition=Ready pod --all --timeout=60s');
  run('kubectl -n kube-system rollout status ds/kube-router --timeout=60s');
  run(`kubectl apply -f - <<'END'\n${POLICY}\nEND\nsleep 5`);
  const fetch = (from: string, url: string): string =>
    run(`kubectl exec ${from} -- wget -qO- -T 3 ${url} | grep -o '<title>.*</title>'`);
  const web = run("kubectl get pod web -o jsonpath='{.status.podIP}'");
  expect(fetch('friend', `http://${web}/`)).toBe('<title>Welcome to nginx!</title>\n');
  expect(fetch('stranger', `http://${web}/`)).not.toMatch(/title/);
  expect(fetch('stranger', 'http://example.com/')).toMatch(/Example Domain/);
});
