// What each view sees of a lab. Loaded when the first view is opened: a page that shows none pays for none.

import { clusterEntry } from './cluster-snapshot.ts';
import { containerEntries } from './container-snapshot.ts';
import type { Lab } from './lab.ts';
import { machineEntry } from './process-snapshot.ts';
import { rulesEntry } from './rule-snapshot.ts';
import type { ViewData, ViewName } from './views.ts';

/** Views that are drawn from the lab's present state; the story is told as it happens. */
export type Sight = Exclude<ViewName, 'story'>;

export type Eyes = { readonly [S in Sight]: (lab: Lab) => ViewData[S] | undefined };

export const eyes: Eyes = {
  processes: ({ machines }) => machines.map(machineEntry),
  containers: ({ machines }) => machines.flatMap(containerEntries),
  rules: ({ machines }) => machines.map(rulesEntry),
  cluster: (lab) => {
    const objects = lab.clusterObjects?.();
    return objects && clusterEntry(objects);
  },
  images: ({ looks }) => looks.images?.(),
  keys: ({ looks }) => looks.keys?.(),
  members: ({ looks }) => looks.members?.(),
};
