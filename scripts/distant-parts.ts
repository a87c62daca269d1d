// A step of the site's build: parts of programs that few need, left out of the programs' code and fetched when they are
// first run (src/sim/core/code.ts). A module of the list is replaced by one that exports the same names: its data as
// they are, and in place of each routine one that waits for the code. What else it exports is there for its own group
// alone: the build fails where another module imports it.

import { globSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { exportsOf, WHOLE } from './distant-programs.ts';
import { DISTANT_PARTS } from './distant-parts-list.ts';

const SIM = resolve('src/sim');
const CORE = resolve(SIM, 'core/code.ts');
/** Stands before a group's name in the address of the module that has all of it, and of the one that fetches that. */
export const GROUP = '\0distant:';
const CODE = '\0distant-code:';
const GeneratorFunction = function* () {
  // Only its constructor is of use.
}.constructor;

/** The plugin for the bundle of the Web Worker. */
export function distantParts(): Plugin {
  const groups = new Map<string, readonly string[]>();
  const groupOf = new Map<string, string>();
  for (const [name, patterns] of Object.entries(DISTANT_PARTS)) {
    const modules = patterns.flatMap((pattern) => globSync(pattern, { cwd: SIM })).sort();
    if (modules.length === 0) throw new Error(`no module is a part of ${name}`);
    groups.set(name, modules);
    for (const module of modules) groupOf.set(resolve(SIM, module), name);
  }
  return {
    name: 'drydock-distant-parts',
    enforce: 'pre',
    async resolveId(id, importer) {
      if (id.startsWith(GROUP) || id.startsWith(CODE)) return id;
      if (!importer?.endsWith(WHOLE) || id.endsWith(WHOLE)) return undefined;
      const group = groupOf.get(importer.slice(0, -WHOLE.length));
      if (group === undefined) return undefined;
      const found = await this.resolve(id, importer, { skipSelf: true });
      return found && groupOf.get(found.id) === group ? found.id + WHOLE : found;
    },
    load(id) {
      if (id.startsWith(CODE)) return fetching(id.slice(CODE.length));
      return groups
        .get(id.slice(GROUP.length))
        ?.map((path, i) => `export * as m${i} from ${JSON.stringify(resolve(SIM, path) + WHOLE)};`)
        .join('\n');
    },
    async transform(_, id) {
      const group = groupOf.get(id);
      if (group === undefined) return undefined;
      const place = `m.m${groups.get(group)?.indexOf(relative(SIM, id))}`;
      return { code: standIn(group, place, await exportsOf(id), relative(SIM, id)), map: null };
    },
  };
}

/** The text of the module that fetches a group. */
function fetching(group: string): string {
  return [
    `import { DistantCode } from ${JSON.stringify(CORE)};`,
    `export default new DistantCode(${JSON.stringify(group)}, () => import(${JSON.stringify(GROUP + group)}));`,
  ].join('\n');
}

/** The text of the module that stands for another: its exports, `place` being where the whole one is in its group. */
function standIn(
  group: string,
  place: string,
  exports: Readonly<Record<string, unknown>>,
  path: string,
): string {
  const lines = Object.entries(exports)
    .filter(([, value]) => isData(value) || value instanceof GeneratorFunction)
    .map(([name, value]) => `export const ${name} = ${textOf(value, `${place}.${name}`, path)};`);
  return [
    `import { runDistant } from ${JSON.stringify(CORE)};`,
    `import code from ${JSON.stringify(CODE + group)};`,
    ...lines,
  ].join('\n');
}

/** A value as source text. */
function textOf(value: unknown, place: string, path: string): string {
  if (typeof value === 'function') {
    if (!(value instanceof GeneratorFunction) && !place.endsWith('["run"]'))
      throw new Error(
        `${path}: ${place} is no routine, so that its code cannot be fetched when it is run`,
      );
    return `(...given) => runDistant(code, (m) => ${place}(...given))`;
  }
  if (Array.isArray(value))
    return `[${value.map((item, i) => textOf(item, `${place}[${i}]`, path)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return String(JSON.stringify(value));
  if (!isData(value)) throw new Error(`${path}: ${place} is neither data nor a routine`);
  const members = Object.entries(value).map(
    ([key, item]) =>
      `${JSON.stringify(key)}: ${textOf(item, `${place}[${JSON.stringify(key)}]`, path)}`,
  );
  return `{${members.join(',')}}`;
}

/** What can be written as text: no function, no instance of a class. */
function isData(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
