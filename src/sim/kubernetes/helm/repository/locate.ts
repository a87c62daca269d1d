// Where a chart is (LocateChart, ChartDownloader): a path, a URL, `repository/chart`, or a name in --repo; what is fetched is
// kept by its digest.

import { makeDirectories, writeWholeFile } from '../../../containers/containerd/daemon.ts';
import { digestOf } from '../../../containers/images/oci.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { HelmError, Unsimulated } from '../chart.ts';
import { type Call, log } from '../command.ts';
import { type ChartVersion, findVersion, isRange, readIndex } from './index-file.ts';
import { helmPaths } from './paths.ts';
import { cachedIndex, fetchIndex, fetchUrl, knownRepositories } from './repositories.ts';

/** The version that is asked for. */
function versionOf({ flags }: Call): string {
  const version = flags.text('version').trim();
  return version === '' && flags.is('devel') ? '>0.0.0-0' : version;
}

/** A URL that may be relative to a repository's. */
export function absoluteUrl(repository: string, url: string): string {
  if (/^[a-z]+:\/\//.test(url)) return url;
  const base = repository.replace(/\/$/, '');
  return url.startsWith('/')
    ? `${base.replace(/^(\w+:\/\/[^/]+).*/, '$1')}${url}`
    : `${base}/${url}`;
}

function* chosen(call: Call, found: ChartVersion, version: string): Routine<void> {
  if (version === '' || isRange(version) || found.version === version) return;
  yield* log(
    call.main,
    'WARN',
    'unable to find exact version requested; falling back to closest available version',
    { chart: found.name, requested: version, selected: found.version },
  );
}

/** Where the archive of a chart is; throws HelmError. */
export function* chartUrl(call: Call, reference: string): Routine<string> {
  const { main, flags } = call;
  const version = versionOf(call);
  const repositoryUrl = flags.text('repo');
  if (repositoryUrl !== '') return yield* chartUrlIn(call, repositoryUrl, reference, version);
  if (/^oci:\/\//.test(reference)) throw new Unsimulated('helm with charts in registries (oci://)');
  if (/^\w+:\/\/[^/]+\/./.test(reference)) return reference;
  const paths = helmPaths(call);
  const repositories = yield* knownRepositories(main.process, paths);
  const slash = reference.indexOf('/');
  if (slash < 0)
    throw new HelmError(
      `non-absolute URLs should be in form of repo_name/path_to_chart, got: ${reference}`,
    );
  const [repository, chart] = [reference.slice(0, slash), reference.slice(slash + 1)];
  const known = repositories.find(({ name }) => name === repository);
  if (!known) throw new HelmError(`repo ${repository} not found`);
  let found: ChartVersion | string;
  try {
    found = findVersion(yield* cachedIndex(main.process, paths, repository), chart, version);
  } catch (problem) {
    if (!(problem instanceof HelmError)) throw problem;
    throw new HelmError(`no cached repo found. (try 'helm repo update'): ${problem.message}`);
  }
  if (typeof found === 'string')
    throw new HelmError(
      `chart "${chart}" matching ${version} not found in ${repository} index. (try 'helm repo update'): ${found}`,
    );
  const [url] = found.urls ?? [];
  if (url === undefined) throw new HelmError(`chart "${reference}" has no downloadable URLs`);
  yield* chosen(call, found, version);
  return absoluteUrl(known.url, url);
}

function* chartUrlIn(call: Call, url: string, name: string, version: string): Routine<string> {
  let text: string;
  try {
    text = yield* fetchIndex(call.main.process, url);
  } catch (problem) {
    if (!(problem instanceof HelmError)) throw problem;
    throw new HelmError(
      `looks like "${url}" is not a valid chart repository or cannot be reached: ${problem.message}`,
    );
  }
  const found = findVersion(readIndex(text), name, version);
  const what = `chart "${name}"${version === '' ? '' : ` version "${version}"`}`;
  if (typeof found === 'string') throw new HelmError(`${what} not found in ${url} repository`);
  const [place] = found.urls ?? [];
  if (place === undefined) throw new HelmError(`${what} has no downloadable URLs`);
  yield* chosen(call, found, version);
  return absoluteUrl(url, place);
}

/** The path of the chart that is named, fetched where it is not here; throws HelmError. */
export function* locateChart(call: Call, reference: string): Routine<string> {
  const { main, flags } = call;
  const { process } = main;
  const name = reference.trim();
  if (flags.text('repo') === '') {
    if (!isErrno(process.stat(name))) return name;
    if (name.startsWith('.') || name.startsWith('/'))
      throw new HelmError(`path "${name}" not found`);
  }
  const url = yield* chartUrl(call, name);
  const bytes = yield* fetchUrl(process, url);
  const digest = digestOf(bytes).replace(/^sha256:/, '');
  const folder = `${helmPaths(call).content}/${digest.slice(0, 2)}`;
  makeDirectories(process, folder);
  writeWholeFile(process, `${folder}/${digest}.chart`, bytes, 0o644);
  return `${folder}/${digest}.chart`;
}
