// Where apt's packages come from: sources.list and sources.list.d, the fetching of releases and indexes (apt-get update)
// and of archives. Signatures are not checked.

import { Content } from '../../../core/content.ts';
import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { makeDirectories, writeWholeFile } from '../../../containers/containerd/daemon.ts';
import { httpRequest, isHttpFailure, wholeBody } from '../../../userland/http/client.ts';
import type { Main } from '../../../userland/libc/stdio.ts';
import { LISTS, stanzas, type Stanza, textOf } from './database.ts';

/** One suite of one source. */
export interface Source {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

const NANOSECONDS_PER_BYTE = 80;

/** Every source that is set up, in order. */
export function* readSources(p: Process): Routine<Source[]> {
  const list: Source[] = [];
  const entries = p.readdir('/etc/apt/sources.list.d');
  const names = isErrno(entries) ? [] : entries.map(({ name }) => name).sort();
  for (const path of ['/etc/apt/sources.list', ...names.map((n) => `/etc/apt/sources.list.d/${n}`)])
    list.push(...sourcesIn(path, yield* textOf(p, path)));
  return list;
}

function sourcesIn(path: string, text: string): Source[] {
  const words = (value = ''): string[] => value.split(/\s+/).filter((word) => word !== '');
  if (path.endsWith('.sources')) {
    return stanzas(text)
      .filter((one) => words(one.get('Types')).includes('deb') && one.get('Enabled') !== 'no')
      .flatMap((one) =>
        words(one.get('URIs')).flatMap((uri) =>
          words(one.get('Suites')).map((suite) => ({
            uri: uri.replace(/\/$/, ''),
            suite,
            components: words(one.get('Components')),
          })),
        ),
      );
  }
  if (!path.endsWith('.list')) return [];
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').replace(/\[[^\]]*\]/, ''))
    .flatMap((line) => {
      const [type, uri = '', suite = '', ...components] = words(line);
      return type === 'deb' ? [{ uri: uri.replace(/\/$/, ''), suite, components }] : [];
    });
}

/** What came of fetching an address. */
export type Fetched =
  | { readonly bytes: Uint8Array; readonly size: number }
  | { readonly failure: string };

/** Fetches a file over HTTP; takes the time that the real file would. */
export function* fetchFile(p: Process, url: string): Routine<Fetched> {
  const [, scheme, host = '', path = '/'] = /^(https?):\/\/([^/]+)(\/.*)$/.exec(url) ?? [];
  const answer = yield* httpRequest(
    p,
    {
      host: host.replace(/:\d+$/, ''),
      port: Number(/:(\d+)$/.exec(host)?.[1] ?? (scheme === 'https' ? 443 : 80)),
      ...(scheme === 'https' ? { tls: { serverName: host, authorities: [], insecure: true } } : {}),
    },
    {
      method: 'GET',
      path,
      query: new Map(),
      headers: { host },
      body: Content.empty,
    },
  );
  if (isHttpFailure(answer)) {
    if (answer.kind === 'resolve')
      return {
        failure:
          answer.failure.failure === 'again'
            ? `Temporary failure resolving '${host}'`
            : `Could not resolve '${host}'`,
      };
    if (answer.kind === 'connect')
      return {
        failure: `Could not connect to ${host}:80 (${answer.address}). - connect`,
      };
    return { failure: 'Connection failed' };
  }
  const bytes = (yield* wholeBody(answer)).bytes();
  if (answer.status !== 200)
    return {
      failure: answer.status === 404 ? '404  Not Found' : String(answer.status),
    };
  const size = Number(answer.headers['x-real-size'] ?? bytes.length);
  yield* p.sleep(20_000_000 + size * NANOSECONDS_PER_BYTE);
  return { bytes, size };
}

/** A number of bytes as apt writes it: at most four figures. */
export function sizeText(bytes: number): string {
  let size = bytes;
  for (const unit of ['', 'k', 'M', 'G', 'T']) {
    if (size < 100 && unit !== '') return `${size.toFixed(1)} ${unit}B`;
    if (size < 10_000) return `${size.toFixed(0)} ${unit}B`;
    size /= 1000;
  }
  return `${bytes} B`;
}

/** The line at the end of fetching. */
export function fetchedLine(bytes: number, nanoseconds: number): string {
  const seconds = nanoseconds / 1e9;
  const rate = sizeText(bytes / Math.max(seconds, 1e-3));
  return `Fetched ${sizeText(bytes)} in ${Math.floor(seconds)}s (${rate}/s)\n`;
}

/** The name under which a list is kept. */
export function listName(source: Source, rest: string): string {
  const host = source.uri.replace(/^https?:\/\//, '');
  return `${host}/dists/${source.suite}/${rest}`.replaceAll('/', '_');
}

/** Where the list that a stanza came from was fetched: `http://deb.debian.org/debian bookworm/main amd64 Packages`. */
export function originOf(one: Stanza, sources: readonly Source[]): string {
  for (const source of sources)
    for (const component of source.components)
      if (one.get('List') === listName(source, `${component}/binary-amd64/Packages`))
        return `${source.uri} ${source.suite}/${component} amd64`;
  return '';
}

/** The archive's address. */
export function archiveUrl(one: Stanza, sources: readonly Source[]): string {
  return `${originOf(one, sources).replace(/ .*/, '')}/${one.get('Filename') ?? ''}`;
}

/** A release that could not be fetched, by its number in the output. */
interface Failure {
  readonly count: number;
  readonly source: Source;
  readonly failure: string;
}

/** Each is tried three times more before it is given up. */
function failureLines(failures: readonly Failure[]): string {
  const line = (word: string, { count, source }: Failure): string =>
    `${word}:${count} ${source.uri} ${source.suite} InRelease\n`;
  const ignored = failures.map((one) => line('Ign', one)).join('');
  return (
    ignored.repeat(3) + failures.map((one) => `${line('Err', one)}  ${one.failure}\n`).join('')
  );
}

/** Refreshes the lists (apt-get update). False where something could not be fetched. */
export function* update(main: Main, quiet: boolean): Routine<boolean> {
  const { process: p, out } = main;
  const began = p.now;
  let total = 0;
  let count = 0;
  const failures: Failure[] = [];
  const pending: { source: Source; component: string }[] = [];
  const say = function* (text: string): Routine<void> {
    if (quiet) return;
    out.put(text);
    yield* out.flush();
  };
  makeDirectories(p, LISTS);
  for (const source of yield* readSources(p)) {
    const name = `${source.uri} ${source.suite} InRelease`;
    const got = yield* fetchFile(p, `${source.uri}/dists/${source.suite}/InRelease`);
    count++;
    if ('failure' in got) {
      failures.push({ count, source, failure: got.failure });
      continue;
    }
    const path = `${LISTS}/${listName(source, 'InRelease')}`;
    if ((yield* textOf(p, path)) === decode(got.bytes)) {
      yield* say(`Hit:${count} ${name}\n`);
      continue;
    }
    yield* say(`Get:${count} ${name} [${sizeText(got.size)}]\n`);
    total += got.size;
    writeWholeFile(p, path, got.bytes);
    for (const component of source.components) pending.push({ source, component });
  }
  for (const { source, component } of pending) {
    const rest = `${component}/binary-amd64/Packages`;
    const got = yield* fetchFile(p, `${source.uri}/dists/${source.suite}/${rest}`);
    if ('failure' in got) continue;
    count++;
    const name = `${source.uri} ${source.suite}/${component} amd64 Packages`;
    yield* say(`Get:${count} ${name} [${sizeText(got.size)}]\n`);
    total += got.size;
    writeWholeFile(p, `${LISTS}/${listName(source, rest)}`, got.bytes);
  }
  yield* say(failureLines(failures));
  if (total > 0) yield* say(fetchedLine(total, p.now - began));
  yield* say('Reading package lists...\n');
  if (failures.length === 0) return true;
  for (const { source, failure } of failures)
    main.err.put(`W: Failed to fetch ${source.uri}/dists/${source.suite}/InRelease  ${failure}\n`);
  main.err.put(
    'W: Some index files failed to download. They have been ignored, or old ones used instead.\n',
  );
  return true;
}
