// Writes what helm says of its own commands, from a helm binary: node scripts/helm-help.ts /path/to/helm.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = join(
  dirname(fileURLToPath(import.meta.url)),
  '../src/sim/kubernetes/helm/generated/help.ts',
);
const [helm] = process.argv.slice(2);
if (!helm) throw new Error('which helm?');

const GLOBAL = '\nGlobal Flags:\n';
const texts: Record<string, string> = {};
let globalFlags = '';

function walk(path: readonly string[]): void {
  const env = { HOME: '/root', PATH: '/usr/bin' };
  const text = execFileSync(helm ?? '', [...path, '--help'], { encoding: 'utf8', env });
  const [own = '', shared] = text.split(GLOBAL);
  if (shared) globalFlags = shared.split('\n\n')[0]?.replace(/\n?$/, '\n') ?? '';
  texts[path.join(' ')] = own;
  const list = /Available Commands:\n((?: {2}.*\n)+)/.exec(text)?.[1] ?? '';
  for (const line of list.split('\n')) {
    const name = line.trim().split(' ')[0];
    if (name && name !== 'help') walk([...path, name]);
  }
}

walk([]);
mkdirSync(dirname(target), { recursive: true });
writeFileSync(
  target,
  [
    '// Made by scripts/helm-help.ts from helm 4.3 (Apache License 2.0); not edited by hand.',
    '',
    '/** The help of each command up to the flags that all have. */',
    `export const HELPS: Readonly<Record<string, string>> = ${JSON.stringify(texts, null, 2)};`,
    '',
    '/** The flags that all commands have. */',
    `export const GLOBAL_FLAGS_TEXT = ${JSON.stringify(globalFlags)};`,
    '',
  ].join('\n'),
);
