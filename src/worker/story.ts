// The story of a lab: the labelled causes as they arise, kept as plain links for the page. The newest stay.

import type { Cause } from '../sim/core/cause.ts';
import type { Simulation } from '../sim/core/simulation.ts';
import type { StoryLink } from './views.ts';

/** Links that are kept; a page cannot show more in a useful way. */
const KEPT = 4000;

/** SHA-256 ids are read by their first twelve digits. */
const LONG_ID = /\b([0-9a-f]{12})[0-9a-f]{52}\b/g;

export interface Story {
  /** The links since the last call. */
  take(): readonly StoryLink[];
  /** All that are kept. */
  all(): readonly StoryLink[];
}

/** Listens to a simulation from here on. */
export function storyOf(simulation: Simulation): Story {
  let links: StoryLink[] = [];
  let taken = 0;
  simulation.listeners.add((cause) => {
    links.push(linkOf(cause));
    if (links.length > 2 * KEPT) {
      taken = Math.max(0, taken - (links.length - KEPT));
      links = links.slice(-KEPT);
    }
  });
  return {
    take() {
      const fresh = links.slice(taken);
      taken = links.length;
      return fresh;
    },
    all() {
      taken = links.length;
      return links.slice(-KEPT);
    },
  };
}

function linkOf(cause: Cause): StoryLink {
  return {
    id: cause.id,
    parent: cause.parent?.id ?? 0,
    at: cause.at,
    label: cause.label.replace(LONG_ID, '$1…'),
    kind: cause.about?.kind ?? '',
    name: cause.about?.name ?? '',
    machine: cause.about?.machine ?? '',
  };
}
