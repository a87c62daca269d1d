// dockerd started anew: what it finds again, what starts with it, and that nothing is left when all is removed.

import { expect, test } from 'vitest';
import { type Lab, openLab } from '../../src/sim/labs/index.ts';

function run(lab: Lab, script: string): string {
  lab.session.start(script);
  lab.simulation.advance({ budget: 200_000_000, done: () => !lab.session.running });
  expect(lab.session.running).toBe(false);
  return lab.session.takeOutput();
}

const CONTAINERS = `
docker run -d --name always --restart always busybox sleep 1000 >/dev/null
docker run -d --name plain busybox sleep 1000 >/dev/null
docker run -d --name stopped --restart unless-stopped busybox sleep 1000 >/dev/null
docker stop -t 0 stopped >/dev/null
docker run --name done busybox echo said
docker network create net >/dev/null
docker volume create vol >/dev/null`;

const STATES =
  "docker ps -a --format '{{.Names}} {{.State}}' | sort; docker network ls -q -f name=net | wc -l; docker volume ls -q; docker logs done";

test('systemctl restart docker: containers end with the daemon, and those that are to start again do', () => {
  const lab = openLab('docker', 'restart');
  run(lab, CONTAINERS);
  run(lab, 'systemctl restart docker');
  expect(run(lab, STATES).split('\n')).toEqual([
    'always running',
    'done exited',
    'plain exited',
    'stopped exited',
    '1',
    'vol',
    'said',
    '',
  ]);
  expect(run(lab, 'docker start plain; docker exec plain echo there')).toBe('plain\nthere\n');
  lab.close();
});

test('a killed dockerd comes back by itself and ends what outlived it', () => {
  const lab = openLab('docker', 'killed');
  run(lab, CONTAINERS);
  run(lab, 'kill -9 $(pidof dockerd); sleep 20');
  expect(run(lab, "docker ps --format '{{.Names}}'")).toBe('always\n');
  expect(run(lab, "ps -eo args | grep -c '^sleep 1000'").trim()).toBe('1');
  lab.close();
});

test('nothing is left when everything is removed', () => {
  const lab = openLab('docker', 'nothing left');
  const look =
    "ps -eo args | grep -vE '^(ps|grep|sort|\\[)' | sort; iptables-save | grep -v '^[#:]'; ip -o link | grep -c veth; findmnt -rno TARGET | grep -c /var/lib/docker; find /sys/fs/cgroup -name 'docker-*.scope'";
  run(lab, 'docker network prune -f');
  const before = run(lab, look);
  run(lab, CONTAINERS);
  run(lab, 'docker run -d -p 8080:80 nginx; docker run -d --network net -v vol:/data redis');
  run(lab, 'docker rm -f $(docker ps -aq); docker system prune -af --volumes');
  run(lab, 'docker network rm net; docker volume prune -af');
  expect(run(lab, look)).toBe(before);
  lab.close();
});
