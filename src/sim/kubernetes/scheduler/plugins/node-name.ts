// NodeName: a pod that names its node fits there only.

import type { Plugin } from '../framework.ts';
import { unresolvable } from '../framework.ts';

const REFUSED = unresolvable("node(s) didn't match the requested node name");

export const nodeName: Plugin = {
  name: 'NodeName',
  prepare({ pod }) {
    const wanted = pod.spec.nodeName;
    if (!wanted) return undefined;
    return { filter: (node) => (node.name === wanted ? undefined : REFUSED) };
  },
};
