// Entitlements (util/entitlements): what a build may do beyond a sandbox, granted by the client and by the daemon.

import { BuildError } from './dockerfile/errors.ts';
import type { State, Vertex } from './llb.ts';

/** What dockerd grants where its configuration says nothing (builder.entitlements of daemon.json). */
const GRANTED_BY_DAEMON: readonly string[] = ['network.host'];

function neededBy({ operation }: Vertex): string | undefined {
  if (operation.type !== 'exec') return undefined;
  if (operation.network === 'host') return 'network.host';
  return operation.insecure ? 'security.insecure' : undefined;
}

/** Refuses to grant what the daemon's configuration does not allow. */
export function checkGranted(allowed: readonly string[]): void {
  for (const name of allowed)
    if (!GRANTED_BY_DAEMON.includes(name))
      throw new BuildError(
        `granting entitlement ${name} is not allowed by build daemon configuration`,
      );
}

/** Refuses a graph one of whose steps needs what was not granted (Set.Check, when the graph is loaded). */
export function checkNeeded(state: State, allowed: readonly string[]): void {
  const seen = new Set<Vertex>();
  const visit = (vertex: State): void => {
    if (!vertex || seen.has(vertex)) return;
    seen.add(vertex);
    for (const input of vertex.inputs) visit(input);
    const needed = neededBy(vertex);
    if (needed !== undefined && !allowed.includes(needed))
      throw new BuildError(`failed to load LLB: ${needed} is not allowed`);
  };
  visit(state);
}
