// npm: init -y, install, ci, uninstall, run, start, test and ls, over the registry. Workspaces, audits and publishing are
// left out.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { spawn, waitFor } from '../../../userland/libc/spawn.ts';
import { type Main, notSimulated, program } from '../../../userland/libc/stdio.ts';
import {
  type Dependencies,
  hereOf,
  installedPackages,
  installPackage,
  isTrouble,
  type Manifest,
  readManifest,
  type Resolved,
  resolvePackage,
  satisfies,
  type Trouble,
  writeJsonFile,
} from './client.ts';

const HOST = 'registry.npmjs.org';

function* error(main: Main, lines: readonly string[], status = 1): Routine<number> {
  main.err.put(lines.map((line) => `npm error${line === '' ? '' : ` ${line}`}\n`).join(''));
  yield* main.err.flush();
  return status;
}

function* troubled(main: Main, trouble: Trouble): Routine<number> {
  switch (trouble.kind) {
    case 'network':
      return yield* error(main, [
        `code ${trouble.code}`,
        'syscall getaddrinfo',
        `errno ${trouble.code}`,
        `request to https://${trouble.host}/ failed, reason: getaddrinfo ${trouble.code} ${trouble.host}`,
      ]);
    case 'unknown':
      return yield* notSimulated(main, `the npm package ${trouble.name}`);
    default:
      return yield* notSimulated(main, `the npm package ${trouble.name}@${trouble.range}`);
  }
}

/** The manifest here, or the status of the error that there is none. */
function* manifestHere(main: Main): Routine<Manifest | number> {
  const here = hereOf(main.process);
  const manifest = yield* readManifest(main.process, here);
  if (typeof manifest === 'object') return manifest;
  if (typeof manifest === 'string')
    return yield* error(main, [
      'code EJSONPARSE',
      `path ${here}/package.json`,
      `JSON.parse ${manifest}`,
      'JSON.parse Failed to parse JSON data.',
      'JSON.parse Note: package.json must be actual JSON, not just JavaScript.',
    ]);
  return yield* error(
    main,
    [
      'code ENOENT',
      'syscall open',
      `path ${here}/package.json`,
      'errno -2',
      `enoent Could not read package.json: Error: ENOENT: no such file or directory, open '${here}/package.json'`,
      'enoent This is related to npm not being able to find a file.',
      'enoent',
    ],
    254,
  );
}

function* init(main: Main, options: ReadonlySet<string>): Routine<number> {
  if (!options.has('-y') && !options.has('--yes'))
    return yield* notSimulated(main, 'npm init without -y');
  const here = hereOf(main.process);
  const manifest = {
    name: here.slice(here.lastIndexOf('/') + 1).toLowerCase(),
    version: '1.0.0',
    main: 'index.js',
    scripts: { test: 'echo "Error: no test specified" && exit 1' },
    keywords: [],
    author: '',
    license: 'ISC',
    description: '',
  };
  writeJsonFile(main.process, `${here}/package.json`, manifest);
  main.out.put(
    `Wrote to ${here}/package.json:\n\n${JSON.stringify(manifest, undefined, 2)}\n\n\n\n`,
  );
  return 0;
}

/** `name@range`. */
function specOf(word: string): readonly [string, string] {
  const at = word.lastIndexOf('@');
  return at > 0 ? [word.slice(0, at), word.slice(at + 1)] : [word, ''];
}

function lockFile(manifest: Manifest, packages: readonly Resolved[]): object {
  const { name, version, dependencies, devDependencies } = manifest;
  const root = {
    name,
    version,
    ...(manifest.license === undefined ? {} : { license: manifest.license }),
    dependencies,
    devDependencies,
  };
  const entries = packages.map((one) => [
    `node_modules/${one.name}`,
    { version: one.version, resolved: one.tarball, integrity: one.integrity },
  ]);
  return {
    name,
    version,
    lockfileVersion: 3,
    requires: true,
    packages: { '': root, ...Object.fromEntries(entries) },
  };
}

function* install(
  main: Main,
  words: readonly string[],
  options: ReadonlySet<string>,
  clean: boolean,
): Routine<number> {
  const { process: p } = main;
  const here = hereOf(p);
  const start = p.now;
  const read = yield* readManifest(p, here);
  if (typeof read !== 'object' && (words.length === 0 || read !== undefined)) {
    const failed = yield* manifestHere(main);
    return typeof failed === 'number' ? failed : 0;
  }
  const manifest: Manifest = typeof read === 'object' ? read : {};
  if (clean && !p.exists(`${here}/package-lock.json`))
    return yield* error(main, [
      'code EUSAGE',
      '',
      'The `npm ci` command can only install with an existing package-lock.json or',
      'npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or',
      'later to generate a package-lock.json file, then try again.',
    ]);
  const production =
    options.has('--production') ||
    options.has('--omit=dev') ||
    options.has('--only=production') ||
    p.environment.get('NODE_ENV') === 'production';
  const dev = options.has('-D') || options.has('--save-dev');
  const wanted = new Map<string, string>(Object.entries(manifest.dependencies ?? {}));
  if (!production)
    for (const [name, range] of Object.entries(manifest.devDependencies ?? {}))
      wanted.set(name, range);
  const added: Record<string, string> = {};
  for (const word of words) wanted.set(...specOf(word));
  const have = clean ? new Map<string, string>() : yield* installedPackages(p, here);
  const resolved: Resolved[] = [];
  for (const [name, range] of wanted) {
    const found = yield* resolvePackage(p, HOST, name, range);
    if (isTrouble(found)) return yield* troubled(main, found);
    resolved.push(found);
    const asked = words.map(specOf).find(([one]) => one === name);
    if (asked)
      added[name] = asked[1] === '' || asked[1] === 'latest' ? `^${found.version}` : asked[1];
  }
  const missing = resolved.filter(({ name, version }) => have.get(name) !== version);
  for (const one of missing) {
    const failed = yield* installPackage(p, here, one);
    if (failed) return yield* troubled(main, failed);
  }
  const saved = words.length > 0 ? withDependencies(manifest, added, dev) : manifest;
  if (words.length > 0) writeJsonFile(p, `${here}/package.json`, saved);
  if (!clean) writeJsonFile(p, `${here}/package-lock.json`, lockFile(saved, resolved));
  const seconds = Math.max(1, Math.round((p.now - start) / 1e9));
  const count = (n: number): string => `${n} package${n === 1 ? '' : 's'}`;
  const audited = `audited ${count(resolved.length + 1)} in ${seconds}s`;
  main.out.put(
    missing.length > 0
      ? `\nadded ${count(missing.length)}, and ${audited}\n`
      : `\nup to date, ${audited}\n`,
  );
  main.out.put('\nfound 0 vulnerabilities\n');
  return 0;
}

