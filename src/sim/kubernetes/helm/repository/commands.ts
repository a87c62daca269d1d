// helm's commands on repositories: repo add, list, update, remove, index; search repo; pull.

import {
  makeDirectories,
  removeAll,
  writeWholeFile,
} from '../../../containers/containerd/daemon.ts';
import { readTar } from '../../../containers/images/tar.ts';
import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { gunzip } from '../../../userland/libc/gzip.ts';
import { dirName, joinPath, readFile } from '../../../userland/libc/whole-file.ts';
import { HelmError, loadChart } from '../chart.ts';
import { type Call, type Command, log } from '../command.ts';
import { encoded, formatOf, uiTable } from '../release/print.ts';
import { compareVersions, satisfies } from '../semver.ts';
import { DEPENDENCY_COMMANDS } from './dependencies.ts';
import { type Archive, type ChartVersion, readIndex, writeIndex } from './index-file.ts';
import { chartUrl } from './locate.ts';
import { helmPaths } from './paths.ts';
import {
  cachedIndex,
  chartsPath,
  fetchUrl,
  indexPath,
  knownRepositories,
  saveRepositories,
  updateIndex,
} from './repositories.ts';

/** Repositories that are gone for ever. */
const GONE: Readonly<Record<string, string>> = {
  '//kubernetes-charts.storage.googleapis.com': 'https://charts.helm.sh/stable',
  '//kubernetes-charts-incubator.storage.googleapis.com': 'https://charts.helm.sh/incubator',
};

function* add(call: Call): Routine<void> {
  const { main, flags, args } = call;
  const [name = '', url = ''] = args;
  for (const [old, other] of Object.entries(GONE))
    if (url.includes(old) && !flags.is('allow-deprecated-repos'))
      throw new HelmError(`repo "${url}" is no longer available; try "${other}" instead`);
  const paths = helmPaths(call);
  const known = yield* knownRepositories(main.process, paths);
  if (name.includes('/'))
    throw new HelmError(
      `repository name (${name}) contains '/', please specify a different name without '/'`,
    );
  const same = known.find((one) => one.name === name);
  if (same && !flags.is('force-update')) {
    if (same.url !== url)
      throw new HelmError(
        `repository name (${name}) already exists, please specify a different name`,
      );
    return main.out.put(`"${name}" already exists with the same configuration, skipping\n`);
  }
  const repository = { name, url };
  try {
    yield* updateIndex(main.process, paths, repository);
  } catch (problem) {
    if (!(problem instanceof HelmError)) throw problem;
    if (/^could not find protocol handler/.test(problem.message)) throw problem;
    throw new HelmError(
      `looks like "${url}" is not a valid chart repository or cannot be reached: ${problem.message}`,
    );
  }
  const others = known.map((one) => (one.name === name ? repository : one));
  saveRepositories(main.process, paths, same ? others : [...known, repository]);
  main.out.put(`"${name}" has been added to your repositories\n`);
}

function* list(call: Call): Routine<void> {
  const { main, flags } = call;
  const format = formatOf(call);
  const known = yield* knownRepositories(main.process, helmPaths(call));
  if (format !== 'table') return main.out.put(encoded(known, format));
  if (known.length === 0) {
    main.err.put('no repositories to show\n');
    return;
  }
  const rows = known.map(({ name, url }) => [name, url]);
  main.out.put(uiTable(flags.is('no-headers') ? rows : [['NAME', 'URL'], ...rows]));
}

const NO_REPOSITORIES = 'no repositories found. You must add one before updating';

function* update(call: Call): Routine<void> {
  const { main, args } = call;
  const paths = helmPaths(call);
  const known = yield* knownRepositories(main.process, paths);
  if (known.length === 0) throw new HelmError(NO_REPOSITORIES);
  for (const name of args)
    if (!known.some((one) => one.name === name))
      throw new HelmError(`no repositories found matching '${name}'.  Nothing will be updated`);
  main.out.put('Hang tight while we grab the latest from your chart repositories...\n');
  const failed: string[] = [];
  for (const repository of known) {
    const { name, url } = repository;
    if (args.length > 0 && !args.includes(name)) continue;
    try {
      yield* updateIndex(main.process, paths, repository);
      main.out.put(`...Successfully got an update from the "${name}" chart repository\n`);
    } catch (problem) {
      if (!(problem instanceof HelmError)) throw problem;
      main.out.put(
        `...Unable to get an update from the "${name}" chart repository (${url}):\n\t${problem.message}\n`,
      );
      failed.push(url);
    }
  }
  if (failed.length > 0)
    throw new HelmError(`failed to update the following repositories: [${failed.join(' ')}]`);
  main.out.put('Update Complete. ⎈Happy Helming!⎈\n');
}

