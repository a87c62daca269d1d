// What a file leaves unsaid: the default network, names of resources, defaults of build, ports and secrets, dependencies
// that follow from links and shared namespaces; and relative paths made absolute.

import { cleanPath } from './canonical.ts';
import { ComposeProblem, isMapping, type Mapping, PathRules, type Value } from './tree.ts';
import { isIpAddress } from './volume.ts';

type Path = readonly string[];

const mapping = (value: Value | undefined): Mapping => (isMapping(value) ? value : {});
const list = (value: Value | undefined): Value[] => (Array.isArray(value) ? value : []);

/** Calls a rule for what matches its path; what a rule took is not looked into. */
function walk(
  value: Value,
  rules: PathRules<(value: Value, path: Path) => Value>,
  path: Path = [],
): Value {
  const rule = rules.find(path);
  if (rule) return rule(value, path);
  if (Array.isArray(value))
    value.forEach((item, i) => (value[i] = walk(item, rules, [...path, '[]'])));
  else if (isMapping(value))
    for (const [key, item] of Object.entries(value)) value[key] = walk(item, rules, [...path, key]);
  return value;
}

const deviceCount = (value: Value): Value => {
  if (isMapping(value) && value.count === undefined && value.device_ids === undefined)
    value.count = 'all';
  return value;
};

const DEFAULTS = new PathRules<(value: Value) => Value>({
  'services.*.build': (value) => {
    if (isMapping(value)) value.context ??= '.';
    return value;
  },
  'services.*.secrets.*': (value) => {
    if (isMapping(value)) value.target ??= `/run/secrets/${String(value.source)}`;
    return value;
  },
  'services.*.ports.*': (value) => {
    if (isMapping(value)) {
      value.protocol ??= 'tcp';
      value.mode ??= 'ingress';
    }
    return value;
  },
  'services.*.deploy.resources.reservations.devices.*': deviceCount,
  'services.*.gpus.*': deviceCount,
});

/** Fills in single values. */
export function setDefaults(tree: Mapping): void {
  walk(tree, DEFAULTS);
}

const oneOfKeys =
  (...keys: readonly string[]) =>
  (value: Value, path: Path): Value => {
    if (!isMapping(value)) return value;
    const given = keys.filter((key) => key in value).length;
    if (given > 1)
      throw new ComposeProblem(
        `${path.join('.')}: ${keys.join('|')} attributes are mutually exclusive`,
      );
    if (given === 0 && !('driver' in value) && !('external' in value))
      throw new ComposeProblem(`${path.join('.')}: one of ${keys.join('|')} must be set`);
    return value;
  };

const deviceChoice = (value: Value, path: Path): Value => {
  if (isMapping(value) && 'count' in value && 'device_ids' in value)
    throw new ComposeProblem(
      `${path.join('.')}: "count" and "device_ids" attributes are exclusive`,
    );
  return value;
};

const CHECKS = new PathRules<(value: Value, path: Path) => Value>({
  'volumes.*': externalAlone,
  'configs.*': oneOfKeys('file', 'environment', 'content'),
  'secrets.*': oneOfKeys('file', 'environment'),
  'services.*.ports.*': (value, path) => {
    const address = isMapping(value) ? value.host_ip : undefined;
    if (typeof address === 'string' && !isIpAddress(address))
      throw new ComposeProblem(`${path.join('.')}: invalid ip address: ${address}`);
    return value;
  },
  'services.*.develop.watch.*.path': (value, path) => {
    if (value === '') throw new ComposeProblem(`${path.join('.')}: value can't be blank`);
    return value;
  },
  'services.*.deploy.resources.reservations.devices.*': deviceChoice,
  'services.*.gpus.*': deviceChoice,
});

/** An external volume is only named. */
function externalAlone(value: Value, path: Path): Value {
  if (!isMapping(value) || value.external === undefined || value.external === false) return value;
  const name = path.join('.');
  for (const key of Object.keys(value).sort()) {
    if (key === 'name' || key === 'external' || key.startsWith('x-')) continue;
    throw new ComposeProblem(`${name}: conflicting parameters "external" and "${key}" specified`);
  }
  return value;
}

/** Refuses values that contradict each other. */
export function checkValues(tree: Mapping): void {
  walk(tree, CHECKS);
}