function withDependencies(manifest: Manifest, added: Dependencies, dev: boolean): Manifest {
  const key = dev ? 'devDependencies' : 'dependencies';
  const all = Object.entries({ ...manifest[key], ...added }).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...manifest, [key]: Object.fromEntries(all) };
}

/** Runs a script of package.json by the shell, with node_modules/.bin on the path. */
export function* runScript(
  main: Main,
  manifest: Manifest,
  name: string,
  args: readonly string[],
): Routine<number> {
  const { process: p } = main;
  const here = hereOf(p);
  const command =
    manifest.scripts?.[name] ??
    (name === 'start' && p.exists(`${here}/server.js`) ? 'node server.js' : undefined);
  if (command === undefined)
    return yield* error(main, [
      `Missing script: "${name}"`,
      '',
      'To see a list of scripts, run:',
      '  npm run',
    ]);
  const full = [command, ...args].join(' ');
  const title =
    manifest.name === undefined
      ? ''
      : `${manifest.name}${manifest.version === undefined ? '' : `@${manifest.version}`} `;
  main.out.put(`\n> ${title}${name}\n> ${full}\n\n`);
  yield* main.out.flush();
  const environment = new Map(p.environment);
  environment.set('PATH', `${here}/node_modules/.bin:${p.environment.get('PATH') ?? ''}`);
  environment.set('npm_lifecycle_event', name);
  const pid = spawn(p, ['/bin/sh', '-c', full], { environment });
  if (isErrno(pid)) return 1;
  const { code, signal } = yield* waitFor(p, pid);
  return signal > 0 ? 128 + signal : code;
}

function* list(main: Main, manifest: Manifest): Routine<number> {
  const here = hereOf(main.process);
  const have = yield* installedPackages(main.process, here);
  const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  main.out.put(`${manifest.name ?? ''}@${manifest.version ?? ''} ${here}\n`);
  let missing = 0;
  for (const [i, [name, range]] of wanted.entries()) {
    const version = have.get(name);
    const branch = i === wanted.length - 1 ? '└──' : '├──';
    if (version === undefined || !satisfies(version, range)) missing++;
    main.out.put(
      version === undefined
        ? `${branch} UNMET DEPENDENCY ${name}@${range}\n`
        : `${branch} ${name}@${version}\n`,
    );
  }
  if (wanted.length === 0) main.out.put('└── (empty)\n');
  main.out.put('\n');
  return missing > 0 ? 1 : 0;
}

function npmVersion(main: Main): Routine<string> {
  return (function* () {
    const about = yield* readManifest(main.process, '/usr/local/lib/node_modules/npm');
    return typeof about === 'object' ? (about.version ?? '') : '';
  })();
}

export const npm = program('npm', function* (main) {
  const options = new Set(main.args.filter((word) => word.startsWith('-')));
  const split = main.args.indexOf('--');
  const plain = (split < 0 ? main.args : main.args.slice(0, split)).filter(
    (word) => !word.startsWith('-'),
  );
  const after = split < 0 ? [] : main.args.slice(split + 1);
  const [command = '', ...words] = plain;
  if (options.has('-v') || options.has('--version')) {
    main.out.put(`${yield* npmVersion(main)}\n`);
    return 0;
  }
  if (options.has('-g') || options.has('--global'))
    return yield* notSimulated(main, `npm ${command} --global`);
  switch (command) {
    case 'init':
      return yield* init(main, options);
    case 'install':
    case 'i':
    case 'add':
      return yield* install(main, words, options, false);
    case 'ci':
      return yield* install(main, [], options, true);
    case 'start':
    case 'test':
    case 'run':
    case 'run-script': {
      const manifest = yield* manifestHere(main);
      if (typeof manifest === 'number') return manifest;
      const [name, ...args] = command.startsWith('run') ? words : [command, ...words];
      if (name === undefined) return yield* notSimulated(main, 'npm run without a script');
      return yield* runScript(main, manifest, name, [...args, ...after]);
    }
    case 'ls':
    case 'list': {
      const manifest = yield* manifestHere(main);
      return typeof manifest === 'number' ? manifest : yield* list(main, manifest);
    }
    default:
      return yield* notSimulated(main, `npm ${main.args.join(' ')}`);
  }
});

export const npx = program('npx', (main) => notSimulated(main, `npx ${main.args.join(' ')}`));
