// PodResize: a pod on a node is not resized beyond what the node can give at all.

import { nanoOf } from '../fields/quantity.ts';
import { podTotal } from '../resources/usage.ts';
import { type ApiError, apiErrors } from '../status.ts';
import type { Node } from '../types/node.ts';
import type { Pod } from '../types/pod.ts';
import type { AdmissionPlugin, Attributes } from './admission.ts';

/** Where etcd keeps nodes. */
const NODES = 'minions';

const OF_PODS = { group: '', resource: 'pods' };
/** Resources with the unit in which the message tells them. */
const COUNTED = [
  ['cpu', 1_000_000n],
  ['memory', 1_000_000_000n],
] as const;

function beyondNode(attributes: Attributes): ApiError | undefined {
  const { object, operation, subresource, server, name } = attributes;
  if (operation !== 'UPDATE' || subresource !== 'resize' || !object) return undefined;
  const pod = object as unknown as Pod;
  const found = server.storage.cache(NODES).get('', pod.spec.nodeName ?? '');
  if (!found) return undefined;
  const { allocatable = {} } = (found as unknown as Node).status ?? {};
  const wrong = COUNTED.flatMap(([resource, unit]) => {
    const requested = nanoOf(podTotal(pod, 'requests', resource)) / unit;
    const available = nanoOf(allocatable[resource]) / unit;
    if (requested <= available) return [];
    return [`${resource}, requested: ${requested}, allocatable: ${available}`];
  });
  if (wrong.length === 0) return undefined;
  const why = `node didn't have enough allocatable resources: ${wrong.join('; ')}`;
  return apiErrors.forbidden(OF_PODS, name, why);
}

export const podResize: AdmissionPlugin = {
  name: 'PodResize',
  resources: new Set(['pods']),
  admit: beyondNode,
};
