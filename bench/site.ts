// Sizes of the built site, gzip: what a page weighs before any click, and the code that opening each lab brings. Needs
// `npm run build` before.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Bench, Figure } from './report.ts';

const SITE = 'dist';

/** Kilobytes of code that DESIGN allows for opening a lab. */
const LAB_BUDGETS: Readonly<Record<string, number>> = {
  linux: 110,
  runtime: 200,
  docker: 200,
  etcd: 350,
  minikube: 350,
  machines: 350,
  kubeadm: 350,
};
const PAGE_BUDGET = 40;
const PAGE_SCRIPT_BUDGET = 12;

function kilobytes(files: Iterable<string>): number {
  let bytes = 0;
  for (const file of files) bytes += gzipSync(readFileSync(file)).length;
  return bytes / 1024;
}

/** A script with all that it imports at once. */
function closure(first: readonly string[]): Set<string> {
  const all = new Set<string>();
  const open = [...first];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (all.has(file)) continue;
    all.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:from|import)\s*"(\.[^"]+\.js)"/g)) {
      open.push(join(dirname(file), path));
    }
  }
  return all;
}

/** The scripts that a script imports when it comes to it, by the name of their module. */
function distant(file: string): Map<string, string> {
  const found = new Map<string, string>();
  const text = readFileSync(file, 'utf8');
  for (const [, path = ''] of text.matchAll(/import\(\s*["'`](\.[^"'`]+\.js)["'`]/g)) {
    const name = basename(path).replace(/[.-][\w-]{8}\.js$/, '');
    found.set(name, join(dirname(file), path));
  }
  return found;
}

function labFigures(): Figure[] {
  const scripts = globSync(join(SITE, '**/*.js'));
  const worker = scripts.find((file) => {
    const names = distant(file);
    return names.has('linux') && names.has('kubeadm');
  });
  if (worker === undefined) throw new Error(`no worker opens labs in ${SITE}`);
  const parts = distant(worker);
  const core = ['lab', 'openapi'].flatMap((name) => parts.get(name) ?? []);
  return Object.entries(LAB_BUDGETS).map(([lab, budget]) => {
    const own = parts.get(lab);
    if (own === undefined) throw new Error(`the worker does not open ${lab}`);
    const always = core.filter((file) => lab !== 'linux' || !/openapi/.test(file));
    const value = kilobytes(closure([worker, own, ...always]));
    return { name: `code that opens ${lab}`, value, unit: 'KB', budget };
  });
}

/** The heaviest page of all: HTML with the styles, scripts and fonts that it names. */
function pageFigures(): Figure[] {
  let heaviest = 0;
  let scripts = 0;
  let which = '';
  for (const file of globSync(join(SITE, '**/index.html'))) {
    if (!/class="run\b/.test(readFileSync(file, 'utf8'))) continue;
    const html = readFileSync(file, 'utf8');
    const named = [...html.matchAll(/(?:src|href)="(?:\/drydock)?\/([^"]+\.(?:js|css|woff2))"/g)]
      .map(([, path = '']) => join(SITE, path))
      .filter((path) => existsSync(path));
    const code = closure(named.filter((path) => path.endsWith('.js')));
    const rest = named.filter((path) => !path.endsWith('.js'));
    const script = kilobytes(code);
    const whole = kilobytes(new Set([file, ...rest])) + script;
    scripts = Math.max(scripts, script);
    if (whole <= heaviest) continue;
    heaviest = whole;
    which = dirname(file).slice(SITE.length + 1);
  }
  return [
    {
      name: 'the heaviest page before any click',
      value: heaviest,
      unit: 'KB',
      budget: PAGE_BUDGET,
      beside: which,
    },
    { name: 'of a page, scripts', value: scripts, unit: 'KB', budget: PAGE_SCRIPT_BUDGET },
  ];
}

export const siteBench: Bench = {
  title: 'The built site, gzip',
  run() {
    if (!existsSync(SITE)) {
      console.log(`\nThe built site: there is no ${SITE}; npm run build makes it.`);
      return [];
    }
    return [...pageFigures(), ...labFigures()];
  },
};
