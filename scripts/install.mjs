// Installs what package-lock.json names, once: runs on any Node from 20 on, before anything else is there.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** True where node_modules is older than the lock file, or not there. */
function outdated() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return true;
  return statSync(installed).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs - 1000;
}

/** Runs a program in the project's root with the pinned Node first on PATH; its failure ends this process. */
export function run(command, args, environment = {}) {
  const bin = join(root, 'node_modules/.bin');
  const env = { ...process.env, ...environment, PATH: `${bin}:${process.env.PATH}` };
  try {
    execFileSync(command, args, { cwd: root, stdio: 'inherit', env });
  } catch (error) {
    console.error(`\n${command} ${args.join(' ')} failed`);
    process.exit(typeof error.status === 'number' ? error.status : 1);
  }
}

/** Installs the project's packages where they are missing or older than the lock file. */
export function install() {
  const version = Number(process.versions.node.split('.')[0]);
  if (version < 20) {
    console.error(`Node ${process.versions.node} is too old: Node 20 or newer starts the set-up.`);
    process.exit(1);
  }
  if (!outdated()) return;
  const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  console.log(`Installing the packages of ${name} …`);
  run('npm', ['ci', '--no-audit', '--no-fund']);
}
