// Sizes of the built site, gzip: what a page weighs before any click, and all code that the worker fetches to switch a lab
// on and to run first commands in it: programs that are fetched when they are executed count too. Needs `npm run
// build` before.

import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FetchedCode } from './lab-code.ts';
import type { Bench, Figure } from './report.ts';

const SITE = 'dist';

/** Of each lab: the kilobytes of code that DESIGN allows, and what one types in it first. */
const LABS: Readonly<Record<string, { readonly budget: number; readonly first: string }>> = {
  linux: { budget: 110, first: 'ls -l /; ps aux; cat /etc/os-release' },
  lan: { budget: 110, first: 'ip address; ping -c 1 localhost' },
  runtime: { budget: 200, first: 'ctr images ls; crictl images' },
  docker: { budget: 200, first: 'docker run hello-world; docker ps -a' },
  etcd: { budget: 350, first: 'etcdctl put a b; etcdctl get a' },
  minikube: { budget: 350, first: 'kubectl get nodes; kubectl get pods -A' },
  machines: { budget: 350, first: 'ls -l /; ps aux' },
  kubeadm: { budget: 350, first: 'kubectl get nodes; kubectl get pods -A' },
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

/** What the worker fetches for a lab. */
function fetchedFor(worker: string, lab: string, command: string): FetchedCode {
  const script = resolve('bench/lab-code.ts');
  const text = execFileSync(process.execPath, [script, resolve(worker), lab, command]);
  return JSON.parse(text.toString()) as FetchedCode;
}

function labFigures(): Figure[] {
  const [worker] = globSync(join(SITE, 'assets/worker-*.js'));
  if (worker === undefined) throw new Error(`no worker opens labs in ${SITE}`);
  return Object.entries(LABS).map(([lab, { budget, first }]) => {
    const { on, used, status } = fetchedFor(worker, lab, first);
    if (status !== 0) throw new Error(`${lab}: status ${status} of ${first}`);
    const switching = kilobytes(on).toFixed(0);
    const beside = `to switch on ${switching} KB in ${on.length} files; then ${first}`;
    return { name: `code for ${lab}`, value: kilobytes(used), unit: 'KB', budget, beside };
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
