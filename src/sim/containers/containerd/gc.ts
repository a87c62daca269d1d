// The garbage collector: content and snapshots that no image, container, lease or label leads to are removed
// (pkg/gc, core/metadata/gc.go).

import { epochMilliseconds } from '../../core/time.ts';
import type { Digest } from '../images/oci.ts';
import { removeBlob } from './content.ts';
import type { Containerd } from './daemon.ts';
import { removeSnapshot } from './snapshots.ts';
import type { Labels } from './types.ts';

const ROOT_LABEL = 'containerd.io/gc.root';
const EXPIRE_LABEL = 'containerd.io/gc.expire';
const CONTENT_LABEL = 'containerd.io/gc.ref.content';
const SNAPSHOT_LABEL = 'containerd.io/gc.ref.snapshot.';

/** Removes what is not reachable any more in a namespace. */
export function collectGarbage(daemon: Containerd, namespace: string): void {
  const data = daemon.data(namespace);
  if (data.pendingImages.length > 0) return;
  const content = new Set<Digest>();
  const snapshots = new Set<string>();
  const follow = (labels: Labels): void => {
    for (const [key, value] of Object.entries(labels)) {
      if (key === CONTENT_LABEL || key.startsWith(`${CONTENT_LABEL}.`)) markContent(value);
      else if (key.startsWith(SNAPSHOT_LABEL))
        markSnapshot(key.slice(SNAPSHOT_LABEL.length), value);
    }
  };
  const markContent = (digest: Digest): void => {
    if (content.has(digest)) return;
    content.add(digest);
    const info = data.content.get(digest);
    if (info) follow(info.labels);
  };
  const markSnapshot = (snapshotter: string, name: string): void => {
    const key = `${snapshotter} ${name}`;
    if (snapshots.has(key)) return;
    snapshots.add(key);
    const stored = data.snapshots.get(snapshotter)?.get(name);
    if (!stored) return;
    follow(stored.info.labels);
    if (stored.info.parent !== '') markSnapshot(snapshotter, stored.info.parent);
  };
  for (const image of data.images.values()) {
    markContent(image.target.digest);
    follow(image.labels);
  }
  for (const container of data.containers.values()) {
    if (container.snapshotKey !== '') markSnapshot(container.snapshotter, container.snapshotKey);
    follow(container.labels);
  }
  for (const { lease, resources } of data.leases.values()) {
    if (Date.parse(lease.labels[EXPIRE_LABEL] ?? '') < epochMilliseconds(daemon.now)) continue;
    for (const { id, type } of resources) {
      if (type === 'content') markContent(id);
      else if (type.startsWith('snapshots/')) markSnapshot(type.slice('snapshots/'.length), id);
    }
  }
  for (const info of data.content.values()) if (ROOT_LABEL in info.labels) markContent(info.digest);
  markRootSnapshots(daemon, namespace, markSnapshot);
  for (const digest of [...data.content.keys()])
    if (!content.has(digest)) removeBlob(daemon, namespace, digest);
  sweepSnapshots(daemon, namespace, snapshots);
}

/** Snapshots that somebody asked for by hand stay: those with a root label, and active ones. */
function markRootSnapshots(
  daemon: Containerd,
  namespace: string,
  mark: (snapshotter: string, name: string) => void,
): void {
  for (const [snapshotter, known] of daemon.data(namespace).snapshots) {
    for (const { info } of known.values())
      if (ROOT_LABEL in info.labels) mark(snapshotter, info.name);
  }
}

function sweepSnapshots(daemon: Containerd, namespace: string, kept: ReadonlySet<string>): void {
  for (const [snapshotter, known] of daemon.data(namespace).snapshots) {
    const doomed = [...known.values()].filter(
      ({ info }) => !kept.has(`${snapshotter} ${info.name}`),
    );
    doomed.sort((a, b) => b.directory - a.directory);
    for (const { info } of doomed) removeSnapshot(daemon, namespace, snapshotter, info.name);
  }
}
