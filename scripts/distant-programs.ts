// A step of the site's build: programs are left out of the labs' code and fetched when they are first executed
// (src/sim/core/code.ts). It derives from the families' lists: a module that exports nothing but families is
// replaced by one whose entries name each program and the module where its code is.

import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'vite';
import type { ProgramFile } from '../src/sim/kernel/program.ts';
import type { ProgramFamily } from '../src/sim/userland/programs/index.ts';

const SIM = resolve('src/sim');
const FAMILY = /export const \w+: ProgramFamily = \{/;
/** A family's module as it is written, for programs that it defines itself. */
export const WHOLE = '?whole';

/** Where a program's code is: a module, and what to take of it. */
interface Place {
  readonly module: string;
  readonly pick: string;
}

type Exports = Readonly<Record<string, unknown>>;

/** The plugin for the bundle of the Web Worker. */
export function distantPrograms(): Plugin {
  return {
    name: 'drydock-distant-programs',
    enforce: 'pre',
    resolveId: (id) => (id.endsWith(WHOLE) ? id : undefined),
    load: (id) => (id.endsWith(WHOLE) ? readFileSync(id.slice(0, -WHOLE.length), 'utf8') : null),
    async transform(code, id) {
      if (!id.startsWith(SIM) || id.endsWith(WHOLE) || !FAMILY.test(code)) return undefined;
      const exports = await exportsOf(id);
      if (!Object.values(exports).every(isFamily)) return undefined;
      return { code: await distantModule(id, code, exports), map: null };
    },
  };
}

/** What a module exports, by running it. */
export async function exportsOf(path: string): Promise<Exports> {
  return (await import(pathToFileURL(path).href)) as Exports;
}

function isFamily(value: unknown): value is ProgramFamily {
  return typeof value === 'object' && value !== null && 'programs' in value && 'name' in value;
}

/** The text of the module that stands for a family's module. */
async function distantModule(id: string, code: string, exports: Exports): Promise<string> {
  const imported = await importedModules(id, code);
  const codes = new Map<string, string>();
  const families = Object.entries(exports).map(([name, value]) => {
    const { programs, startup, ...rest } = value as ProgramFamily;
    const entries = programs.map((program, i) => {
      const place = placeOf(program, imported) ?? {
        module: id + WHOLE,
        pick: `m.${name}.programs[${i}]`,
      };
      if (!codes.has(place.module)) codes.set(place.module, `code${codes.size}`);
      return `distantProgram(${JSON.stringify(program.name)}, ${codes.get(place.module)}, (m) => ${place.pick}, ${program.startup ?? startup ?? 0})`;
    });
    return `export const ${name} = { ...${JSON.stringify(rest)}, programs: [\n${entries.join(',\n')}] };`;
  });
  const constants = Array.from(codes, ([module, name]) => {
    const shown = relative(SIM, module).replace(WHOLE, '');
    return `const ${name} = new DistantCode(${JSON.stringify(shown)}, () => import(${JSON.stringify(module)}));`;
  });
  return [
    `import { DistantCode } from ${JSON.stringify(resolve(SIM, 'core/code.ts'))};`,
    `import { distantProgram } from ${JSON.stringify(resolve(SIM, 'kernel/program.ts'))};`,
    ...constants,
    ...families,
  ].join('\n');
}

/** What the modules that a family's module imports export, by their paths. */
async function importedModules(id: string, code: string): Promise<Map<string, Exports>> {
  const found = new Map<string, Exports>();
  for (const [, target] of code.matchAll(/^(?:import|\}) [^;]*?from '(\.[^']+)';/gm)) {
    const path = resolve(dirname(id), target ?? '');
    found.set(path, await exportsOf(path));
  }
  return found;
}

function placeOf(program: ProgramFile, imported: ReadonlyMap<string, Exports>): Place | undefined {
  for (const [module, exports] of imported) {
    for (const [name, value] of Object.entries(exports)) {
      if (value === program) return { module, pick: `m.${name}` };
      const i = Array.isArray(value) ? value.indexOf(program) : -1;
      if (i >= 0) return { module, pick: `m.${name}[${i}]` };
    }
  }
  return undefined;
}
