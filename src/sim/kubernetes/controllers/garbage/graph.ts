// The garbage collector's graph: who owns whom, over all kinds, by uid.

import type { KubeObject } from '../../api/object.ts';
import type { OwnerReference } from '../../api/types/meta.ts';
import type { DiscoveredResource } from '../discovery.ts';

/** An object as the graph knows it. */
export interface GraphNode {
  readonly uid: string;
  readonly resource: DiscoveredResource;
  readonly metadata: KubeObject['metadata'];
}

export class OwnershipGraph {
  private readonly nodes = new Map<string, GraphNode>();
  private readonly dependents = new Map<string, Set<string>>();

  get(uid: string): GraphNode | undefined {
    return this.nodes.get(uid);
  }

  /** The objects that name `uid` as an owner. */
  dependentsOf(uid: string): GraphNode[] {
    const found: GraphNode[] = [];
    for (const dependent of this.dependents.get(uid) ?? []) {
      const node = this.nodes.get(dependent);
      if (node) found.push(node);
    }
    return found;
  }

  put(node: GraphNode): void {
    const before = this.nodes.get(node.uid);
    this.nodes.set(node.uid, node);
    if (before?.metadata.ownerReferences === node.metadata.ownerReferences && before) return;
    for (const owner of ownersOf(before)) this.dependents.get(owner.uid)?.delete(node.uid);
    for (const owner of ownersOf(node)) {
      const known = this.dependents.get(owner.uid);
      if (known) known.add(node.uid);
      else this.dependents.set(owner.uid, new Set([node.uid]));
    }
  }

  remove(uid: string): void {
    const node = this.nodes.get(uid);
    this.nodes.delete(uid);
    for (const owner of ownersOf(node)) {
      const known = this.dependents.get(owner.uid);
      known?.delete(uid);
      if (known?.size === 0) this.dependents.delete(owner.uid);
    }
  }
}

/** The owners an object names. */
export function ownersOf(node: GraphNode | undefined): readonly OwnerReference[] {
  return node?.metadata.ownerReferences ?? [];
}
