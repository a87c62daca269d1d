// containerd's garbage collector runs whenever something is removed. Whatever is being pulled, loaded, built or
// committed meanwhile must still be there at its end.

import { expect, test } from 'vitest';
import { randomStream } from '../../src/sim/core/random.ts';
import { openLab } from '../../src/sim/labs/index.ts';

const SEEDS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Ways in which an image comes to be, each with the command that uses it. */
const MAKERS = [
  'docker pull -q redis >/dev/null && docker run --rm redis true',
  'docker pull -q nginx >/dev/null && docker run --rm nginx true',
  'docker load -q -i /saved.tar >/dev/null && docker run --rm alpine true',
  'docker build -q -t built /context >/dev/null && docker run --rm built true',
  'docker commit keeper made >/dev/null && docker run --rm made true',
  'docker export keeper | docker import - flat >/dev/null && docker run --rm flat true',
  'ctr image pull docker.io/library/memcached:latest >/dev/null && ctr run --rm docker.io/library/memcached:latest m true',
];

const PREPARE = `
docker pull -q busybox >/dev/null; docker run -d --name keeper busybox sleep 10000 >/dev/null
docker pull -q alpine >/dev/null; docker save -o /saved.tar alpine; docker rmi alpine >/dev/null
mkdir /context; printf 'FROM httpd\\nRUN echo one > /one\\nRUN echo two > /two\\n' > /context/Dockerfile`;

test.each(SEEDS)('what is being made outlives what ends meanwhile: seed %s', (seed) => {
  const random = randomStream(seed);
  const shuffled = MAKERS.map((maker) => ({ maker, at: random.fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ maker }) => maker);
  const pause = (): string => (random.fraction() * 0.8).toFixed(3);
  const ending = `while :; do docker run --rm busybox sleep ${pause()} || echo run; docker tag busybox t; docker rmi t >/dev/null; ctr run --rm docker.io/library/hello-world:latest h >/dev/null || echo ctr; done`;
  const script = `${PREPARE}
ctr image pull docker.io/library/hello-world:latest >/dev/null
{ ${ending}; } & ending=$!
{ sleep ${pause()}; ${shuffled.slice(0, 4).join('\n')}
} & first=$!
{ sleep ${pause()}; ${shuffled.slice(4).join('\n')}
} & second=$!
wait $first $second; kill $ending; echo done`;
  const lab = openLab('docker', seed);
  lab.session.start(script);
  lab.simulation.advance({ budget: 2_000_000_000, done: () => !lab.session.running });
  expect(lab.session.running).toBe(false);
  expect(lab.session.takeOutput()).toBe('done\n');
  lab.close();
});