function* remove(call: Call): Routine<void> {
  const { main, args } = call;
  const paths = helmPaths(call);
  let known = yield* knownRepositories(main.process, paths);
  if (known.length === 0) throw new HelmError('no repositories configured');
  for (const name of args) {
    if (!known.some((one) => one.name === name))
      throw new HelmError(`no repo named "${name}" found`);
    known = known.filter((one) => one.name !== name);
    saveRepositories(main.process, paths, known);
    removeAll(main.process, chartsPath(paths, name));
    removeAll(main.process, indexPath(paths, name));
    main.out.put(`"${name}" has been removed from your repositories\n`);
  }
}

/** Makes index.yaml of the archives in a folder and the folders within it. */
function* index(call: Call): Routine<void> {
  const { main, flags, args } = call;
  const { process } = main;
  const cwd = process.getcwd();
  const folder = joinPath(isErrno(cwd) ? '/' : cwd, args[0] ?? '').replace(/\/\.?$/, '');
  const archives: Archive[] = [];
  for (const place of ['', ...foldersIn(call, folder)]) {
    const items = process.readdir(`${folder}/${place}`);
    for (const { name } of isErrno(items)
      ? []
      : [...items].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!name.endsWith('.tgz')) continue;
      const file = place === '' ? name : `${place}/${name}`;
      const bytes = yield* readFile(process, `${folder}/${file}`);
      if (isErrno(bytes)) continue;
      archives.push({ file, chart: yield* loadChart(process, `${folder}/${file}`), bytes });
    }
  }
  const other = flags.text('merge');
  const before = other === '' ? undefined : yield* readFile(process, other);
  const merged = before && !isErrno(before) ? readIndex(decode(before)) : {};
  const text = writeIndex(archives, flags.text('url'), process.now, merged);
  writeWholeFile(process, `${folder}/index.yaml`, encode(text), 0o644);
}

function foldersIn({ main: { process } }: Call, folder: string): string[] {
  const items = process.readdir(folder);
  if (isErrno(items)) return [];
  return items
    .map(({ name }) => name)
    .filter((name) => name !== '.' && name !== '..')
    .filter((name) => {
      const stat = process.stat(`${folder}/${name}`);
      return !isErrno(stat) && (stat.mode & 0o170000) === 0o040000;
    });
}

interface Result {
  readonly name: string;
  readonly score: number;
  readonly chart: ChartVersion;
}

const SEPARATOR = '\v';
const MOST_SCORE = 25;

/** How well a chart is met by a word: the field in which it stands first; undefined where it does not. */
function scoreOf(line: string, at: number): number | undefined {
  if (at < 0) return undefined;
  const before = line.slice(0, at).split(SEPARATOR).length - 1;
  return before < MOST_SCORE ? before : undefined;
}

/** --max-col-width: a text that is too long ends in dots. */
function shortened(text: string, width: number): string {
  return width > 0 && text.length > width ? `${text.slice(0, Math.max(width - 3, 0))}...` : text;
}

