// The views beside the text, by name. Each draws plain data from the lab and changes nothing there.

import './views.css';
import type { ViewData, ViewName } from '../../../src/worker/views.ts';
import type { View } from '../dock.ts';
import { clusterView } from './cluster.ts';
import { containersView } from './containers.ts';
import { imagesView } from './images.ts';
import { keysView } from './keys.ts';
import { membersView } from './members.ts';
import { processesView } from './processes.ts';
import { rulesView } from './rules.ts';
import { storyView } from './story.ts';

type Look = (command: string) => void;

/** What makes each view: it returns the function that draws the data anew. */
const VIEWS: {
  readonly [V in ViewName]: (place: HTMLElement, look: Look) => (data: ViewData[V]) => void;
} = {
  processes: (place, look) => {
    const show = processesView(place, look);
    return (data) => show(data ?? []);
  },
  containers: (place, look) => {
    const show = containersView(place, look);
    return (data) => show(data ?? []);
  },
  rules: (place) => {
    const show = rulesView(place);
    return (data) => show(data ?? []);
  },
  images: (place) => {
    const show = imagesView(place);
    return (data) => show(data ?? []);
  },
  keys: (place) => keysView(place),
  members: (place) => {
    const show = membersView(place);
    return (data) => show(data ?? []);
  },
  cluster: clusterView,
  story: storyView,
};

/** Draws a view into `place`. `look` types a command into the terminal. */
export function createView(name: ViewName, place: HTMLElement, look: Look): View {
  const show = VIEWS[name](place, look);
  return { show: (data) => show(data as never) };
}
