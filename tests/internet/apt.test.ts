// apt and dpkg in containers: lists come and go, packages bring programs, what is unknown is refused.

import { expect, test } from 'vitest';
import { type Lab, openLab } from '../../src/sim/labs/index.ts';

function run(lab: Lab, script: string): { output: string; status: number } {
  lab.session.start(script);
  lab.simulation.advance({ budget: 400_000_000, done: () => !lab.session.running });
  return { output: lab.session.takeOutput(), status: lab.session.status };
}

const inDebian = (script: string): string => `docker run --rm debian:12 sh -c '${script}'`;

test('without lists no package is found', () => {
  const lab = openLab('docker', 'apt');
  run(lab, 'docker pull -q debian:12');
  const { output, status } = run(lab, inDebian('apt-get install -y curl'));
  expect(output).toContain('E: Unable to locate package curl\n');
  expect(status).toBe(100);
  const gone = run(
    lab,
    inDebian('apt-get update -qq; rm -rf /var/lib/apt/lists/*; apt-get install -y jq'),
  );
  expect(gone.output).toContain('E: Unable to locate package jq\n');
  lab.close();
});

test('an installed package brings its program, its place in the database and what it needs', () => {
  const lab = openLab('docker', 'apt');
  run(lab, 'docker pull -q debian:12');
  const script =
    'apt-get update -qq; apt-get install -yqq --no-install-recommends jq >/dev/null 2>&1; echo [1,2] | jq -c .; dpkg -S /usr/bin/jq; dpkg-query -W libjq1 >/dev/null && echo needed; apt-get purge -yqq jq >/dev/null; which jq || echo gone; apt-get autoremove -yqq >/dev/null; dpkg-query -W libjq1';
  expect(run(lab, inDebian(script)).output).toBe(
    '[1,2]\njq: /usr/bin/jq\nneeded\ngone\ndpkg-query: no packages found matching libjq1\n',
  );
  lab.close();
});

test('no network, no rights, no such package', () => {
  const lab = openLab('docker', 'apt');
  run(lab, 'docker pull -q debian:12');
  expect(run(lab, 'docker run --rm --network none debian:12 apt-get update').output).toContain(
    "W: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  Temporary failure resolving 'deb.debian.org'\n",
  );
  expect(run(lab, 'docker run --rm -u 1000 debian:12 apt-get update').status).toBe(100);
  expect(run(lab, 'apt-get update -qq; apt-get install -y nosuch').output).toContain(
    'E: Unable to locate package nosuch\n',
  );
  lab.close();
});