function* search(call: Call): Routine<void> {
  const { main, flags, args } = call;
  const format = formatOf(call);
  const paths = helmPaths(call);
  const known = yield* knownRepositories(main.process, paths);
  if (known.length === 0) throw new HelmError('no repositories configured');
  const asked = flags.text('version');
  const all = flags.is('versions') || asked !== '';
  const term = args.join(' ');
  const results: Result[] = [];
  for (const { name: repository } of known) {
    try {
      const entries = yield* cachedIndex(main.process, paths, repository);
      for (const [chartName, list] of Object.entries(entries))
        for (const chart of all ? list : list.slice(0, 1)) {
          const fields = [chart.name, `${repository}/${chart.name}`, chart.description ?? ''];
          const line = [...fields, (chart.keywords ?? []).join(' ')].join(SEPARATOR);
          const score = term === '' ? 0 : scored(line, term, flags.is('regexp'));
          if (score !== undefined)
            results.push({ name: `${repository}/${chartName}`, score, chart });
        }
    } catch (problem) {
      if (!(problem instanceof HelmError)) throw problem;
      const fields = { repo: repository, error: problem.message };
      yield* log(main, 'WARN', 'repo is corrupt or missing', fields);
    }
  }
  results.sort(
    (a, b) =>
      a.score - b.score ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) ||
      compareVersions(b.chart.version, a.chart.version),
  );
  const constraint = asked || (flags.is('devel') ? '>0.0.0-0' : '>0.0.0');
  const seen = new Set<string>();
  const kept = results.filter(({ name, chart }) => {
    if (!flags.is('versions') && seen.has(name)) return false;
    if (satisfies(constraint, chart.version) !== true) return false;
    seen.add(name);
    return true;
  });
  if (kept.length === 0 && flags.is('fail-on-no-result')) throw new HelmError('no results found');
  const rows = kept.map(({ name, chart }) => ({
    name,
    version: chart.version,
    app_version: String(chart.appVersion ?? ''),
    description: chart.description ?? '',
  }));
  if (format !== 'table') return main.out.put(encoded(rows, format));
  if (rows.length === 0) return main.out.put('No results found\n');
  const width = flags.number('max-col-width');
  const cells = rows.map((row) => Object.values(row).map((text) => shortened(text, width)));
  main.out.put(uiTable([['NAME', 'CHART VERSION', 'APP VERSION', 'DESCRIPTION'], ...cells]));
}

function scored(line: string, term: string, regexp: boolean): number | undefined {
  if (!regexp) return scoreOf(line, line.toLowerCase().indexOf(term.toLowerCase()));
  return scoreOf(line, line.search(new RegExp(term)));
}

function* pull(call: Call): Routine<void> {
  const { main, flags, args } = call;
  const { process } = main;
  for (const reference of args) {
    const url = yield* chartUrl(call, reference);
    const bytes = yield* fetchUrl(process, url);
    const destination = flags.text('destination');
    if (!flags.is('untar')) {
      const folder = process.stat(destination);
      if (isErrno(folder))
        throw new HelmError(`stat ${destination}: ${folder.message.toLowerCase()}`);
      const file =
        url
          .replace(/[?#].*/, '')
          .split('/')
          .pop() ?? '';
      writeWholeFile(process, joinPath(destination, file), bytes, 0o644);
      continue;
    }
    const below = flags.text('untardir');
    const folder = below.startsWith('/') ? below : joinPath(destination, below);
    const top = joinPath(folder, reference.replace(/\/$/, '').split('/').pop() ?? '');
    if (!isErrno(process.stat(top)))
      throw new HelmError(
        `failed to untar: a file or directory with the name ${top.replace(/^\.\//, '')} already exists`,
      );
    const plain = gunzip(bytes);
    const entries = plain instanceof Uint8Array ? readTar(plain) : undefined;
    for (const { name, kind, content } of Array.isArray(entries) ? entries : []) {
      if (kind !== 'file') continue;
      makeDirectories(process, dirName(joinPath(folder, name)));
      writeWholeFile(process, joinPath(folder, name), content ?? new Uint8Array(0), 0o644);
    }
  }
}

const SECRETS = [
  ...['username', 'password', 'password-stdin', 'cert-file', 'key-file', 'ca-file'],
  ...['insecure-skip-tls-verify', 'pass-credentials', 'keyring', 'verify', 'prov', 'plain-http'],
];

export const REPOSITORY_COMMANDS: readonly Command[] = [
  { path: 'repo add', takes: { exactly: 2 }, idle: SECRETS, run: add },
  { path: 'repo list', takes: { exactly: 0 }, run: list },
  { path: 'repo update', takes: { least: 0 }, run: update },
  { path: 'repo remove', takes: { least: 1 }, run: remove },
  { path: 'repo index', takes: { exactly: 1 }, idle: ['json'], run: index },
  { path: 'search repo', takes: { least: 0 }, run: search },
  { path: 'pull', takes: { least: 1 }, idle: SECRETS, run: pull },
  ...DEPENDENCY_COMMANDS,
];
