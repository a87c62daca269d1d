// What apt decides: which packages an installation needs, in which order, which can go when others are removed.

import { isInstalled, nameOf, relations, type Stanza } from './database.ts';

/** What is known when a decision is made. */
export interface World {
  readonly known: Map<string, Stanza>;
  readonly index: ReadonlyMap<string, Stanza>;
  readonly automatic: Set<string>;
}

const installed = (world: World, name: string): boolean => isInstalled(world.known.get(name));

/** Packages to install for `wanted`, what others depend on before them. */
export function installPlan(
  wanted: readonly string[],
  world: World,
  recommended: boolean,
): Stanza[] {
  const order: Stanza[] = [];
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const one = world.index.get(name);
    if (!one || seen.has(name) || installed(world, name)) return;
    seen.add(name);
    for (const need of relations(one, 'Depends')) visit(need);
    order.push(one);
    if (recommended) for (const need of relations(one, 'Recommends')) visit(need);
  };
  for (const name of wanted) visit(name);
  return order;
}

/** Packages named in a field of those to be installed that are neither here nor to come. */
export function leftOut(plan: readonly Stanza[], field: string, world: World): string[] {
  const coming = new Set(plan.map(nameOf));
  const names = plan.flatMap((one) => relations(one, field));
  return [...new Set(names)].filter((name) => !coming.has(name) && !installed(world, name)).sort();
}

/** What has to go with `names`: everything installed that depends on them. */
export function removalPlan(names: readonly string[], world: World): string[] {
  const gone = new Set(names);
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    for (const [name, one] of world.known)
      if (isInstalled(one) && relations(one, 'Depends').some((need) => gone.has(need)))
        gone.add(name);
  }
  return [...gone].sort();
}

/** Packages that came for others and that nothing needs any more, when `without` is gone. */
export function unneeded(world: World, without: ReadonlySet<string> = new Set()): string[] {
  const needed = new Set<string>();
  const visit = (name: string): void => {
    const one = world.known.get(name);
    if (needed.has(name) || without.has(name) || !isInstalled(one) || !one) return;
    needed.add(name);
    for (const field of ['Depends', 'Recommends', 'Suggests']) relations(one, field).forEach(visit);
  };
  for (const name of world.known.keys()) if (!world.automatic.has(name)) visit(name);
  return [...world.automatic]
    .filter((name) => installed(world, name) && !needed.has(name) && !without.has(name))
    .sort();
}

/** Names in lines of at most 76 columns, as apt lists them. */
export function wrapped(names: readonly string[]): string {
  const lines: string[] = [];
  let line = ' ';
  for (const name of names) {
    if (line.length + 1 + name.length > 79 && line !== ' ') {
      lines.push(line);
      line = ' ';
    }
    line += ` ${name}`;
  }
  return [...lines, line].map((text) => `${text}\n`).join('');
}
