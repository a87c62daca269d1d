// A kubelet reads config maps from what its watches brought, not from the API server each time.

import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../../src/sim/core/time.ts';
import { openLab } from '../../../src/sim/labs/index.ts';

const POD = `apiVersion: v1
kind: Pod
metadata: {name: greeter}
spec:
  nodeName: controlplane
  containers:
  - name: main
    image: busybox
    command: [sh, -c, "echo $WORD; sleep 10"]
    env:
    - name: WORD
      valueFrom: {configMapKeyRef: {name: words, key: word}}
`;

test('a container starts again with values of a config map while no API server answers', () => {
  const { session, simulation } = openLab('kubeadm', 'objects');
  const run = (command: string): string => {
    session.start(command);
    const until = simulation.now + 10 * MINUTE;
    simulation.advance({ until, budget: 20_000_000, done: () => !session.running });
    return session.takeOutput();
  };
  run('kubectl create configmap words --from-literal=word=ahoy');
  run(`cat > pod.yaml <<'END'\n${POD}END\nkubectl apply -f pod.yaml`);
  run('kubectl wait --for=condition=Ready pod/greeter --timeout=60s');
  run('mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/');
  simulation.advance({ until: simulation.now + 90 * SECOND, budget: 20_000_000 });
  expect(run('kubectl get pods')).toMatch(/was refused/);
  const last = 'crictl logs $(crictl ps -a --name main -q | head -1)';
  expect(run('crictl ps -a --name main -q | wc -l')).toMatch(/^[2-9]/);
  expect(run(last)).toBe('ahoy\n');
});
