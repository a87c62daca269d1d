// The canonical form of a Compose file: short forms become long ones (ports, volumes, build, depends_on, env_file …).

import { booleanOf } from './interpolate.ts';
import {
  ComposeProblem,
  goType,
  isMapping,
  type Mapping,
  PathRules,
  scalarText,
  type Value,
} from './tree.ts';
import { parsePorts, parseVolume } from './volume.ts';

/** What changes while a tree is made canonical. */
export interface CanonicalSettings {
  /** Short forms that hold variables still are left as they are. */
  readonly raw: boolean;
  readonly warn: (text: string) => void;
}

type Path = readonly string[];
type Transformer = (value: Value, path: Path, settings: CanonicalSettings) => Value;

const listOfOne: Transformer = (value) => (typeof value === 'string' ? [value] : value);
const asText: Transformer = (value) => (typeof value === 'string' ? value : scalarText(value));
const namesToMapping: Transformer = (value) =>
  Array.isArray(value) ? Object.fromEntries(value.map((name) => [String(name), null])) : value;
const within: Transformer = (value, path, settings) => transformInside(value, path, settings);

const wrongType = (path: Path, value: Value, what: string): never => {
  throw new ComposeProblem(`${path.join('.')}: invalid type ${goType(value)}${what}`);
};

const TRANSFORMERS = new PathRules<Transformer>({
  'services.*': within,
  'services.*.build.secrets.*': fileMount,
  'services.*.build.provenance': asText,
  'services.*.build.sbom': asText,
  'services.*.build.additional_contexts': keyValues,
  'services.*.depends_on': dependsOn,
  'services.*.env_file': envFiles,
  'services.*.label_file': listOfOne,
  'services.*.extends': (value, path, settings) =>
    typeof value === 'string' ? { service: value } : within(value, path, settings),
  'services.*.gpus': (value, path, settings) =>
    typeof value === 'string' ? [{ count: 'all' }] : within(value, path, settings),
  'services.*.networks': namesToMapping,
  'services.*.models': namesToMapping,
  'services.*.volumes.*': volumeMount,
  'services.*.dns': (value, path, settings) => {
    const list = listOfOne(value, path, settings);
    return Array.isArray(list) ? list.filter((item) => item !== '' && item !== null) : list;
  },
  'services.*.devices.*': device,
  'services.*.secrets.*': fileMount,
  'services.*.configs.*': fileMount,
  'services.*.ports': ports,
  'services.*.build': (value, path, settings) =>
    typeof value === 'string' ? { context: value } : within(value, path, settings),
  'services.*.build.ssh': sshKeys,
  'services.*.develop.watch.*.ignore': listOfOne,
  'services.*.develop.watch.*.include': listOfOne,
  'volumes.*': maybeExternal,
  'networks.*': maybeExternal,
  'secrets.*': maybeExternal,
  'configs.*': maybeExternal,
});

/** Makes a tree canonical. */
export function canonical(tree: Mapping, settings: CanonicalSettings): Mapping {
  return transformInside(tree, [], settings) as Mapping;
}

function transform(value: Value, path: Path, settings: CanonicalSettings): Value {
  const transformer = TRANSFORMERS.find(path);
  return transformer ? transformer(value, path, settings) : transformInside(value, path, settings);
}

function transformInside(value: Value, path: Path, settings: CanonicalSettings): Value {
  if (Array.isArray(value)) return value.map((item) => transform(item, [...path, '[]'], settings));
  if (!isMapping(value)) return value;
  for (const [key, item] of Object.entries(value))
    value[key] = transform(item, [...path, key], settings);
  return value;
}

function dependsOn(value: Value, path: Path): Value {
  if (Array.isArray(value))
    return Object.fromEntries(
      value.map((name) => [String(name), { condition: 'service_started', required: true }]),
    );
  if (!isMapping(value)) return wrongType(path, value, ' for depend_on');
  for (const item of Object.values(value)) {
    if (!isMapping(item)) continue;
    item.condition ??= 'service_started';
    item.required ??= true;
  }
  return value;
}

