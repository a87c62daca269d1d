// The views beside the text, by name. Each draws plain data from the lab and changes nothing there.

import './views.css';
import type { ViewData, ViewName } from '../../../src/worker/views.ts';
import type { View } from '../dock.ts';
import { clusterView } from './cluster.ts';
import { processesView } from './processes.ts';
import { storyView } from './story.ts';

/** Draws a view into `place`. `look` types a command into the terminal. */
export function createView(
  name: ViewName,
  place: HTMLElement,
  look: (command: string) => void,
): View {
  if (name === 'processes') {
    const show = processesView(place, look);
    return { show: (data) => show((data ?? []) as ViewData['processes']) };
  }
  if (name === 'cluster') {
    const show = clusterView(place, look);
    return { show: (data) => show(data as ViewData['cluster'] | undefined) };
  }
  const show = storyView(place, look);
  return { show: (data) => show(data as ViewData['story']) };
}
