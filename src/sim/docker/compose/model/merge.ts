// How a later Compose file changes an earlier one: mappings merge, lists grow, single values are replaced; with the
// exceptions of the specification. And what lists keep once of each.

import {
  ComposeProblem,
  clone,
  goType,
  isMapping,
  type Mapping,
  PathRules,
  type Value,
} from './tree.ts';
import { parseVolume } from './volume.ts';

type Path = readonly string[];
type Merger = (base: Value, other: Value, path: Path) => Value;

const DEPENDENCY: Mapping = { condition: 'service_started', required: true };

const sequence: Merger = (base, other) => [...sequenceOf(base), ...sequenceOf(other)];
const replace: Merger = (_base, other) => other;
const mappings =
  (fallback: Mapping | null): Merger =>
  (base, other, path) =>
    mergeMappings(mappingOf(base, fallback), mappingOf(other, fallback), path);

const SPECIAL = new PathRules<Merger>({
  'networks.*.ipam.config': mergePools,
  'networks.*.labels': sequence,
  'volumes.*.labels': sequence,
  'services.*.annotations': sequence,
  'services.*.build': (base, other, path) => mergeMappings(buildOf(base), buildOf(other), path),
  'services.*.build.args': sequence,
  'services.*.build.additional_contexts': sequence,
  'services.*.build.extra_hosts': mergeHosts,
  'services.*.build.labels': sequence,
  'services.*.command': replace,
  'services.*.depends_on': mappings(DEPENDENCY),
  'services.*.deploy.labels': sequence,
  'services.*.dns': sequence,
  'services.*.dns_opt': sequence,
  'services.*.dns_search': sequence,
  'services.*.entrypoint': replace,
  'services.*.env_file': sequence,
  'services.*.label_file': sequence,
  'services.*.environment': sequence,
  'services.*.extra_hosts': mergeHosts,
  'services.*.healthcheck.test': replace,
  'services.*.labels': sequence,
  'services.*.volumes.*.volume.labels': sequence,
  'services.*.logging': mergeLogging,
  'services.*.models': mappings(null),
  'services.*.networks': mappings(null),
  'services.*.sysctls': sequence,
  'services.*.tmpfs': sequence,
  'services.*.ulimits.*': replace,
});

/** A tree with another laid over it. */
export function mergeTrees(base: Mapping, other: Mapping): Mapping {
  return merged(base, other, []) as Mapping;
}

/** A service that extends another. */
export function extendService(base: Mapping, other: Mapping): Mapping {
  return merged(base, other, ['services', 'x']) as Mapping;
}

function merged(base: Value, other: Value, path: Path): Value {
  const special = SPECIAL.find(path);
  if (special) return special(base, other, path);
  if (other === null) return base;
  if (isMapping(base)) {
    if (!isMapping(other)) throw new ComposeProblem(`cannot override ${path.join('.')}`);
    return mergeMappings(base, other, path);
  }
  if (Array.isArray(base)) {
    if (!Array.isArray(other)) throw new ComposeProblem(`cannot override ${path.join('.')}`);
    return [...base, ...other];
  }
  return other;
}

function mergeMappings(base: Mapping, other: Mapping, path: Path): Mapping {
  for (const [key, value] of Object.entries(other)) {
    const before = base[key];
    base[key] = before === undefined ? value : merged(before, value, [...path, key]);
  }
  return base;
}

/** Options of a log driver are kept only where the driver stays the same. */
function mergeLogging(base: Value, other: Value, path: Path): Value {
  if (!isMapping(base) || !isMapping(other)) return other;
  const same =
    base.driver === other.driver || base.driver === undefined || other.driver === undefined;
  return same ? mergeMappings(base, other, path) : other;
}

function buildOf(value: Value): Mapping {
  if (typeof value === 'string') return { context: value };
  return isMapping(value) ? value : {};
}

function mergeHosts(base: Value, other: Value): Value {
  const before = sequenceOf(base);
  return [...before, ...sequenceOf(other).filter((host) => !before.includes(host))];
}

/** Address pools are merged by their subnet. */
function mergePools(base: Value, other: Value, path: Path): Value {
  if (!Array.isArray(base) || !Array.isArray(other))
    throw new ComposeProblem(`${path.join('.')}: unexpected type ${goType(base)}`);
  const pools: Mapping[] = [];
  for (const original of base) {
    for (const over of other) {
      const right = mappingOf(original, null);
      const left = mappingOf(over, null);
      if (left.subnet !== right.subnet && !pools.some((pool) => pool.subnet === left.subnet)) {
        pools.push(left);
        continue;
      }
      const pool = mergeMappings(right, left, path);
      const at = pools.findIndex((known) => known.subnet === pool.subnet);
      if (at >= 0) pools[at] = pool;
      else pools.push(pool);
    }
  }
  return pools;
}

