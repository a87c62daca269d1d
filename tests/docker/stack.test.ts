// Stacks and services of a swarm: what deploy makes and rm takes away, updates in turn, and going back when one fails.

import { expect, test } from 'vitest';
import { type Lab, openLab } from '../../src/sim/labs/index.ts';

function run(lab: Lab, script: string): string {
  lab.session.start(script);
  lab.simulation.advance({ budget: 500_000_000, done: () => !lab.session.running });
  expect(lab.session.running).toBe(false);
  return lab.session.takeOutput();
}

const FILE = `cat > /stack.yml <<'Y'
services:
  web:
    image: busybox
    command: [sleep, "1000"]
    deploy: {replicas: 3, update_config: {parallelism: 1, delay: 4s}}
    secrets: [pw]
    configs: [{source: conf, target: /etc/my.conf}]
secrets: {pw: {file: ./pw}}
configs: {conf: {file: ./conf}}
Y
echo hush > /pw; echo a=1 > /conf; docker swarm init >/dev/null; docker pull -q busybox >/dev/null`;

const RUNNING = "docker ps --format '{{.Command}}' --no-trunc | sort | uniq -c | tr -s ' '";

test('a stack is deployed, updated one task after the other, and removed', () => {
  const lab = openLab('docker', 'stack');
  run(lab, FILE);
  expect(run(lab, 'docker stack deploy -d -c /stack.yml app; sleep 3')).toBe(
    'Creating network app_default\nCreating secret app_pw\nCreating config app_conf\nCreating service app_web\n',
  );
  expect(run(lab, 'docker stack services app --format "{{.Name}} {{.Replicas}}"')).toBe(
    'app_web 3/3\n',
  );
  expect(
    run(lab, 'docker exec $(docker ps -q -f name=app_web.1) cat /run/secrets/pw /etc/my.conf'),
  ).toBe('hush\na=1\n');
  run(lab, 'sed -i s/1000/2000/ /stack.yml; docker stack deploy -d -c /stack.yml app; sleep 13');
  expect(run(lab, RUNNING)).toBe(' 2 "sleep 1000"\n 1 "sleep 2000"\n');
  run(lab, 'sleep 40');
  expect(run(lab, RUNNING)).toBe(' 3 "sleep 2000"\n');
  run(lab, 'docker stack rm app; sleep 15');
  expect(run(lab, 'docker ps -aq; docker network ls -q -f name=app; docker secret ls -q')).toBe('');
  lab.close();
});

test('an update that fails goes back where it is asked to', () => {
  const lab = openLab('docker', 'back');
  run(lab, FILE);
  run(
    lab,
    'docker service create -d --name s --replicas 2 --update-failure-action rollback --restart-condition none busybox sleep 500; sleep 3',
  );
  run(lab, 'docker service update -d --args nosuchprogram s; sleep 40');
  expect(run(lab, RUNNING)).toBe(' 2 "sleep 500"\n');
  expect(run(lab, "docker service inspect s -f '{{.UpdateStatus.State}}'")).toBe(
    'rollback_completed\n',
  );
  lab.close();
});
