// Same seed, same bytes: a session that is replayed twice prints the same and takes as many steps, whatever ran in
// between. Another seed changes what is drawn, not whether the recording is met.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { difference, expected, labFor, parseSession, replayIn } from '../src/cli/session-file.ts';

const SESSIONS = [
  'linux/113-pipeline-status',
  'linux/133-trap',
  'linux/135-jobs',
  'linux/201-awk-fields',
  'linux/304-pid-namespace',
  'linux/328-container-by-hand',
  'linux/340-nat-dnat',
  'linux/407-memory-oom-kill',
  'etcd/01-put-get',
  'etcd/19-watch',
  'etcd/31-lock',
  'etcd/49-leader-stops',
  'containerd/32-ctr-run',
  'containerd/52-crictl-container',
  'docker/22-user-network-dns',
  'docker/34-ps-flags',
];

interface Replay {
  readonly printed: string;
  readonly steps: number;
  readonly now: number;
  /** Every labelled cause, which tells the order of what happened. */
  readonly story: string;
}

function replay(path: string, seed: string): Replay {
  const file = parseSession(readFileSync(`tests/sessions/${path}.session`, 'utf8'));
  const lab = labFor(file, seed);
  const { simulation } = lab;
  const story: string[] = [];
  simulation.listeners.add(({ id, at, label, parent }) => {
    story.push(`${id} ${at} ${label} <- ${parent?.id}`);
  });
  const printed = replayIn(lab, file);
  return { printed, steps: simulation.steps, now: simulation.now, story: story.join('\n') };
}

function misses(path: string, printed: string): readonly string[] {
  const file = parseSession(readFileSync(`tests/sessions/${path}.session`, 'utf8'));
  return difference(expected(file), printed);
}

describe('same seed, same bytes', () => {
  const before = new Map(SESSIONS.map((path) => [path, replay(path, 'one')]));

  test.each(SESSIONS)('%s', (path) => {
    expect(replay(path, 'one')).toEqual(before.get(path));
  });

  test.each(SESSIONS)(
    '%s meets its recording with another seed as it does with this one',
    (path) => {
      const missed = misses(path, before.get(path)?.printed ?? '');
      expect(misses(path, replay(path, 'two').printed)).toEqual(missed);
    },
  );
});
