// helm dependency (pkg/downloader/manager.go): the charts that Chart.yaml names are found in repositories or folders, their
// versions fixed in Chart.lock, their archives put into charts/.

import {
  makeDirectories,
  removeAll,
  writeWholeFile,
} from '../../../containers/containerd/daemon.ts';
import { digestOf } from '../../../containers/images/oci.ts';
import { decode, encode } from '../../../core/text.ts';
import { epochSeconds, rfc3339Fraction } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import { archiveOf } from '../archive.ts';
import { type Chart, chartName, HelmError, loadChart, readYaml, Unsimulated } from '../chart.ts';
import type { Call, Command } from '../command.ts';
import { isMap, type Values } from '../convert.ts';
import { uiTable } from '../release/print.ts';
import { isVersion, satisfies } from '../semver.ts';
import { findVersion } from './index-file.ts';
import { absoluteUrl } from './locate.ts';
import { helmPaths } from './paths.ts';
import {
  cachedIndex,
  fetchUrl,
  knownRepositories,
  type Repository,
  updateIndex,
} from './repositories.ts';

interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
}

function dependenciesOf({ metadata }: Chart): Values[] {
  return Array.isArray(metadata.dependencies) ? metadata.dependencies.filter(isMap) : [];
}

const dependencyOf = ({ name, version, repository }: Values): Dependency => ({
  name: String(name ?? ''),
  version: String(version ?? ''),
  repository: String(repository ?? ''),
});

/** A dependency's fields in the order in which they are hashed. */
const HASHED = ['name', 'version', 'repository', 'condition', 'tags', 'import-values', 'alias'];

function hashOf(wanted: readonly Values[], locked: readonly Dependency[]): string {
  const fields = (one: Values): Values =>
    Object.fromEntries(
      HASHED.filter((key) => key === 'repository' || one[key] !== undefined).map((key) => [
        key,
        one[key] ?? '',
      ]),
    );
  const both = [wanted.map(fields), locked.map((one) => fields({ ...one }))];
  return digestOf(encode(JSON.stringify(both)));
}

function constraintFits(constraint: string, version: string): string | undefined {
  if (constraint === version) return undefined;
  const fits = satisfies(constraint, version);
  if (fits === undefined) return 'invalid version';
  return fits ? undefined : 'wrong version';
}

/** What `dependency list` says of one. */
function* statusOf(call: Call, path: string, one: Dependency, chart: Chart): Routine<string> {
  const { process } = call.main;
  const items = process.readdir(`${path}/charts`);
  const archives = (isErrno(items) ? [] : items)
    .map(({ name }) => name)
    .filter((name) => name.startsWith(`${one.name}-`) && name.endsWith('.tgz'));
  const exact = archives.filter(
    (name) => archives.length === 1 || isVersion(name.slice(one.name.length + 1, -4)),
  );
  if (exact.length > 1) return 'too many matches';
  const [archive] = exact;
  if (archive !== undefined) {
    const own = yield* loadChart(process, `${path}/charts/${archive}`);
    if (chartName(own) !== one.name) return 'misnamed';
    return constraintFits(one.version, String(own.metadata.version)) ?? 'ok';
  }
  const inner = chart.dependencies.find((own) => chartName(own) === one.name);
  if (!inner) return 'missing';
  return constraintFits(one.version, String(inner.metadata.version)) ?? 'unpacked';
}

const LONGEST_CELL = 80;

function* list(call: Call): Routine<void> {
  const { main, args } = call;
  const path = args[0] ?? '.';
  const chart = yield* loadChart(main.process, path);
  const wanted = dependenciesOf(chart);
  if (wanted.length === 0) {
    const folder = path === '.' ? 'charts' : `${path.replace(/\/$/, '')}/charts`;
    return main.out.put(`WARNING: no dependencies at ${folder}\n`);
  }
  const rows = [['NAME', 'VERSION', 'REPOSITORY', 'STATUS']];
  for (const one of wanted.map(dependencyOf)) {
    const cells = [one.name, one.version, one.repository, yield* statusOf(call, path, one, chart)];
    rows.push(cells.map((text) => text.slice(0, LONGEST_CELL)));
  }
  main.out.put(`${uiTable(rows)}\n`);
  for (const inner of chart.dependencies) {
    const name = chartName(inner);
    if (!wanted.some((one) => one.name === name))
      main.out.put(`WARNING: "${path.replace(/\/$/, '')}/charts/${name}" is not in Chart.yaml.\n`);
  }
}

/** The folder of a chart; throws HelmError. */
function* chartFolder(call: Call): Routine<{ readonly path: string; readonly chart: Chart }> {
  const { process } = call.main;
  const path = (call.args[0] ?? '.').replace(/(.)\/+$/, '$1');
  const stat = process.stat(path);
  if (isErrno(stat))
    throw new HelmError(`could not find ${path}: stat ${path}: ${stat.message.toLowerCase()}`);
  if ((stat.mode & 0o170000) !== 0o040000)
    throw new HelmError('only unpacked charts can be updated');
  return { path, chart: yield* loadChart(process, path) };
}

