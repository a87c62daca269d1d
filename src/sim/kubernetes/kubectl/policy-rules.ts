// RBAC rules as kubectl compares and shows them (component-helpers' rbac): broken down to single verbs, put together
// again by resource, and whether some cover others.

/** A rule of a role. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** Rules of one verb and one resource or URL each. */
export function breakdownRule(rule: PolicyRule): PolicyRule[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const names = resourceNames.length > 0 ? resourceNames.map((name) => [name]) : [undefined];
  const out: PolicyRule[] = [];
  for (const group of apiGroups)
    for (const resource of resources)
      for (const verb of verbs)
        for (const name of names)
          out.push({
            verbs: [verb],
            apiGroups: [group],
            resources: [resource],
            ...(name ? { resourceNames: name } : {}),
          });
  for (const url of nonResourceURLs)
    for (const verb of verbs) out.push({ verbs: [verb], nonResourceURLs: [url] });
  return out;
}

/** Rules broken down, those of one resource with all their verbs, in the order of their text. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const simple = new Map<string, PolicyRule>();
  const out: PolicyRule[] = [];
  for (const rule of rules.flatMap(breakdownRule)) {
    if (rule.nonResourceURLs) {
      out.push(rule);
      continue;
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames]);
    const verbs = new Set([...(simple.get(key)?.verbs ?? []), ...rule.verbs]);
    simple.set(key, { ...rule, verbs: [...verbs] });
  }
  return [...out, ...simple.values()]
    .map((rule) => ({ rule, text: goText(rule, ',') }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ rule }) => rule);
}

/** A rule as Go's %+v writes it, its fields separated. */
export function goText(rule: PolicyRule, between = ' '): string {
  const fields = [
    ['Verbs', rule.verbs],
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['ResourceNames', rule.resourceNames],
    ['NonResourceURLs', rule.nonResourceURLs],
  ] as const;
  return `{${fields.map(([name, list]) => `${name}:[${(list ?? []).join(' ')}]`).join(between)}}`;
}

/** `pods`, `deployments.apps`, `pods,services`: resources with their groups (describe.CombineResourceGroup). */
export function resourcesText({ resources = [], apiGroups = [] }: PolicyRule): string {
  const [resource = ''] = resources;
  if (resources.length === 0) return '';
  const [group = ''] = apiGroups;
  const slash = resource.indexOf('/');
  if (group === '') return resource;
  return slash < 0
    ? `${resource}.${group}`
    : `${resource.slice(0, slash)}.${group}${resource.slice(slash)}`;
}

/** The single rules of `wanted` that no rule of `held` covers. */
export function uncovered(
  held: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): PolicyRule[] {
  const owners = held.flatMap(breakdownRule);
  return wanted.flatMap(breakdownRule).filter((rule) => !owners.some((one) => covers(one, rule)));
}

function covers(owner: PolicyRule, rule: PolicyRule): boolean {
  const has = (list: readonly string[] = [], item = ''): boolean =>
    list.includes('*') || list.includes(item);
  if (!has(owner.verbs, rule.verbs[0])) return false;
  const [url] = rule.nonResourceURLs ?? [];
  if (url !== undefined)
    return (owner.nonResourceURLs ?? []).some(
      (one) =>
        one === '*' || one === url || (one.endsWith('*') && url.startsWith(one.slice(0, -1))),
    );
  const [resource = ''] = rule.resources ?? [];
  const [name] = rule.resourceNames ?? [];
  const sub = resource.includes('/') ? `*/${resource.split('/')[1] ?? ''}` : resource;
  return (
    has(owner.apiGroups, rule.apiGroups?.[0]) &&
    (has(owner.resources, resource) || (owner.resources ?? []).includes(sub)) &&
    (!owner.resourceNames || (name !== undefined && owner.resourceNames.includes(name)))
  );
}
