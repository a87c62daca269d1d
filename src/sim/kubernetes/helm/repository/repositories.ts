// The repositories that helm knows (repositories.yaml) and the copies of their indexes.

import { makeDirectories, writeWholeFile } from '../../../containers/containerd/daemon.ts';
import { decode, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { dirName, readFile } from '../../../userland/libc/whole-file.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import { download, STATUS_TEXT } from '../../component/download.ts';
import { HelmError, readYaml } from '../chart.ts';
import { isMap } from '../convert.ts';
import { type Entries, readIndex } from './index-file.ts';
import type { HelmPaths } from './paths.ts';

export interface Repository {
  readonly name: string;
  readonly url: string;
}

/** The repositories in the order in which they were added; none where the file is not there. */
export function* knownRepositories(process: Process, paths: HelmPaths): Routine<Repository[]> {
  const bytes = yield* readFile(process, paths.config);
  const value = isErrno(bytes) ? undefined : readYaml(decode(bytes));
  const list = isMap(value) && Array.isArray(value.repositories) ? value.repositories : [];
  return list.filter(isMap).map(({ name, url }) => ({ name: String(name), url: String(url) }));
}

/** Writes repositories.yaml. */
export function saveRepositories(
  process: Process,
  paths: HelmPaths,
  repositories: readonly Repository[],
): void {
  const file = {
    apiVersion: '',
    generated: '0001-01-01T00:00:00Z',
    repositories: repositories.map(({ name, url }) => ({
      caFile: '',
      certFile: '',
      insecure_skip_tls_verify: false,
      keyFile: '',
      name,
      pass_credentials_all: false,
      password: '',
      url,
      username: '',
    })),
  };
  makeDirectories(process, dirName(paths.config));
  writeWholeFile(process, paths.config, encode(toYaml(file)), 0o600);
}

/** Where the copy of a repository's index is. */
export function indexPath(paths: HelmPaths, name: string): string {
  return `${paths.cache}/${name}-index.yaml`;
}

/** Where the names of its charts are. */
export function chartsPath(paths: HelmPaths, name: string): string {
  return `${paths.cache}/${name}-charts.txt`;
}

/** What is at a URL; throws HelmError. */
export function* fetchUrl(process: Process, url: string): Routine<Uint8Array> {
  const scheme = /^([a-z]+):/.exec(url)?.[1];
  const answer = yield* download(process, url);
  if (answer === undefined)
    throw new HelmError(
      scheme ? `scheme "${scheme}" not supported` : `could not find protocol handler for: `,
    );
  if ('problem' in answer) throw new HelmError(answer.problem);
  if (answer.status !== 200)
    throw new HelmError(
      `failed to fetch ${url} : ${answer.status} ${STATUS_TEXT[answer.status] ?? ''}`,
    );
  return answer.body.bytes();
}

/** Fetches a repository's index; throws HelmError. */
export function* fetchIndex(process: Process, url: string): Routine<string> {
  if (!/^https?:\/\//.test(url)) {
    const scheme = /^([a-z]+):\/\//.exec(url)?.[1] ?? '';
    throw new HelmError(`could not find protocol handler for: ${scheme}`);
  }
  return decode(yield* fetchUrl(process, `${url.replace(/\/$/, '')}/index.yaml`));
}

/** Fetches the index of a repository and keeps a copy; throws HelmError. */
export function* updateIndex(
  process: Process,
  paths: HelmPaths,
  { name, url }: Repository,
): Routine<void> {
  const text = yield* fetchIndex(process, url);
  const entries = readIndex(text);
  makeDirectories(process, paths.cache);
  const names = Object.keys(entries).map((one) => `${one}\n`);
  writeWholeFile(process, chartsPath(paths, name), encode(names.join('')), 0o644);
  writeWholeFile(process, indexPath(paths, name), encode(text), 0o644);
}

/** The copy of a repository's index; throws HelmError where it is not there. */
export function* cachedIndex(process: Process, paths: HelmPaths, name: string): Routine<Entries> {
  const path = indexPath(paths, name);
  const bytes = yield* readFile(process, path);
  if (isErrno(bytes)) throw new HelmError(`open ${path}: ${bytes.message.toLowerCase()}`);
  return readIndex(decode(bytes));
}
