// A project as `docker compose config` writes it.

import { structToYaml } from '../../../userland/yaml/write.ts';
import { encodeMap, encodeStruct, type Format, keysSorted } from './encode.ts';
import type { Project } from './project.ts';
import type { Mapping } from './tree.ts';

/** The project in YAML or JSON, dollars doubled so that it can be read again. */
export function projectText(project: Project, format: Format): string {
  const tree = projectTree(project, format);
  const text = format === 'yaml' ? structToYaml(tree) : goIndented(tree);
  return text.replaceAll('$', '$$$$');
}

/** json.MarshalIndent of a map: `<`, `>` and `&` as escapes. */
export function goIndented(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(
    /[<>&]/g,
    (char) => `\\u00${char.charCodeAt(0).toString(16)}`,
  );
}

function projectTree(project: Project, format: Format): Mapping {
  const struct = (kind: string, map: object): Mapping =>
    encodeMap(kind, hidden(kind, map as Mapping), format);
  const parts: Mapping = {
    ...(project.name === '' ? {} : { name: project.name }),
    services: struct('service', project.services),
  };
  const add = (name: string, kind: string, map: object): void => {
    if (Object.keys(map).length > 0) parts[name] = struct(kind, map);
  };
  add('networks', 'network', project.networks);
  add('volumes', 'volume', project.volumes);
  add('secrets', 'secret', project.secrets);
  add('configs', 'config', project.configs);
  if (format === 'yaml') add('models', 'model', project.models);
  for (const key of Object.keys(project.extensions).sort())
    parts[key] = keysSorted(project.extensions[key] ?? null);
  if (format === 'yaml') return parts;
  return Object.fromEntries(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A config that came from the environment shows where it came from, not what it is. */
function hidden(kind: string, map: Mapping): Mapping {
  if (kind !== 'config') return map;
  return Object.fromEntries(
    Object.entries(map).map(([name, config]) => {
      const { content, ...rest } = config as Mapping;
      return [name, rest.environment || content === undefined ? rest : { ...rest, content }];
    }),
  );
}

/** One service as JSON, for its hash. */
export function serviceJson(service: Mapping): string {
  return JSON.stringify(encodeStruct('service', service, 'json')).replace(
    /[<>&]/g,
    (char) => `\\u00${char.charCodeAt(0).toString(16)}`,
  );
}
