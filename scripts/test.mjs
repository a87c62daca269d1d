// `npm test`: installs, finds or installs a browser, then every check in order: lint, types, units with tidy rules and
// properties, sessions, the built site with its examples, the browser tests.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { install, run } from './install.mjs';

const CANDIDATES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The path of a browser of the system; undefined where there is none. */
function systemBrowser() {
  if (process.env.CHROME_PATH && existsSync(process.env.CHROME_PATH))
    return process.env.CHROME_PATH;
  for (const name of CANDIDATES) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // the next name
    }
  }
  return undefined;
}

/** A browser for the tests: the system's, else Playwright's, else the distribution's package. */
function findBrowser() {
  const found = systemBrowser();
  if (found) return found;
  for (const command of [
    'npx playwright install chromium',
    'apt-get update && apt-get install -y --no-install-recommends chromium',
  ]) {
    try {
      execFileSync('sh', ['-c', command], { stdio: 'inherit' });
      return systemBrowser() ?? '';
    } catch {
      // the next way
    }
  }
  console.error('No browser was found and none could be installed: set CHROME_PATH.');
  process.exit(1);
}

install();
const browser = findBrowser();
const steps = [
  ['Field tables', ['generate']],
  ['Lint', ['lint']],
  ['Types', ['types']],
  ['Units, tidy rules, properties', ['unit']],
  ['Sessions', ['sessions:all']],
  ['Site and examples', ['build']],
  ['Browser', ['browser']],
];
for (const [title, [script]] of steps) {
  console.log(`\n── ${title}`);
  run('npm', ['run', '--silent', script], browser ? { CHROME_PATH: browser } : {});
}
