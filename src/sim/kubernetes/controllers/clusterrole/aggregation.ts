// The cluster role aggregation controller: a ClusterRole with an aggregationRule has the rules of all roles whose labels it
// selects, in the order of their names, each rule once.

import type { Routine } from '../../../core/wait.ts';
import { resources } from '../../api/client-resources.ts';
import { type ApiClient, Refusal } from '../../api/client.ts';
import { sameJson } from '../../api/object.ts';
import { selects } from '../../api/selectors.ts';
import type { ClusterRole, PolicyRule } from '../../api/types/rbac.ts';
import type { ControllerContext } from '../context.ts';
import type { Controller, SyncResult } from '../machinery/controller.ts';
import { type Informer, keyOf } from '../machinery/informer.ts';
import { WorkQueue } from '../machinery/work-queue.ts';

const AGGREGATING = 'aggregating';

/** kube-controller-manager's clusterrole-aggregation-controller. */
export class ClusterRoleAggregation implements Controller {
  readonly name = 'clusterrole-aggregation-controller';
  readonly workers = 5;
  readonly queue: WorkQueue;
  private readonly client: ApiClient;
  private readonly roles: Informer<ClusterRole>;

  constructor(context: ControllerContext) {
    this.client = context.client;
    this.queue = new WorkQueue(context.simulation);
    this.roles = context.informer(resources.clusterRoles);
    this.roles.addIndex(AGGREGATING, (role) => (role.aggregationRule ? [''] : []));
    this.roles.onChange((after, before) => {
      if (after?.rules === before?.rules && after?.metadata.labels === before?.metadata.labels)
        return;
      for (const role of this.roles.byIndex(AGGREGATING, '')) this.queue.add(keyOf(role));
    });
  }

  *sync(name: string): Routine<SyncResult> {
    const role = this.roles.get(name);
    if (!role?.aggregationRule) return undefined;
    const rules: PolicyRule[] = [];
    for (const selector of role.aggregationRule.clusterRoleSelectors ?? []) {
      const chosen = [...this.roles.values()]
        .filter((other) => other !== role && selects(selector, other.metadata.labels))
        .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
      for (const rule of chosen.flatMap((other) => other.rules ?? []))
        if (!rules.some((known) => sameJson(known, rule))) rules.push(rule);
    }
    if (sameJson(rules, role.rules ?? [])) return undefined;
    const updated = yield* this.client.update(resources.clusterRoles, { ...role, rules });
    return updated instanceof Refusal && updated.reason !== 'NotFound'
      ? updated.message
      : undefined;
  }
}