function envFiles(value: Value, path: Path): Value {
  const one = (item: Value): Value => {
    if (!isMapping(item)) return { path: item, required: true };
    item.required ??= true;
    return item;
  };
  if (typeof value === 'string') return [one(value)];
  return Array.isArray(value) ? value.map(one) : wrongType(path, value, ' for env_file');
}

function fileMount(value: Value, path: Path): Value {
  if (isMapping(value)) return value;
  if (typeof value === 'string') return { source: value };
  throw new ComposeProblem(`${path.join('.')}: unsupported type ${goType(value)}`);
}

function keyValues(value: Value, path: Path, settings: CanonicalSettings): Value {
  if (isMapping(value)) return value;
  if (!Array.isArray(value)) return wrongType(path, value, '');
  const out: Mapping = {};
  for (const item of value) {
    const text = String(item);
    const equals = text.indexOf('=');
    if (equals < 0) {
      if (settings.raw) return value;
      throw new ComposeProblem(`${path.join('.')}: invalid value ${text}, expected key=value`);
    }
    out[text.slice(0, equals)] = text.slice(equals + 1);
  }
  return out;
}

function volumeMount(value: Value, path: Path, settings: CanonicalSettings): Value {
  if (isMapping(value)) return value;
  if (typeof value !== 'string') return wrongType(path, value, ' for service volume mount');
  try {
    const volume = parseVolume(value);
    if (typeof volume.target === 'string') volume.target = cleanPath(volume.target);
    return volume;
  } catch (thrown) {
    if (settings.raw && thrown instanceof ComposeProblem) return value;
    throw thrown;
  }
}

/** path.Clean */
export function cleanPath(path: string): string {
  if (path === '') return '';
  const rooted = path.startsWith('/');
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (part !== '..' || !rooted) out.push(part);
  }
  return (rooted ? '/' : '') + out.join('/') || '.';
}

function device(value: Value, path: Path, settings: CanonicalSettings): Value {
  if (isMapping(value)) return value;
  if (typeof value !== 'string') return wrongType(path, value, ' for service volume mount');
  const [source = '', target = '', permissions = 'rwm', more] = value.split(':');
  if (more !== undefined && !settings.raw)
    throw new ComposeProblem(`confusing device mapping, please use long syntax: ${value}`);
  return { source, target: target || source, permissions };
}

function ports(value: Value, path: Path, settings: CanonicalSettings): Value {
  if (!Array.isArray(value)) return wrongType(path, value, ' for port');
  const out: Value[] = [];
  for (const item of value) {
    if (isMapping(item)) out.push(item);
    else if (typeof item !== 'string' && typeof item !== 'number')
      return wrongType(path, item, ' for port');
    else {
      try {
        out.push(...parsePorts(String(item)));
      } catch (thrown) {
        if (settings.raw && thrown instanceof ComposeProblem) return value;
        throw thrown;
      }
    }
  }
  return out;
}

function sshKeys(value: Value, path: Path): Value {
  if (isMapping(value)) return value;
  if (!Array.isArray(value)) return wrongType(path, value, ' for ssh');
  const out: Mapping = {};
  for (const item of value) {
    const [id = '', key] = String(item).split('=');
    if (key === undefined && id !== 'default')
      throw new ComposeProblem(`invalid ssh key ${JSON.stringify(String(item))}`);
    out[id] = key ?? null;
  }
  return out;
}

function maybeExternal(value: Value, path: Path, settings: CanonicalSettings): Value {
  if (!isMapping(value)) return value;
  const resource = transformInside(value, path, settings) as Mapping;
  const external = resource.external;
  if (typeof external === 'string')
    resource.external = booleanOf(external, settings.warn) ?? external;
  if (!isMapping(external)) return resource;
  resource.external = true;
  if (external.name === undefined) return resource;
  settings.warn(
    `${path.join('.')}: external.name is deprecated. Please set name and external: true`,
  );
  if (resource.name !== undefined && resource.name !== external.name)
    throw new ComposeProblem(`${path.join('.')}: name and external.name conflict; only use name`);
  resource.name ??= external.name;
  return resource;
}
