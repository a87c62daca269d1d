// ControllerRevisions: the history of daemon sets and stateful sets. A revision holds the pod template as a patch; its
// name ends in the template's hash.

import type { Routine } from '../../core/wait.ts';
import { resources } from '../api/client-resources.ts';
import { type ApiClient, Refusal } from '../api/client.ts';
import type { KubeObject } from '../api/object.ts';
import { sameJson } from '../api/object.ts';
import type { ControllerRevision } from '../api/types/apps.ts';
import type { PodTemplateSpec } from '../api/types/pod.ts';
import type { Informer } from './machinery/informer.ts';
import { revisionHash, templateHash } from './machinery/hash.ts';
import { controllerOf } from './pods.ts';

export const REVISION_LABEL = 'controller-revision-hash';
const BY_OWNER = 'controller uid';

interface Revised {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: KubeObject['metadata'];
  readonly spec: { readonly template: PodTemplateSpec; readonly revisionHistoryLimit?: number };
  readonly status?: { readonly collisionCount?: number };
}

/** What distinguishes the revisions of one kind of owner. */
export interface RevisedKind {
  /** The label in which a revision carries its hash. */
  readonly hashLabel: string;
  hash(owner: Revised, data: unknown): string;
}

/** Daemon sets hash the template, stateful sets the revision's data. */
export const DAEMON_SET_REVISIONS: RevisedKind = {
  hashLabel: REVISION_LABEL,
  hash: ({ spec, status }) => templateHash(spec.template, status?.collisionCount),
};
export const STATEFUL_SET_REVISIONS: RevisedKind = {
  hashLabel: 'controller.kubernetes.io/hash',
  hash: ({ status }, data) => revisionHash(data, status?.collisionCount ?? 0),
};

/** Keeps the informer's revisions findable by their owner. */
export function indexRevisions(revisions: Informer<ControllerRevision>): void {
  revisions.addIndex(BY_OWNER, (revision) => [controllerOf(revision)?.uid ?? '']);
}

/** The owner's revisions, oldest first. */
export function revisionsOf(
  revisions: Informer<ControllerRevision>,
  owner: Revised,
): ControllerRevision[] {
  return [...revisions.byIndex(BY_OWNER, owner.metadata.uid ?? '')].sort(
    (a, b) => a.revision - b.revision,
  );
}

/**
 * The revision of the owner's current template: found, moved to the top of the history, or made with its hash in the
 * label. A text: it could not be written.
 */
export function* currentRevision(
  client: ApiClient,
  revisions: Informer<ControllerRevision>,
  owner: Revised,
  kind: RevisedKind,
): Routine<ControllerRevision | string> {
  const history = revisionsOf(revisions, owner);
  const data = { spec: { template: { ...owner.spec.template, $patch: 'replace' } } };
  const known = history.find((revision) => sameJson(revision.data, data));
  const newest = history.at(-1);
  const next = (newest?.revision ?? 0) + 1;
  if (known === newest && known) return known;
  if (known) {
    const moved = yield* client.update(resources.controllerRevisions, { ...known, revision: next });
    if (moved instanceof Refusal) return moved.message;
    revisions.observe(moved);
    return moved;
  }
  const hash = kind.hash(owner, data);
  const { name = '', namespace, uid = '', annotations } = owner.metadata;
  const created = yield* client.create(resources.controllerRevisions, {
    kind: 'ControllerRevision',
    apiVersion: 'apps/v1',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...owner.spec.template.metadata?.labels, [kind.hashLabel]: hash },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [
        {
          apiVersion: owner.apiVersion,
          kind: owner.kind,
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    data,
    revision: next,
  });
  if (created instanceof Refusal) return created.message;
  revisions.observe(created);
  return created;
}

/** Deletes revisions beyond the limit that no pod uses, oldest first. */
export function* trimHistory(
  client: ApiClient,
  revisions: Informer<ControllerRevision>,
  owner: Revised,
  inUse: (revision: ControllerRevision) => boolean,
): Routine<void> {
  const { revisionHistoryLimit = 10 } = owner.spec;
  const history = revisionsOf(revisions, owner).slice(0, -1);
  const unused = history.filter((revision) => !inUse(revision));
  for (const { metadata } of unused.slice(0, Math.max(0, unused.length - revisionHistoryLimit))) {
    yield* client.delete(
      resources.controllerRevisions,
      metadata.namespace ?? '',
      metadata.name ?? '',
    );
  }
}
