// When all containers are removed and everything unused is pruned, the machine is as it was: no process, mount, link,
// rule, control group or directory of docker's is left, and containerd keeps no container, snapshot, image or blob.

import { expect, test } from 'vitest';
import { type Lab, openLab } from '../../src/sim/labs/index.ts';

function run(lab: Lab, script: string): string {
  lab.session.start(script);
  lab.simulation.advance({ budget: 1_000_000_000, done: () => !lab.session.running });
  expect(lab.session.running).toBe(false);
  return lab.session.takeOutput();
}

/** What docker may leave somewhere, each kind under a heading. */
const LOOK = `
echo processes; ps -eo args | grep -vE '^(ps|grep|sort|bash|\\[)' | sort
echo rules; iptables-save | grep -v '^[#:]'
echo links; ip -o link | cut -d: -f2
echo namespaces; ls /var/run/docker/netns 2>/dev/null; lsns -t net -no NS | wc -l
echo mounts; findmnt -rno TARGET | grep -E 'docker|containerd'
echo groups; find /sys/fs/cgroup -type d -path '*docker*'
echo directories; ls /var/lib/docker/containers /var/lib/docker/volumes /run/docker/containerd 2>/dev/null
echo listeners; ss -Htln | awk '{print $4}' | sort
echo containerd; ctr -n moby containers ls -q; ctr -n moby snapshots ls | tail -n +2; ctr -n moby images ls -q
ctr -n moby content ls -q; ctr -n moby leases ls -q; ctr -n moby tasks ls -q`;

const PULL = 'for image in busybox alpine nginx redis; do docker pull -q $image >/dev/null; done';

const BUSY = `${PULL}
docker network create net >/dev/null; docker network create --driver macvlan mac >/dev/null 2>&1
docker volume create vol >/dev/null; docker volume create --opt type=tmpfs --opt device=tmpfs mem >/dev/null
docker run -d --name web -p 8080:80 -p 53:53/udp nginx >/dev/null
docker run -d --name data --network net --network-alias db -v vol:/data -v /anonymous --tmpfs /t -v mem:/m redis >/dev/null
docker run -d --name share --ipc shareable busybox sleep 1000 >/dev/null
docker run -d --name joins --ipc container:share --network container:web --pid container:share busybox sleep 1000 >/dev/null
docker run -d --name frozen busybox sleep 1000 >/dev/null; docker pause frozen >/dev/null
docker run -d --name again --restart always busybox sh -c 'sleep 0.2; exit 1' >/dev/null
docker run -d --name sick --health-cmd false --health-interval 1s busybox sleep 1000 >/dev/null
docker run -d --name small -m 16m --cgroup-parent /mine busybox sleep 1000 >/dev/null
docker run --name done --init busybox true; docker create --name never busybox true >/dev/null
docker exec -d data sleep 500; docker network connect net web
docker commit done kept >/dev/null; docker cp done:/bin/true /tmp/t
mkdir /context; printf 'FROM busybox AS a\\nRUN echo 1 > /one\\nFROM alpine\\nCOPY --from=a /one /two\\nRUN --mount=type=cache,target=/c touch /c/x\\n' > /context/Dockerfile
docker build -q -t built /context >/dev/null; docker run -d --name made built sleep 1000 >/dev/null
docker save built | docker load -q >/dev/null; sleep 5`;

const END = `
docker rm -f $(docker ps -aq) >/dev/null
docker volume rm vol mem >/dev/null
docker system prune -af --volumes >/dev/null; rmdir /sys/fs/cgroup/mine 2>/dev/null`;

test('docker rm -f of all and docker system prune -af --volumes leave nothing', () => {
  const lab = openLab('docker', 'nothing');
  // Parents of control groups and directories stay from the first container and the first build on.
  run(
    lab,
    `${PULL}; docker run --rm busybox true; mkdir /first; echo 'FROM busybox
RUN true' > /first/Dockerfile`,
  );
  run(lab, 'docker build -q /first; docker system prune -af --volumes');
  const before = run(lab, LOOK);
  expect(before.endsWith('containerd\n')).toBe(true);
  expect(run(lab, BUSY)).toBe('');
  expect(run(lab, LOOK)).not.toBe(before);
  expect(run(lab, END)).toBe('');
  expect(run(lab, LOOK)).toBe(before);
  lab.close();
});