/** The repository that a dependency names by URL or alias; undefined for one that helm was not told of. */
function named(known: readonly Repository[], text: string): Repository | undefined {
  const alias = /^(?:@|alias:)(.*)$/.exec(text)?.[1];
  return known.find(({ name, url }) =>
    alias === undefined ? url.replace(/\/$/, '') === text.replace(/\/$/, '') : name === alias,
  );
}

/** The repositories that dependencies need, each by what Chart.yaml calls it; throws HelmError. */
function repositoriesFor(
  known: readonly Repository[],
  wanted: readonly Dependency[],
): Map<string, Repository> {
  const found = new Map<string, Repository>();
  const missing: string[] = [];
  for (const { repository } of wanted) {
    if (repository === '' || repository.startsWith('file://')) continue;
    if (repository.startsWith('oci://'))
      throw new Unsimulated('helm with charts in registries (oci://)');
    const own = named(known, repository);
    if (own) found.set(repository, own);
    else if (/^https?:\/\//.test(repository)) {
      const key = digestOf(encode(repository)).replace(/^sha256:/, '');
      found.set(repository, { name: `helm-manager-${key}`, url: repository });
    } else missing.push(repository);
  }
  if (missing.length === 0) return found;
  const text = `no repository definition for ${missing.join(', ')}. Please add them via 'helm repo add'`;
  const bare = missing.some((one) => !/\/\/|^@|^alias:/.test(one));
  throw new HelmError(
    bare
      ? `${text}\nNote that repositories must be URLs or aliases. For example, to refer to the "example"\nrepository, use "https://charts.example.com/" or "@example" instead of\n"example". Don't forget to add the repo, too ('helm repo add').`
      : text,
  );
}

function* refresh(call: Call, repositories: readonly Repository[]): Routine<void> {
  const { main } = call;
  for (const repository of repositories) {
    const managed = repository.name.startsWith('helm-manager-');
    const shown = managed ? repository.url : repository.name;
    try {
      yield* updateIndex(main.process, helmPaths(call), repository);
      main.out.put(`...Successfully got an update from the "${shown}" chart repository\n`);
    } catch (problem) {
      if (!(problem instanceof HelmError)) throw problem;
      const where = managed ? '' : ` (${repository.url})`;
      main.out.put(
        `...Unable to get an update from the "${shown}" chart repository${where}:\n\t${problem.message}\n`,
      );
    }
  }
}

