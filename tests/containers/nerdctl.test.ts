// nerdctl leaves nothing behind: what a container had on the machine (address, rules, name, state, log, snapshot) is there
// while it runs and gone once it is removed, and what its labels say is what containerd and the plugins were told.

import { describe, expect, test } from 'vitest';
import { MINUTE } from '../../src/sim/core/time.ts';
import { type Lab, openLab } from '../../src/sim/labs/index.ts';

function run({ session, simulation }: Lab, command: string): string {
  session.start(command);
  const until = simulation.now + MINUTE;
  expect(simulation.advance({ until, budget: 20_000_000, done: () => !session.running })).toBe(
    'done',
  );
  return session.takeOutput();
}

const HELD =
  'ls /var/lib/cni/networks/bridge | grep 10.4; ls -A /var/lib/cni/results; iptables -t nat -S | grep -c CNI-DN; iptables -S CNI-FORWARD | grep 10.4; find /var/lib/nerdctl -type f; ctr c ls -q; ctr snapshots ls | grep -c Active';

describe('a container of nerdctl', () => {
  const lab = openLab('runtime', 'nerdctl');
  run(lab, 'nerdctl run --rm busybox true');
  const empty = run(lab, HELD);

  test('is reached through its published port, from the machine itself too', () => {
    run(lab, 'nerdctl run -d --name web -p 8080:80 nginx; sleep 1');
    expect(run(lab, 'curl -s localhost:8080')).toContain('Welcome to nginx!');
    expect(run(lab, 'nerdctl ps')).toMatch(/0\.0\.0\.0:8080->80\/tcp\s+web$/m);
    expect(run(lab, HELD)).not.toBe(empty);
  });

  test('keeps its log by lines and streams, detached and attached', () => {
    run(lab, "nerdctl run --name two busybox sh -c 'echo out; echo err >&2'");
    run(
      lab,
      "nerdctl run -d --name one busybox sh -c 'echo out; echo err >&2; sleep 300'; sleep 1",
    );
    for (const name of ['one', 'two']) {
      expect(run(lab, `nerdctl logs ${name} 2>/dev/null`)).toBe('out\n');
      expect(run(lab, `nerdctl logs ${name} 2>&1 >/dev/null`)).toBe('err\n');
    }
  });

  test('holds its name until it is removed', () => {
    expect(run(lab, 'nerdctl run --name one busybox true')).toContain('is already used by ID');
    expect(run(lab, 'nerdctl rm one')).toContain('is in running status');
  });

  test('leaves nothing once it is removed', () => {
    run(lab, 'nerdctl rm -f web one two');
    expect(run(lab, HELD)).toBe(empty);
  });
});
