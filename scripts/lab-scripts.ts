// A step of the site's build: what the labs are switched on with, and first used, is put into a few large scripts, which
// compress better than many small ones and are fetched at once. Modules that the same labs need are one script; the
// worker is told each lab's (src/worker/scripts.ts).

import { basename, resolve } from 'node:path';
import type { Plugin, Rolldown } from 'vite';
import { GROUP } from './distant-parts.ts';
import { LAB_SCRIPTS } from './lab-scripts-list.ts';

const SIM = resolve('src/sim');
const WORKER = resolve('src/worker');
/** Stands in the worker's code for the list of scripts until their names are known. */
const PLACE = 'the scripts of each lab';

type Modules = Pick<Rolldown.PluginContext, 'getModuleInfo'>;

/** The plugin for the bundle of the Web Worker. */
export function labScripts(): Plugin {
  let labsOf = new Map<string, readonly string[]>();
  return {
    name: 'drydock-lab-scripts',
    transform(_, id) {
      if (id !== resolve(WORKER, 'scripts.ts')) return undefined;
      return { code: `export const LIST = ${JSON.stringify(PLACE)};`, map: null };
    },
    buildEnd() {
      labsOf = labsOfModules(this);
    },
    outputOptions: (options) => ({
      ...options,
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [
          {
            debugName: 'labs',
            name: (id) => labsOf.get(id)?.join('-') ?? null,
          },
        ],
      },
    }),
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      for (const chunk of chunks) chunk.code = chunk.code.replace(PLACE, listOf(chunks, labsOf));
    },
  };
}

/** Of each module that labs need from the start, these labs; the worker's own are there before. */
function labsOfModules(modules: Modules): Map<string, readonly string[]> {
  const labsOf = new Map<string, string[]>();
  const worker = importedBy(modules, [resolve(WORKER, 'worker.ts')]);
  for (const [lab, first] of Object.entries(LAB_SCRIPTS)) {
    const entries = [resolve(WORKER, 'hosting.ts'), resolve(SIM, `labs/${lab}.ts`)];
    const programs = first.map((path) =>
      path.startsWith('part:') ? path.replace('part:', GROUP) : resolve(SIM, path),
    );
    for (const id of importedBy(modules, [...entries, ...programs])) {
      if (!worker.has(id)) labsOf.set(id, [...(labsOf.get(id) ?? []), lab]);
    }
  }
  return labsOf;
}

/** Modules with all that they import from the start. */
function importedBy(modules: Modules, entries: readonly string[]): Set<string> {
  const all = new Set<string>();
  const open = [...entries];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (all.has(id)) continue;
    all.add(id);
    const info = modules.getModuleInfo(id);
    if (!info) throw new Error(`${id} is no module of the worker`);
    open.push(...info.importedIds);
  }
  return all;
}

/** The scripts by lab with all that they import, as src/worker/scripts.ts reads them. */
function listOf(
  chunks: readonly Rolldown.OutputChunk[],
  labsOf: ReadonlyMap<string, readonly string[]>,
): string {
  const lists = Object.keys(LAB_SCRIPTS).map((lab) => {
    const needed = chunks.filter(({ moduleIds }) =>
      moduleIds.some((id) => labsOf.get(id)?.includes(lab)),
    );
    const names = new Set(needed.flatMap(({ fileName, imports }) => [fileName, ...imports]));
    const fetched = chunks.filter(({ fileName, isEntry }) => names.has(fileName) && !isEntry);
    return [lab, ...fetched.map(({ fileName }) => basename(fileName))].join(' ');
  });
  return lists.join(';');
}
