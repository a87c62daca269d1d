// Where releases are kept (pkg/storage): one Secret of the type helm.sh/release.v1 for each revision, the record in it as
// gzipped JSON in base64. Other drivers (HELM_DRIVER) are left out.

import { decode, encode } from '../../../core/text.ts';
import { epochSeconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { gunzip, gzip } from '../../../userland/libc/gzip.ts';
import { base64, fromBase64, textOfBase64 } from '../../../core/base64.ts';
import { Failure } from '../../kubectl/failure.ts';
import type { KubeObject } from '../../kubectl/rest.ts';
import { HelmError } from '../chart.ts';
import { type Cluster, sayProblem } from './cluster.ts';
import type { Release, ReleaseStatus } from './record.ts';

const SYSTEM_LABELS = ['name', 'owner', 'status', 'version', 'createdAt', 'modifiedAt'];
export const NOT_FOUND = 'release: not found';

/** The Secret's name. */
export function keyOf(name: string, version: number): string {
  return `sh.helm.release.v1.${name}.v${version}`;
}

function secretOf(release: Release, stamp: Record<string, string>): KubeObject {
  const { labels, ...record } = release;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: keyOf(release.name, release.version),
      namespace: release.namespace,
      labels: {
        ...stamp,
        ...labels,
        name: release.name,
        owner: 'helm',
        status: release.info.status,
        version: String(release.version),
      },
    },
    type: 'helm.sh/release.v1',
    data: { release: base64(encode(base64(gzip(encode(JSON.stringify(record)))))) },
  };
}

function releaseOf(secret: KubeObject): Release | undefined {
  const data = secret.data as Record<string, string> | undefined;
  const bytes = gunzip(fromBase64(textOfBase64(data?.release ?? '')));
  if (!(bytes instanceof Uint8Array)) return undefined;
  const record = JSON.parse(decode(bytes)) as Release;
  return { ...record, labels: secret.metadata?.labels ?? {} };
}

/** True for labels that helm writes itself. */
export function isSystemLabel(key: string): boolean {
  return SYSTEM_LABELS.includes(key);
}

function path(namespace: string, name = ''): string {
  const space = namespace === '' ? '' : `/namespaces/${namespace}`;
  return `/api/v1${space}/secrets${name === '' ? '' : `/${name}`}`;
}

/** Keeps a new revision; throws HelmError where it is there already or cannot be kept. */
export function* createRelease(cluster: Cluster, release: Release, keep = 0): Routine<void> {
  if (keep > 0) yield* forgetOldest(cluster, release.name, keep - 1);
  const stamp = { createdAt: String(epochSeconds(cluster.process.now)) };
  try {
    yield* cluster.client.call('POST', path(release.namespace), {
      body: secretOf(release, stamp),
      query: { fieldManager: 'Helm' },
    });
  } catch (problem) {
    if (problem instanceof Failure && problem.status?.reason === 'AlreadyExists')
      throw new HelmError('release: already exists');
    throw new HelmError(`create: failed to create: ${sayProblem(problem)}`);
  }
}

/** Writes a revision's record anew; throws HelmError. */
export function* updateRelease(cluster: Cluster, release: Release): Routine<void> {
  const stamp = { modifiedAt: String(epochSeconds(cluster.process.now)) };
  try {
    yield* cluster.client.call(
      'PUT',
      path(release.namespace, keyOf(release.name, release.version)),
      { body: secretOf(release, stamp), query: { fieldManager: 'Helm' } },
    );
  } catch (problem) {
    throw new HelmError(`update: failed to update: ${sayProblem(problem)}`);
  }
}

/** Forgets a revision. */
export function* deleteRelease(cluster: Cluster, release: Release): Routine<void> {
  const at = path(cluster.namespace, keyOf(release.name, release.version));
  try {
    yield* cluster.client.call('DELETE', at);
  } catch (problem) {
    throw new HelmError(sayProblem(problem));
  }
}

function* query(cluster: Cluster, namespace: string, selector: string): Routine<Release[]> {
  try {
    const list = yield* cluster.client.call('GET', path(namespace), {
      query: { labelSelector: selector },
    });
    const items = (list.items ?? []) as KubeObject[];
    return items.map(releaseOf).filter((release) => release !== undefined);
  } catch (problem) {
    throw new HelmError(`query: failed to query with labels: ${sayProblem(problem)}`);
  }
}

/** Every revision of every release, in the namespace or in all. */
export function listReleases(cluster: Cluster, everywhere: boolean): Routine<Release[]> {
  return query(cluster, everywhere ? '' : cluster.namespace, 'owner=helm');
}

/** The revisions of a release, oldest first; none where there is no such release. */
export function* historyOf(cluster: Cluster, name: string): Routine<Release[]> {
  const found = yield* query(cluster, cluster.namespace, `name=${name},owner=helm`);
  return found.sort((a, b) => a.version - b.version);
}

/** The newest revision; undefined where there is none. */
export function* lastOf(cluster: Cluster, name: string): Routine<Release | undefined> {
  return (yield* historyOf(cluster, name)).at(-1);
}

/** The revisions of a release in a state. */
export function* withStatus(
  cluster: Cluster,
  name: string,
  status: ReleaseStatus,
): Routine<Release[]> {
  return (yield* historyOf(cluster, name)).filter(({ info }) => info.status === status);
}

/** A revision, the newest for 0; throws HelmError. */
export function* getRelease(cluster: Cluster, name: string, version: number): Routine<Release> {
  checkName(name, `releaseContent: Release name is invalid: ${name}`);
  const history = yield* historyOf(cluster, name);
  const found =
    version > 0 ? history.find((one) => one.version === version) : history[history.length - 1];
  if (!found) throw new HelmError(NOT_FOUND);
  if (version <= 0) return found;
  // A revision that is asked for by its number comes without helm's own labels.
  const own = Object.entries(found.labels).filter(([key]) => !isSystemLabel(key));
  return { ...found, labels: Object.fromEntries(own) };
}

/** Forgets the oldest revisions until `keep` are left; the deployed one stays. */
function* forgetOldest(cluster: Cluster, name: string, keep: number): Routine<void> {
  const history = yield* historyOf(cluster, name);
  const deployed = history.filter(({ info }) => info.status === 'deployed').at(-1);
  let left = history.length;
  for (const release of history) {
    if (left <= keep) return;
    if (release.version === deployed?.version) continue;
    yield* deleteRelease(cluster, release);
    left--;
  }
}

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST_NAME = 53;

/** Why a name cannot be a release's (chartutil.ValidateReleaseName); undefined where it can. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'no name provided';
  if (NAME.test(name) && name.length <= LONGEST_NAME) return undefined;
  return `invalid release name, must match regex ${NAME.source} and the length must not be longer than ${LONGEST_NAME}`;
}

/** Throws a HelmError with `text` where a name cannot be a release's. */
export function checkName(name: string, text: string): void {
  if (nameProblem(name) !== undefined) throw new HelmError(text);
}
