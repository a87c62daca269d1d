// What the server serves, kept in files for six hours under ~/.kube/cache/discovery (client-go's CachedDiscoveryClient): one
// for the groups, one for each of their versions. The cache of HTTP answers beside it (http/), which only spares a download
// that has not changed, is left out.

import { encode } from '../../core/text.ts';
import { HOUR } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { goQuoted } from '../../etcd/cobra/flags.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { dirName, makeDirectories, writeFile } from '../../userland/libc/whole-file.ts';
import { klog } from '../component/klog.ts';
import { readText } from '../component/kubeconfig.ts';
import {
  type ApiGroup,
  type Discovery,
  type DiscoveryDocuments,
  discover,
  discoveryOf,
  type ListedResource,
} from './discovery.ts';
import { Failure, Unreachable } from './failure.ts';
import type { RestClient } from './rest.ts';

/** How long a file is believed. */
const KEPT = 6 * HOUR;

/** Discovery as one process sees it. */
export interface CachedDiscovery {
  /** From the files where they are there and not too old, else from the server. */
  get(): Routine<Discovery>;
  /** Where something was not found: asks the server, unless this process has asked it already. */
  again(): Routine<Discovery>;
  /** From now on nothing counts that an earlier process has written. */
  invalidate(): void;
}

/** Discovery of the server of a client, its files under `folder` (--cache-dir); `attempts`: how often a command asks. */
export function cachedDiscovery(
  main: Main,
  client: RestClient,
  folder: string,
  attempts: number,
): CachedDiscovery {
  const { process } = main;
  const host = client.connection.server.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const directory = `${folder}/discovery/${host.replace(/[^(\w/.)]/g, '_')}`;
  let known: Discovery | undefined;
  let fresh = false;
  let invalidated = false;
  function* ask(): Routine<Discovery> {
    const documents = yield* insistently(main, client, attempts);
    yield* store(process, directory, documents);
    fresh = true;
    known = discoveryOf(documents);
    return known;
  }
  return {
    *get() {
      if (known) return known;
      const kept = invalidated ? undefined : yield* stored(process, directory);
      if (!kept) return yield* ask();
      known = discoveryOf(kept);
      return known;
    },
    *again() {
      if (known && fresh) return known;
      yield* client.note(5, 'discovery.go:214', 'Invalidating discovery information');
      return yield* ask();
    },
    invalidate() {
      invalidated = true;
      known = undefined;
    },
  };
}

/** Asks; what comes instead of an answer is logged for every attempt of the command. */
function* insistently(
  main: Main,
  client: RestClient,
  attempts: number,
): Routine<DiscoveryDocuments> {
  for (let left = attempts; ; left--) {
    try {
      return yield* discover(client);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const why = goQuoted(`couldn't get current server API group list: ${detailOf(error)}`);
      yield* klog(main, 'E', 'memcache.go:265', `"Unhandled Error" err=${why}`);
      if (left <= 1) throw error;
    }
  }
}

function detailOf(error: Failure): string {
  if (error instanceof Unreachable) return error.detail;
  if (error.status?.code === 401)
    return 'the server has asked for the client to provide credentials';
  return error.status?.message ?? error.message;
}

function* kept<T>(process: Process, path: string): Routine<T | undefined> {
  const stat = process.stat(path);
  if (isErrno(stat) || process.now > stat.mtime + KEPT) return undefined;
  const text = yield* readText(process, path);
  if (isErrno(text)) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

function* stored(process: Process, directory: string): Routine<DiscoveryDocuments | undefined> {
  const document = yield* kept<{ groups?: ApiGroup[] }>(process, `${directory}/servergroups.json`);
  if (!document?.groups) return undefined;
  const lists = new Map<string, readonly ListedResource[]>();
  for (const { groupVersion } of document.groups.flatMap(({ versions }) => versions)) {
    const path = `${directory}/${groupVersion}/serverresources.json`;
    const list = yield* kept<{ resources?: ListedResource[] }>(process, path);
    if (!list?.resources) return undefined;
    lists.set(groupVersion, list.resources);
  }
  return { groups: document.groups, lists };
}

/** Writes the files; where that fails they are not there, and nothing is said. */
function* store(
  process: Process,
  directory: string,
  { groups, lists }: DiscoveryDocuments,
): Routine<void> {
  const listed = groups.map(({ name, versions }) => ({
    name,
    versions,
    preferredVersion: versions[0],
  }));
  const head = { kind: 'APIGroupList', apiVersion: 'v1' };
  yield* put(process, `${directory}/servergroups.json`, { ...head, groups: listed });
  for (const [groupVersion, resources] of lists) {
    if (resources.length === 0) continue;
    yield* put(process, `${directory}/${groupVersion}/serverresources.json`, {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion,
      resources,
    });
  }
}

function* put(process: Process, path: string, document: object): Routine<void> {
  const text = `${JSON.stringify(document)}\n`;
  if (makeDirectories(process, dirName(path), 0o750)) return;
  const temporary = `${path}.${process.pid}`;
  if (yield* writeFile(process, temporary, encode(text), 0o600)) return;
  process.chmod(temporary, 0o660);
  process.rename(temporary, path);
}
