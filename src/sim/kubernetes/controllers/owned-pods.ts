// The pods of an owner: found by the owner's uid without a search, adopted and released by selector
// (PodControllerRefManager), and known as leaving from the moment their deletion was asked for.

import type { Routine } from '../../core/wait.ts';
import { resources } from '../api/client-resources.ts';
import { Refusal } from '../api/client.ts';
import type { KubeObject } from '../api/object.ts';
import { selects } from '../api/selectors.ts';
import type { LabelSelector } from '../api/types/meta.ts';
import type { Pod } from '../api/types/pod.ts';
import type { ControllerContext } from './context.ts';
import type { Informer } from './machinery/informer.ts';
import { controllerOf, isPodActive } from './pods.ts';

interface Owner {
  readonly metadata: KubeObject['metadata'];
}

export interface OwnedPods {
  /** The pods that the owner's uid names as controlled, ended ones included. */
  of(owner: Owner): readonly Pod[];
  /** Adopts matching orphans and releases what no longer matches; the pods owned afterwards. */
  claim(owner: Owner, selector: LabelSelector): Routine<readonly Pod[]>;
  /** Calls `enqueue` with the owner's key when one of its pods changes, and with all of `orphans` for one nobody owns. */
  onOwner(enqueue: (key: string) => void, orphans: (pod: Pod) => Iterable<string>): void;
  /** The pod's deletion was asked for; it is not counted any more. */
  leaving(pod: Pod): void;
  staying(pod: Pod): void;
  isLeaving(pod: Pod): boolean;
}

const BY_OWNER = 'controller uid';
const ORPHANS = 'orphan of namespace';

/** The owned pods of one kind of owner. */
export function ownedPods(
  context: ControllerContext,
  pods: Informer<Pod>,
  kind: { readonly kind: string; readonly apiVersion: string },
): OwnedPods {
  const { client } = context;
  const gone = new Set<string>();
  pods.addIndex(BY_OWNER, (pod) => [controllerOf(pod)?.uid ?? '']);
  pods.addIndex(ORPHANS, (pod) => (controllerOf(pod) ? [] : [pod.metadata.namespace ?? '']));

  function of(owner: Owner): readonly Pod[] {
    return [...pods.byIndex(BY_OWNER, owner.metadata.uid ?? '')];
  }

  function* setOwner(owner: Owner, pod: Pod): Routine<void> {
    const { namespace = '', name = '', uid } = pod.metadata;
    const reference = {
      kind: kind.kind,
      apiVersion: kind.apiVersion,
      name: owner.metadata.name,
      uid: owner.metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    };
    const patch = { metadata: { ownerReferences: [reference], uid } };
    const patched = yield* client.patch(resources.pods, namespace, name, 'strategic', patch);
    if (!(patched instanceof Refusal)) pods.observe(patched);
  }

  function* release(owner: Owner, pod: Pod): Routine<void> {
    const { namespace = '', name = '', uid } = pod.metadata;
    const reference = { $patch: 'delete', uid: owner.metadata.uid };
    const patch = { metadata: { ownerReferences: [reference], uid } };
    const patched = yield* client.patch(resources.pods, namespace, name, 'strategic', patch);
    if (!(patched instanceof Refusal)) pods.observe(patched);
  }

  return {
    of,
    *claim(owner, selector) {
      if (!owner.metadata.deletionTimestamp) {
        for (const pod of [...pods.byIndex(ORPHANS, owner.metadata.namespace ?? '')]) {
          const wanted = isPodActive(pod) && selects(selector, pod.metadata.labels);
          if (wanted) yield* setOwner(owner, pod);
        }
        for (const pod of of(owner)) {
          const released =
            !pod.metadata.deletionTimestamp && !selects(selector, pod.metadata.labels);
          if (released) yield* release(owner, pod);
        }
      }
      return of(owner);
    },
    onOwner(enqueue, orphans) {
      const tell = (pod: Pod): void => {
        const owner = controllerOf(pod);
        if (!owner) for (const key of orphans(pod)) enqueue(key);
        else if (owner.kind === kind.kind) enqueue(`${pod.metadata.namespace}/${owner.name}`);
      };
      pods.onChange((after, before) => {
        if (!after && before) gone.delete(before.metadata.uid ?? '');
        if (before && controllerOf(before)?.uid !== (after && controllerOf(after)?.uid))
          tell(before);
        if (after) tell(after);
      });
    },
    leaving: (pod) => void gone.add(pod.metadata.uid ?? ''),
    staying: (pod) => void gone.delete(pod.metadata.uid ?? ''),
    isLeaving: (pod) => gone.has(pod.metadata.uid ?? ''),
  };
}
