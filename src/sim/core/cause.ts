// Cause and effect. Everything that happens remembers what made it happen: an event the event that
// scheduled it, a woken task its waker. Links get a label only where something worth telling happened.

import { limits } from './limits.ts';

/** What a cause speaks of, so that the page can offer to look at it. */
export interface Subject {
  /** The floor or mechanism: 'process', 'etcd', 'pod', 'rule', 'request', 'scheduler' … */
  readonly kind: string;
  /** Its name there: a PID, a key, `namespace/name`, a chain. */
  readonly name: string;
  /** The machine it is on, where there is one. */
  readonly machine?: string;
}

/** One link in a chain of causes. `at` is virtual nanoseconds since switch-on. */
export interface Cause {
  readonly id: number;
  readonly label: string;
  readonly at: number;
  readonly about: Subject | undefined;
  readonly parent: Cause | undefined;
  readonly depth: number;
}

/** The first cause: the lab was switched on. */
export function firstCause(): Cause {
  return { id: 0, label: 'switch on', at: 0, about: undefined, parent: undefined, depth: 0 };
}

/** A new link that was caused by `parent`. Chains are cut at `limits.causeDepth`. */
export function causedBy(
  parent: Cause,
  id: number,
  at: number,
  label: string,
  about?: Subject,
): Cause {
  const keep = parent.depth < limits.causeDepth ? parent : undefined;
  return { id, label, at, about, parent: keep, depth: (keep?.depth ?? 0) + 1 };
}

/** The chain from the first known cause to `cause`, in order of time. */
export function chain(cause: Cause): Cause[] {
  const links: Cause[] = [];
  for (let link: Cause | undefined = cause; link; link = link.parent) links.push(link);
  return links.reverse();
}