/** Makes relative paths absolute. */
export function resolvePaths(tree: Mapping, base: string, home: string): void {
  const absolute = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(absolute);
    if (typeof value !== 'string' || value === '') return value;
    const expanded = value === '~' || value.startsWith('~/') ? home + value.slice(1) : value;
    return expanded.startsWith('/') ? expanded : cleanPath(`${base}/${expanded}`);
  };
  const context = (value: Value): Value =>
    typeof value === 'string' &&
    /:\/\/|^service:|^(https?:\/\/|git:\/\/|ssh:\/\/|github\.com\/|git@)/.test(value)
      ? value
      : absolute(value);
  const mount = (value: Value): Value => {
    if (!isMapping(value) || value.type !== 'bind') return value;
    if (value.source === undefined)
      throw new ComposeProblem(
        'invalid mount config for type "bind": field Source must not be empty',
      );
    value.source = absolute(value.source);
    return value;
  };
  const driverOptions = (value: Value): Value => {
    const options = isMapping(value) && value.driver === 'local' ? mapping(value.driver_opts) : {};
    if (options.o === 'bind' && options.device !== undefined)
      options.device = absolute(options.device);
    return value;
  };
  walk(
    tree,
    new PathRules<(value: Value) => Value>({
      'services.*.build.context': context,
      'services.*.build.additional_contexts.*': context,
      'services.*.build.ssh.*': absolute,
      'services.*.env_file.*.path': absolute,
      'services.*.label_file.*': absolute,
      'services.*.extends.file': absolute,
      'services.*.develop.watch.*.path': absolute,
      'services.*.volumes.*': mount,
      'configs.*.file': absolute,
      'secrets.*.file': absolute,
      'include.path': absolute,
      'include.project_directory': absolute,
      'include.env_file': absolute,
      'volumes.*': driverOptions,
    }),
  );
}

/** Values that the environment gives: `environment` of services, secrets and configs. */
export function resolveEnvironment(tree: Mapping, environment: ReadonlyMap<string, string>): void {
  for (const service of Object.values(mapping(tree.services))) {
    if (!isMapping(service) || !Array.isArray(service.environment)) continue;
    service.environment = service.environment.map((item) => {
      const value = environment.get(String(item));
      return value === undefined ? item : `${String(item)}=${value}`;
    });
  }
  for (const config of Object.values(mapping(tree.configs))) {
    const value =
      isMapping(config) && typeof config.environment === 'string'
        ? environment.get(config.environment)
        : undefined;
    if (value !== undefined && isMapping(config)) config.content = value;
  }
}

/** Everything that follows from the rest. */
export function normalize(tree: Mapping, environment: ReadonlyMap<string, string>): void {
  defaultNetwork(tree);
  for (const service of Object.values(mapping(tree.services))) {
    if (!isMapping(service)) continue;
    if (service.pull_policy === 'if_not_present') service.pull_policy = 'missing';
    normalizeBuild(service, environment);
    const variables = resolved(service.environment, environment, true);
    if (variables !== undefined) service.environment = variables;
    for (const volume of list(service.volumes))
      if (isMapping(volume) && typeof volume.target === 'string')
        volume.target = cleanPath(volume.target);
    impliedDependencies(service);
  }
  nameResources(tree);
}

function defaultNetwork(tree: Mapping): void {
  const networks = mapping(tree.networks);
  let used = false;
  for (const service of Object.values(mapping(tree.services))) {
    if (!isMapping(service) || 'provider' in service || 'network_mode' in service) continue;
    if (Object.keys(mapping(service.networks)).length === 0) service.networks = { default: null };
    if ('default' in mapping(service.networks)) used = true;
  }
  if (used && !('default' in networks)) networks.default = null;
  if (Object.keys(networks).length > 0) tree.networks = networks;
}

function normalizeBuild(service: Mapping, environment: ReadonlyMap<string, string>): void {
  const build = service.build;
  if (!isMapping(build)) return;
  build.context ??= '.';
  if (!build.dockerfile && !build.dockerfile_inline) build.dockerfile = 'Dockerfile';
  const args = resolved(build.args, environment, false);
  if (args !== undefined) build.args = args;
}

/** Names without a value take the environment's. */
function resolved(
  value: Value | undefined,
  environment: ReadonlyMap<string, string>,
  keepEmpty: boolean,
): Value | undefined {
  if (Array.isArray(value))
    return value.flatMap((item) => {
      const line = String(item);
      if (line.includes('=')) return [line];
      const found = environment.get(line);
      return found === undefined ? (keepEmpty ? [line] : []) : [`${line}=${found}`];
    });
  if (!isMapping(value)) return value;
  const out: Mapping = {};
  for (const [key, item] of Object.entries(value)) {
    const found = item ?? environment.get(key);
    if (found !== undefined || keepEmpty) out[key] = found ?? null;
  }
  return out;
}

function impliedDependencies(service: Mapping): void {
  const dependsOn = mapping(service.depends_on);
  const add = (name: string, restart: boolean): void => {
    dependsOn[name] ??= { condition: 'service_started', restart, required: true };
  };
  for (const link of list(service.links)) add(String(link).split(':')[0] ?? '', true);
  for (const namespace of ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']) {
    const shared = service[namespace];
    if (typeof shared === 'string' && shared.startsWith('service:'))
      add(shared.slice('service:'.length), true);
  }
  for (const from of list(service.volumes_from)) {
    const spec = String(from);
    if (!spec.startsWith('container:')) add(spec.split(':')[0] ?? '', false);
  }
  if (Object.keys(dependsOn).length > 0) service.depends_on = dependsOn;
}

function nameResources(tree: Mapping): void {
  for (const kind of ['networks', 'volumes', 'configs', 'secrets']) {
    for (const [key, value] of Object.entries(mapping(tree[kind]))) {
      const resource = mapping(value);
      const external = resource.external === true || resource.external === 'true';
      resource.name ??= external ? key : `${String(tree.name)}_${key}`;
      mapping(tree[kind])[key] = resource;
    }
  }
}