/** Where a dependency's folder is: `file://../other` is beside the chart. */
function localPath(path: string, repository: string): string {
  const place = repository.replace(/^file:\/\//, '');
  return place.startsWith('/') ? place : `${path}/${place}`;
}

/** Fixes the version of each dependency; throws HelmError. */
function* resolve(
  call: Call,
  path: string,
  wanted: readonly Dependency[],
  repositories: ReadonlyMap<string, Repository>,
): Routine<Dependency[]> {
  const { process } = call.main;
  const locked: Dependency[] = [];
  const missing: string[] = [];
  for (const one of wanted) {
    const { name, version, repository } = one;
    const absent = `"${name}" (repository "${repository}", version "${version}")`;
    if (repository === '') {
      const stat = process.stat(`${path}/charts/${name}`);
      if (isErrno(stat)) throw new HelmError(`directory ${path}/charts/${name} not found`);
      locked.push(one);
      continue;
    }
    if (repository.startsWith('file://')) {
      const place = localPath(path, repository);
      if (isErrno(process.stat(place))) throw new HelmError(`directory ${place} not found`);
      const own = String((yield* loadChart(process, place)).metadata.version);
      if (satisfies(version, own) === true) locked.push({ ...one, version: own });
      else missing.push(absent);
      continue;
    }
    const known = repositories.get(repository);
    if (!known) continue;
    const entries = yield* cachedIndex(process, helmPaths(call), known.name);
    if (!entries[name]) throw new HelmError(`${name} chart not found in repo ${known.url}`);
    const found = findVersion(entries, name, version);
    if (typeof found === 'string') missing.push(absent);
    else locked.push({ name, repository: known.url, version: found.version });
  }
  if (missing.length > 0)
    throw new HelmError(
      `can't get a valid version for ${missing.length} subchart(s): ${missing.join(', ')}. Make sure a matching chart version exists in the repo, or change the version constraint in Chart.yaml`,
    );
  return locked;
}

/** Puts the archives of fixed versions into charts/ and takes others away; throws HelmError. */
function* save(
  call: Call,
  path: string,
  locked: readonly Dependency[],
  repositories: readonly Repository[],
): Routine<void> {
  const { main } = call;
  const { process } = main;
  const charts = `${path}/charts`;
  makeDirectories(process, charts);
  main.out.put(`Saving ${locked.length} charts\n`);
  const saved = new Set<string>();
  for (const { name, version, repository } of locked) {
    if (repository === '') {
      main.out.put(
        `Dependency ${name} did not declare a repository. Assuming it exists in the charts directory\n`,
      );
      continue;
    }
    const file = `${name}-${version}.tgz`;
    if (repository.startsWith('file://')) {
      const chart = yield* loadChart(process, localPath(path, repository));
      const bytes = archiveOf(chart, epochSeconds(process.now));
      writeWholeFile(process, `${charts}/${file}`, bytes, 0o644);
    } else {
      main.out.put(`Downloading ${name} from repo ${repository}\n`);
      const known = repositories.find(({ url }) => url === repository);
      const entries = yield* cachedIndex(process, helmPaths(call), known?.name ?? '');
      const found = findVersion(entries, name, version);
      const [url] = typeof found === 'string' ? [] : (found.urls ?? []);
      if (url === undefined) throw new HelmError(`could not find ${name}: no downloadable URLs`);
      const bytes = yield* fetchUrl(process, absoluteUrl(repository, url));
      writeWholeFile(process, `${charts}/${file}`, bytes, 0o644);
    }
    saved.add(file);
  }
  main.out.put('Deleting outdated charts\n');
  const items = process.readdir(charts);
  for (const { name } of isErrno(items) ? [] : items)
    if (name.endsWith('.tgz') && !saved.has(name)) removeAll(process, `${charts}/${name}`);
}

function* update(call: Call): Routine<void> {
  const { main, flags } = call;
  const { path, chart } = yield* chartFolder(call);
  const declared = dependenciesOf(chart);
  if (declared.length === 0) return;
  const wanted = declared.map(dependencyOf);
  const known = yield* knownRepositories(main.process, helmPaths(call));
  const repositories = repositoriesFor(known, wanted);
  if (!flags.is('skip-refresh')) {
    const strangers = [...new Set(repositories.values())].filter((one) => !known.includes(one));
    if (strangers.length > 0) main.out.put('Getting updates for unmanaged Helm repositories...\n');
    yield* refresh(call, strangers);
    if (known.length > 0) {
      main.out.put('Hang tight while we grab the latest from your chart repositories...\n');
      yield* refresh(call, known);
      main.out.put('Update Complete. ⎈Happy Helming!⎈\n');
    }
  }
  const locked = yield* resolve(call, path, wanted, repositories);
  yield* save(call, path, locked, [...repositories.values()]);
  const digest = hashOf(declared, locked);
  const old = chart.files.find(({ name }) => name === 'Chart.lock');
  const lock = old && readYaml(decode(old.bytes));
  if (isMap(lock) && lock.digest === digest) return;
  const generated = rfc3339Fraction(main.process.now, 9);
  const text = toYaml({ dependencies: locked, digest, generated });
  writeWholeFile(main.process, `${path}/Chart.lock`, encode(text), 0o644);
}

function* rebuild(call: Call): Routine<void> {
  const { main, flags } = call;
  const { path, chart } = yield* chartFolder(call);
  const file = chart.files.find(({ name }) => name === 'Chart.lock');
  if (!file) return yield* update(call);
  const lock = readYaml(decode(file.bytes));
  const entries = isMap(lock) && Array.isArray(lock.dependencies) ? lock.dependencies : [];
  const locked = entries.filter(isMap).map(dependencyOf);
  if (!isMap(lock) || hashOf(dependenciesOf(chart), locked) !== lock.digest)
    throw new HelmError(
      "the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). Please update the dependencies with 'helm dependency update'",
    );
  const known = yield* knownRepositories(main.process, helmPaths(call));
  const absent = locked
    .map(({ repository }) => repository)
    .filter((text) => text !== '' && !text.startsWith('file://') && !named(known, text));
  if (absent.length > 0) throw new HelmError(`no repository definition for ${absent.join(', ')}`);
  if (!flags.is('skip-refresh') && known.length > 0) {
    main.out.put('Hang tight while we grab the latest from your chart repositories...\n');
    yield* refresh(call, known);
    main.out.put('Update Complete. ⎈Happy Helming!⎈\n');
  }
  yield* save(call, path, locked, known);
}

const FETCHING = [
  ...['ca-file', 'cert-file', 'key-file', 'keyring', 'username', 'password', 'verify'],
  ...['insecure-skip-tls-verify', 'plain-http'],
];

export const DEPENDENCY_COMMANDS: readonly Command[] = [
  { path: 'dependency list', takes: { most: 1 }, idle: ['max-col-width'], run: list },
  { path: 'dependency update', takes: { most: 1 }, idle: FETCHING, run: update },
  { path: 'dependency build', takes: { most: 1 }, idle: FETCHING, run: rebuild },
];