function sequenceOf(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [value];
  if (!isMapping(value)) return [];
  return Object.entries(value)
    .flatMap(([key, item]) => {
      if (item === null) return [key];
      return (Array.isArray(item) ? item : [item]).map((one) => `${key}=${String(one)}`);
    })
    .sort();
}

function mappingOf(value: Value, fallback: Mapping | null): Mapping {
  if (isMapping(value)) return value;
  if (!Array.isArray(value)) return {};
  return Object.fromEntries(
    value.map((name) => [String(name), fallback === null ? null : clone(fallback)]),
  );
}

type Indexer = (item: Value, path: string) => string;

const keyValue: Indexer = (item, path) => {
  if (typeof item !== 'string')
    throw new ComposeProblem(`${path}: unexpected type ${goType(item)}`);
  return item.split('=', 1)[0] ?? '';
};
const mountAt =
  (directory: string): Indexer =>
  (item) => {
    if (!isMapping(item)) return `${directory}/${String(item)}`;
    return item.target === undefined ? `${directory}/${String(item.source)}` : String(item.target);
  };

/** Lists that keep the last of each. */
const UNIQUE = new PathRules<Indexer>({
  'networks.*.labels': keyValue,
  'networks.*.ipam.options': keyValue,
  'services.*.annotations': keyValue,
  'services.*.build.args': keyValue,
  'services.*.build.additional_contexts': keyValue,
  'services.*.build.platform': keyValue,
  'services.*.build.tags': keyValue,
  'services.*.build.labels': keyValue,
  'services.*.cap_add': keyValue,
  'services.*.cap_drop': keyValue,
  'services.*.devices': deviceTarget,
  'services.*.configs': mountAt(''),
  'services.*.deploy.labels': keyValue,
  'services.*.dns': keyValue,
  'services.*.dns_opt': keyValue,
  'services.*.dns_search': keyValue,
  'services.*.environment': keyValue,
  'services.*.env_file': (item) => String(isMapping(item) ? item.path : item),
  'services.*.expose': (item) => String(item),
  'services.*.labels': keyValue,
  'services.*.links': keyValue,
  'services.*.networks.*.aliases': keyValue,
  'services.*.networks.*.link_local_ips': keyValue,
  'services.*.ports': portIndex,
  'services.*.profiles': keyValue,
  'services.*.secrets': mountAt('/run/secrets'),
  'services.*.sysctls': keyValue,
  'services.*.tmpfs': keyValue,
  'services.*.volumes': volumeTarget,
});

function volumeTarget(item: Value, path: string): string {
  if (typeof item === 'string') return String(parseVolume(item).target ?? '');
  if (isMapping(item) && typeof item.target !== 'string')
    throw new ComposeProblem(`service volume ${path} is missing a mount target`);
  return isMapping(item) ? String(item.target) : '';
}

function deviceTarget(item: Value, path: string): string {
  if (typeof item === 'string') return item.split(':')[1] ?? item;
  if (isMapping(item) && typeof item.target !== 'string')
    throw new ComposeProblem(`service device ${path} is missing a mount target`);
  return isMapping(item) ? String(item.target) : '';
}

function portIndex(item: Value, path: string): string {
  if (!isMapping(item)) return String(item);
  if (item.target === undefined)
    throw new ComposeProblem(`service ports ${path} is missing a target port`);
  const { host_ip = '0.0.0.0', published = null, target, protocol = 'tcp' } = item;
  return `${String(host_ip)}:${String(published)}:${String(target)}/${String(protocol)}`;
}

/** Takes from lists what is said again later. */
export function keepUnique(value: Value, path: Path = []): Value {
  if (isMapping(value)) {
    for (const [key, item] of Object.entries(value)) value[key] = keepUnique(item, [...path, key]);
    return value;
  }
  const indexer = Array.isArray(value) ? UNIQUE.find(path) : undefined;
  if (!Array.isArray(value) || !indexer) return value;
  const places = new Map<string, number>();
  const out: Value[] = [];
  value.forEach((item, i) => {
    const key = indexer(item, `${path.join('.')}.[${i}]`);
    const at = places.get(key);
    if (at === undefined) {
      places.set(key, out.length);
      out.push(item);
    } else out[at] = item;
  });
  return out;
}
