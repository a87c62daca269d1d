// Interpolation of a whole tree, and the casts of values that a variable made text of.

import { InvalidTemplate, type Lookup, substitute } from './template.ts';
import { ComposeProblem, isMapping, type Mapping, PathRules, type Value } from './tree.ts';

type Cast = 'integer' | 'float' | 'boolean';

const services = (paths: readonly string[], cast: Cast): [string, Cast][] =>
  paths.map((path) => [`services.*.${path}`, cast]);

const CASTS = new PathRules<Cast>(
  Object.fromEntries([
    ...services(
      [
        'cpu_count',
        'cpu_period',
        'cpu_quota',
        'cpu_rt_period',
        'cpu_rt_runtime',
        'cpu_shares',
        'deploy.replicas',
        'deploy.update_config.parallelism',
        'deploy.rollback_config.parallelism',
        'deploy.restart_policy.max_attempts',
        'deploy.placement.max_replicas_per_node',
        'healthcheck.retries',
        'oom_score_adj',
        'pids_limit',
        'ports.[].target',
        'scale',
        'ulimits.*',
        'ulimits.*.hard',
        'ulimits.*.soft',
      ],
      'integer',
    ),
    ...services(
      [
        'cpu_percent',
        'cpus',
        'deploy.update_config.max_failure_ratio',
        'deploy.rollback_config.max_failure_ratio',
      ],
      'float',
    ),
    ...services(
      [
        'init',
        'healthcheck.disable',
        'oom_kill_disable',
        'privileged',
        'read_only',
        'stdin_open',
        'tty',
        'volumes.[].read_only',
        'volumes.[].volume.nocopy',
      ],
      'boolean',
    ),
    ...[
      'networks.*.external',
      'networks.*.internal',
      'networks.*.attachable',
      'networks.*.enable_ipv4',
      'networks.*.enable_ipv6',
      'volumes.*.external',
      'secrets.*.external',
      'configs.*.external',
    ].map((path): [string, Cast] => [path, 'boolean']),
  ]),
);

export interface Interpolation {
  readonly lookup: Lookup;
  readonly warn: (text: string) => void;
}

/** Replaces variables everywhere in a tree. */
export function interpolate(tree: Mapping, settings: Interpolation): Mapping {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, replaced(value, [key], settings)]),
  );
}

function replaced(value: Value, path: readonly string[], settings: Interpolation): Value {
  if (Array.isArray(value)) return value.map((item) => replaced(item, [...path, '[]'], settings));
  if (isMapping(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, replaced(item, [...path, key], settings)]),
    );
  if (typeof value !== 'string') return value;
  try {
    const text = substitute(value, {
      lookup: settings.lookup,
      missing: (name) =>
        settings.warn(`The "${name}" variable is not set. Defaulting to a blank string.`),
    });
    const cast = CASTS.find(path);
    return cast ? castTo(cast, text, settings.warn) : text;
  } catch (thrown) {
    if (thrown instanceof InvalidTemplate)
      throw new ComposeProblem(
        `invalid interpolation format for ${path.join('.')}.\nYou may need to escape any $ with another $.\n${thrown.template}`,
      );
    if (thrown instanceof ComposeProblem)
      throw new ComposeProblem(`error while interpolating ${path.join('.')}: ${thrown.message}`);
    throw thrown;
  }
}

function castTo(cast: Cast, text: string, warn: (text: string) => void): Value {
  const failed = (why: string): never => {
    throw new ComposeProblem(`failed to cast to expected type: ${why}`);
  };
  const syntax = (func: string): never =>
    failed(`strconv.${func}: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (cast === 'integer') return /^[+-]?\d+$/.test(text) ? Number(text) : syntax('Atoi');
  if (cast === 'float')
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : syntax('ParseFloat');
  return booleanOf(text, warn) ?? failed(`invalid boolean: ${text}`);
}

/** YAML 1.1's booleans; compose warns of those that 1.2 does not have. */
export function booleanOf(text: string, warn: (text: string) => void): boolean | undefined {
  const word = text.toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true';
  const yes = ['y', 'yes', 'on'].includes(word);
  if (!yes && !['n', 'no', 'off'].includes(word)) return undefined;
  warn(
    `${JSON.stringify(text)} for boolean is not supported by YAML 1.2, please use \`${yes ? 'true' : 'false'}\``,
  );
  return yes;
}
